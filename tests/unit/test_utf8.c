// SPDX-License-Identifier: GPL-2.0-or-later
/* Names as JSON may have them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "utf8.h"

static void assert_repaired(const char *text, const char *expected)
{
	char copy[64];

	strcpy(copy, text);
	utf8_repair(copy);
	assert_string_equal(copy, expected);
}

static void characters_stay(void **state)
{
	(void)state;
	assert_repaired("", "");
	assert_repaired("kworker/0:1 \x1b\x7f", "kworker/0:1 \x1b\x7f");
	assert_repaired("\xc2\x80 \xdf\xbf", "\xc2\x80 \xdf\xbf");
	assert_repaired("\xe0\xa0\x80 \xed\x9f\xbf \xef\xbf\xbf",
			"\xe0\xa0\x80 \xed\x9f\xbf \xef\xbf\xbf");
	assert_repaired("\xf0\x90\x80\x80 \xf4\x8f\xbf\xbf", "\xf0\x90\x80\x80 \xf4\x8f\xbf\xbf");
}

/* TASK_COMM_LEN knows no characters. */
static void a_character_that_was_cut_is_none(void **state)
{
	(void)state;
	assert_repaired("\xd0\xbf\xd0", "\xd0\xbf?");
	assert_repaired("a\xe2\x82", "a??");
	assert_repaired("a\xf0\x9f\x98", "a???");
	assert_repaired("a\xe2\x82z", "a??z");
}

static void other_bytes_are_none(void **state)
{
	(void)state;
	assert_repaired("\x80 \xbf \xc0\x80 \xc1\xbf \xf5\x80\x80\x80 \xff", "? ? ?? ?? ???? ?");
	assert_repaired("\xe0\x9f\xbf \xed\xa0\x80", "??? ???");
	assert_repaired("\xf0\x8f\xbf\xbf \xf4\x90\x80\x80", "???? ????");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(characters_stay),
		cmocka_unit_test(a_character_that_was_cut_is_none),
		cmocka_unit_test(other_bytes_are_none),
	};

	return cmocka_run_group_tests_name("utf8", tests, NULL, NULL);
}
