// SPDX-License-Identifier: GPL-2.0-or-later
/* The statistics against R's; above each figure, the R that gave it. */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "stats_internal.h"

#define N(array) (sizeof(array) / sizeof(*(array)))

static void assert_near(double a, double b, double relative)
{
	if (!(fabs(a - b) <= relative * fabs(b)))
		fail_msg("%.15g is not %.15g", a, b);
}

static const double far_x[] = { 96012, 95110, 97450, 96800, 94020 };
static const double far_y[] = { 21010, 20450, 22300, 21900, 20010 };
static const double close_x[] = { 10.1, 12.3, 9.8, 11.4, 10.9, 13.2, 12.9, 10.4, 11.1, 12.0 };
static const double close_y[] = { 11.0, 12.1, 10.0, 11.9, 10.7, 13.0, 13.5, 9.9, 11.3, 12.2 };
static const double tied_x[] = { 3, 5, 5, 7, 8, 9 };
static const double tied_y[] = { 5, 6, 8, 8, 10, 11, 12 };

/* x4 <- 1:30 + 0.1 * (1:30)^1.5; y4 <- (1:30) * 1.7 + 3.03 */
static void fill_30(double *x, double *y)
{
	for (int i = 1; i <= 30; i++) {
		x[i - 1] = i + 0.1 * pow(i, 1.5);
		y[i - 1] = i * 1.7 + 3.03;
	}
}

/* x5 <- (1:40)^1.01; y5 <- (1:40)^1.1 + 0.37 */
static void fill_40(double *x, double *y)
{
	for (int i = 1; i <= 40; i++) {
		x[i - 1] = pow(i, 1.01);
		y[i - 1] = pow(i, 1.1) + 0.37;
	}
}

static void median(void **state)
{
	const double v[] = { 1, 2, 4, 100 };

	(void)state;
	assert_true(isnan(stats_median_sorted(v, 0)));
	assert_true(stats_median_sorted(v, 1) == 1);
	assert_true(stats_median_sorted(v, 3) == 2);
	assert_true(stats_median_sorted(v, 4) == 3);
}

/* Of six values the least and the most: 1 - 2 / 2^6 = 0.97. Nine: the second of each end, 0.96. */
static void intervals_of_a_median_are_order_statistics(void **state)
{
	const double v[] = { 1, 2, 3, 4, 5, 6, 7, 8, 9 };
	double lo, hi;

	(void)state;
	assert_int_equal(stats_median_interval(v, 5, &lo, &hi), -EDOM);
	assert_int_equal(stats_median_interval(v, 0, &lo, &hi), -EDOM);
	assert_int_equal(stats_median_interval(v, 6, &lo, &hi), 0);
	assert_true(lo == 1 && hi == 6);
	assert_int_equal(stats_median_interval(v, 8, &lo, &hi), 0);
	assert_true(lo == 1 && hi == 8);
	assert_int_equal(stats_median_interval(v, 9, &lo, &hi), 0);
	assert_true(lo == 2 && hi == 8);
}

static void sort(void **state)
{
	double v[] = { 3, -1, 2, 2, 0 };
	const double sorted[] = { -1, 0, 2, 2, 3 };

	(void)state;
	stats_sort(v, N(v));
	assert_memory_equal(v, sorted, sizeof(v));
	stats_sort(v, 0);
}

static void assert_test(const double *x, size_t n, const double *y, size_t m, bool exact, double u,
			double p)
{
	struct stats_test t;

	assert_int_equal(stats_rank_sum_test(x, n, y, m, &t), 0);
	assert_int_equal(t.exact, exact);
	assert_near(t.statistic, u, 0);
	assert_near(t.p, p, 1e-12);
}

/* wilcox.test(y, x, exact = TRUE)[c("statistic", "p.value")] */
static void exact_test_is_that_of_r(void **state)
{
	static const double a[] = { 1, 2, 3, 4 }, b[] = { 5.5, 6.5, 7.5, 8.5 };
	double x[30], y[30];

	(void)state;
	assert_test(far_x, N(far_x), far_y, N(far_y), true, 0, 0.00793650793650794);
	assert_test(close_x, N(close_x), close_y, N(close_y), true, 53, 0.853428305440689);
	assert_test(a, N(a), b, N(b), true, 16, 0.0285714285714286);
	assert_test(a, 3, b, 3, true, 9, 0.1);
	fill_30(x, y);
	assert_test(x, 30, y, 30, true, 569, 0.0797274495202391);
}

