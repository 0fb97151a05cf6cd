// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "faults.h"
#include "message.h"
#include "crew.h"
#include "worker.h"

struct crew *commanded;

static void take_signal(int number)
{
	if (number == SIGUSR1)
		atomic_store(&commanded->next, true);
	else if (number != SIGCHLD)
		atomic_store(&commanded->stop, number);
	sem_post(&commanded->news);
}

/* A second one finds the default again, and kills. */
static void take_signals(void)
{
	struct sigaction end = { .sa_handler = take_signal, .sa_flags = SA_RESETHAND };
	struct sigaction other = { .sa_handler = take_signal, .sa_flags = SA_NOCLDSTOP };

	sigaction(SIGINT, &end, NULL);
	sigaction(SIGTERM, &end, NULL);
	sigaction(SIGCHLD, &other, NULL);
	sigaction(SIGUSR1, &other, NULL);
}

/* Everything that the workers write while they are timed is in one piece. */
static struct crew *map_crew(const struct options *o, uint64_t pages)
{
	size_t head = sizeof(struct crew) + o->workers * sizeof(struct worker);
	size_t each = (pages + 1) / 2 * 2 * sizeof(uint32_t) + o->batch * sizeof(uint64_t);
	size_t bytes = head + o->workers * each;
	struct crew *crew = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
				 MAP_SHARED | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

	if (crew == MAP_FAILED)
		return NULL;
	for (unsigned int i = 0; i < o->workers; i++) {
		char *own = (char *)crew + head + i * each;

		crew->workers[i].recent = (uint64_t *)own;
		crew->workers[i].generations = (uint32_t *)(own + o->batch * sizeof(uint64_t));
		sem_init(&crew->workers[i].go, true, 0);
	}
	sem_init(&crew->news, true, 0);
	crew->bytes = bytes;
	crew->pages = pages;
	crew->options = o;
	return crew;
}

static int start_workers(struct crew *crew)
{
	int (*start)(struct worker *) =
		crew->options->processes ? worker_start_process : worker_start_thread;
	int err = 0;

	while (crew->started < crew->options->workers && !err) {
		err = start(&crew->workers[crew->started]);
		if (!err)
			crew->started++;
	}
	return err;
}

/* Locked is what is there by now: the bookkeeping and the stacks, not the set. */
static int map_shared_set(struct crew *crew)
{
	uint64_t bytes = crew->pages * crew->page_size;
	bool unlocked = mlockall(MCL_CURRENT);
	char *memory;

	if (crew->options->processes)
		return 0;
	memory = worker_map_set(crew->options, bytes * crew->options->workers);
	for (unsigned int i = 0; i < crew->options->workers; i++) {
		crew->workers[i].memory = memory + i * bytes;
		crew->workers[i].unlocked = unlocked;
	}
	return memory ? 0 : -ENOMEM;
}

struct crew *crew__start(const struct options *o)
{
	uint64_t page_size = sysconf(_SC_PAGESIZE), pages = o->size / page_size / o->workers;
	struct crew *crew = pages ? map_crew(o, pages) : NULL;
	int err;

	if (!crew) {
		message_error(pages ? "cannot map its own memory: lower --size"
				    : "the set has less than a page a worker: raise --size");
		return NULL;
	}
	commanded = crew;
	crew->page_size = page_size;
	crew->fault_ns = faults_threshold_ns(page_size);
	take_signals();
	err = start_workers(crew);
	if (!err)
		err = map_shared_set(crew);
	if (!err)
		return crew;
	message_error("cannot start %u workers: %s; lower their number or --size", o->workers,
		      strerror(-err));
	crew__end(crew);
	return NULL;
}

/* A process that exits frees its memory before anyone can wait for it. */
static int take_exit(struct crew *crew, struct worker *w, int status)
{
	w->pid = 0;
	atomic_fetch_add(&crew->finished, 1);
	if (worker_exits_in_phase(crew) && WIFEXITED(status) && WEXITSTATUS(status) == EXIT_DONE) {
		w->swapped = 0;
		w->tally.end_ns = clock_ns();
		latency__add(&w->tally.timed[TIMED_CALL], w->tally.end_ns - w->tally.begin_ns);
		return 0;
	}
	if (WIFSIGNALED(status))
		message_error("worker %u was killed by signal %d%s",
			      (unsigned int)(w - crew->workers), WTERMSIG(status),
			      WTERMSIG(status) == SIGKILL
				      ? " (out of memory? lower --size or add swap)"
				      : "");
	else
		message_error("worker %u could not map its memory: lower --size",
			      (unsigned int)(w - crew->workers));
	return -ECHILD;
}

/* 0, or that one of them was not meant to exit. */
static int reap(struct crew *crew)
{
	int err = 0, status;

	for (unsigned int i = 0; crew->options->processes && i < crew->started; i++) {
		struct worker *w = &crew->workers[i];

		if (w->pid && waitpid(w->pid, &status, WNOHANG) == w->pid &&
		    take_exit(crew, w, status))
			err = -ECHILD;
	}
	if (err)
		atomic_store(&crew->stop, -1);
	return err;
}

static bool is_there(const struct crew *crew, const struct worker *w)
{
	return !crew->options->processes || w->pid;
}

static void give(struct crew *crew, enum command command)
{
	unsigned int gone = 0;

	for (unsigned int i = 0; i < crew->started; i++)
		gone += !is_there(crew, &crew->workers[i]);
	crew->command = command;
	atomic_store(&crew->finished, gone);
	for (unsigned int i = 0; i < crew->started; i++)
		if (is_there(crew, &crew->workers[i]))
			sem_post(&crew->workers[i].go);
}

static void wait_for_news(struct crew *crew)
{
	enum { TENTH_NS = 100000000 };
	struct timespec until;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_nsec += TENTH_NS;
	until.tv_sec += until.tv_nsec / 1000000000;
	until.tv_nsec %= 1000000000;
	sem_timedwait(&crew->news, &until);
}

static int first_error(const struct crew *crew)
{
	for (unsigned int i = 0; i < crew->started; i++) {
		const struct worker *w = &crew->workers[i];

		if (!w->error)
			continue;
		message_error("worker %u: %s failed: %s", i, w->failed, strerror(-w->error));
		return w->error;
	}
	return 0;
}

int crew__command(struct crew *crew, enum command command, void (*progress)(struct crew *))
{
	enum { START_NS = 10000000, START_EACH_NS = 100000 };
	int err = 0;

	crew->start_ns = clock_ns() + START_NS + crew->started * START_EACH_NS;
	give(crew, command);
	while (atomic_load(&crew->finished) < crew->started) {
		wait_for_news(crew);
		if (reap(crew))
			err = -ECHILD;
		if (progress)
			progress(crew);
	}
	return err ?: first_error(crew);
}

void crew__end(struct crew *crew)
{
	struct sigaction child = { .sa_handler = SIG_DFL };

	sigaction(SIGCHLD, &child, NULL);
	give(crew, COMMAND_QUIT);
	for (unsigned int i = 0; i < crew->started; i++) {
		if (!crew->options->processes)
			pthread_join(crew->workers[i].thread, NULL);
		else if (crew->workers[i].pid)
			waitpid(crew->workers[i].pid, NULL, 0);
	}
	signal(SIGINT, SIG_DFL);
	signal(SIGTERM, SIG_DFL);
	signal(SIGUSR1, SIG_DFL);
	munmap(crew, crew->bytes);
}
