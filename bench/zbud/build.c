// SPDX-License-Identifier: GPL-2.0-or-later
/* Compiled for each build: BUILD is its name, and SOURCE the zbud.c that it is. */
#include "build.h"

#include SOURCE

_Static_assert(ZBUD_CHUNK == CHUNK_SIZE, "chunks");
_Static_assert(ZBUD_CHUNKS == NCHUNKS, "chunks of a page");
_Static_assert(ZBUD_MAX_SIZE == PAGE_SIZE - ZHDR_SIZE_ALIGNED - CHUNK_SIZE, "the largest size");

static int reclaim(void *pool, unsigned int retries)
{
	return zbud_reclaim_page(pool, retries);
}

static void *create_bare(void)
{
	return zbud_create_pool(GFP_KERNEL, NULL);
}

static bool is_buddied(const struct zbud_header *zhdr)
{
	return zhdr->first_chunks && zhdr->last_chunks;
}

static const char *inspect_page(struct zbud_header *zhdr)
{
	if (!zhdr->first_chunks && !zhdr->last_chunks)
		return "an empty page is kept";
	if (zhdr->first_chunks + zhdr->last_chunks > NCHUNKS)
		return "buddies overlap";
	if (zhdr->under_reclaim)
		return "a page under reclaim is on the LRU list";
	return NULL;
}

/* The list the page has to be on. */
static struct list_head *list_of(struct zbud_pool *pool, struct zbud_header *zhdr)
{
	return is_buddied(zhdr) ? &pool->buddied : &pool->unbuddied[num_free_chunks(zhdr)];
}

static const char *inspect_list(struct zbud_pool *pool, struct list_head *head, size_t *n)
{
	struct zbud_header *zhdr;

	list_for_each_entry(zhdr, head, buddy)
	{
		if (list_of(pool, zhdr) != head)
			return "a page is on the wrong list";
		(*n)++;
	}
	return NULL;
}

static const char *inspect_lru(struct zbud_pool *pool, size_t *n)
{
	struct zbud_header *zhdr;

	list_for_each_entry(zhdr, &pool->lru, lru)
	{
		const char *wrong = inspect_page(zhdr);

		if (wrong)
			return wrong;
		(*n)++;
	}
	return NULL;
}

/* On their right lists, and as many as on the LRU list: so each is on one, and once. */
static const char *inspect(void *data, size_t under_reclaim)
{
	struct zbud_pool *pool = data;
	size_t lru = 0, listed = 0;
	const char *wrong = inspect_lru(pool, &lru);

	for (size_t i = 0; i < NCHUNKS && !wrong; i++)
		wrong = inspect_list(pool, &pool->unbuddied[i], &listed);
	if (!wrong && lru != listed)
		wrong = "the LRU list and the others differ";
	if (!wrong && lru + under_reclaim != pool->pages_nr)
		wrong = "a page is lost or not counted";
	return wrong;
}

const struct zbud_build BUILD = {
	.driver = &zbud_zpool_driver,
	.init = init_zbud,
	.exit = exit_zbud,
	.reclaim = reclaim,
	.create_bare = create_bare,
	.inspect = inspect,
#ifdef PATCHED
	.policy = &shim_param_policy,
	.key = &zbud_lrufirst,
#endif
};
