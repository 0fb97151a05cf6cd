// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * hammer THREADS SECONDS: contention on a spinlock that has nothing to do with
 * swap, the one of a futex hash bucket. FUTEX_WAIT with the wrong value takes
 * it and returns.
 */
#include <linux/futex.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { MAX_THREADS = 256 };

static unsigned int word; /* waited for with a value it never has */
static atomic_bool stop;

static void *hammer(void *arg)
{
	while (!atomic_load_explicit(&stop, memory_order_relaxed))
		syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, ~word, NULL, NULL, 0);
	return arg;
}

static void rest(double seconds)
{
	struct timespec t = { .tv_sec = seconds };

	t.tv_nsec = (seconds - t.tv_sec) * 1e9;
	nanosleep(&t, NULL);
}

int main(int argc, char **argv)
{
	int n = argc == 3 ? atoi(argv[1]) : 0, started;
	pthread_t threads[MAX_THREADS];
	int err = 0;

	if (n < 1 || n > MAX_THREADS || atof(argv[2]) <= 0) {
		fprintf(stderr, "usage: hammer THREADS SECONDS\n");
		return 2;
	}
	for (started = 0; started < n && !err; started++)
		err = pthread_create(&threads[started], NULL, hammer, NULL);
	if (err)
		fprintf(stderr, "hammer: cannot start a thread: %s\n", strerror(err));
	else
		rest(atof(argv[2]));
	atomic_store(&stop, 1);
	for (int i = 0; i < started - (err != 0); i++)
		pthread_join(threads[i], NULL);
	return err != 0;
}
