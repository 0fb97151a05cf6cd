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
	static const struct named_lock unnamed[SLOT_FIRST_NAMED] = {
		[SLOT_OTHER_SPIN] = { .lock = "spinning" },
		[SLOT_OTHER_SLEEP] = { .lock = "sleeping" },
		[SLOT_OTHER_SWAP] = { .by_address = true, .lock = "in the swap path" },
		[SLOT_NOT_SEEN] = { .by_address = true, .lock = "not looked at" },
	};

	memset(set, 0, sizeof(*set));
	for (unsigned int slot = 0; slot < SLOT_FIRST_NAMED; slot++) {
		set->rows[slot] = unnamed[slot];
		set->rows[slot].class = CLASS_OTHER;
		set->rows[slot].device = "";
		set->slots[slot] = (struct lock_slot){ .row = slot, .used = true };
	}
	set->nr_rows = SLOT_FIRST_NAMED;
}

void lock_set__free(struct lock_set *set)
{
	for (unsigned int row = SLOT_FIRST_NAMED; row < set->nr_rows; row++)
		free((char *)set->rows[row].device);
}

void lock_set__clear_ranges(struct lock_set *set)
{
	set->nr_ranges = 0;
}

void lock_set__drop_ranges(struct lock_set *set, enum lock_class class)
{
	unsigned int kept = 0;

	for (unsigned int i = 0; i < set->nr_ranges; i++)
		if (set->rows[set->slots[set->ranges[i].slot].row].class != class)
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

static int new_row(struct lock_set *set, const struct named_lock *lock)
{
	char *device;

	if (set->nr_rows >= (lock->by_address ? MAX_ROWS : MAX_DEVICE_ROWS)) {
		set->overflow = true;
		return -ENOSPC;
	}
	device = strdup(lock->device);
	if (!device)
		return -ENOMEM;
	set->rows[set->nr_rows].device = device;
	return set->nr_rows++;
}

int lock_set__row(struct lock_set *set, const struct named_lock *lock)
{
	int row = find_row(set, lock);
	const char *device;

	if (row < 0)
		row = new_row(set, lock);
	if (row < 0)
		return row;
	device = set->rows[row].device;
	set->rows[row] = *lock;
	set->rows[row].device = device;
	return row;
}

static int find_slot(const struct lock_set *set, unsigned int row)
{
	for (unsigned int slot = 0; slot < MAX_SLOTS; slot++)
		if (set->slots[slot].used && set->slots[slot].row == row)
			return slot;
	return -ENOENT;
}

/* The slot of a row, which gets one where it has none. */
static int slot_of_row(struct lock_set *set, unsigned int row)
{
	int slot = find_slot(set, row);

	for (unsigned int i = 0; slot < 0 && i < MAX_SLOTS; i++)
		if (!set->slots[i].used)
			slot = i;
	if (slot < 0)
		return -EAGAIN;
	set->slots[slot] = (struct lock_slot){ .row = row, .used = true };
	return slot;
}

static int overlaps(const struct lock_set *set, __u64 start, __u64 end)
{
	for (unsigned int i = 0; i < set->nr_ranges; i++)
		if (start < set->ranges[i].end && set->ranges[i].start < end)
			return true;
	return false;
}

int lock_set__add(struct lock_set *set, const struct named_lock *lock, __u64 start, __u64 end)
{
	int slot;

	if (start >= end || overlaps(set, start, end))
		return -EINVAL;
	if (set->nr_ranges == MAX_RANGES) {
		set->overflow = true;
		return -ENOSPC;
	}
	slot = lock_set__row(set, lock);
	if (slot >= 0)
		slot = slot_of_row(set, slot);
	if (slot < 0)
		return slot;
	set->ranges[set->nr_ranges++] = (struct lock_range){ start, end, slot };
	return 0;
}

int lock_set__in_range(const struct lock_set *set, __u64 address)
{
	for (unsigned int i = 0; i < set->nr_ranges; i++)
		if (address >= set->ranges[i].start && address < set->ranges[i].end)
			return set->slots[set->ranges[i].slot].row;
	return -ENOENT;
}

/* Without a slot it stays a stranger, and is counted as one. */
void lock_set__know(struct lock_set *set, __u64 address, unsigned int row)
{
	struct known_lock *bucket = &set->known[lock_hash(address, KNOWN_BUCKET_BITS) * KNOWN_WAYS];
	int slot = slot_of_row(set, row);

	if (slot < 0)
		return;
	memmove(bucket + 1, bucket, (KNOWN_WAYS - 1) * sizeof(*bucket));
	*bucket = (struct known_lock){ address, slot };
}

int lock_set__known(const struct lock_set *set, __u64 address)
{
	const struct known_lock *bucket =
		&set->known[lock_hash(address, KNOWN_BUCKET_BITS) * KNOWN_WAYS];

	for (int way = 0; way < KNOWN_WAYS; way++)
		if (bucket[way].lock == address)
			return set->slots[bucket[way].slot].row;
	return -ENOENT;
}

unsigned int lock_set__row_of_wait(const struct lock_set *set, unsigned int slot, __u64 lock)
{
	int row;

	if (slot < SLOT_STRANGER)
		return set->slots[slot].row;
	row = lock_set__in_range(set, lock);
	if (row < 0)
		row = lock_set__known(set, lock);
	return row < 0 ? slot - SLOT_STRANGER : (unsigned int)row;
}

/*
 * After a cycle without a range no program comes by its slot any more, but a wait that is
 * pending has it still. When none is seen to, one may just have ended, and become a hold
 * (in the next cycle that shows), or its program is at work: that one ends before the
 * next cycle does, and what it counted, in either bank, is drained by the one after.
 */
enum { IDLE_CYCLES = 4 };

void lock_set__end_cycle(struct lock_set *set, const bool *pending)
{
	bool led_to[MAX_SLOTS] = {};

	for (unsigned int i = 0; i < set->nr_ranges; i++)
		led_to[set->ranges[i].slot] = true;
	for (unsigned int i = SLOT_FIRST_NAMED; i < MAX_SLOTS; i++) {
		struct lock_slot *slot = &set->slots[i];

		if (!slot->used || set->rows[slot->row].by_address)
			continue;
		slot->idle = led_to[i] || pending[i] ? 0 : slot->idle + 1;
		slot->used = slot->idle < IDLE_CYCLES;
	}
}

bool lock_set__is_gone(const struct lock_set *set, unsigned int row)
{
	return !set->rows[row].by_address && find_slot(set, row) < 0;
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
	for (unsigned int i = 0; i < set->nr_ranges; i++)
		if (set->rows[set->slots[set->ranges[i].slot].row].counted)
			table->ranges[i].slot |= SLOT_COUNTED;
	memcpy(table->known, set->known, sizeof(table->known));
	qsort(table->ranges, set->nr_ranges, sizeof(*table->ranges), by_start);
}
