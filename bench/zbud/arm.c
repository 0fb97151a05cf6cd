// SPDX-License-Identifier: GPL-2.0-or-later
#include "arm.h"

#include "build.h"
#include "sizes.h"
#include "zsmalloc.h"

_Static_assert(ARM_NUMBERS == 2 * SHIM_PAGES, "two objects a page");
_Static_assert(MAX_COMPRESSED == ZBUD_MAX_SIZE - ZSWAP_HEADER, "what zbud takes");

static evict_fn evict_object;

static int evict(struct zpool *zpool, unsigned long handle)
{
	(void)zpool;
	evict_object(handle);
	return 0;
}

static void *create_zbud(const char *policy, evict_fn evict_with)
{
	static const struct zpool_ops ops = { .evict = evict };
	const struct kernel_param *param = zbud_patched.policy;

	evict_object = evict_with;
	if (param->ops->set(policy, param))
		return NULL;
	return zbud_patched.driver->create(policy, GFP_KERNEL, &ops, (struct zpool *)&evict_object);
}

static void *create_bestfit(evict_fn evict_with)
{
	return create_zbud("bestfit", evict_with);
}

static void *create_lrufirst(evict_fn evict_with)
{
	return create_zbud("lrufirst", evict_with);
}

static bool store_zbud(void *pool, int compressed, unsigned long *handle)
{
	return !zbud_patched.driver->malloc(pool, compressed + ZSWAP_HEADER, GFP_KERNEL, handle);
}

static void drop_zbud(void *pool, unsigned long handle)
{
	zbud_patched.driver->free(pool, handle);
}

static bool reclaim_zbud(void *pool)
{
	return !zbud_patched.driver->shrink(pool, 1, NULL);
}

static size_t pages_of_zbud(const void *pool)
{
	return zbud_patched.driver->total_size((void *)pool) / PAGE_SIZE;
}

static void destroy_zbud(void *pool)
{
	zbud_patched.driver->destroy(pool);
}

static size_t number_in_zbud(unsigned long handle)
{
	return 2 * shim_page_number(handle) + ((handle & ~PAGE_MASK) != ZBUD_CHUNK);
}

/* 6.1's cannot evict, and so zswap puts no header before the data. */
static void *create_zsmalloc(evict_fn evict_with)
{
	(void)evict_with;
	return zsmalloc_new();
}

static bool store_zsmalloc(void *pool, int compressed, unsigned long *handle)
{
	return zsmalloc_store(pool, compressed, handle);
}

static void drop_zsmalloc(void *pool, unsigned long handle)
{
	zsmalloc_drop(pool, handle);
}

static size_t pages_of_zsmalloc(const void *pool)
{
	return zsmalloc_pages(pool);
}

static void destroy_zsmalloc(void *pool)
{
	zsmalloc_free(pool);
}

#define ZBUD(policy)                                                                               \
	{                                                                                          \
		.name = #policy, .reclaims = true, .create = create_##policy, .store = store_zbud, \
		.drop = drop_zbud, .reclaim = reclaim_zbud, .pages = pages_of_zbud,                \
		.destroy = destroy_zbud, .number = number_in_zbud                                  \
	}

const struct arm arms[ARMS] = {
	[ARM_BESTFIT] = ZBUD(bestfit),
	[ARM_LRUFIRST] = ZBUD(lrufirst),
	[ARM_ZSMALLOC] = { .name = "zsmalloc",
			   .create = create_zsmalloc,
			   .store = store_zsmalloc,
			   .drop = drop_zsmalloc,
			   .pages = pages_of_zsmalloc,
			   .destroy = destroy_zsmalloc },
};

int arms_init(void)
{
	return zbud_patched.init();
}
