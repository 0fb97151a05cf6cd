// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "callers.h"
#include "kernel_btf.h"
#include "naming.h"

enum {
	MAX_ZONES = 8, /* MAX_NR_ZONES is 6 at most */
	CACHE_LINE = 64,
};

enum {
	ZONE_LOCK,
	ZONE_PGDAT,
	PGDAT_ZONES,
	LRUVEC_LOCK,
	LRUVEC_PGDAT,
	MM_MMAP_LOCK,
	RWSEM_MAP, /* only with lockdep */
	MM_PAGE_TABLE_LOCK,
	SPINLOCK_MAP, /* only with lockdep */
	NR_NAMING_FIELDS
};

struct naming {
	struct kernel_field fields[NR_NAMING_FIELDS];
	bool has[NR_NAMING_FIELDS];
	__u32 zone_bytes;
	__u32 map_offset; /* of what an event names, within its spinlock */
	__u32 rwsem_offset;
	bool timed; /* strangers have times */
	enum naming_way without;
	struct collector *kernel;
};

int naming__open(struct naming **naming, enum backend backend, enum naming_way without)
{
	struct naming *n = calloc(1, sizeof(*n));

	*naming = n;
	if (!n)
		return -ENOMEM;
	*n = (struct naming){
		.without = without,
		.fields = {
			[ZONE_LOCK] = { "zone", "lock", 0, 0 },
			[ZONE_PGDAT] = { "zone", "zone_pgdat", 0, 0 },
			[PGDAT_ZONES] = { "pglist_data", "node_zones", 0, 0 },
			[LRUVEC_LOCK] = { "lruvec", "lru_lock", 0, 0 },
			[LRUVEC_PGDAT] = { "lruvec", "pgdat", 0, 0 },
			[MM_MMAP_LOCK] = { "mm_struct", "mmap_lock", 0, 0 },
			[RWSEM_MAP] = { "rw_semaphore", "dep_map", 0, 0 },
			[MM_PAGE_TABLE_LOCK] = { "mm_struct", "page_table_lock", 0, 0 },
			[SPINLOCK_MAP] = { "raw_spinlock", "dep_map", 0, 0 },
		},
		.zone_bytes = kernel_struct_bytes("zone"),
	};
	for (int f = 0; f < NR_NAMING_FIELDS; f++)
		n->has[f] = kernel_field_find(&n->fields[f]);
	n->timed = backend != BACKEND_LOCKDEP;
	if (backend == BACKEND_LOCKDEP) {
		n->map_offset = n->fields[SPINLOCK_MAP].offset;
		n->rwsem_offset = n->fields[RWSEM_MAP].offset;
	}
	return 0;
}

/* The pointer at @address, or 0. */
static __u64 read_pointer(struct naming *n, __u64 address)
{
	__u64 pointer;

	return collector__peek(n->kernel, address, &pointer, sizeof(pointer)) ? 0 : pointer;
}

/*
 * The first zone of a node points back to the node. What is not aligned as a
 * node is (to a cache line) is not looked at: it could be anything.
 */
static bool is_node(struct naming *n, __u64 node)
{
	return node && node % CACHE_LINE == 0 && n->has[PGDAT_ZONES] && n->has[ZONE_PGDAT] &&
	       read_pointer(n, node + n->fields[PGDAT_ZONES].offset +
				       n->fields[ZONE_PGDAT].offset) == node;
}

/* A zone is an element of its node's array. */
static bool is_zone_lock(struct naming *n, __u64 lock)
{
	__u64 zone = lock - n->map_offset - n->fields[ZONE_LOCK].offset, node, offset;

	if (!n->has[ZONE_LOCK] || !n->has[ZONE_PGDAT] || !n->zone_bytes)
		return false;
	node = read_pointer(n, zone + n->fields[ZONE_PGDAT].offset);
	offset = zone - node - n->fields[PGDAT_ZONES].offset;
	return offset < (__u64)MAX_ZONES * n->zone_bytes && offset % n->zone_bytes == 0 &&
	       is_node(n, node);
}

