/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The workers, and the memory that they share with the one who commands them.
 *
 * Each worker has a slice of the working set that no other one touches, so that it
 * knows what each page must hold. A command is given to all at once, and is over
 * when all have done it.
 */
#ifndef SWAPLOAD_CREW_H
#define SWAPLOAD_CREW_H

#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "content.h"
#include "latency.h"
#include "options.h"

/* What a time in a histogram is of. */
enum timed {
	TIMED_MAJOR,   /* an access with a major fault, */
	TIMED_MINOR,   /* a minor one, */
	TIMED_NONE,    /* no fault; open loop: from when the access was due */
	TIMED_SERVICE, /* open loop: any access from when it really began */
	TIMED_LATE,    /* open loop: from due to begun, of a worker that was waiting */
	TIMED_CALL,    /* madvise() or munmap() */
	NR_TIMED,
};

/* Of one phase. What is added up is first. */
struct tally {
	uint64_t operations; /* accesses; pages in phases out and free */
	uint64_t reads;
	uint64_t verified, corrupt;
	uint64_t major, minor; /* faults of the whole phase, by getrusage() */
	uint64_t queued;       /* open loop: due while the access before was not over */
	uint64_t not_begun;    /* open loop: due before the end */
	uint64_t address_hash; /* of the sequence of pages */
	uint64_t begin_ns, end_ns;
	struct latency timed[NR_TIMED];
};

struct worker {
	_Alignas(64) _Atomic uint64_t done; /* operations of the phase, for the progress line */
	sem_t go;
	char *memory; /* its slice of the set */
	struct tally tally;
	int64_t swapped;	 /* pages of the slice that are out; -1: not known */
	int error;		 /* a negative errno */
	const char *failed;	 /* the call that gave it */
	struct corruption wrong; /* the first one, if any */
	bool unlocked;		 /* its own memory is not */
	pid_t pid;		 /* of a process; 0 once it is gone */
	pthread_t thread;
	uint32_t *generations; /* of its pages */
	uint64_t *recent;      /* pages touched and not yet pushed out: --batch of them */
};

/* Run a phase; count what is swapped out; end. */
enum command { COMMAND_PHASE, COMMAND_COUNT, COMMAND_QUIT };

struct crew {
	const struct options *options;
	uint64_t page_size;
	uint64_t pages;		       /* of one worker */
	uint64_t fault_ns;	       /* an access as fast as this had no fault */
	_Atomic int stop;	       /* the signal that ended it; -1: a worker failed */
	_Atomic bool next;	       /* SIGUSR1: the mixed phase is over */
	_Atomic unsigned int finished; /* workers that did the command */
	enum command command;
	unsigned int phase; /* of options->phases */
	uint64_t start_ns;
	sem_t news; /* a worker finished or is gone */
	size_t bytes;
	unsigned int started;
	struct worker workers[];
};

/* NULL, having said why, if it cannot be. The set's size is options->size. */
struct crew *crew__start(const struct options *options);

/*
 * Every worker does it; @progress is called ten times a second. Returns 0 or, having
 * said why, a negative errno if a worker failed.
 */
int crew__command(struct crew *crew, enum command command, void (*progress)(struct crew *));
void crew__end(struct crew *crew);

#endif
