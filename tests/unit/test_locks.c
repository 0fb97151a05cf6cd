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
	lock_set__free(&set);
	lock_set__init(&set);
	return 0;
}

static int add(enum lock_class class, const char *device, __u64 start, __u64 end)
{
	struct named_lock lock = {
		.class = class,
		.confidence = CONFIDENCE_STRUCTURAL,
		.device = device,
	};

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

/* Only the programs see it in the slot: what they counted is found by the slot alone. */
static void a_counted_lock_has_its_sign_in_the_table(void **state)
{
	const struct named_lock semaphore = { .class = CLASS_ZRAM, .counted = true, .device = "b" };
	struct lock_table table;

	(void)state;
	assert_int_equal(lock_set__add(&set, &semaphore, 300, 310), 0);
	assert_int_equal(add(CLASS_SWAP_MAP, "a", 100, 110), 0);
	lock_set__table(&set, &table);
	assert_int_equal(table.ranges[0].slot, SLOT_FIRST_NAMED + 1);
	assert_int_equal(table.ranges[1].slot, SLOT_FIRST_NAMED | SLOT_COUNTED);
	assert_int_equal(set.ranges[0].slot, SLOT_FIRST_NAMED);
	assert_int_equal(lock_set__in_range(&set, 305), SLOT_FIRST_NAMED);
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

/* end_cycles N [SLOT]: with a wait pending in that slot */
static void end_cycles(int n, int slot)
{
	bool pending[MAX_SLOTS] = {};

	if (slot >= 0)
		pending[slot] = true;
	for (int i = 0; i < n; i++)
		lock_set__end_cycle(&set, pending);
}

/* A name is the caller's: another may stand in the same place afterwards. */
static int add_numbered(int number)
{
	char device[16];

	snprintf(device, sizeof(device), "d%d", number);
	return add(CLASS_SWAP_MAP, device, 1000 * number + 1000, 1000 * number + 1001);
}

static void more_devices_at_a_time_than_slots_wait(void **state)
{
	int err = 0, n = 0;

	(void)state;
	while (!err)
		err = add_numbered(n++);
	assert_int_equal(err, -EAGAIN);
	assert_int_equal(n, MAX_SLOTS - SLOT_FIRST_NAMED + 1);
	assert_false(set.overflow);
}

static void more_names_than_rows_are_said(void **state)
{
	struct named_lock met = { .class = CLASS_MMAP, .by_address = true, .device = "" };
	int err = 0, n = 0;

	(void)state;
	for (; !err; n++) {
		lock_set__clear_ranges(&set);
		end_cycles(4, -1);
		err = add_numbered(n);
	}
	assert_int_equal(err, -ENOSPC);
	assert_true(set.overflow);
	assert_int_equal(n, MAX_DEVICE_ROWS - SLOT_FIRST_NAMED + 1);
	assert_int_equal(lock_set__row(&set, &met), MAX_DEVICE_ROWS);
}

static void each_name_has_its_own_row_for_good(void **state)
{
	char device[16];

	(void)state;
	for (int i = 0; i < 3 * MAX_SLOTS; i++) {
		lock_set__clear_ranges(&set);
		end_cycles(4, -1);
		assert_int_equal(add_numbered(i), 0);
		assert_int_equal(lock_set__in_range(&set, 1000 * i + 1000), SLOT_FIRST_NAMED + i);
	}
	for (int i = 0; i < 3 * MAX_SLOTS; i++) {
		snprintf(device, sizeof(device), "d%d", i);
		assert_string_equal(set.rows[SLOT_FIRST_NAMED + i].device, device);
	}
}

/* What is still counted for "old" must not come to be of "new". */
static void a_slot_is_not_used_again_too_soon(void **state)
{
	const int slot = SLOT_FIRST_NAMED;

	(void)state;
	assert_int_equal(add(CLASS_SWAP_MAP, "old", 100, 110), 0);
	end_cycles(10, -1);
	lock_set__clear_ranges(&set);
	end_cycles(10, slot);
	end_cycles(3, -1);
	assert_false(lock_set__is_gone(&set, SLOT_FIRST_NAMED));
	assert_int_equal(lock_set__row_of_wait(&set, slot, 100), SLOT_FIRST_NAMED);
	assert_int_equal(add(CLASS_SWAP_MAP, "new", 100, 110), 0);
	assert_int_not_equal(set.ranges[0].slot, slot);
	end_cycles(1, -1);
	assert_true(lock_set__is_gone(&set, SLOT_FIRST_NAMED));
	assert_false(lock_set__is_gone(&set, SLOT_FIRST_NAMED + 1));
	assert_int_equal(add(CLASS_SWAP_MAP, "newer", 200, 210), 0);
	assert_int_equal(set.ranges[1].slot, slot);
	assert_int_equal(lock_set__row_of_wait(&set, slot, 200), SLOT_FIRST_NAMED + 2);
}

static void a_device_that_returns_late_keeps_its_row(void **state)
{
	(void)state;
	assert_int_equal(add(CLASS_SWAP_MAP, "a", 100, 110), 0);
	lock_set__clear_ranges(&set);
	end_cycles(4, -1);
	assert_int_equal(add(CLASS_SWAP_MAP, "b", 100, 110), 0);
	assert_int_equal(add(CLASS_SWAP_MAP, "a", 300, 310), 0);
	assert_int_equal(lock_set__in_range(&set, 300), SLOT_FIRST_NAMED);
	assert_int_equal(set.ranges[1].slot, SLOT_FIRST_NAMED + 1);
	assert_int_equal(set.nr_rows, SLOT_FIRST_NAMED + 2);
}

/* It has no range, and is known for as long as the recording goes on. */
static void a_lock_that_was_met_keeps_its_slot(void **state)
{
	struct named_lock met = { .class = CLASS_MMAP, .by_address = true, .device = "" };
	int row = lock_set__row(&set, &met);

	(void)state;
	lock_set__know(&set, 200, row);
	end_cycles(10, -1);
	assert_int_equal(add(CLASS_SWAP_MAP, "a", 100, 110), 0);
	assert_int_not_equal(set.ranges[0].slot, SLOT_FIRST_NAMED);
	assert_int_equal(lock_set__known(&set, 200), row);
	assert_false(lock_set__is_gone(&set, row));
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
	lock_set__know(&set, 0xffff888000001000, SLOT_OTHER_SWAP);
	assert_int_equal(lock_set__known(&set, 0xffff888000001000), SLOT_OTHER_SWAP);
	lock_set__table(&set, &table);
	for (int i = 0; i < MAX_KNOWN; i++)
		found += table.known[i].lock == 0xffff888000001000 &&
			 table.known[i].slot == SLOT_OTHER_SWAP;
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
	lock_set__know(&set, 200, SLOT_OTHER_SWAP);
	assert_int_equal(lock_set__row_of_wait(&set, SLOT_FIRST_NAMED, 300), SLOT_FIRST_NAMED);
	assert_int_equal(lock_set__row_of_wait(&set, SLOT_STRANGER + SLOT_OTHER_SPIN, 100),
			 SLOT_FIRST_NAMED);
	assert_int_equal(lock_set__row_of_wait(&set, SLOT_STRANGER + SLOT_OTHER_SPIN, 200),
			 SLOT_OTHER_SWAP);
	assert_int_equal(lock_set__row_of_wait(&set, SLOT_STRANGER + SLOT_OTHER_SLEEP, 300),
			 SLOT_OTHER_SLEEP);
}

static void confidence_makes_a_row_of_its_own(void **state)
{
	struct named_lock lock = {
		.class = CLASS_ZONE,
		.confidence = CONFIDENCE_STRUCTURAL,
		.device = "",
	};
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
		cmocka_unit_test_setup(a_counted_lock_has_its_sign_in_the_table, setup),
		cmocka_unit_test_setup(a_device_that_returns_keeps_its_row, setup),
		cmocka_unit_test_setup(a_device_has_a_row_a_class, setup),
		cmocka_unit_test_setup(overlaps_and_empty_ranges_are_refused, setup),
		cmocka_unit_test_setup(more_devices_at_a_time_than_slots_wait, setup),
		cmocka_unit_test_setup(more_names_than_rows_are_said, setup),
		cmocka_unit_test_setup(each_name_has_its_own_row_for_good, setup),
		cmocka_unit_test_setup(a_slot_is_not_used_again_too_soon, setup),
		cmocka_unit_test_setup(a_device_that_returns_late_keeps_its_row, setup),
		cmocka_unit_test_setup(a_lock_that_was_met_keeps_its_slot, setup),
		cmocka_unit_test_setup(a_range_ends_before_its_end, setup),
		cmocka_unit_test_setup(a_known_lock_keeps_its_slot, setup),
		cmocka_unit_test_setup(a_full_bucket_forgets_its_oldest, setup),
		cmocka_unit_test_setup(the_wait_for_a_stranger_is_of_its_row, setup),
		cmocka_unit_test_setup(confidence_makes_a_row_of_its_own, setup),
		cmocka_unit_test_setup(dropping_a_class_keeps_the_others, setup),
	};

	return cmocka_run_group_tests_name("locks", tests, NULL, NULL);
}