/*
 * r <- rank(c(x, y)); m <- length(y) * (length(r) + 1) / 2
 * s <- combn(length(r), length(y), function(i) sum(r[i]))
 * mean(abs(s - m) >= abs(sum(r[length(x) + seq_along(y)]) - m) - 1e-9)
 */
static void ties_are_permuted(void **state)
{
	static const double zero[4], five[] = { 5, 5, 5, 5 };
	static const double few_x[] = { 0, 0, 1, 0 }, few_y[] = { 0, 2, 2, 3 };

	(void)state;
	assert_test(tied_x, N(tied_x), tied_y, N(tied_y), true, 32, 0.134615384615385);
	assert_test(zero, 4, five, 4, true, 16, 0.0285714285714286);
	assert_test(few_x, 4, few_y, 4, true, 13.5, 0.142857142857143);
}

/* wilcox.test(y, x, exact = FALSE, correct = TRUE) */
static void normal_test_is_that_of_r(void **state)
{
	double x[40], y[40];

	(void)state;
	for (int i = 0; i < 40; i++) {
		x[i] = 1 + i % 8;
		y[i] = 2 + i % 8;
	}
	assert_test(x, 40, y, 40, false, 987.5, 0.0699640084476641);
	fill_40(x, y);
	assert_test(x, 40, y, 40, false, 999, 0.0561245691677903);
}

static void test_is_symmetric(void **state)
{
	struct stats_test a, b;

	(void)state;
	stats_rank_sum_test(far_x, N(far_x), far_y, N(far_y) - 1, &a);
	stats_rank_sum_test(far_y, N(far_y) - 1, far_x, N(far_x), &b);
	assert_near(a.statistic + b.statistic, 20, 0);
	assert_near(a.p, b.p, 1e-15);
	stats_rank_sum_test(tied_x, N(tied_x), tied_y, N(tied_y), &a);
	stats_rank_sum_test(tied_y, N(tied_y), tied_x, N(tied_x), &b);
	assert_near(a.p, b.p, 1e-15);
}

static void equal_samples_differ_in_nothing(void **state)
{
	static const double same[] = { 7, 7, 7, 7, 7 };

	(void)state;
	assert_test(same, 5, same, 5, true, 12.5, 1);
	assert_test(close_x, N(close_x), close_x, N(close_x), true, 50, 1);
}

static void empty_samples_are_refused(void **state)
{
	struct stats_test t;
	struct stats_ratio r;

	(void)state;
	assert_int_equal(stats_rank_sum_test(far_x, 0, far_y, 5, &t), -EINVAL);
	assert_int_equal(stats_rank_sum_test(far_x, 5, far_y, 0, &t), -EINVAL);
	assert_int_equal(stats_rank_sum_ratio(far_x, 0, far_y, 5, &r), -EINVAL);
	assert_int_equal(stats_rank_sum_ratio(far_x, 5, far_y, 0, &r), -EINVAL);
}

/* 2 / choose(n + m, n) */
static void smallest_p(void **state)
{
	(void)state;
	assert_near(stats_rank_sum_smallest_p(3, 3), 0.1, 1e-12);
	assert_near(stats_rank_sum_smallest_p(4, 4), 2.0 / 70, 1e-12);
	assert_near(stats_rank_sum_smallest_p(3, 5), 2.0 / 56, 1e-12);
	assert_near(stats_rank_sum_smallest_p(1, 1), 1, 0);
	assert_near(stats_rank_sum_smallest_p(0, 9), 1, 0);
	assert_true(stats_rank_sum_smallest_p(500, 500) < 1e-200);
}

static void assert_ratio(const double *x, size_t n, const double *y, size_t m, double estimate,
			 double lo, double hi, double near)
{
	struct stats_ratio r;

	assert_int_equal(stats_rank_sum_ratio(x, n, y, m, &r), 0);
	assert_near(r.estimate, estimate, near);
	assert_near(r.lo, lo, near);
	assert_near(r.hi, hi, near);
}

/*
 * w <- wilcox.test(log(y), log(x), conf.int = TRUE, exact = TRUE)
 * exp(w$estimate); exp(w$conf.int)
 */
