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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(starts_with_the_unnamed, setup),
		cmocka_unit_test_setup(table_is_sorted_and_padded, setup),
		cmocka_unit_test_setup(a_device_that_returns_keeps_its_row, setup),
		cmocka_unit_test_setup(a_device_has_a_row_a_class, setup),
		cmocka_unit_test_setup(overlaps_and_empty_ranges_are_refused, setup),
		cmocka_unit_test_setup(too_many_are_said, setup),
	};

	return cmocka_run_group_tests_name("locks", tests, NULL, NULL);
}
