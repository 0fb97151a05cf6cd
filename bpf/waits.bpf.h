/* SPDX-License-Identifier: GPL-2.0 */
/* What becomes of a wait that has ended, in either backend. */
#ifndef WAITS_BPF_H
#define WAITS_BPF_H

#include "filter.bpf.h"
#include "locktable.bpf.h"
#include "owners.bpf.h"
#include "stacks.bpf.h"

static __always_inline void wait_ended(void *ctx, __u64 lock, __u64 slot, __u64 ns)
{
	struct time_stats *stats;

	if (ns < min_wait) {
		ledger_add(LEDGER_BRIEF, 1);
		return;
	}
	stats = wait_stats(lock, slot);
	if (stats)
		time_stats_add(stats, ns);
	owner_add(lock, slot, ns);
	sample_stack(ctx, lock, slot, ns);
}

#endif
