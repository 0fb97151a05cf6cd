/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who waited: the waits of each task or cgroup, for each row of the locks. */
#ifndef LOCKSTAT_SWAP_OWNERS_H
#define LOCKSTAT_SWAP_OWNERS_H

#include <stddef.h>
#include <linux/types.h>

#include "lockstat.h"

struct owner {
	__u64 id; /* what enum owner_kind says */
	unsigned int row;
	struct owner_stats stats;
};

/* Entries of a merged list; a recording may go on for weeks, and see a million tasks. */
enum { MAX_OWNER_ENTRIES = 1 << 16 };

/* Sorted by ID and row, an entry each. All zero: none. */
struct owners {
	struct owner *list; /* its own */
	size_t n, room;
	__u64 left_out; /* waits of owners that there was no entry for */
};

/*
 * Adds @stats to those of owner @id in @row; 0 or -ENOMEM. A new owner moves those behind
 * it: for a short list, which is then merged into a long one.
 */
int owners__add(struct owners *owners, __u64 id, unsigned int row, const struct owner_stats *stats);

int owners__merge(struct owners *sum, const struct owners *part);

/* Keeps the memory. */
void owners__clear(struct owners *owners);

void owners__free(struct owners *owners);

#endif
