/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The locks that have a name: which address ranges belong to which row. Pure:
 * it knows neither how the addresses were found nor how events are counted.
 */
#ifndef LOCKSTAT_SWAP_LOCKS_H
#define LOCKSTAT_SWAP_LOCKS_H

#include <stdbool.h>
#include <linux/types.h>

#include "lockstat.h"

enum lock_class {
	CLASS_SWAP_MAP,
	CLASS_CLUSTER,
	CLASS_SWAP_LOCK,
	CLASS_SWAP_AVAIL,
	CLASS_SWAP_SLOTS,
	CLASS_SWAP_CACHE,
	CLASS_LRUVEC,
	CLASS_ZONE,
	CLASS_PAGE_TABLE,
	CLASS_MMAP,
	CLASS_ZSWAP,
	CLASS_ZSMALLOC,
	CLASS_ZBUD,
	CLASS_ZRAM,
	CLASS_MEMCG,
	CLASS_BLOCK,
	CLASS_OTHER,
	LOCK_CLASSES,
};

/* How a lock was recognised. */
enum lock_confidence {
	CONFIDENCE_NONE,
	CONFIDENCE_SYMBOL,     /* its address is a kernel symbol */
	CONFIDENCE_STRUCTURAL, /* it lies in a structure that proved to be what it should be */
	CONFIDENCE_CALLER,     /* it was taken by a function that takes no other lock */
};

/* The ways to name a lock; one can be left out, to see that another leads there too. */
enum naming_way {
	NAMING_SYMBOLS = 1 << 0,    /* data symbols, which few kernels show */
	NAMING_CODE = 1 << 1,	    /* what the code of get_swap_device() addresses */
	NAMING_STRUCTURES = 1 << 2, /* the structure around a lock that was met */
	NAMING_CALLERS = 1 << 3,    /* the function that took it */
};

const char *lock_class_name(enum lock_class class);
const char *lock_confidence_name(enum lock_confidence confidence);

/* A row of the output. */
struct named_lock {
	enum lock_class class;
	enum lock_confidence confidence;
	bool by_address;    /* met while recording, so that only its waits are known */
	bool counted;	    /* a semaphore: lockdep's events of it are counted, not timed */
	const char *device; /* "all": shared by all; empty: makes no sense */
	char lock[64];	    /* the expression a kernel programmer would write */
};

enum {
	MAX_ROWS = 4096,			       /* 2,000 names of devices, and change */
	MAX_DEVICE_ROWS = MAX_ROWS - 4 * LOCK_CLASSES, /* classes have room left */
};

/*
 * Where the programs count what belongs to a row. There are few of them: a device
 * that is gone gives its own back, and keeps its rows.
 */
struct lock_slot {
	unsigned int row;
	bool used;
	unsigned int idle; /* cycles since no program could come by it */
};

struct lock_set {
	struct named_lock rows[MAX_ROWS];
	unsigned int nr_rows;
	struct lock_slot slots[MAX_SLOTS];
	struct lock_range ranges[MAX_RANGES];
	unsigned int nr_ranges;
	struct known_lock known[MAX_KNOWN]; /* buckets by lock_hash() */
	bool devices_known;		    /* the locks of all swap devices have their ranges */
	bool overflow;			    /* a lock had no row, and is left among the others */
};

/* Has the rows of the unnamed locks, which are their slots as well, and no range. */
void lock_set__init(struct lock_set *set);
void lock_set__free(struct lock_set *set);

/* Forgets the ranges, keeps the rows: a device that returns finds its own. */
void lock_set__clear_ranges(struct lock_set *set);

/* Forgets the ranges of a class. */
void lock_set__drop_ranges(struct lock_set *set, enum lock_class class);

/*
 * Counts the locks in [start, end) in the row described by @lock, which is
 * made where it is new. -ENOSPC (and set->overflow) where there is no room,
 * -EAGAIN where devices that are gone have not yet given their slots back,
 * -EINVAL for an empty range or one that overlaps another.
 */
int lock_set__add(struct lock_set *set, const struct named_lock *lock, __u64 start, __u64 end);

/* The row described by @lock, made where it is new; -ENOSPC (and set->overflow) or -ENOMEM. */
int lock_set__row(struct lock_set *set, const struct named_lock *lock);

/*
 * Makes the lock at @address known: what is counted for it goes to @row, of a lock that
 * was met. Where its bucket is full the oldest there is forgotten. No lock is at 0.
 */
void lock_set__know(struct lock_set *set, __u64 address, unsigned int row);

/* The row of the range that @address lies in, or -ENOENT. */
int lock_set__in_range(const struct lock_set *set, __u64 address);

/* The row a lock is known by, or -ENOENT. */
int lock_set__known(const struct lock_set *set, __u64 address);

/*
 * The row of a wait that a program counted in @slot: where @lock was a stranger
 * to it, what that is known by now.
 */
unsigned int lock_set__row_of_wait(const struct lock_set *set, unsigned int slot, __u64 lock);

/*
 * Is told after each cycle which slots are in @pending waits or holds. A slot that no range
 * leads to is given back when nothing can be counted in it any more.
 */
void lock_set__end_cycle(struct lock_set *set, const bool *pending);

/* Whether it is of a device that is gone, so that nothing is counted for it. */
bool lock_set__is_gone(const struct lock_set *set, unsigned int row);

/* Memory is used again for other locks: what is known holds for a while only. */
void lock_set__forget_known(struct lock_set *set);

/* Whether the swap path itself takes locks of this class, and for itself. */
bool lock_class_is_swaps_own(enum lock_class class);

/* The ranges, sorted, as the programs search them. */
void lock_set__table(const struct lock_set *set, struct lock_table *table);

#endif
