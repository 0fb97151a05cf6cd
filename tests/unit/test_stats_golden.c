// SPDX-License-Identifier: GPL-2.0-or-later
/* The statistics against R's, of many samples: stats_golden.R says how each figure was got. */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "stats.h"
#include "stats_golden.h"

#define N(array) (sizeof(array) / sizeof(*(array)))

static void near(const char *what, size_t row, double a, double b, double relative)
{
	if (isnan(a) != isnan(b) || fabs(a - b) > relative * fabs(b))
		fail_msg("row %zu, %s: %.15g is not %.15g", row, what, a, b);
}

static void assert_test(size_t row, const struct golden_test *g, const struct stats_test *t,
			double middle, bool exact)
{
	assert_int_equal(t->exact, exact);
	near("statistic", row, t->statistic, g->statistic, 0);
	near("p", row, t->p, g->p, 1e-12);
	assert_int_equal(t->direction, (g->statistic > middle) - (g->statistic < middle));
}

static void assert_ratio(size_t row, const struct golden_test *g, const struct stats_ratio *r)
{
	near("estimate", row, r->estimate, g->estimate, 1e-12);
	near("lo", row, r->lo, g->lo, 1e-12);
	near("hi", row, r->hi, g->hi, 1e-12);
}

static void rank_sums(const struct golden_test *golden, size_t n, bool exact, bool ratio)
{
	for (size_t i = 0; i < n; i++) {
		const struct golden_test *g = &golden[i];
		struct stats_ratio r;
		struct stats_test t;

		assert_int_equal(stats_rank_sum_test(g->x, g->n, g->y, g->m, &t), 0);
		assert_test(i, g, &t, g->n * g->m / 2.0, exact);
		assert_int_equal(stats_rank_sum_ratio(g->x, g->n, g->y, g->m, &r), 0);
		if (ratio)
			assert_ratio(i, g, &r);
	}
}

static size_t log_ratios(const struct golden_test *g, double *d)
{
	for (int i = 0; i < g->n; i++)
		d[i] = stats_log_ratio(g->x[i], g->y[i]);
	return g->n;
}

static void signed_ranks(const struct golden_test *golden, size_t n, bool exact, bool ratio)
{
	for (size_t i = 0; i < n; i++) {
		const struct golden_test *g = &golden[i];
		size_t pairs, differ = 0;
		struct stats_ratio r;
		struct stats_test t;
		double d[80];

		pairs = log_ratios(g, d);
		for (size_t k = 0; k < pairs; k++)
			differ += d[k] != 0;
		assert_int_equal(stats_signed_rank_test(d, pairs, &t), 0);
		assert_test(i, g, &t, differ * (differ + 1) / 4.0, exact);
		assert_int_equal(stats_signed_rank_ratio(d, pairs, &r), 0);
		if (ratio)
			assert_ratio(i, g, &r);
	}
}

static void rank_sum_is_that_of_r(void **state)
{
	(void)state;
	rank_sums(golden_rank_sum, N(golden_rank_sum), true, true);
}

static void rank_sum_of_ties_is_permuted(void **state)
{
	(void)state;
	rank_sums(golden_rank_sum_tied, N(golden_rank_sum_tied), true, false);
}

static void rank_sum_of_many_is_that_of_r(void **state)
{
	(void)state;
	rank_sums(golden_rank_sum_normal, N(golden_rank_sum_normal), false, false);
}

static void signed_rank_is_that_of_r(void **state)
{
	(void)state;
	signed_ranks(golden_signed_rank, N(golden_signed_rank), true, true);
}

static void signed_rank_of_ties_is_permuted(void **state)
{
	(void)state;
	signed_ranks(golden_signed_rank_tied, N(golden_signed_rank_tied), true, false);
}

static void signed_rank_of_many_is_that_of_r(void **state)
{
	(void)state;
	signed_ranks(golden_signed_rank_normal, N(golden_signed_rank_normal), false, false);
}

static void holm_is_that_of_r(void **state)
{
	double adjusted[40];

	(void)state;
	for (size_t i = 0; i < N(golden_holm); i++) {
		const struct golden_holm *g = &golden_holm[i];

		assert_int_equal(stats_holm(g->p, g->n, adjusted), 0);
		for (int k = 0; k < g->n; k++)
			near("adjusted", i, adjusted[k], g->adjusted[k], 1e-13);
	}
	assert_int_equal(stats_holm(NULL, 0, adjusted), 0);
}

/* The quantile of t is an approximation, best where there are many. */
static void detectable_ratio_is_near_that_of_r(void **state)
{
	(void)state;
	for (size_t i = 0; i < N(golden_detectable); i++) {
		const struct golden_detectable *g = &golden_detectable[i];
		double d[40], ratio;

		for (int k = 0; g->paired && k < g->n; k++)
			d[k] = stats_log_ratio(g->x[k], g->y[k]);
		ratio = g->paired ? stats_signed_rank_detectable(d, g->n, g->alpha)
				  : stats_rank_sum_detectable(g->x, g->n, g->y, g->m, g->alpha);
		near("detectable", i, log(ratio), log(g->ratio), 5e-3);
	}
}

/* What Holm's table could have said of a line, against doing it. */
static void attainable_is_what_holm_would_say(void **state)
{
	static const double p[] = { 0.0001, 0.004, 0.01, 0.03, 0.2, 0.7 }, smallest = 0.003;
	double adjusted[N(p)], changed[N(p)], again[N(p)];

	(void)state;
	assert_int_equal(stats_holm(p, N(p), adjusted), 0);
	for (size_t i = 1; i < N(p); i++) {
		for (size_t k = 0; k < N(p); k++)
			changed[k] = k == i ? smallest : p[k];
		assert_int_equal(stats_holm(changed, N(p), again), 0);
		near("attainable", i, stats_holm_attainable(p, adjusted, N(p), smallest), again[i],
		     1e-15);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(rank_sum_is_that_of_r),
		cmocka_unit_test(rank_sum_of_ties_is_permuted),
		cmocka_unit_test(rank_sum_of_many_is_that_of_r),
		cmocka_unit_test(signed_rank_is_that_of_r),
		cmocka_unit_test(signed_rank_of_ties_is_permuted),
		cmocka_unit_test(signed_rank_of_many_is_that_of_r),
		cmocka_unit_test(holm_is_that_of_r),
		cmocka_unit_test(detectable_ratio_is_near_that_of_r),
		cmocka_unit_test(attainable_is_what_holm_would_say),
	};

	return cmocka_run_group_tests_name("stats golden", tests, NULL, NULL);
}
