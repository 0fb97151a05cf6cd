// SPDX-License-Identifier: GPL-2.0-or-later
/* From zswap's list to the lock of each pool, in a memory made up here. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "discover_pools.h"

struct list {
	__u64 next, prev;
};

static struct memory {
	struct list zero, head;
	struct {
		__u64 zpool, other;
		struct list list;
	} pools[MAX_POOLS + 1];
	struct {
		__u64 driver, pool;
	} zpools[MAX_POOLS + 1];
	struct {
		__u64 type;
	} drivers[3];
	char types[3][8];
	__u64 zbud[4], zsmalloc[4];
} memory;

enum { ZBUD, ZSMALLOC, Z3FOLD };

static const struct pool_layout layout = {
	.fields = {
		[POOL_NEXT] = { .offset = 16 },
		[POOL_ZPOOL] = { .offset = 0 },
		[POOL_DRIVER] = { .offset = 0 },
		[POOL_MEMORY] = { .offset = 8 },
		[POOL_TYPE] = { .offset = 0 },
	},
	.locks = { [ALLOCATOR_ZBUD] = { .bytes = 4 }, [ALLOCATOR_ZSMALLOC] = { .offset = 24, .bytes = 4 } },
	.known = true,
};

static __u64 at(const void *where)
{
	return (const char *)where - (const char *)&memory;
}

/* The collector's, of this memory. */
int collector__peek(struct collector *collector, __u64 address, void *data, size_t bytes)
{
	(void)collector;
	if (address < sizeof(memory.zero) || address + bytes > sizeof(memory))
		return -EFAULT;
	memcpy(data, (char *)&memory + address, bytes);
	return 0;
}

static void add_pool(int i, int driver, __u64 *pool)
{
	memory.pools[i].zpool = at(&memory.zpools[i]);
	memory.zpools[i].driver = at(&memory.drivers[driver]);
	memory.zpools[i].pool = at(pool);
	memory.pools[i].list.next = at(&memory.head);
	if (i)
		memory.pools[i - 1].list.next = at(&memory.pools[i].list);
	else
		memory.head.next = at(&memory.pools[0].list);
}

static int set_up(void **state)
{
	(void)state;
	memset(&memory, 0, sizeof(memory));
	memory.head.next = at(&memory.head);
	strcpy(memory.types[ZBUD], "zbud");
	memcpy(memory.types[ZSMALLOC], "zsmalloc", 8);
	strcpy(memory.types[Z3FOLD], "z3fold");
	for (int i = 0; i < 3; i++)
		memory.drivers[i].type = at(memory.types[i]);
	return 0;
}

static int find(struct pool_lock *locks)
{
	return discover_pools(&layout, NULL, at(&memory.head), locks);
}

static void each_allocator_has_its_lock(void **state)
{
	struct pool_lock locks[MAX_POOLS];

	(void)state;
	add_pool(0, ZBUD, memory.zbud);
	add_pool(1, Z3FOLD, memory.zbud);
	add_pool(2, ZSMALLOC, memory.zsmalloc);
	assert_int_equal(find(locks), 2);
	assert_int_equal(locks[0].class, CLASS_ZBUD);
	assert_int_equal(locks[0].address, at(memory.zbud));
	assert_int_equal(locks[1].class, CLASS_ZSMALLOC);
	assert_int_equal(locks[1].address, at(&memory.zsmalloc[3]));
}

static void no_pools_are_none(void **state)
{
	struct pool_lock locks[MAX_POOLS];
	struct pool_layout unknown = layout;

	(void)state;
	assert_int_equal(find(locks), 0);
	assert_int_equal(discover_pools(&layout, NULL, 0, locks), 0);
	add_pool(0, ZBUD, memory.zbud);
	unknown.known = false;
	assert_int_equal(discover_pools(&unknown, NULL, at(&memory.head), locks), 0);
}

/* A kernel whose allocator has no such lock */
static void an_allocator_without_the_lock_is_left_out(void **state)
{
	struct pool_lock locks[MAX_POOLS];
	struct pool_layout other = layout;

	(void)state;
	other.locks[ALLOCATOR_ZSMALLOC].bytes = 0;
	add_pool(0, ZSMALLOC, memory.zsmalloc);
	assert_int_equal(discover_pools(&other, NULL, at(&memory.head), locks), 0);
}

static void what_leads_nowhere_is_left_out(void **state)
{
	struct pool_lock locks[MAX_POOLS];

	(void)state;
	add_pool(0, ZBUD, memory.zbud);
	memory.pools[0].zpool = 0;
	add_pool(1, ZBUD, memory.zbud);
	memory.zpools[1].driver = sizeof(memory) + 8;
	add_pool(2, ZBUD, memory.zbud);
	memory.zpools[2].pool = 0;
	memory.pools[2].list.next = sizeof(memory) + 8;
	assert_int_equal(find(locks), 0);
}

/* While we look the list may change: a walk that does not come back ends. */
static void a_walk_ends(void **state)
{
	struct pool_lock locks[MAX_POOLS];

	(void)state;
	for (int i = 0; i <= MAX_POOLS; i++)
		add_pool(i, ZBUD, memory.zbud);
	assert_int_equal(find(locks), MAX_POOLS);
	memory.pools[0].list.next = at(&memory.pools[0].list);
	assert_int_equal(find(locks), MAX_POOLS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(each_allocator_has_its_lock, set_up),
		cmocka_unit_test_setup(no_pools_are_none, set_up),
		cmocka_unit_test_setup(an_allocator_without_the_lock_is_left_out, set_up),
		cmocka_unit_test_setup(what_leads_nowhere_is_left_out, set_up),
		cmocka_unit_test_setup(a_walk_ends, set_up),
	};

	return cmocka_run_group_tests_name("discover_pools", tests, NULL, NULL);
}
