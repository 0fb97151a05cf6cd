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

#include "ledger.h"
#include "locks.h"
#include "lockstat.h"

enum backend {
	BACKEND_AUTO,
	BACKEND_CONTENTION,
	BACKEND_LOCKDEP,
	BACKEND_NONE, /* no lock is looked at: system metrics only */
};

const char *backend_name(enum backend backend);

/* Whether this kernel has the tracepoints; -ENOTSUP where it has no BTF. */
int backend_available(enum backend backend);

/*
 * What was counted for one row. In the contention backend hold is of those holds alone
 * that began after a wait while others waited, on kernels that tell of their end.
 */
struct lock_sample {
	struct time_stats wait;
	struct time_stats hold;
};

/* Whose waits are counted; all zero: everyone's. */
struct event_filter {
	__u32 pid;	  /* of the process */
	const char *comm; /* of the thread; NULL: any */
	__u64 cgroup;	  /* ID of a cgroup (v2) and those below it */
	int cgroup_level;
	__u64 min_wait_ns;
};

struct collector_options {
	enum backend backend;
	struct event_filter filter;
	enum owner_kind owners;
	unsigned int stack_every; /* waits for one sampled stack; 0: none */
	bool hold_times; /* in the contention backend: this kernel tells of contended_release */
	bool balance;	 /* in the lockdep backend: whether locks are let go by who took them */
};

struct collector;

/* Loads and attaches the programs, which count nothing before the first start. */
int collector__open(struct collector **collector, const struct collector_options *options);
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

/* Sets those of @slots that waits and holds which are not over will be counted in. */
int collector__find_pending(struct collector *collector, bool *slots);

/*
 * Hands over what each owner waited for until the last cycle, once for each CPU, and
 * forgets it. 0 or a negative errno.
 */
typedef void (*collector_owner_fn)(void *context, const struct owner_key *key,
				   const struct owner_stats *stats);
int collector__take_owners(struct collector *collector, collector_owner_fn take, void *context);

/* Hands over the stacks that were sampled. 0 or a negative errno. */
typedef void (*collector_stack_fn)(void *context, const struct stack_sample *sample);
int collector__take_stacks(struct collector *collector, collector_stack_fn take, void *context);

/*
 * What became of the locks that tasks took, where that was asked for: to be called once, after
 * counting has ended. 0 or a negative errno.
 */
struct balance_counts {
	__u64 counts[NR_BALANCE];
	__u64 held; /* those taken that were neither let go nor told to be kept */
	__u64 kept;
};
typedef int (*collector_imbalance_fn)(void *context, const struct imbalance_key *key,
				      const struct imbalance *imbalance);
int collector__balance(struct collector *collector, struct balance_counts *counts,
		       collector_imbalance_fn take, void *context);

/* Ends counting; a last cycle waits for the programs that still run, and the ledger may follow. */
void collector__stop(struct collector *collector);
int collector__ledger(struct collector *collector, struct ledger *ledger);
void collector__close(struct collector *collector);

/* Reads kernel memory, at most PEEK_BYTES; -EFAULT where nothing is mapped. */
int collector__peek(struct collector *collector, __u64 address, void *data, size_t bytes);

#endif
