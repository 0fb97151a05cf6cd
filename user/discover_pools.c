// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "discover_pools.h"

static const struct {
	const char type[8]; /* as much of a zpool_driver's type as tells it */
	enum lock_class class;
	const char *expression;
} allocators[NR_ALLOCATORS] = {
	[ALLOCATOR_ZBUD] = { "zbud", CLASS_ZBUD, "zbud_pool.lock" },
	[ALLOCATOR_ZSMALLOC] = { "zsmallo", CLASS_ZSMALLOC, "zs_pool.lock" },
};

void pool_layout__find(struct pool_layout *l)
{
	*l = (struct pool_layout){
		.fields = {
			[POOL_NEXT] = { "zswap_pool", "list", 0, 0 },
			[POOL_ZPOOL] = { "zswap_pool", "zpool", 0, 0 },
			[POOL_DRIVER] = { "zpool", "driver", 0, 0 },
			[POOL_MEMORY] = { "zpool", "pool", 0, 0 },
			[POOL_TYPE] = { "zpool_driver", "type", 0, 0 },
		},
		.locks = {
			[ALLOCATOR_ZBUD] = { "zbud_pool", "lock", 0, 0 },
			/* other kernels have one for each class of sizes instead */
			[ALLOCATOR_ZSMALLOC] = { "zs_pool", "lock", 0, 0 },
		},
		.known = true,
	};
	for (int f = 0; f < NR_POOL_FIELDS; f++)
		l->known = kernel_field_find(&l->fields[f]) && l->known;
	for (int a = 0; a < NR_ALLOCATORS; a++)
		kernel_field_find(&l->locks[a]);
}

/* The pointer at @address, or 0. */
static __u64 follow(struct collector *kernel, __u64 address)
{
	__u64 pointer;

	return collector__peek(kernel, address, &pointer, sizeof(pointer)) ? 0 : pointer;
}

static int allocator_of(const struct pool_layout *l, struct collector *kernel, __u64 driver)
{
	__u64 name = follow(kernel, driver + l->fields[POOL_TYPE].offset);
	char type[sizeof(allocators->type)] = "";

	if (!name || collector__peek(kernel, name, type, sizeof(type) - 1))
		return NR_ALLOCATORS;
	for (int a = 0; a < NR_ALLOCATORS; a++)
		if (!strncmp(type, allocators[a].type, sizeof(type) - 1))
			return a;
	return NR_ALLOCATORS;
}

static bool find_lock(const struct pool_layout *l, struct collector *kernel, __u64 zpool,
		      struct pool_lock *lock)
{
	__u64 driver = zpool ? follow(kernel, zpool + l->fields[POOL_DRIVER].offset) : 0;
	__u64 memory = zpool ? follow(kernel, zpool + l->fields[POOL_MEMORY].offset) : 0;
	int a = driver && memory ? allocator_of(l, kernel, driver) : NR_ALLOCATORS;

	if (a == NR_ALLOCATORS || !l->locks[a].bytes)
		return false;
	*lock = (struct pool_lock){
		.class = allocators[a].class,
		.expression = allocators[a].expression,
		.address = memory + l->locks[a].offset,
	};
	return true;
}

int discover_pools(const struct pool_layout *l, struct collector *kernel, __u64 pools,
		   struct pool_lock locks[MAX_POOLS])
{
	__u64 link = l->known && pools ? follow(kernel, pools) : 0;
	int n = 0;

	for (int i = 0; i < MAX_POOLS && link && link != pools; i++) {
		__u64 pool = link - l->fields[POOL_NEXT].offset;

		n += find_lock(l, kernel, follow(kernel, pool + l->fields[POOL_ZPOOL].offset),
			       &locks[n]);
		link = follow(kernel, link);
	}
	return n;
}
