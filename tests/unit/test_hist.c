// SPDX-License-Identifier: GPL-2.0-or-later
/* Time statistics as the BPF programs keep them: buckets, merging, quantiles within their bound. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>

#include "hist.h"
#include "locktable.bpf.h"

/* Exact below 4, then four buckets an octave. */
static double start_of(__u32 bucket)
{
	return bucket < 4 ? bucket : ldexp(4 + bucket % 4, (int)bucket / 4 - 1);
}

static void a_time_lies_within_its_bucket(__u64 ns)
{
	__u32 bucket = hist_bucket(ns);

	assert_true(bucket < HIST_BUCKETS);
	assert_true((double)ns >= start_of(bucket));
	if (bucket < HIST_BUCKETS - 1)
		assert_true((double)ns < start_of(bucket + 1));
}

/* Around each power of two and the three marks between them, to the largest time. */
static void buckets_hold_what_lies_between_their_bounds(void **state)
{
	(void)state;
	for (__u64 ns = 0; ns < 100000; ns++)
		a_time_lies_within_its_bucket(ns);
	for (int bit = 2; bit < 53; bit++)
		for (__u64 mark = 4; mark < 8; mark++)
			for (int off = -1; off <= 1; off++)
				a_time_lies_within_its_bucket((mark << (bit - 2)) + off);
	assert_int_equal(hist_bucket((1ULL << 37) - 1), HIST_BUCKETS - 1);
	assert_int_equal(hist_bucket(1ULL << 37), HIST_BUCKETS - 1);
	assert_int_equal(hist_bucket(~0ULL), HIST_BUCKETS - 1);
}

static void one_value_is_every_quantile(void **state)
{
	struct time_stats stats = {};

	(void)state;
	time_stats_add(&stats, 12345);
	assert_int_equal(time_stats__quantile(&stats, 0.5), 12345);
	assert_int_equal(time_stats__quantile(&stats, 0.99), 12345);
}

static void small_times_are_exact(void **state)
{
	struct time_stats stats = {};

	(void)state;
	for (int i = 0; i < 100; i++)
		time_stats_add(&stats, 1);
	time_stats_add(&stats, 3);
	assert_int_equal(time_stats__quantile(&stats, 0.5), 1);
	assert_int_equal(time_stats__quantile(&stats, 1), 3);
}

static void quantiles_keep_their_bound(void **state)
{
	struct time_stats stats = {};
	const double shares[] = { 0.1, 0.5, 0.9, 0.99 };

	(void)state;
	for (int i = 1; i <= 100000; i++)
		time_stats_add(&stats, i);
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
		time_stats_add(&stats, 1024);
	for (int i = 0; i < 10; i++)
		time_stats_add(&stats, 1000000);
	for (double share = 0.1; share < 0.99; share += 0.1)
		assert_true(fabs(time_stats__quantile(&stats, share) - 1024.0) <= 128);
}

static void merging_is_as_counting_together(void **state)
{
	struct time_stats a = {}, b = {}, both = {};

	(void)state;
	for (int i = 1; i < 1000; i++) {
		time_stats_add(i % 3 ? &a : &b, i * 17);
		time_stats_add(&both, i * 17);
	}
	time_stats__merge(&a, &b);
	assert_memory_equal(&a, &both, sizeof(a));
}

static void merging_nothing_keeps_the_minimum(void **state)
{
	struct time_stats a = {}, nothing = {};

	(void)state;
	time_stats_add(&a, 500);
	time_stats__merge(&a, &nothing);
	assert_int_equal(a.min, 500);
	time_stats__merge(&nothing, &a);
	assert_int_equal(nothing.min, 500);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(buckets_hold_what_lies_between_their_bounds),
		cmocka_unit_test(one_value_is_every_quantile),
		cmocka_unit_test(small_times_are_exact),
		cmocka_unit_test(quantiles_keep_their_bound),
		cmocka_unit_test(the_bound_holds_for_any_shape),
		cmocka_unit_test(merging_is_as_counting_together),
		cmocka_unit_test(merging_nothing_keeps_the_minimum),
	};

	return cmocka_run_group_tests_name("hist", tests, NULL, NULL);
}
