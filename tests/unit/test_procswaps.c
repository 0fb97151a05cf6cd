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

static int found;

static int setup(void **state)
{
	(void)state;
	procswaps_free(entries, found);
	found = 0;
	return 0;
}

static int parse(const char *text)
{
	FILE *file = fmemopen((void *)text, strlen(text), "r");

	found = procswaps_parse(file, entries);
	fclose(file);
	return found;
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
	assert_int_equal(parse(HEADER "/a file 1 0 1\n/dev/sda1 partition x y z\n"), -EPROTO);
}

static void what_is_no_text_is_escaped(void **state)
{
	(void)state;
	assert_int_equal(parse(HEADER "/a\\012b\\011c\\134012d\r\v\x1b[m\x7f file 1 0 1\n"
				      "/\xff\xd0\xbf\xd0 file 1 0 1\n"
				      "/\"quoted\",'so'{} file 1 0 1\n"),
			 3);
	assert_string_equal(entries[0].name, "/a\\012b\\011c\\134012d\\015\\013\\033[m\\177");
	assert_string_equal(entries[1].name, "/\\377\xd0\xbf\\320");
	assert_string_equal(entries[2].name, "/\"quoted\",'so'{}");
}

/* Each byte may be written in four. Nothing is cut. */
static void long_paths_are_whole(void **state)
{
	char *text = malloc(100000), *end = text + sprintf(text, HEADER "/");

	(void)state;
	for (int i = 0; i < 10000; i++)
		end = stpcpy(end, i % 2 ? "\\012" : "x");
	stpcpy(end, " file 1 0 7\n/b file 1 0 1\n");
	assert_int_equal(parse(text), 2);
	assert_int_equal(strlen(entries[0].name), 1 + 5000 + 4 * 5000);
	assert_int_equal(entries[0].priority, 7);
	assert_string_equal(entries[1].name, "/b");
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(no_swap_is_no_entry, setup),
		cmocka_unit_test_setup(partitions_lose_their_dev, setup),
		cmocka_unit_test_setup(files_keep_their_path, setup),
		cmocka_unit_test_setup(nonsense_is_refused, setup),
		cmocka_unit_test_setup(what_is_no_text_is_escaped, setup),
		cmocka_unit_test_setup(long_paths_are_whole, setup),
	};

	return cmocka_run_group_tests_name("procswaps", tests, NULL, NULL);
}