static void ratio_is_that_of_r(void **state)
{
	static const double a[] = { 1, 2, 3, 4 }, b[] = { 5.5, 6.5, 7.5, 8.5 };
	double x[30], y[30];

	(void)state;
	assert_ratio(far_x, N(far_x), far_y, N(far_y), 0.21882681331500212, 0.20841144856892868,
		     0.23292916400765792, 1e-12);
	assert_ratio(close_x, N(close_x), close_y, N(close_y), 1.009689065498424, 0.916666666666667,
		     1.122448979591837, 1e-12);
	assert_ratio(a, N(a), b, N(b), 2.7913557040740371, 1.375, 8.5, 1e-12);
	fill_30(x, y);
	assert_ratio(x, 30, y, 30, 1.3293802583503074, 0.9805805693709425, 1.9517201724366007,
		     1e-12);
}

/* As above with exact = FALSE; R searches a root there, hence the tolerance. */
static void ratio_of_large_samples_is_near_that_of_r(void **state)
{
	double x[40], y[40];

	(void)state;
	fill_40(x, y);
	assert_ratio(x, 40, y, 40, 1.3508976173528848, 0.9898857502479684, 1.8144483369156394,
		     5e-3);
}

static void ratio_of_too_few_has_no_interval(void **state)
{
	struct stats_ratio r;

	(void)state;
	assert_int_equal(stats_rank_sum_ratio(far_x, 3, far_y, 3, &r), 0);
	assert_near(r.estimate, 0.22, 0.05);
	assert_true(isnan(r.lo));
	assert_true(isnan(r.hi));
}

static void ratio_to_zero_is_undefined(void **state)
{
	static const double zeros[] = { 0, 5, 6, 7 }, minus[] = { -1, 1, 2, 3 };
	static const double none[] = { 0, 0, 0, 0 };
	struct stats_ratio r;

	(void)state;
	assert_int_equal(stats_rank_sum_ratio(zeros, 4, far_y, 4, &r), -EDOM);
	assert_int_equal(stats_rank_sum_ratio(minus, 4, far_y, 4, &r), -EDOM);
	assert_int_equal(stats_rank_sum_ratio(far_y, 4, minus, 4, &r), -EDOM);
	assert_int_equal(stats_rank_sum_ratio(far_y, 4, none, 4, &r), 0);
	assert_true(r.estimate == 0 && r.lo == 0 && r.hi == 0);
	assert_int_equal(stats_rank_sum_ratio(far_y, 4, zeros, 4, &r), 0);
	assert_true(r.lo == 0 && r.hi > 0);
}

static unsigned long long seed = 88172645463325252ULL;

static double random_value(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return 1 + (seed >> 11) * 0x1p-53;
}

