// SPDX-License-Identifier: GPL-2.0-or-later
/* The set of pointers and the memory of what it holds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "arena.h"
#include "hashset.h"
#include "intern.h"

/* All in one place: each is found although all others are in its way. */
static uint64_t same_hash(const void *item)
{
	(void)item;
	return 7;
}

static uint64_t text_hash(const void *item)
{
	return hash_text(item);
}

static bool same_text(const void *item, const void *other)
{
	return !strcmp(item, other);
}

static void each_is_found_once(uint64_t (*hash)(const void *), int n)
{
	struct hashset set = { .hash = hash, .equal = same_text };
	struct arena memory = {};

	for (int i = 0; i < 2 * n; i++) {
		char text[16];
		struct hashset_slot *slot;

		snprintf(text, sizeof(text), "%d", i % n);
		slot = hashset__place(&set, text);
		assert_non_null(slot);
		assert_int_equal(slot->item != NULL, i >= n);
		if (!slot->item)
			slot->item = strcpy(arena__take(&memory, strlen(text) + 1, 1), text);
		assert_string_equal(slot->item, text);
		assert_ptr_equal(hashset__find(&set, text), slot->item);
	}
	assert_null(hashset__find(&set, "none"));
	assert_int_equal(set.n, n);
	hashset__free(&set);
	arena__free(&memory);
	assert_int_equal(set.n, 0);
	assert_null(hashset__find(&set, "1"));
}

static void items_are_found_again(void **state)
{
	(void)state;
	each_is_found_once(text_hash, 10000);
	each_is_found_once(same_hash, 300);
}

static void equal_texts_are_one(void **state)
{
	struct intern texts = {};
	const char *first[1000];
	char text[16];

	(void)state;
	for (int i = 0; i < 2000; i++) {
		const char *kept;

		snprintf(text, sizeof(text), "%d", i % 1000);
		kept = intern__text(&texts, text);
		assert_string_equal(kept, text);
		if (i < 1000)
			first[i] = kept;
		assert_ptr_equal(kept, first[i % 1000]);
	}
	intern__free(&texts);
}

/* As sets are asked for them: one address and many others, apart by multiples of a size. */
static void hashes_of_addresses_differ(void **state)
{
	enum { SLOTS = 1 << 16, SIZE = 40 };
	static unsigned char taken[SLOTS];
	int twice = 0;

	(void)state;
	for (uintptr_t one = 0; one < 2; one++)
		for (uintptr_t i = 0; i < SLOTS / 8; i++) {
			uint64_t hash =
				hash_number(hash_number(0, 0x7f0000 + one * SIZE), SIZE * i);

			twice += taken[hash % SLOTS]++;
		}
	/* A random hash has n * n / 2 / SLOTS of 16384 in the place of another: 2048 */
	assert_in_range(twice, 0, 2300);
}

static void memory_is_zero_aligned_and_apart(void **state)
{
	static const size_t sizes[] = { 1, 8, 3, 100, 1 << 14, 40, 3 << 20, 1 };
	unsigned char *given[8];
	struct arena memory = {};

	(void)state;
	for (size_t i = 0; i < 8; i++) {
		given[i] = arena__take(&memory, sizes[i], i % 2 ? 8 : 1);
		assert_non_null(given[i]);
		assert_int_equal((uintptr_t)given[i] % (i % 2 ? 8 : 1), 0);
		for (size_t k = 0; k < sizes[i]; k++)
			assert_int_equal(given[i][k], 0);
		memset(given[i], i + 1, sizes[i]);
	}
	for (size_t i = 0; i < 8; i++)
		assert_int_equal(given[i][sizes[i] - 1], i + 1);
	arena__free(&memory);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(items_are_found_again),
		cmocka_unit_test(equal_texts_are_one),
		cmocka_unit_test(hashes_of_addresses_differ),
		cmocka_unit_test(memory_is_zero_aligned_and_apart),
	};

	return cmocka_run_group_tests_name("hashset", tests, NULL, NULL);
}
