// SPDX-License-Identifier: GPL-2.0-or-later
/* Naming: rows, ranges, and the search table the BPF programs use. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "locks.h"

static struct lock_set set;

static int setup(void **state)
{
	(void)state;
	lock_set__init(&set);
	return 0;
}

static int add(enum lock_class class, const char *device, __u64 start, __u64 end)
{
	struct named_lock lock = { .class = class, .confidence = CONFIDENCE_STRUCTURAL };

	strcpy(lock.device, device);
	return lock_set__add(&set, &lock, start, end);
}

static void starts_with_the_unnamed(void **state)
{
	(void)state;
	assert_int_equal(set.nr_rows, SLOT_FIRST_NAMED);
	assert_int_equal(set.nr_ranges, 0);
	assert_int_equal(set.rows[SLOT_OTHER_SPIN].class, CLASS_OTHER);
}

static void table_is_sorted_and_padded(void **state)
{
	struct lock_table table;

	(void)state;
	assert_int_equal(add(CLASS_SWAP_MAP, "b", 300, 310), 0);
	assert_int_equal(add(CLASS_SWAP_MAP, "a", 100, 110), 0);
	lock_set__table(&set, &table);
	assert_int_equal(table.ranges[0].start, 100);
	assert_int_equal(table.ranges[0].slot, SLOT_FIRST_NAMED + 1);
	assert_int_equal(table.ranges[1].start, 300);
	assert_int_equal(table.ranges[1].slot, SLOT_FIRST_NAMED);
	assert_true(table.ranges[2].start == ~0ULL);
	assert_true(table.ranges[MAX_RANGES - 1].start == ~0ULL);
}

static void a_device_that_returns_keeps_its_row(void **state)
{
	(void)state;
	add(CLASS_SWAP_MAP, "nvme0n1", 100, 110);
	lock_set__clear_ranges(&set);
	assert_int_equal(add(CLASS_SWAP_MAP, "nvme0n1", 900, 910), 0);
	assert_int_equal(set.nr_rows, SLOT_FIRST_NAMED + 1);
	assert_int_equal(set.ranges[0].slot, SLOT_FIRST_NAMED);
}

static void a_device_has_a_row_a_class(void **state)
{
	(void)state;
	add(CLASS_SWAP_MAP, "zram0", 100, 110);
	add(CLASS_CLUSTER, "zram0", 200, 210);
	assert_int_equal(set.nr_rows, SLOT_FIRST_NAMED + 2);
}

static void overlaps_and_empty_ranges_are_refused(void **state)
{
	(void)state;
	assert_int_equal(add(CLASS_SWAP_MAP, "a", 100, 200), 0);
	assert_int_equal(add(CLASS_SWAP_MAP, "b", 199, 250), -EINVAL);
	assert_int_equal(add(CLASS_SWAP_MAP, "c", 50, 101), -EINVAL);
	assert_int_equal(add(CLASS_SWAP_MAP, "d", 300, 300), -EINVAL);
	assert_int_equal(add(CLASS_SWAP_MAP, "e", 200, 250), 0);
	assert_false(set.overflow);
}

static void too_many_are_said(void **state)
{
	char device[16];
	int err = 0;

	(void)state;
	for (int i = 0; i < MAX_SLOTS && !err; i++) {
		snprintf(device, sizeof(device), "d%d", i);
		err = add(CLASS_SWAP_MAP, device, 1000 * i + 1000, 1000 * i + 1001);
	}
	assert_int_equal(err, -ENOSPC);
	assert_true(set.overflow);
	assert_int_equal(set.nr_rows, MAX_SLOTS);
}

static void a_range_ends_before_its_end(void **state)
{
	(void)state;
	assert_int_equal(add(CLASS_SWAP_MAP, "a", 100, 110), 0);
	assert_int_equal(add(CLASS_CLUSTER, "a", 200, 300), 0);
	assert_int_equal(lock_set__in_range(&set, 200), SLOT_FIRST_NAMED + 1);
	assert_int_equal(lock_set__in_range(&set, 109), SLOT_FIRST_NAMED);
	assert_int_equal(lock_set__in_range(&set, 110), -ENOENT);
	assert_int_equal(lock_set__in_range(&set, 99), -ENOENT);
}

static void a_known_lock_keeps_its_slot(void **state)
{
	struct lock_table table;
	unsigned int found = 0;

	(void)state;
	assert_int_equal(lock_set__known(&set, 0xffff888000001000), -ENOENT);
	lock_set__know(&set, 0xffff888000001000, 7);
	assert_int_equal(lock_set__known(&set, 0xffff888000001000), 7);
	lock_set__table(&set, &table);
	for (int i = 0; i < MAX_KNOWN; i++)
		found += table.known[i].lock == 0xffff888000001000 && table.known[i].slot == 7;
	assert_int_equal(found, 1);
	lock_set__forget_known(&set);
	assert_int_equal(lock_set__known(&set, 0xffff888000001000), -ENOENT);
}

static void a_full_bucket_forgets_its_oldest(void **state)
{
	__u64 same[KNOWN_WAYS + 1];
	int n = 0;

	(void)state;
	for (__u64 lock = 64; n < KNOWN_WAYS + 1; lock += 64)
		if (lock_hash(lock, KNOWN_BUCKET_BITS) == 5)
			same[n++] = lock;
	for (int i = 0; i < n; i++)
		lock_set__know(&set, same[i], i);
	assert_int_equal(lock_set__known(&set, same[0]), -ENOENT);
	for (int i = 1; i < n; i++)
		assert_int_equal(lock_set__known(&set, same[i]), i);
}

/* As naming has it: whoever it was met by first, what lies in a range is of that row. */
static void the_wait_for_a_stranger_is_of_its_row(void **state)
{
	(void)state;
	assert_int_equal(add(CLASS_SWAP_MAP, "a", 100, 110), 0);
	lock_set__know(&set, 200, 9);
	assert_int_equal(lock_set__slot_of_wait(&set, 7, 100), 7);
	assert_int_equal(lock_set__slot_of_wait(&set, SLOT_STRANGER + SLOT_OTHER_SPIN, 100),
			 SLOT_FIRST_NAMED);
	assert_int_equal(lock_set__slot_of_wait(&set, SLOT_STRANGER + SLOT_OTHER_SPIN, 200), 9);
	assert_int_equal(lock_set__slot_of_wait(&set, SLOT_STRANGER + SLOT_OTHER_SLEEP, 300),
			 SLOT_OTHER_SLEEP);
}

