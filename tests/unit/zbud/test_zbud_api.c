// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Each function of zbud's interface, one by one, in the unpatched build and in both policies of
 * the patched one; then what only the patches have.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "build.h"

/* What a test is run with. */
struct variant {
	const struct zbud_build *build;
	const char *policy;
};

static const struct variant unpatched = { &zbud_base, NULL };
static const struct variant bestfit = { &zbud_patched, "bestfit" };
static const struct variant lrufirst = { &zbud_patched, "lrufirst" };

static const struct variant *variant;
static void *pool;
static unsigned long evicted[64];
static int nevicted, refuse_after = 99;

/* Refuses all but the first so many. */
static int evict(struct zpool *zpool, unsigned long handle)
{
	(void)zpool;
	evicted[nevicted++] = handle;
	if (nevicted > refuse_after)
		return -EBUSY;
	variant->build->driver->free(pool, handle);
	return 0;
}

static const struct zpool_ops evicting = { .evict = evict };

static int set_policy(const char *policy)
{
	return zbud_patched.policy->ops->set(policy, zbud_patched.policy);
}

static void *create(const struct zpool_ops *ops)
{
	static int any;

	return variant->build->driver->create("api", GFP_KERNEL, ops, (struct zpool *)&any);
}

static int set_up(void **state)
{
	variant = *state;
	if (variant->policy && set_policy(variant->policy))
		return -1;
	nevicted = 0;
	refuse_after = 99;
	pool = create(&evicting);
	return pool ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	shim_no_page = NULL;
	shim_no_memory = false;
	variant->build->driver->destroy(pool);
	return shim_live_pages() ? -1 : 0;
}

static unsigned long allocate(size_t size)
{
	unsigned long handle = 0;

	assert_int_equal(variant->build->driver->malloc(pool, size, GFP_KERNEL, &handle), 0);
	return handle;
}

static int refused(size_t size, gfp_t gfp)
{
	unsigned long handle = 4711;
	int err = variant->build->driver->malloc(pool, size, gfp, &handle);

	assert_int_equal(handle, 4711);
	return err;
}

static void release(unsigned long handle)
{
	variant->build->driver->free(pool, handle);
}

static size_t pages(void)
{
	return variant->build->driver->total_size(pool) / PAGE_SIZE;
}

static size_t page_of(unsigned long handle)
{
	return shim_page_number(handle);
}

static bool no_page(void)
{
	return true;
}

static void an_allocation_of_no_size_is_invalid(void **state)
{
	(void)state;
	assert_int_equal(refused(0, GFP_KERNEL), -EINVAL);
	assert_int_equal(refused(0, __GFP_HIGHMEM), -EINVAL);
}

static void high_memory_is_invalid(void **state)
{
	(void)state;
	assert_int_equal(refused(100, __GFP_HIGHMEM), -EINVAL);
	assert_int_equal(refused(PAGE_SIZE, __GFP_HIGHMEM), -EINVAL);
}

static void what_fits_no_page_finds_no_space(void **state)
{
	(void)state;
	assert_int_equal(refused(ZBUD_MAX_SIZE + 1, GFP_KERNEL), -ENOSPC);
	assert_int_equal(refused(PAGE_SIZE, GFP_KERNEL), -ENOSPC);
	assert_int_equal(refused(SIZE_MAX, GFP_KERNEL), -ENOSPC);
	assert_int_equal(pages(), 0);
	release(allocate(ZBUD_MAX_SIZE));
}

static void without_a_page_there_is_no_memory(void **state)
{
	unsigned long handle = allocate(100);

	(void)state;
	shim_no_page = no_page;
	assert_int_equal(refused(ZBUD_MAX_SIZE, GFP_KERNEL), -ENOMEM);
	assert_int_equal(pages(), 1);
	/* There is room in the page, so none is asked for. */
	release(allocate(100));
	release(handle);
}

static void without_memory_there_is_no_pool(void **state)
{
	(void)state;
	shim_no_memory = true;
	assert_null(create(&evicting));
}

/* Every pair of sizes: one page if the chunks of both fit into 63, else two. */
static void two_share_a_page_if_their_chunks_fit(void **state)
{
	(void)state;
	for (int a = 1; a <= ZBUD_MAX_SIZE; a += a < 4 * ZBUD_CHUNK ? 1 : 31)
		for (int b = 1; b <= ZBUD_MAX_SIZE; b += 61) {
			int chunks = (a + ZBUD_CHUNK - 1) / ZBUD_CHUNK +
				     (b + ZBUD_CHUNK - 1) / ZBUD_CHUNK;
			unsigned long first = allocate(a), last = allocate(b);

			assert_int_equal(pages(), chunks <= ZBUD_CHUNKS ? 1 : 2);
			assert_int_equal(page_of(first) == page_of(last), chunks <= ZBUD_CHUNKS);
			release(first);
			release(last);
			assert_int_equal(pages(), 0);
		}
}

