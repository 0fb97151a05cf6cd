// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * lockstat-swap selftest: is an event seen where there must be one?
 *
 * Several kernels and machines show none, silently: a guest whose spinlocks
 * test and set, a kernel without the tracepoints' callers. So two locks are
 * made hot on purpose: the spinlock of a futex hash bucket (FUTEX_WAIT with
 * the wrong value takes it and returns) and the mutex of a pipe.
 */
#include <errno.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <fcntl.h>
#include <unistd.h>

#include "collector.h"
#include "commands.h"
#include "context.h"
#include "log.h"
#include "recording.h"
#include "usage.h"

enum { MAX_THREADS = 64, HAMMER_MS = 400, MAX_TRIES = 5 };

struct hammer {
	atomic_bool stop;
	unsigned int word; /* waited for with a value it never has */
	int pipe[2];
	pthread_t threads[MAX_THREADS];
	int nr_threads;
};

static void *hammer_spinlock(void *arg)
{
	struct hammer *h = arg;

	while (!atomic_load_explicit(&h->stop, memory_order_relaxed))
		syscall(SYS_futex, &h->word, FUTEX_WAIT_PRIVATE, ~h->word, NULL, NULL, 0);
	return NULL;
}

/*
 * The mutex is held while the kernel allocates a page for each 4 KiB, where another task may get
 * the CPU: the only way that a lock is found taken where there is one CPU.
 */
static void *hammer_mutex(void *arg)
{
	struct hammer *h = arg;
	char data[16 * 4096] = { 0 };

	while (!atomic_load_explicit(&h->stop, memory_order_relaxed)) {
		if (write(h->pipe[1], data, sizeof(data)) < 0 &&
		    read(h->pipe[0], data, sizeof(data)) < 0)
			sched_yield();
	}
	return NULL;
}

static int hammer(void *(*body)(void *))
{
	struct hammer h = { .pipe = { -1, -1 } };
	int wanted = 2 * sysconf(_SC_NPROCESSORS_ONLN);
	int err = pipe2(h.pipe, O_NONBLOCK | O_CLOEXEC) ? -errno : 0;

	while (!err && h.nr_threads < wanted && h.nr_threads < MAX_THREADS) {
		err = -pthread_create(&h.threads[h.nr_threads], NULL, body, &h);
		if (!err)
			h.nr_threads++;
	}
	if (!err)
		usleep(HAMMER_MS * 1000);
	atomic_store(&h.stop, true);
	for (int i = 0; i < h.nr_threads; i++)
		pthread_join(h.threads[i], NULL);
	close(h.pipe[0]);
	close(h.pipe[1]);
	return err;
}

struct selftest {
	struct collector *collector;
	struct lock_set locks; /* names nothing: all is other */
	struct lock_sample samples[MAX_ROWS];
	struct strangers strangers;
};

static int count_events(struct selftest *t, void *(*body)(void *), unsigned int row, __u64 *events)
{
	int err;

	memset(t->samples, 0, t->locks.nr_rows * sizeof(*t->samples));
	err = collector__cycle(t->collector, &t->locks, t->samples, &t->strangers);
	memset(t->samples, 0, t->locks.nr_rows * sizeof(*t->samples));
	if (!err)
		err = hammer(body);
	if (!err)
		err = collector__cycle(t->collector, &t->locks, t->samples, &t->strangers);
	*events = t->samples[row].wait.count;
	for (size_t i = 0; !err && i < t->strangers.n; i++)
		if (t->strangers.list[i]->asleep == row)
			*events += t->strangers.list[i]->wait.count;
	return err;
}

/* On a busy machine the threads may never meet: then they try again. */
static int provoke(struct selftest *t, void *(*body)(void *), unsigned int row, __u64 *events)
{
	int err = 0;

	for (int i = 0; i < MAX_TRIES && !err && !*events; i++)
		err = count_events(t, body, row, events);
	return err;
}

static bool report(const char *what, __u64 events, const char *excuse)
{
	bool passed = events || excuse;

	printf("%-9s %llu events%s%s\n", what, events, events || !excuse ? "" : ": ",
	       events || !excuse ? "" : excuse);
	if (!passed)
		log_error("contention on a %s was provoked and this kernel showed none"
			  " (lock path %s): no figure from it can be trusted",
			  what, *context_lock_path() ? context_lock_path() : "unknown");
	return passed;
}

/*
 * Who holds a spinlock keeps its CPU. A waiter that is alone uses the pending bit, and is not
 * traced (qspinlock.c).
 */
static const char *excuse_for_no_spin(enum backend backend)
{
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);

	if (cpus == 1)
		return "with one CPU nobody ever spins";
	if (backend == BACKEND_CONTENTION && cpus < 3 && strcmp(context_lock_path(), "tas"))
		return "with fewer than 3 CPUs the only waiter is never traced";
	return NULL;
}

static int run_tests(struct selftest *t, enum backend backend)
{
	unsigned int sleep_row = backend == BACKEND_LOCKDEP ? SLOT_OTHER_SPIN : SLOT_OTHER_SLEEP;
	__u64 spins = 0, sleeps = 0;
	bool passed;
	int err = collector__start(t->collector, &t->locks);

	if (!err)
		err = provoke(t, hammer_spinlock, SLOT_OTHER_SPIN, &spins);
	if (!err)
		err = provoke(t, hammer_mutex, sleep_row, &sleeps);
	if (err) {
		log_error("self-test could not run: %s", strerror(-err));
		return EXIT_FAILED;
	}
	printf("backend %s, lock path %s\n", backend_name(backend), context_lock_path());
	passed = report("spinlock", spins, excuse_for_no_spin(backend));
	passed = report("mutex", sleeps, NULL) && passed;
	return passed ? EXIT_DONE : EXIT_FAILED;
}

int cmd_selftest(int argc, char **argv)
{
	static const struct argp argp = {
		NULL,
		usage_parse_common,
		NULL,
		"Provoke contention on a spinlock and a mutex, and fail where no event is seen.",
		0,
		0,
		0
	};
	struct selftest *t = calloc(1, sizeof(*t));
	int backend, err, status = EXIT_FAILED;

	usage_parse(&argp, argc, argv, NULL);
	log_take_libbpf();
	backend = recording_choose_backend(BACKEND_AUTO);
	if (!t || backend < 0) {
		free(t);
		return t ? EXIT_UNSUPPORTED : EXIT_FAILED;
	}
	lock_set__init(&t->locks);
	err = collector__open(&t->collector, &(struct collector_options){ .backend = backend });
	if (err)
		log_error("cannot load BPF programs: %s; run as root", strerror(-err));
	else
		status = run_tests(t, backend);
	collector__close(t->collector);
	lock_set__free(&t->locks);
	free(t);
	return status;
}