static void confidence_makes_a_row_of_its_own(void **state)
{
	struct named_lock lock = { .class = CLASS_ZONE, .confidence = CONFIDENCE_STRUCTURAL };
	int first = lock_set__row(&set, &lock);

	(void)state;
	assert_int_equal(lock_set__row(&set, &lock), first);
	lock.confidence = CONFIDENCE_CALLER;
	assert_int_equal(lock_set__row(&set, &lock), first + 1);
}

static void dropping_a_class_keeps_the_others(void **state)
{
	(void)state;
	assert_int_equal(add(CLASS_SWAP_MAP, "a", 100, 110), 0);
	assert_int_equal(add(CLASS_CLUSTER, "a", 200, 300), 0);
	assert_int_equal(add(CLASS_SWAP_MAP, "b", 400, 410), 0);
	lock_set__drop_ranges(&set, CLASS_CLUSTER);
	assert_int_equal(set.nr_ranges, 2);
	assert_int_equal(set.ranges[1].start, 400);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(starts_with_the_unnamed, setup),
		cmocka_unit_test_setup(table_is_sorted_and_padded, setup),
		cmocka_unit_test_setup(a_device_that_returns_keeps_its_row, setup),
		cmocka_unit_test_setup(a_device_has_a_row_a_class, setup),
		cmocka_unit_test_setup(overlaps_and_empty_ranges_are_refused, setup),
		cmocka_unit_test_setup(too_many_are_said, setup),
		cmocka_unit_test_setup(a_range_ends_before_its_end, setup),
		cmocka_unit_test_setup(a_known_lock_keeps_its_slot, setup),
		cmocka_unit_test_setup(a_full_bucket_forgets_its_oldest, setup),
		cmocka_unit_test_setup(the_wait_for_a_stranger_is_of_its_row, setup),
		cmocka_unit_test_setup(confidence_makes_a_row_of_its_own, setup),
		cmocka_unit_test_setup(dropping_a_class_keeps_the_others, setup),
	};

	return cmocka_run_group_tests_name("locks", tests, NULL, NULL);
}
