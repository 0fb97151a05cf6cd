// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "locks.h"

const char *lock_class_name(enum lock_class class)
{
	static const char *const names[LOCK_CLASSES] = {
		[CLASS_SWAP_MAP] = "swap_map",
		[CLASS_CLUSTER] = "cluster",
		[CLASS_SWAP_LOCK] = "swap_lock",
		[CLASS_SWAP_AVAIL] = "swap_avail",
		[CLASS_SWAP_SLOTS] = "swap_slots",
		[CLASS_SWAP_CACHE] = "swap_cache",
		[CLASS_LRUVEC] = "lruvec",
		[CLASS_ZONE] = "zone",
		[CLASS_PAGE_TABLE] = "page_table",
		[CLASS_MMAP] = "mmap",
		[CLASS_ZSWAP] = "zswap",
		[CLASS_ZSMALLOC] = "zsmalloc",
		[CLASS_ZBUD] = "zbud",
		[CLASS_ZRAM] = "zram",
		[CLASS_MEMCG] = "memcg",
		[CLASS_BLOCK] = "block",
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
		[CONFIDENCE_CALLER] = "caller",
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
	set->rows[SLOT_OTHER_SWAP] = (struct named_lock){
		.class = CLASS_OTHER,
		.by_address = true,
		.lock = "in the swap path",
	};
	set->rows[SLOT_NOT_SEEN] = (struct named_lock){
		.class = CLASS_OTHER,
		.by_address = true,
		.lock = "not looked at",
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
		if (set->rows[i].class == lock->class &&
		    set->rows[i].confidence == lock->confidence &&
		    !strcmp(set->rows[i].device, lock->device))
			return i;
	return -ENOENT;
}

int lock_set__row(struct lock_set *set, const struct named_lock *lock)
{
	int row = find_row(set, lock);

	if (row < 0) {
		if (set->nr_rows == MAX_SLOTS) {
			set->overflow = true;
			return -ENOSPC;
		}
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
	row = set->nr_ranges < MAX_RANGES ? lock_set__row(set, lock) : -ENOSPC;
	if (row < 0) {
		set->overflow = true;
		return row;
	}
	set->ranges[set->nr_ranges++] = (struct lock_range){ start, end, row };
	return 0;
}

int lock_set__in_range(const struct lock_set *set, __u64 address)
{
	for (unsigned int i = 0; i < set->nr_ranges; i++)
		if (address >= set->ranges[i].start && address < set->ranges[i].end)
			return set->ranges[i].slot;
	return -ENOENT;
}

void lock_set__know(struct lock_set *set, __u64 address, __u64 slot)
{
	struct known_lock *bucket = &set->known[lock_hash(address, KNOWN_BUCKET_BITS) * KNOWN_WAYS];

	memmove(bucket + 1, bucket, (KNOWN_WAYS - 1) * sizeof(*bucket));
	*bucket = (struct known_lock){ address, slot };
}

int lock_set__known(const struct lock_set *set, __u64 address)
{
	const struct known_lock *bucket =
		&set->known[lock_hash(address, KNOWN_BUCKET_BITS) * KNOWN_WAYS];

	for (int way = 0; way < KNOWN_WAYS; way++)
		if (bucket[way].lock == address)
			return bucket[way].slot;
	return -ENOENT;
}

unsigned int lock_set__slot_of_wait(const struct lock_set *set, unsigned int slot, __u64 lock)
{
	int known;

	if (slot < SLOT_STRANGER)
		return slot;
	known = lock_set__in_range(set, lock);
	if (known < 0)
		known = lock_set__known(set, lock);
	return known < 0 ? slot - SLOT_STRANGER : (unsigned int)known;
}

void lock_set__forget_known(struct lock_set *set)
{
	memset(set->known, 0, sizeof(set->known));
}

bool lock_class_is_swaps_own(enum lock_class class)
{
	switch (class) {
	case CLASS_SWAP_MAP:
	case CLASS_CLUSTER:
	case CLASS_SWAP_LOCK:
	case CLASS_SWAP_AVAIL:
	case CLASS_SWAP_SLOTS:
	case CLASS_SWAP_CACHE:
	case CLASS_ZSWAP:
	case CLASS_ZSMALLOC:
	case CLASS_ZBUD:
	case CLASS_ZRAM:
		return true;
	default:
		return false;
	}
}

static int by_start(const void *left, const void *right)
{
	const struct lock_range *a = left, *b = right;

	return (a->start > b->start) - (a->start < b->start);
}

void lock_set__table(const struct lock_set *set, struct lock_table *table)
{
	memset(table->ranges, 0xff, sizeof(table->ranges));
	memcpy(table->ranges, set->ranges, set->nr_ranges * sizeof(*set->ranges));
	memcpy(table->known, set->known, sizeof(table->known));
	qsort(table->ranges, set->nr_ranges, sizeof(*table->ranges), by_start);
}
