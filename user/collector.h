/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The BPF half seen from user space: load, start, cycle, stop, read. Nothing
 * above this header knows of BPF.
 */
#ifndef LOCKSTAT_SWAP_COLLECTOR_H
#define LOCKSTAT_SWAP_COLLECTOR_H

#include <stdbool.h>
#include <stddef.h>
#include <linux/types.h>

#include "lockstat.h"
#include "locks.h"

enum backend {
	BACKEND_AUTO,
	BACKEND_CONTENTION,
	BACKEND_LOCKDEP,
	BACKEND_NONE, /* no lock is looked at: system metrics only */
};

const char *backend_name(enum backend backend);

/* Whether this kernel has the tracepoints; -ENOTSUP where it has no BTF. */
int backend_available(enum backend backend);

/* What was counted for one row; hold is all zero in the contention backend. */
struct lock_sample {
	struct time_stats wait;
	struct time_stats hold;
};

struct ledger {
	__u64 counts[NR_LEDGER];
	__u64 in_flight; /* counted in the stacks, apart from the ledger */
	__u64 missed;	 /* program runs the kernel turned away (recursion) */
	__s64 residual;	 /* what the equation leaves over: must be 0 */
};

/* Share of the begins (0..1) that has no end in the counts and is not in flight. */
double ledger__loss(const struct ledger *ledger);

/* Whose waits are counted; all zero: everyone's. */
struct event_filter {
	__u32 pid;	  /* of the process */
	const char *comm; /* of the thread; NULL: any */
	__u64 cgroup;	  /* ID of a cgroup (v2) and those below it */
	int cgroup_level;
	__u64 min_wait_ns;
};

struct collector;

/* Loads and attaches @backend, which counts nothing before the first start. */
int collector__open(struct collector **collector, enum backend backend,
		    const struct event_filter *filter);
int collector__start(struct collector *collector, const struct lock_set *locks);

/* What the CPUs counted of locks they did not know, those with a stack first. */
struct strangers {
	const struct stranger *const *list; /* the collector's, until the next cycle */
	size_t n;
};

/*
 * Makes @locks what addresses are searched in, and adds all that was counted
 * since the last cycle to @samples (one a row of @locks), or to @strangers.
 */
int collector__cycle(struct collector *collector, const struct lock_set *locks,
		     struct lock_sample *samples, struct strangers *strangers);

/* Ends counting; a last cycle and the ledger may follow. */
void collector__stop(struct collector *collector);
int collector__ledger(struct collector *collector, struct ledger *ledger);
void collector__close(struct collector *collector);

/* Reads kernel memory, at most PEEK_BYTES; -EFAULT where nothing is mapped. */
int collector__peek(struct collector *collector, __u64 address, void *data, size_t bytes);

#endif
