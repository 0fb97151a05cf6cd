// SPDX-License-Identifier: GPL-2.0-or-later
/* Time statistics: merging, and quantiles within the bound that hist.h states. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "hist.h"

/* What the BPF programs do with a time, written again without shifts. */
static int bucket_of(__u64 ns)
{
	int msb;

	if (ns < 4)
		return ns;
	msb = (int)floor(log2((double)ns));
	return (msb - 1) * 4 + (int)(ns * 4 / pow(2, msb)) - 4;
}

static void put(struct time_stats *stats, __u64 ns)
{
	if (!stats->count || ns < stats->min)
		stats->min = ns;
	if (ns > stats->max)
		stats->max = ns;
	stats->count++;
	stats->total += ns;
	stats->hist[bucket_of(ns)]++;
}

static void one_value_is_every_quantile(void **state)
{
	struct time_stats stats = {};

	(void)state;
	put(&stats, 12345);
	assert_int_equal(time_stats__quantile(&stats, 0.5), 12345);
	assert_int_equal(time_stats__quantile(&stats, 0.99), 12345);
}

static void small_times_are_exact(void **state)
{
	struct time_stats stats = {};

	(void)state;
	for (int i = 0; i < 100; i++)
		put(&stats, 1);
	put(&stats, 3);
	assert_int_equal(time_stats__quantile(&stats, 0.5), 1);
	assert_int_equal(time_stats__quantile(&stats, 1), 3);
}

static void quantiles_keep_their_bound(void **state)
{
	struct time_stats stats = {};
	const double shares[] = { 0.1, 0.5, 0.9, 0.99 };

	(void)state;
	for (int i = 1; i <= 100000; i++)
		put(&stats, i);
	for (size_t i = 0; i < sizeof(shares) / sizeof(*shares); i++) {
		double right = shares[i] * 100000;

		assert_true(fabs(time_stats__quantile(&stats, shares[i]) - right) <= right / 8);
	}
}

/* Nearly all values at the start of a bucket: where they lie within it is not known. */
static void the_bound_holds_for_any_shape(void **state)
{
	struct time_stats stats = {};

	(void)state;
	for (int i = 0; i < 990; i++)
		put(&stats, 1024);
	for (int i = 0; i < 10; i++)
		put(&stats, 1000000);
	for (double share = 0.1; share < 0.99; share += 0.1)
		assert_true(fabs(time_stats__quantile(&stats, share) - 1024.0) <= 128);
}

static void merging_is_as_counting_together(void **state)
{
	struct time_stats a = {}, b = {}, both = {};

	(void)state;
	for (int i = 1; i < 1000; i++) {
		put(i % 3 ? &a : &b, i * 17);
		put(&both, i * 17);
	}
	time_stats__merge(&a, &b);
	assert_memory_equal(&a, &both, sizeof(a));
}

static void merging_nothing_keeps_the_minimum(void **state)
{
	struct time_stats a = {}, nothing = {};

	(void)state;
	put(&a, 500);
	time_stats__merge(&a, &nothing);
	assert_int_equal(a.min, 500);
	time_stats__merge(&nothing, &a);
	assert_int_equal(nothing.min, 500);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_value_is_every_quantile),
		cmocka_unit_test(small_times_are_exact),
		cmocka_unit_test(quantiles_keep_their_bound),
		cmocka_unit_test(the_bound_holds_for_any_shape),
		cmocka_unit_test(merging_is_as_counting_together),
		cmocka_unit_test(merging_nothing_keeps_the_minimum),
	};

	return cmocka_run_group_tests_name("hist", tests, NULL, NULL);
}
