/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the collector's two files share; no other includes it. */
#ifndef LOCKSTAT_SWAP_COLLECTOR_INTERNAL_H
#define LOCKSTAT_SWAP_COLLECTOR_INTERNAL_H

#include <bpf/libbpf.h>

#include "collector.h"

struct balance_maps {
	int cpus, tasks, imbalances; /* descriptors */
};

/* What both objects have, under the same names. */
struct collector_maps {
	int tables, waits, ledger, strangers, pending, owners, stacks; /* descriptors */
	int holds, held;					       /* -1: not in this backend */
};

struct collector {
	struct contention_bpf *contention; /* one of the two */
	struct lockdep_bpf *lockdep;
	__u64 *tasks_in_flight; /* counted by the iterator, contention backend only */
	volatile bool *enabled;
	volatile __u32 *epoch;
	struct collector_maps maps;
	struct balance_maps balance_maps;
	enum owner_kind owner_kind;
	struct bpf_link *in_flight; /* iterator over the tasks */
	struct bpf_link *peek;	    /* iterator that answers the request */
	struct peek *request;
	int nr_cpus;
	__u64 missed_at_start, missed_at_stop; /* program runs turned away since they were loaded */
	struct time_stats *per_cpu;	       /* one value of every CPU */
	struct stranger *strangers;	       /* of every CPU, for each entry of a bank */
	const struct stranger **met;	       /* those of them that are in use */
};

/* Empties bank @bank into @samples (one a row) and @strangers. */
int collector_drain(struct collector *collector, __u32 bank, const struct lock_set *locks,
		    struct lock_sample *samples, struct strangers *strangers);

/* Runs an iterator to its end, or until it says EAGAIN; its output is not used. */
int collector_run_iterator(struct bpf_link *link);

/* How many program runs the kernel has turned away so far. */
__u64 collector_missed(const struct collector *collector);

#endif
