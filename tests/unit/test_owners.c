// SPDX-License-Identifier: GPL-2.0-or-later
/* Waits by task or cgroup: adding up, over CPUs and intervals. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "owners.h"

static struct owner_stats stats(__u64 count, __u64 total, __u64 min, __u64 max, const char *comm)
{
	struct owner_stats s = { .count = count, .total = total, .min = min, .max = max };

	strncpy(s.comm, comm, sizeof(s.comm) - 1);
	return s;
}

static void add(struct owners *owners, __u64 id, unsigned int row, struct owner_stats s)
{
	assert_int_equal(owners__add(owners, id, row, &s), 0);
}

static void parts_of_one_owner_are_added_up(void **state)
{
	struct owners owners = {};

	(void)state;
	add(&owners, 7, 3, stats(2, 30, 10, 20, "old"));
	add(&owners, 7, 3, stats(1, 5, 5, 5, "new"));
	assert_int_equal(owners.n, 1);
	assert_int_equal(owners.list[0].stats.count, 3);
	assert_int_equal(owners.list[0].stats.total, 35);
	assert_int_equal(owners.list[0].stats.min, 5);
	assert_int_equal(owners.list[0].stats.max, 20);
	assert_string_equal(owners.list[0].stats.comm, "new");
	owners__free(&owners);
}

/* The printer takes entries of one owner to lie side by side. */
static void entries_are_sorted_by_owner_and_row(void **state)
{
	struct owners owners = {};

	(void)state;
	for (unsigned int i = 0; i < 1000; i++)
		add(&owners, i * 7919 % 101, i * 31 % 7, stats(1, i, i, i, "t"));
	assert_int_equal(owners.n, 101 * 7);
	for (size_t i = 1; i < owners.n; i++) {
		const struct owner *a = &owners.list[i - 1], *b = &owners.list[i];

		assert_true(a->id < b->id || (a->id == b->id && a->row < b->row));
	}
	owners__free(&owners);
}

static void intervals_make_the_whole(void **state)
{
	struct owners whole = {}, part = {};

	(void)state;
	for (int interval = 0; interval < 3; interval++) {
		add(&part, 1, 3, stats(1, 10, 10, 10, "a"));
		add(&part, 2 + interval, 3, stats(1, 1, 1, 1, "b"));
		assert_int_equal(owners__merge(&whole, &part), 0);
		owners__clear(&part);
	}
	assert_int_equal(part.n, 0);
	assert_int_equal(whole.n, 4);
	assert_int_equal(whole.list[0].stats.count, 3);
	assert_int_equal(whole.list[0].stats.total, 30);
	owners__free(&whole);
	owners__free(&part);
}

/* Whichever of the two is longer or begins first. */
static void lists_merge_into_a_sorted_one(void **state)
{
	struct owners whole = {}, part = {};

	(void)state;
	for (unsigned int round = 0; round < 50; round++) {
		for (unsigned int i = 0; i < 20; i++)
			add(&part, (round * 31 + i * 17) % 101, i % 3, stats(1, 2, round, i, "t"));
		assert_int_equal(owners__merge(&whole, &part), 0);
		owners__clear(&part);
	}
	assert_int_equal(whole.n, 101 * 3);
	for (size_t i = 0; i < whole.n; i++) {
		const struct owner *o = &whole.list[i];

		assert_int_equal(o->id, i / 3);
		assert_int_equal(o->row, i % 3);
		assert_int_equal(o->stats.total, 2 * o->stats.count);
	}
	owners__free(&whole);
	owners__free(&part);
}

/* An entry may be seen after it was made and before anything was counted in it. */
static void an_empty_part_changes_nothing(void **state)
{
	struct owners owners = {};

	(void)state;
	add(&owners, 1, 3, stats(1, 10, 10, 10, "a"));
	add(&owners, 1, 3, stats(0, 0, 0, 0, "b"));
	assert_int_equal(owners.list[0].stats.min, 10);
	owners__free(&owners);
}

static void a_list_has_an_end_and_says_so(void **state)
{
	struct owners whole = {}, part = {};

	(void)state;
	for (__u64 id = 0; id < MAX_OWNER_ENTRIES + 10; id++) {
		add(&part, id, 3, stats(2, 2, 1, 1, "t"));
		if (part.n < 1000 && id + 1 < MAX_OWNER_ENTRIES + 10)
			continue;
		assert_int_equal(owners__merge(&whole, &part), 0);
		owners__clear(&part);
	}
	assert_int_equal(whole.n, MAX_OWNER_ENTRIES);
	assert_int_equal(whole.left_out, 20);
	owners__free(&whole);
	owners__free(&part);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parts_of_one_owner_are_added_up),
		cmocka_unit_test(entries_are_sorted_by_owner_and_row),
		cmocka_unit_test(intervals_make_the_whole),
		cmocka_unit_test(lists_merge_into_a_sorted_one),
		cmocka_unit_test(an_empty_part_changes_nothing),
		cmocka_unit_test(a_list_has_an_end_and_says_so),
	};

	return cmocka_run_group_tests_name("owners", tests, NULL, NULL);
}