static void a_third_never_shares(void **state)
{
	unsigned long handles[3];

	(void)state;
	for (int i = 0; i < 3; i++)
		handles[i] = allocate(1);
	assert_int_equal(pages(), 2);
	for (int i = 0; i < 3; i++)
		release(handles[i]);
}

/* The first may go first, or the last: the other stays where it is, and the gap is used again. */
static void what_is_freed_is_used_again(void **state)
{
	(void)state;
	for (int gone = 0; gone < 2; gone++) {
		unsigned long handles[2] = { allocate(1000), allocate(2000) };

		release(handles[gone]);
		assert_int_equal(pages(), 1);
		assert_int_equal(allocate(gone ? 2000 : 1000), handles[gone]);
		assert_int_equal(pages(), 1);
		release(handles[0]);
		release(handles[1]);
		assert_int_equal(pages(), 0);
	}
}

/* The handle is the address, past the header or up to the end of the page. */
static void a_mapping_is_where_the_handle_says(void **state)
{
	unsigned long first = allocate(100), last = allocate(65);
	const struct zpool_driver *driver = variant->build->driver;

	(void)state;
	assert_int_equal(first & ~PAGE_MASK, ZBUD_CHUNK);
	assert_int_equal(last & ~PAGE_MASK, PAGE_SIZE - 2 * ZBUD_CHUNK);
	assert_true(driver->map(pool, first, ZPOOL_MM_RW) == (void *)first);
	driver->unmap(pool, first);
	assert_true(driver->map(pool, last, ZPOOL_MM_RO) == (void *)last);
	driver->unmap(pool, last);
	release(first);
	release(last);
}

static void reclaim_needs_something_to_reclaim(void **state)
{
	(void)state;
	assert_int_equal(variant->build->reclaim(pool, 8), -EINVAL);
	allocate(100);
	assert_int_equal(variant->build->reclaim(pool, 0), -EINVAL);
	assert_int_equal(nevicted, 0);
	assert_int_equal(variant->build->reclaim(pool, 1), 0);
	assert_int_equal(nevicted, 1);
	assert_int_equal(pages(), 0);
}

static void reclaim_needs_somebody_to_evict(void **state)
{
	void *with_evict = pool;
	unsigned long handle;

	(void)state;
	pool = variant->build->create_bare();
	handle = allocate(100);
	assert_int_equal(variant->build->reclaim(pool, 8), -EINVAL);
	release(handle);
	variant->build->driver->destroy(pool);
	pool = with_evict;
}

/* Operations without evict() are tried, and fail. */
static void reclaim_without_evict_gives_up(void **state)
{
	static const struct zpool_ops none = { 0 };
	void *with_evict = pool;
	unsigned long handle;

	(void)state;
	pool = create(&none);
	handle = allocate(100);
	assert_int_equal(variant->build->reclaim(pool, 3), -EAGAIN);
	release(handle);
	variant->build->driver->destroy(pool);
	pool = with_evict;
}

/* A page that cannot be evicted goes to the head of the list: each try is another page. */
static void reclaim_gives_up_after_so_many_pages(void **state)
{
	unsigned long handles[5];

	(void)state;
	for (int i = 0; i < 5; i++)
		handles[i] = allocate(ZBUD_MAX_SIZE);
	refuse_after = 0;
	assert_int_equal(variant->build->reclaim(pool, 3), -EAGAIN);
	assert_int_equal(nevicted, 3);
	for (int i = 0; i < 3; i++)
		assert_int_equal(evicted[i], handles[i]);
	refuse_after = 99;
	assert_int_equal(variant->build->reclaim(pool, 3), 0);
	assert_int_equal(evicted[3], handles[3]);
	assert_int_equal(pages(), 4);
	for (int i = 0; i < 5; i++)
		if (i != 3)
			release(handles[i]);
}

/* The oldest goes first, and both of its buddies. */
static void reclaim_evicts_the_page_used_longest_ago(void **state)
{
	unsigned long old = allocate(2000), young = allocate(3000), buddy = allocate(1000);

	(void)state;
	/* best fit is the page of the young one, and so the head */
	assert_int_equal(page_of(buddy), page_of(young));
	assert_int_equal(variant->build->reclaim(pool, 1), 0);
	assert_int_equal(nevicted, 1);
	assert_int_equal(evicted[0], old);
	assert_int_equal(variant->build->reclaim(pool, 1), 0);
	assert_int_equal(nevicted, 3);
	assert_int_equal(evicted[1], young);
	assert_int_equal(evicted[2], buddy);
}

