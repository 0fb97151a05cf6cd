// SPDX-License-Identifier: GPL-2.0-or-later
/* The rows of a comparison as sentences. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "verdict.h"

static struct compare_row answer(const char *ssds, enum compare_verdict verdict, double ratio)
{
	struct compare_row row = { .value = "new", .verdict = verdict };

	for (int key = 0; key < COMPARE_KEYS; key++)
		row.key[key] = "";
	row.key[KEY_SSDS] = ssds;
	row.key[KEY_METRIC] = "swapout";
	row.base.n = row.other.n = 4;
	row.ratio = (struct stats_ratio){ ratio, ratio / 2, ratio * 2 };
	row.p = 0.0286;
	row.p_holm = 0.0572;
	row.detectable = NAN;
	return row;
}

static char *say(bool figures, const struct compare_row *rows, size_t n)
{
	static const struct verdict_question question = { .metric = "swapout",
							  .class = "",
							  .name = "Swap-out",
							  .subject = "swap-out was",
							  .lower = "slower",
							  .higher = "faster" };
	const struct compare_row *list[8];
	FILE *out;
	char *text;
	size_t bytes;

	for (size_t i = 0; i < n; i++)
		list[i] = &rows[i];
	out = open_memstream(&text, &bytes);
	assert_non_null(out);
	if (figures)
		verdict_figures(out, list, n);
	else
		verdict_words(out, &question, "old", list, n);
	assert_int_equal(fclose(out), 0);
	return text;
}

static void says(bool figures, const struct compare_row *rows, size_t n, const char *expected)
{
	char *text = say(figures, rows, n);

	assert_string_equal(text, expected);
	free(text);
}

static void verdicts_become_sentences(void **state)
{
	const struct compare_row rows[] = {
		answer("1", VERDICT_NO_DIFFERENCE, 1), answer("2", VERDICT_LOWER, 0.5),
		answer("4", VERDICT_LOWER, 0.25),      answer("8", VERDICT_LOWER, 0.125),
		answer("16", VERDICT_HIGHER, 2),       answer("32", VERDICT_MISSING, NAN),
	};

	(void)state;
	says(false, rows, 6,
	     "Swap-out, new against old: with new, swap-out was slower than with old on 2, 4 and 8 "
	     "SSDs; with new, swap-out was faster than with old on 16 SSDs; no detectable "
	     "difference "
	     "on 1 SSD; measured with one of them only on 32 SSDs.");
	says(true, rows, 2,
	     "Ratio on 1 SSD: 1.000 (95% 0.500..2.000, p = 0.0286, corrected p = 0.0572, n 4+4); "
	     "on 2 SSDs: 0.500 (95% 0.250..1.000, p = 0.0286, corrected p = 0.0572, n 4+4).");
	says(true, rows + 5, 1, "");
}

static void what_could_have_been_told_is_told(void **state)
{
	struct compare_row row = answer("2", VERDICT_NO_DIFFERENCE, 1);

	(void)state;
	row.detectable = 1.25;
	row.reason = "kernel a, kernel b";
	says(true, &row, 1,
	     "Ratio on 2 SSDs: 1.000 (95% 0.500..2.000, p = 0.0286, corrected p = 0.0572, n 4+4, "
	     "detectable 0.8 or 1.25, kernel a, kernel b).");
}

/* "1" would not be one. */
static void what_is_close_to_one_is_told_from_it(void **state)
{
	struct compare_row row = answer("2", VERDICT_NO_DIFFERENCE, 1);

	(void)state;
	row.detectable = 1.00021;
	says(true, &row, 1,
	     "Ratio on 2 SSDs: 1.000 (95% 0.500..2.000, p = 0.0286, corrected p = 0.0572, n 4+4, "
	     "detectable 0.9998 or 1.0002).");
}

static void without_a_number_of_ssds_none_is_named(void **state)
{
	const struct compare_row rows[] = { answer("", VERDICT_TOO_FEW, 3) };

	(void)state;
	says(false, rows, 1, "Swap-out, new against old: too few repetitions to tell.");
	says(true, rows, 1,
	     "Ratio: 3.000 (95% 1.500..6.000, p = 0.0286, corrected p = 0.0572, n 4+4).");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(verdicts_become_sentences),
		cmocka_unit_test(what_could_have_been_told_is_told),
		cmocka_unit_test(what_is_close_to_one_is_told_from_it),
		cmocka_unit_test(without_a_number_of_ssds_none_is_named),
	};

	return cmocka_run_group_tests_name("verdict", tests, NULL, NULL);
}
