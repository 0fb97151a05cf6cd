// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Threads that store, load, drop and reclaim in one pool, as CPUs do; a thread sanitizer watches.
 * Who stores a handle keeps it in a table, and as in zswap, whoever takes it out of there, its
 * owner or an eviction, is the one to free it. Set ROUNDS to run longer.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "build.h"
#include "random.h"

enum { THREADS = 4, SLOTS = 64 };

static const struct zpool_driver *driver;
static void *pool;
static unsigned long rounds;

static struct {
	pthread_mutex_t mutex;
	unsigned long handles[THREADS][SLOTS]; /* 0: none */
	int sizes[THREADS][SLOTS];
	unsigned long evicted, reclaimed;
} table = { .mutex = PTHREAD_MUTEX_INITIALIZER };

/* Takes the handle out of the table; 0: another was faster. */
static unsigned long take(unsigned long *slot)
{
	unsigned long handle;

	pthread_mutex_lock(&table.mutex);
	handle = *slot;
	*slot = 0;
	pthread_mutex_unlock(&table.mutex);
	return handle;
}

static unsigned long *find(unsigned long handle)
{
	for (int i = 0; i < THREADS * SLOTS; i++)
		if (table.handles[i / SLOTS][i % SLOTS] == handle)
			return &table.handles[i / SLOTS][i % SLOTS];
	return NULL;
}

static int evict(struct zpool *zpool, unsigned long handle)
{
	unsigned long *slot;

	(void)zpool;
	pthread_mutex_lock(&table.mutex);
	slot = find(handle);
	if (slot)
		*slot = 0;
	table.evicted += slot != NULL;
	pthread_mutex_unlock(&table.mutex);
	if (slot)
		driver->free(pool, handle);
	return 0;
}

static void store(int thread, int slot, struct random *random)
{
	int size = 1 + (int)random_below(random, ZBUD_MAX_SIZE);
	unsigned long handle;

	if (driver->malloc(pool, size, GFP_KERNEL, &handle))
		abort();
	memset(driver->map(pool, handle, ZPOOL_MM_WO), thread + 1, size);
	pthread_mutex_lock(&table.mutex);
	table.handles[thread][slot] = handle;
	table.sizes[thread][slot] = size;
	pthread_mutex_unlock(&table.mutex);
}

static void load_and_drop(int thread, int slot)
{
	unsigned long handle = take(&table.handles[thread][slot]);
	const uint8_t *memory;

	if (!handle)
		return;
	memory = driver->map(pool, handle, ZPOOL_MM_RO);
	for (int i = 0; i < table.sizes[thread][slot]; i++)
		if (memory[i] != thread + 1)
			abort();
	driver->free(pool, handle);
}

static void *run_thread(void *argument)
{
	int thread = (int)(intptr_t)argument;
	struct random random = { .state = thread };
	unsigned int won;

	for (unsigned long i = 0; i < rounds; i++) {
		int slot = (int)random_below(&random, SLOTS);

		load_and_drop(thread, slot);
		store(thread, slot, &random);
		if (random_below(&random, 8))
			continue;
		driver->shrink(pool, 2, &won);
		__atomic_add_fetch(&table.reclaimed, won, __ATOMIC_RELAXED);
	}
	for (int slot = 0; slot < SLOTS; slot++)
		load_and_drop(thread, slot);
	return NULL;
}

static void threads_share_a_pool(void **state)
{
	static const struct zpool_ops ops = { .evict = evict };
	const char *policy = *state;
	pthread_t threads[THREADS];

	driver = zbud_base.driver;
	if (strcmp(policy, "unpatched")) {
		driver = zbud_patched.driver;
		assert_int_equal(zbud_patched.policy->ops->set(policy, zbud_patched.policy), 0);
	}
	memset(table.handles, 0, sizeof(table.handles));
	table.evicted = table.reclaimed = 0;
	pool = driver->create("threads", GFP_KERNEL, &ops, (struct zpool *)&table);
	for (intptr_t i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, run_thread, (void *)i), 0);
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(driver->total_size(pool), 0);
	assert_int_equal(shim_live_pages(), 0);
	assert_true(table.evicted > rounds / 10 && table.reclaimed > rounds / 10);
	driver->destroy(pool);
}

#define THREADS_SHARE_A_POOL(policy)                                                               \
	{                                                                                          \
		"threads share a pool (" policy ")", threads_share_a_pool, NULL, NULL, policy      \
	}

int main(void)
{
	const char *text = getenv("ROUNDS");
	const struct CMUnitTest tests[] = {
		THREADS_SHARE_A_POOL("unpatched"),
		THREADS_SHARE_A_POOL("bestfit"),
		THREADS_SHARE_A_POOL("lrufirst"),
	};

	rounds = text ? strtoul(text, NULL, 10) : 2000;
	if (zbud_base.init() || zbud_patched.init())
		return 1;
	return cmocka_run_group_tests_name("zbud threads", tests, NULL, NULL);
}