/* One buddy goes, the other stays: no page is won, and the next is tried. */
static void half_a_page_is_no_page(void **state)
{
	unsigned long stays;

	(void)state;
	allocate(100);
	stays = allocate(100);
	refuse_after = 1;
	assert_int_equal(variant->build->reclaim(pool, 1), -EAGAIN);
	assert_int_equal(nevicted, 2);
	assert_int_equal(pages(), 1);
	/* Where the evicted one was there is room. */
	assert_int_equal(page_of(allocate(100)), page_of(stays));
	refuse_after = 99;
	assert_int_equal(variant->build->reclaim(pool, 1), 0);
}

static void shrinking_says_how_many_pages_it_won(void **state)
{
	unsigned int won = 99;

	(void)state;
	for (int i = 0; i < 5; i++)
		allocate(ZBUD_MAX_SIZE);
	assert_int_equal(variant->build->driver->shrink(pool, 2, &won), 0);
	assert_int_equal(won, 2);
	assert_int_equal(variant->build->driver->shrink(pool, 9, &won), -EINVAL);
	assert_int_equal(won, 3);
	assert_int_equal(pages(), 0);
}

/* 20 chunks fill the page of the 40 best, but that of the 30 was used last. */
static size_t page_of_choice(unsigned long *used_last, unsigned long *fits_best)
{
	unsigned long choice;
	size_t page;

	*fits_best = allocate(40 * ZBUD_CHUNK);
	*used_last = allocate(34 * ZBUD_CHUNK);
	assert_int_not_equal(page_of(*fits_best), page_of(*used_last));
	choice = allocate(20 * ZBUD_CHUNK);
	page = page_of(choice);
	release(choice);
	return page;
}

static void the_page_that_fits_best_is_taken(void **state)
{
	unsigned long used_last, fits_best;
	size_t choice = page_of_choice(&used_last, &fits_best);

	(void)state;
	assert_int_equal(choice, page_of(fits_best));
	release(used_last);
	release(fits_best);
}

static void the_page_used_last_is_taken(void **state)
{
	unsigned long used_last, fits_best;
	size_t choice = page_of_choice(&used_last, &fits_best);

	(void)state;
	assert_int_equal(choice, page_of(used_last));
	release(used_last);
	release(fits_best);
}

/* The other pool has the branch patched in for all. */
static void a_pool_beside_keeps_to_its_own_policy(void **state)
{
	void *mine = pool, *beside;

	set_policy("lrufirst");
	beside = create(&evicting);
	the_page_that_fits_best_is_taken(state);
	pool = beside;
	the_page_used_last_is_taken(state);
	pool = mine;
	variant->build->driver->destroy(beside);
}

/* Too small, or full: then the others are searched. */
static void where_the_last_has_no_room_the_best_is_taken(void **state)
{
	unsigned long best = allocate(40 * ZBUD_CHUNK), small = allocate(50 * ZBUD_CHUNK), full;

	(void)state;
	release(allocate(20 * ZBUD_CHUNK));
	assert_int_equal(page_of(allocate(20 * ZBUD_CHUNK)), page_of(best));
	full = allocate(10 * ZBUD_CHUNK);
	assert_int_equal(page_of(full), page_of(small));
	assert_int_equal(pages(), 2);
	/* Both pages are full; chunks that are left in the last one are nobody's. */
	assert_int_not_equal(page_of(allocate(1)), page_of(full));
	assert_int_equal(pages(), 3);
	for (int i = 0; i < 3; i++)
		assert_int_equal(variant->build->reclaim(pool, 1), 0);
}

static void a_pool_keeps_the_policy_it_was_made_with(void **state)
{
	(void)state;
	assert_int_equal(set_policy("bestfit"), 0);
	the_page_used_last_is_taken(state);
	assert_int_equal(set_policy("lrufirst"), 0);
}

/* The key counts pools, not what the parameter says. */
static void the_branch_is_there_while_such_a_pool_is(void **state)
{
	void *mine = pool;

	(void)state;
	assert_int_equal(zbud_patched.key->enabled, 1);
	pool = create(NULL);
	assert_int_equal(zbud_patched.key->enabled, 2);
	set_policy("bestfit");
	zbud_patched.driver->destroy(pool);
	assert_int_equal(zbud_patched.key->enabled, 1);
	pool = create(NULL);
	assert_int_equal(zbud_patched.key->enabled, 1);
	zbud_patched.driver->destroy(pool);
	pool = mine;
	set_policy("lrufirst");
}

static void no_branch_without_such_a_pool(void **state)
{
	(void)state;
	assert_int_equal(zbud_patched.key->enabled, 0);
}