static bool is_lruvec_lock(struct naming *n, __u64 lock)
{
	__u64 lruvec = lock - n->map_offset - n->fields[LRUVEC_LOCK].offset;

	return n->has[LRUVEC_LOCK] && n->has[LRUVEC_PGDAT] &&
	       is_node(n, read_pointer(n, lruvec + n->fields[LRUVEC_PGDAT].offset));
}

/* A lock's own locks are not it: an rwsem's wait_lock is waited for while the rwsem is. */
static bool is_of_mm(const struct naming *n, const struct stranger *s, int field, __u32 offset)
{
	return n->has[field] && s->in_mm == (__u64)n->fields[field].offset + offset;
}

static enum lock_class class_by_structure(struct naming *n, const struct stranger *s)
{
	if (is_of_mm(n, s, MM_MMAP_LOCK, n->rwsem_offset))
		return CLASS_MMAP;
	if (is_of_mm(n, s, MM_PAGE_TABLE_LOCK, n->map_offset))
		return CLASS_PAGE_TABLE;
	if (s->asleep == SLOT_OTHER_SLEEP)
		return CLASS_OTHER;
	if (is_zone_lock(n, s->lock))
		return CLASS_ZONE;
	return is_lruvec_lock(n, s->lock) ? CLASS_LRUVEC : CLASS_OTHER;
}

static const char *class_expression(enum lock_class class)
{
	static const char *const expressions[LOCK_CLASSES] = {
		[CLASS_SWAP_AVAIL] = "swap_avail_lock",
		[CLASS_SWAP_SLOTS] = "swap_slots_cache",
		[CLASS_SWAP_CACHE] = "address_space.i_pages",
		[CLASS_LRUVEC] = "lruvec.lru_lock",
		[CLASS_ZONE] = "zone.lock",
		[CLASS_PAGE_TABLE] = "ptl",
		[CLASS_MMAP] = "mm_struct.mmap_lock",
	};

	return expressions[class] ? expressions[class] : "any";
}

static int row_of_class(struct lock_set *locks, enum lock_class class,
			enum lock_confidence confidence)
{
	struct named_lock lock = {
		.class = class,
		.confidence = confidence,
		.by_address = true,
		.device = "",
	};

	snprintf(lock.lock, sizeof(lock.lock), "%s", class_expression(class));
	return lock_set__row(locks, &lock);
}

static int find_row(struct naming *n, struct lock_set *locks, const struct stranger *s)
{
	enum lock_class class = CLASS_OTHER;

	if (!(n->without & NAMING_STRUCTURES))
		class = class_by_structure(n, s);
	if (class != CLASS_OTHER)
		return row_of_class(locks, class, CONFIDENCE_STRUCTURAL);
	if (!(n->without & NAMING_CALLERS))
		class = callers_class(s->stack, s->depth, locks->devices_known);
	if (class != CLASS_OTHER)
		return row_of_class(locks, class, CONFIDENCE_CALLER);
	if (!s->depth)
		return SLOT_NOT_SEEN;
	return callers_in_swap(s->stack, s->depth) ? SLOT_OTHER_SWAP : (int)s->asleep;
}

unsigned int naming__row(struct naming *n, struct collector *kernel, struct lock_set *locks,
			 const struct stranger *s)
{
	int row = lock_set__in_range(locks, s->lock);

	/* It was met before its device was. Counts without times do not go where there are some. */
	if (row >= 0)
		return n->timed || locks->rows[row].counted ? (unsigned int)row : s->asleep;
	row = lock_set__known(locks, s->lock);
	if (row >= 0)
		return row;
	n->kernel = kernel;
	row = find_row(n, locks, s);
	if (row < 0)
		return s->asleep;
	/* Without a stack it may yet be named when it is met again. */
	if (s->depth)
		lock_set__know(locks, s->lock, row);
	return row;
}

void naming__close(struct naming *n)
{
	free(n);
}
