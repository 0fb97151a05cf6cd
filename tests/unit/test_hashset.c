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
		void **place;

		snprintf(text, sizeof(text), "%d", i % n);
		place = hashset__place(&set, text);
		assert_non_null(place);
		assert_int_equal(*place != NULL, i >= n);
		if (!*place)
			*place = strcpy(arena__take(&memory, strlen(text) + 1, 1), text);
		assert_string_equal(*place, text);
	}
	assert_int_equal(set.n, n);
	hashset__free(&set);
	arena__free(&memory);
	assert_int_equal(set.n, 0);
}

static void items_are_found_again(void **state)
{
	(void)state;
	each_is_found_once(text_hash, 10000);
	each_is_found_once(same_hash, 300);
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
		cmocka_unit_test(memory_is_zero_aligned_and_apart),
	};

	return cmocka_run_group_tests_name("hashset", tests, NULL, NULL);
}