static void the_policy_is_one_of_two_words(void **state)
{
	char text[PAGE_SIZE];

	(void)state;
	assert_int_equal(set_policy("lrufirst\n"), 0);
	assert_int_equal(set_policy("best"), -EINVAL);
	assert_int_equal(set_policy("bestfits"), -EINVAL);
	assert_int_equal(set_policy(""), -EINVAL);
	assert_int_equal(zbud_patched.policy->ops->get(text, zbud_patched.policy), 9);
	assert_string_equal(text, "lrufirst\n");
	assert_int_equal(set_policy("bestfit"), 0);
	assert_int_equal(zbud_patched.policy->ops->get(text, zbud_patched.policy), 8);
	assert_string_equal(text, "bestfit\n");
}

static void in_statistics(const char *expected)
{
	char *text = shim_debugfs_read("api", "stats");

	assert_non_null(text);
	if (!strstr(text, expected))
		fail_msg("not in the statistics: '%s'; they are: '%s'", expected, text);
	free(text);
}

static void statistics_are_what_happened(void **state)
{
	bool head = variant == &lrufirst;

	(void)state;
	allocate(40 * ZBUD_CHUNK);
	allocate(34 * ZBUD_CHUNK);
	allocate(20 * ZBUD_CHUNK);
	release(allocate(30 * ZBUD_CHUNK));
	refuse_after = 0;
	assert_int_equal(variant->build->reclaim(pool, 1), -EAGAIN);
	in_statistics(head ? "policy lrufirst\npages 2\nunbuddied 1\nbuddied 1\n"
			     "alloc_lru_head 1\nalloc_best_fit 0\nalloc_new_page 3\n"
			   : "policy bestfit\npages 2\nunbuddied 1\nbuddied 1\n"
			     "alloc_lru_head 0\nalloc_best_fit 1\nalloc_new_page 3\n");
	in_statistics("freed 1\nreclaimed 0\nput_back 1\nevicted 0\nrefused 1\n"
		      "free_chunks unbuddied buddied\n0 0 0\n1 0 0\n");
	in_statistics(head ? "\n9 0 1\n" : "\n3 0 1\n");
	in_statistics(head ? "\n23 1 0\n" : "\n29 1 0\n");
	refuse_after = 99;
	for (int left = 2; left; left--)
		assert_int_equal(variant->build->reclaim(pool, 9), 0);
	in_statistics("\npages 0\nunbuddied 0\nbuddied 0\n");
	in_statistics("freed 4\nreclaimed 2\nput_back 1\nevicted 3\nrefused 1\n");
}

#define FOR(name, variant)                                                                         \
	{                                                                                          \
#name " (" #variant ")", name, set_up, tear_down, (void *)&(variant)               \
	}
#define FOR_ALL(name) FOR(name, unpatched), FOR(name, bestfit), FOR(name, lrufirst)

int main(void)
{
	const struct CMUnitTest tests[] = {
		FOR_ALL(an_allocation_of_no_size_is_invalid),
		FOR_ALL(high_memory_is_invalid),
		FOR_ALL(what_fits_no_page_finds_no_space),
		FOR_ALL(without_a_page_there_is_no_memory),
		FOR_ALL(without_memory_there_is_no_pool),
		FOR_ALL(two_share_a_page_if_their_chunks_fit),
		FOR_ALL(a_third_never_shares),
		FOR_ALL(what_is_freed_is_used_again),
		FOR_ALL(a_mapping_is_where_the_handle_says),
		FOR_ALL(reclaim_needs_something_to_reclaim),
		FOR_ALL(reclaim_needs_somebody_to_evict),
		FOR_ALL(reclaim_without_evict_gives_up),
		FOR_ALL(reclaim_gives_up_after_so_many_pages),
		FOR_ALL(reclaim_evicts_the_page_used_longest_ago),
		FOR_ALL(half_a_page_is_no_page),
		FOR_ALL(shrinking_says_how_many_pages_it_won),
		FOR(the_page_that_fits_best_is_taken, unpatched),
		FOR(the_page_that_fits_best_is_taken, bestfit),
		FOR(the_page_used_last_is_taken, lrufirst),
		FOR_ALL(where_the_last_has_no_room_the_best_is_taken),
		FOR(a_pool_keeps_the_policy_it_was_made_with, lrufirst),
		FOR(the_branch_is_there_while_such_a_pool_is, lrufirst),
		FOR(a_pool_beside_keeps_to_its_own_policy, bestfit),
		FOR(no_branch_without_such_a_pool, bestfit),
		FOR(the_policy_is_one_of_two_words, bestfit),
		FOR(statistics_are_what_happened, bestfit),
		FOR(statistics_are_what_happened, lrufirst),
	};

	if (zbud_base.init() || zbud_patched.init())
		return 1;
	return cmocka_run_group_tests_name("zbud interface", tests, NULL, NULL);
}
