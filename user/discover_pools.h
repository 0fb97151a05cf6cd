/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The lock of each pool that zswap stores in, where the kernel shows zswap's list of them. */
#ifndef LOCKSTAT_SWAP_DISCOVER_POOLS_H
#define LOCKSTAT_SWAP_DISCOVER_POOLS_H

#include "collector.h"
#include "kernel_btf.h"
#include "locks.h"

/* zswap keeps the pools of compressors and allocators it had before, until they are empty. */
enum { MAX_POOLS = 8 };

/* In the order of the walk. */
enum {
	POOL_NEXT, /* zswap_pool's link in the list */
	POOL_ZPOOL,
	POOL_DRIVER,
	POOL_MEMORY, /* the allocator's own pool */
	POOL_TYPE,
	NR_POOL_FIELDS
};

enum { ALLOCATOR_ZBUD, ALLOCATOR_ZSMALLOC, NR_ALLOCATORS };

struct pool_layout {
	struct kernel_field fields[NR_POOL_FIELDS];
	struct kernel_field locks[NR_ALLOCATORS];
	bool known;
};

struct pool_lock {
	enum lock_class class;
	const char *expression;
	__u64 address;
};

void pool_layout__find(struct pool_layout *layout);

/* How many @locks there are behind zswap's list at @pools; 0 where anything does not fit. */
int discover_pools(const struct pool_layout *layout, struct collector *kernel, __u64 pools,
		   struct pool_lock locks[MAX_POOLS]);

#endif
