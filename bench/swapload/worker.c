// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "phases.h"
#include "worker.h"

enum { STACK_BYTES = 256 << 10 };

/* Ctrl-C reaches all of a terminal's processes: the first one tells the others. */
static void leave_signals(pid_t parent)
{
	signal(SIGINT, SIG_IGN);
	signal(SIGTERM, SIG_IGN);
	signal(SIGUSR1, SIG_IGN);
	signal(SIGCHLD, SIG_DFL);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(EXIT_FAILED);
}

char *worker_map_set(const struct options *o, uint64_t bytes)
{
	char *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (memory == MAP_FAILED)
		return NULL;
	/* A kernel without huge pages does not know it, and needs it not. */
	if (!o->thp)
		madvise(memory, bytes, MADV_NOHUGEPAGE);
	return memory;
}

/* What cannot be locked is at least there. */
static void prefault(const struct crew *crew, struct worker *w)
{
	volatile char *generations = (volatile char *)w->generations;
	volatile char *recent = (volatile char *)w->recent;

	for (uint64_t i = 0; i < crew->pages * sizeof(*w->generations); i += crew->page_size)
		generations[i] = 0;
	for (uint64_t i = 0; i < crew->options->batch * sizeof(*w->recent); i += crew->page_size)
		recent[i] = 0;
	memset(&w->tally, 0, sizeof(w->tally));
}

bool worker_exits_in_phase(const struct crew *crew)
{
	return crew->command == COMMAND_PHASE && crew->options->free_by == FREE_EXIT &&
	       crew->options->phases[crew->phase] == PHASE_FREE;
}

static void do_command(struct slice *s)
{
	struct crew *crew = s->crew;

	if (crew->command == COMMAND_COUNT) {
		s->worker->swapped = phases__count_swapped(s);
		return;
	}
	s->worker->error = phases__run(s);
	if (worker_exits_in_phase(crew) && !s->worker->error)
		_exit(EXIT_DONE);
}

static void work(struct worker *w)
{
	struct slice s = { .crew = commanded, .worker = w, .index = w - commanded->workers };

	/* so that sleeps end when they are meant to */
	prctl(PR_SET_TIMERSLACK, 1UL);
	prefault(commanded, w);
	for (;;) {
		while (sem_wait(&w->go))
			;
		if (commanded->command == COMMAND_QUIT)
			return;
		do_command(&s);
		atomic_fetch_add(&commanded->finished, 1);
		sem_post(&commanded->news);
	}
}

static void *thread_main(void *arg)
{
	work(arg);
	return NULL;
}

int worker_start_thread(struct worker *w)
{
	pthread_attr_t attributes;
	int err;

	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, STACK_BYTES);
	err = pthread_create(&w->thread, &attributes, thread_main, w);
	pthread_attr_destroy(&attributes);
	return -err;
}

static void process_main(struct worker *w, pid_t parent)
{
	leave_signals(parent);
	w->unlocked = mlockall(MCL_CURRENT);
	w->memory = worker_map_set(commanded->options, commanded->pages * commanded->page_size);
	if (w->memory)
		work(w);
	_exit(w->memory ? EXIT_DONE : EXIT_FAILED);
}

int worker_start_process(struct worker *w)
{
	pid_t parent = getpid(), child = fork();

	if (!child)
		process_main(w, parent);
	if (child < 0)
		return -errno;
	w->pid = child;
	return 0;
}
