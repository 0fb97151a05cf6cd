// SPDX-License-Identifier: GPL-2.0-or-later
/* The words of the command line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "parse.h"

static void sizes(void **state)
{
	static const struct {
		const char *text;
		uint64_t bytes;
	} good[] = {
		{ "1", 1 },
		{ "4096", 4096 },
		{ "4096B", 4096 },
		{ "1k", 1024 },
		{ "1K", 1024 },
		{ "512M", 512ULL << 20 },
		{ "512MiB", 512ULL << 20 },
		{ "512MB", 512ULL << 20 },
		{ "1.5G", 3ULL << 29 },
		{ ".5G", 1ULL << 29 },
		{ "2T", 2ULL << 40 },
		{ "1P", 1ULL << 50 },
	};
	uint64_t bytes;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
		assert_true(parse_size(good[i].text, &bytes));
		assert_int_equal(bytes, good[i].bytes);
	}
}

static void what_is_no_size(void **state)
{
	static const char *const bad[] = {
		"",    "M",   "x",  "-1",  " 1",   "1 ",    "1 M",  "+1",
		"0",   "0.5", ".",  "1Q",  "1MM",  "1Mi",   "1iB",  "0x10",
		"inf", "nan", "1e", "1M5", "1,5G", "9999P", "1e30", "1KiBB",
	};
	uint64_t bytes;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		if (parse_size(bad[i], &bytes))
			fail_msg("'%s' was taken for %lu bytes", bad[i], (unsigned long)bytes);
}

static void numbers(void **state)
{
	double value;
	uint64_t n;

	(void)state;
	assert_true(parse_number("0.25", 0, 1, &value));
	assert_true(value == 0.25);
	assert_true(parse_number("1", 0, 1, &value));
	assert_false(parse_number("1.01", 0, 1, &value));
	assert_false(parse_number("-0.1", 0, 1, &value));
	assert_false(parse_number("nan", 0, 1, &value));
	assert_false(parse_number("0.5s", 0, 1, &value));
	assert_true(parse_count("18446744073709551615", 0, UINT64_MAX, &n));
	assert_false(parse_count("18446744073709551616", 0, UINT64_MAX, &n));
	assert_false(parse_count("-1", 0, UINT64_MAX, &n));
	assert_false(parse_count("1.5", 0, 9, &n));
	assert_false(parse_count("0", 1, 9, &n));
	assert_false(parse_count("", 0, 9, &n));
}

static void patterns(void **state)
{
	struct access_pattern p;

	(void)state;
	assert_true(parse_access("seq", &p) && p.kind == ACCESS_SEQ);
	assert_true(parse_access("uniform", &p) && p.kind == ACCESS_UNIFORM);
	assert_true(parse_access("zipf:0.99", &p) && p.kind == ACCESS_ZIPF && p.theta == 0.99);
	assert_false(parse_access("zipf", &p));
	assert_false(parse_access("zipf:", &p));
	assert_false(parse_access("zipf:0", &p));
	assert_false(parse_access("random", &p));
}

static void contents(void **state)
{
	struct content c;

	(void)state;
	assert_true(parse_content("random", &c) && c.kind == CONTENT_RANDOM);
	assert_true(parse_content("zero", &c) && c.kind == CONTENT_ZERO);
	assert_true(parse_content("ratio:0.3", &c) && c.kind == CONTENT_RATIO && c.ratio == 0.3);
	assert_false(parse_content("ratio:1.1", &c));
	assert_false(parse_content("ratio", &c));
	assert_true(parse_content("beta:2:5:0.9", &c) && c.kind == CONTENT_BETA && c.ratio == 0.9);
	assert_true(c.shape[0] == 2 && c.shape[1] == 5);
	assert_false(parse_content("beta:2:5", &c));
	assert_false(parse_content("beta:2", &c));
	assert_false(parse_content("beta:0:5:1", &c));
	assert_false(parse_content("beta:2:17:1", &c));
	assert_false(parse_content("beta:2:5:1.1", &c));
	assert_false(parse_content("beta:2:5:1:1", &c));
}

static void phase_lists(void **state)
{
	struct options o;

	(void)state;
	assert_true(parse_phases("populate,out,in,out,mixed,free", &o));
	assert_int_equal(o.nr_phases, 6);
	assert_int_equal(o.phases[3], PHASE_OUT);
	assert_int_equal(o.phases[5], PHASE_FREE);
	assert_true(parse_phases("populate", &o));
	assert_int_equal(o.nr_phases, 1);
	assert_true(parse_phases("populate,mixed:2.5,mixed", &o));
	assert_int_equal(o.phases[1], PHASE_MIXED);
	assert_true(o.phase_s[1] == 2.5 && o.phase_s[2] == 0);
}

static void what_is_no_phase_list(void **state)
{
	static const char *const bad[] = {
		"",
		"in",
		"free,populate",
		"populate,free,in",
		"populate,",
		"populate,,in",
		"populate,populate",
		"populate,nap",
		"populate,in:3",
		"populate,mixed:",
		"populate,mixed:0",
		"populate,mixed:soon",
		"populate,in,in,in,in,in,in,in,in,in,in,in,in,in,in,in,in",
	};
	struct options o;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		if (parse_phases(bad[i], &o))
			fail_msg("'%s' was taken for phases", bad[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sizes),
		cmocka_unit_test(what_is_no_size),
		cmocka_unit_test(numbers),
		cmocka_unit_test(patterns),
		cmocka_unit_test(contents),
		cmocka_unit_test(phase_lists),
		cmocka_unit_test(what_is_no_phase_list),
	};

	return cmocka_run_group_tests_name("swapload_parse", tests, NULL, NULL);
}