/* 5 against 5 of the same: nominal 5%, attainable 3.2%; 4000 trials. */
static void false_positives_stay_within_nominal(void **state)
{
	int significant = 0, outside = 0;

	(void)state;
	for (int trial = 0; trial < 4000; trial++) {
		struct stats_test t;
		struct stats_ratio r;
		double v[10];

		for (size_t i = 0; i < 10; i++)
			v[i] = random_value();
		assert_int_equal(stats_rank_sum_test(v, 5, v + 5, 5, &t), 0);
		assert_int_equal(stats_rank_sum_ratio(v, 5, v + 5, 5, &r), 0);
		significant += t.p < STATS_ALPHA;
		outside += r.lo > 1 || r.hi < 1;
	}
	/* The interval and the test are one statement. */
	assert_int_equal(significant, outside);
	assert_in_range(significant, 80, 180);
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Of any kind that files may have: even, few different, rising, falling, both, with infinities. */
static double value_of(int kind, size_t i, size_t n)
{
	switch (kind) {
	case 0:
		return random_value();
	case 1:
		return floor(8 * random_value());
	case 2:
		return i;
	case 3:
		return -(double)i;
	case 4:
		return i < n / 2 ? i : n - i;
	case 5:
		return log(floor(10 * random_value()) - 10) * (i % 2 ? 1 : -1);
	default:
		return exp(1000 * (random_value() - 1.5));
	}
}

enum { KINDS = 7, MANY = 3000 };

static void sort_is_that_of_qsort(void **state)
{
	static double v[MANY], sorted[MANY];

	(void)state;
	for (int trial = 0; trial < 10 * KINDS; trial++) {
		size_t n = trial / KINDS == 9 ? MANY : 1 + MANY * (random_value() - 1);

		for (size_t i = 0; i < n; i++)
			sorted[i] = v[i] = value_of(trial % KINDS, i, n);
		qsort(sorted, n, sizeof(*sorted), by_value);
		stats_sort(v, n);
		/* -0 and 0 are equal, to the last bit they are not. */
		for (size_t i = 0; i < n; i++)
			assert_true(v[i] == sorted[i]);
	}
}

/* Sorted values of which many are equal, some with an infinite one in front. */
static size_t random_sorted(double *v)
{
	size_t n = 1 + (size_t)(random_value() * 9) % 9;

	for (size_t i = 0; i < n; i++)
		v[i] = log(floor(random_value() * 8) - 8 * (random_value() > 1.98)) - 2;
	for (size_t i = 0; i < n; i++)
		if (isnan(v[i]))
			v[i] = -INFINITY;
	stats_sort(v, n);
	return n;
}

/* Against the list that it does without. */
static void kth_is_that_of_the_list(void **state)
{
	double x[9], y[9], all[81];

	(void)state;
	for (int trial = 0; trial < 2000; trial++) {
		size_t n = random_sorted(x), m = random_sorted(y), count = 0;

		for (size_t i = 0; i < m; i++)
			for (size_t j = i; j < m; j++)
				all[count++] = (y[i] + y[j]) / 2;
		stats_sort(all, count);
		for (size_t k = 1; k <= count; k++)
			assert_true(stats_kth_mean(y, m, k) == all[k - 1]);
		if (isinf(x[0]))
			continue;
		count = 0;
		for (size_t i = 0; i < n; i++)
			for (size_t j = 0; j < m; j++)
				all[count++] = y[j] + x[i];
		stats_sort(all, count);
		for (size_t k = 1; k <= count; k++)
			assert_true(stats_kth_sum(x, n, y, m, k) == all[k - 1]);
	}
}

/* So many that it is closed in on: some hundreds against some others. */
static void kth_of_many_is_that_of_the_list(void **state)
{
	static double x[150], y[200], all[150 * 200];

	(void)state;
	for (int kind = 0; kind < KINDS; kind++) {
		size_t n = 0, means = 0;

		/* No infinity has a sum with one of the other sign. */
		for (size_t i = 0; i < N(x); i++)
			x[i] = value_of(kind == 5 ? 6 : kind, i, N(x));
		for (size_t i = 0; i < N(y); i++)
			y[i] = kind == 5 ? -fabs(value_of(kind, i, N(y))) : value_of(kind, i, N(y));
		stats_sort(x, N(x));
		stats_sort(y, N(y));
		for (size_t i = 0; i < N(x); i++)
			for (size_t j = 0; j < N(y); j++)
				all[n++] = x[i] + y[j];
		stats_sort(all, n);
		for (size_t k = 1; k <= n; k += 1 + k / 7)
			assert_true(stats_kth_sum(x, N(x), y, N(y), k) == all[k - 1]);
		for (size_t i = 0; i < N(y); i++)
			for (size_t j = i; j < N(y); j++)
				all[means++] = (y[i] + y[j]) / 2;
		stats_sort(all, means);
		for (size_t k = 1; k <= means; k += 1 + k / 7)
			assert_true(stats_kth_mean(y, N(y), k) == all[k - 1]);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(sort_is_that_of_qsort),
		cmocka_unit_test(kth_is_that_of_the_list),
		cmocka_unit_test(kth_of_many_is_that_of_the_list),
		cmocka_unit_test(median),
		cmocka_unit_test(intervals_of_a_median_are_order_statistics),
		cmocka_unit_test(sort),
		cmocka_unit_test(exact_test_is_that_of_r),
		cmocka_unit_test(ties_are_permuted),
		cmocka_unit_test(normal_test_is_that_of_r),
		cmocka_unit_test(test_is_symmetric),
		cmocka_unit_test(equal_samples_differ_in_nothing),
		cmocka_unit_test(empty_samples_are_refused),
		cmocka_unit_test(smallest_p),
		cmocka_unit_test(ratio_is_that_of_r),
		cmocka_unit_test(ratio_of_large_samples_is_near_that_of_r),
		cmocka_unit_test(ratio_of_too_few_has_no_interval),
		cmocka_unit_test(ratio_to_zero_is_undefined),
		cmocka_unit_test(false_positives_stay_within_nominal),
	};

	return cmocka_run_group_tests_name("stats", tests, NULL, NULL);
}
