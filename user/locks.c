// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "locks.h"

const char *lock_class_name(enum lock_class class)
{
	static const char *const names[LOCK_CLASSES] = {
		[CLASS_SWAP_MAP] = "swap_map",	 [CLASS_CLUSTER] = "cluster",
		[CLASS_SWAP_LOCK] = "swap_lock", [CLASS_SWAP_AVAIL] = "swap_avail",
		[CLASS_OTHER] = "other",
	};

	return names[class];
}

const char *lock_confidence_name(enum lock_confidence confidence)
{
	static const char *const names[] = {
		[CONFIDENCE_NONE] = "",
		[CONFIDENCE_SYMBOL] = "symbol",
		[CONFIDENCE_STRUCTURAL] = "structural",
	};

	return names[confidence];
}

void lock_set__init(struct lock_set *set)
{
	memset(set, 0, sizeof(*set));
	set->rows[SLOT_OTHER_SPIN] = (struct named_lock){
		.class = CLASS_OTHER,
		.lock = "spinning",
	};
	set->rows[SLOT_OTHER_SLEEP] = (struct named_lock){
		.class = CLASS_OTHER,
		.lock = "sleeping",
	};
	set->nr_rows = SLOT_FIRST_NAMED;
}

void lock_set__clear_ranges(struct lock_set *set)
{
	set->nr_ranges = 0;
}

void lock_set__drop_ranges(struct lock_set *set, enum lock_class class)
{
	unsigned int kept = 0;

	for (unsigned int i = 0; i < set->nr_ranges; i++)
		if (set->rows[set->ranges[i].slot].class != class)
			set->ranges[kept++] = set->ranges[i];
	set->nr_ranges = kept;
}

static int find_row(const struct lock_set *set, const struct named_lock *lock)
{
	for (unsigned int i = SLOT_FIRST_NAMED; i < set->nr_rows; i++)
		if (set->rows[i].class == lock->class && !strcmp(set->rows[i].device, lock->device))
			return i;
	return -ENOENT;
}

static int row_of(struct lock_set *set, const struct named_lock *lock)
{
	int row = find_row(set, lock);

	if (row < 0) {
		if (set->nr_rows == MAX_SLOTS)
			return -ENOSPC;
		row = set->nr_rows++;
	}
	set->rows[row] = *lock;
	return row;
}

int lock_set__add(struct lock_set *set, const struct named_lock *lock, __u64 start, __u64 end)
{
	int row;

	if (start >= end)
		return -EINVAL;
	for (unsigned int i = 0; i < set->nr_ranges; i++)
		if (start < set->ranges[i].end && set->ranges[i].start < end)
			return -EINVAL;
	row = set->nr_ranges < MAX_RANGES ? row_of(set, lock) : -ENOSPC;
	if (row < 0) {
		set->overflow = true;
		return row;
	}
	set->ranges[set->nr_ranges++] = (struct lock_range){ start, end, row };
	return 0;
}

static int by_start(const void *left, const void *right)
{
	const struct lock_range *a = left, *b = right;

	return (a->start > b->start) - (a->start < b->start);
}

void lock_set__table(const struct lock_set *set, struct lock_table *table)
{
	memset(table, 0xff, sizeof(*table));
	memcpy(table->ranges, set->ranges, set->nr_ranges * sizeof(*set->ranges));
	qsort(table->ranges, set->nr_ranges, sizeof(*table->ranges), by_start);
}
