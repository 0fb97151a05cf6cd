// SPDX-License-Identifier: GPL-2.0-or-later
/* Parsing /proc/swaps. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "procswaps.h"

#define HEADER "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n"

static struct swap_entry entries[MAX_SWAP_DEVICES];

static int parse(const char *text)
{
	FILE *file = fmemopen((void *)text, strlen(text), "r");
	int n = procswaps_parse(file, entries);

	fclose(file);
	return n;
}

static void no_swap_is_no_entry(void **state)
{
	(void)state;
	assert_int_equal(parse(HEADER), 0);
}

static void partitions_lose_their_dev(void **state)
{
	(void)state;
	assert_int_equal(parse(HEADER "/dev/nvme0n1 partition\t1048572\t\t512\t\t-2\n"
				      "/dev/zram1 partition\t99\t\t0\t\t100\n"),
			 2);
	assert_string_equal(entries[0].name, "nvme0n1");
	assert_int_equal(entries[0].size_kib, 1048572);
	assert_int_equal(entries[0].used_kib, 512);
	assert_int_equal(entries[0].priority, -2);
	assert_string_equal(entries[1].name, "zram1");
	assert_int_equal(entries[1].priority, 100);
}

static void files_keep_their_path(void **state)
{
	(void)state;
	assert_int_equal(parse(HEADER "/var/my\\040swap file\t\t64\t\t0\t\t-2\n"), 1);
	assert_string_equal(entries[0].name, "/var/my swap");
	assert_true(entries[0].is_file);
}

static void nonsense_is_refused(void **state)
{
	(void)state;
	assert_int_equal(parse("some other file\n"), -EPROTO);
	assert_int_equal(parse(HEADER "/dev/sda1 partition\n"), -EPROTO);
	assert_int_equal(parse(HEADER "/dev/sda1 partition x y z\n"), -EPROTO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_swap_is_no_entry),
		cmocka_unit_test(partitions_lose_their_dev),
		cmocka_unit_test(files_keep_their_path),
		cmocka_unit_test(nonsense_is_refused),
	};

	return cmocka_run_group_tests_name("procswaps", tests, NULL, NULL);
}
