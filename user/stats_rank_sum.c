// SPDX-License-Identifier: GPL-2.0-or-later
/* Two samples: the Mann-Whitney test, and the ratio that belongs to it. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "stats_internal.h"

/*
 * The number of arrangements of n and m values that give each U, 0 to n*m:
 * the coefficients of the Gaussian binomial, by its product formula. The
 * differences may run below zero on the way; unsigned arithmetic is exact
 * as long as the results fit.
 */
static uint64_t *rank_counts(size_t n, size_t m)
{
	size_t top = n * m;
	uint64_t *count = calloc(top + 1, sizeof(*count));

	if (!count)
		return NULL;
	count[0] = 1;
	for (size_t i = 1; i <= m; i++) {
		for (size_t u = top; u >= n + i; u--)
			count[u] -= count[u - n - i];
		for (size_t u = i; u <= top; u++)
			count[u] += count[u - i];
	}
	return count;
}

static double arrangements(size_t n, size_t m)
{
	return round(exp(lgamma(n + m + 1.0) - lgamma(n + 1.0) - lgamma(m + 1.0)));
}

double stats_rank_sum_smallest_p(size_t n, size_t m)
{
	if (!n || !m)
		return 1;
	return fmin(1, 2 / arrangements(n, m));
}

static double rank_deviation(size_t n, size_t m, double ties)
{
	double all = (double)n + m;

	return sqrt((double)n * m / 12 * (all + 1 - ties / (all * (all - 1))));
}

/*
 * How many of the sorted pairwise ratios lie outside each end of the 95%
 * interval, plus one; 0 if the samples are too small for one. In small samples
 * ties only make the interval wider than it need be.
 */
static int interval_rank(size_t n, size_t m, size_t *rank)
{
	uint64_t *count;

	if (n + m > STATS_EXACT_MAX) {
		*rank = stats_normal_rank((double)n * m / 2, rank_deviation(n, m, 0));
		return 0;
	}
	count = rank_counts(n, m);
	if (!count)
		return -ENOMEM;
	*rank = stats_lower_rank(count, n * m + 1);
	free(count);
	return 0;
}

/* The logarithms, sorted; that of 0 is -infinity, and sorts as it should. */
static double *sorted_logs(const double *v, size_t n)
{
	double *logs = calloc(n, sizeof(*logs));

	for (size_t i = 0; logs && i < n; i++)
		logs[i] = log(v[i]);
	if (logs)
		stats_sort(logs, n);
	return logs;
}

static bool all_above(const double *v, size_t n, bool zero_too)
{
	for (size_t i = 0; i < n; i++)
		if (!(v[i] > 0) && !(zero_too && v[i] == 0))
			return false;
	return true;
}

int stats_rank_sum_ratio(const double *base, size_t n, const double *other, size_t m,
			 struct stats_ratio *ratio)
{
	double *x = NULL, *y = NULL, kth[2];
	size_t rank, all = n * m;
	int err;

	if (!n || !m)
		return -EINVAL;
	if (!all_above(base, n, false) || !all_above(other, m, true))
		return -EDOM;
	err = interval_rank(n, m, &rank);
	if (err)
		return err;
	err = -ENOMEM;
	x = sorted_logs(base, n);
	y = sorted_logs(other, m);
	if (!x || !y)
		goto out;
	err = 0;
	kth[0] = stats_kth_difference(x, n, y, m, (all + 1) / 2);
	kth[1] = all % 2 ? kth[0] : stats_kth_difference(x, n, y, m, all / 2 + 1);
	ratio->estimate = exp((kth[0] + kth[1]) / 2);
	ratio->lo = rank ? exp(stats_kth_difference(x, n, y, m, rank)) : NAN;
	ratio->hi = rank ? exp(stats_kth_difference(x, n, y, m, all - rank + 1)) : NAN;
out:
	free(x);
	free(y);
	return err;
}

/* A value and the side it is of. */
struct labelled {
	double value;
	bool other;
};

static int by_value(const void *left, const void *right)
{
	const struct labelled *a = left, *b = right;

	return (a->value > b->value) - (a->value < b->value);
}

/* Both samples in one order. */
struct merged {
	size_t n, m;
	struct labelled *all;
	double *sorted;
	size_t *rank; /* twice the ranks */
	size_t sum;   /* of twice the ranks of other */
	double ties;
};

static void merged_free(struct merged *s)
{
	free(s->all);
	free(s->sorted);
	free(s->rank);
}

static int merge(struct merged *s, const double *base, size_t n, const double *other, size_t m)
{
	*s = (struct merged){ .n = n, .m = m };
	s->all = calloc(n + m, sizeof(*s->all));
	s->sorted = calloc(n + m, sizeof(*s->sorted));
	s->rank = calloc(n + m, sizeof(*s->rank));
	if (!s->all || !s->sorted || !s->rank)
		return -ENOMEM;
	for (size_t i = 0; i < n + m; i++)
		s->all[i] = (struct labelled){ i < n ? base[i] : other[i - n], i >= n };
	qsort(s->all, n + m, sizeof(*s->all), by_value);
	for (size_t i = 0; i < n + m; i++)
		s->sorted[i] = s->all[i].value;
	s->ties = stats_double_ranks(s->sorted, n + m, s->rank);
	for (size_t i = 0; i < n + m; i++)
		s->sum += s->all[i].other ? s->rank[i] : 0;
	return 0;
}

/*
 * ways[k * (total + 1) + s]: how many choices of k of the ranks add up to s.
 * Each rank is taken or left, one after the other.
 */
static uint64_t *rank_sums(const size_t *rank, size_t all, size_t chosen, size_t total)
{
	uint64_t *ways = calloc((chosen + 1) * (total + 1), sizeof(*ways));

	if (!ways)
		return NULL;
	ways[0] = 1;
	for (size_t i = 0; i < all; i++)
		for (size_t k = i < chosen ? i + 1 : chosen; k > 0; k--)
			for (size_t s = rank[i]; s <= total; s++)
				ways[k * (total + 1) + s] +=
					ways[(k - 1) * (total + 1) + s - rank[i]];
	return ways;
}

static size_t gap(size_t a, size_t b)
{
	return a > b ? a - b : b - a;
}

/* Without ties the distribution depends on n and m only. Twice U, so that the mean is whole. */
static int table_p(const struct merged *s, double *p)
{
	size_t u = s->sum - s->m * (s->m + 1), mean = s->n * s->m;
	uint64_t *count = rank_counts(s->n, s->m);
	double extreme = 0;

	if (!count)
		return -ENOMEM;
	for (size_t i = 0; i <= s->n * s->m; i++)
		if (gap(2 * i, mean) >= gap(u, mean))
			extreme += count[i];
	*p = fmin(1, extreme / arrangements(s->n, s->m));
	free(count);
	return 0;
}

/*
 * The permutation test: the share of all ways to call m of the values "other"
 * that put their ranks' sum as far from its mean as it is, or farther.
 */
static int permutation_p(const struct merged *s, double *p)
{
	size_t all = s->n + s->m, total = all * (all + 1), mean = s->m * (all + 1);
	uint64_t *ways = rank_sums(s->rank, all, s->m, total), *count;
	double extreme = 0;

	if (!ways)
		return -ENOMEM;
	count = ways + s->m * (total + 1);
	for (size_t sum = 0; sum <= total; sum++)
		if (gap(sum, mean) >= gap(s->sum, mean))
			extreme += count[sum];
	*p = fmin(1, extreme / arrangements(s->n, s->m));
	free(ways);
	return 0;
}

static int test_merged(const struct merged *s, struct stats_test *test)
{
	double u = (s->sum - (double)s->m * (s->m + 1)) / 2, distance = u - (double)s->n * s->m / 2;

	test->statistic = u;
	test->direction = (distance > 0) - (distance < 0);
	test->exact = s->n + s->m <= STATS_EXACT_MAX;
	if (test->exact)
		return s->ties ? permutation_p(s, &test->p) : table_p(s, &test->p);
	test->p = stats_normal_p(distance, rank_deviation(s->n, s->m, s->ties));
	return 0;
}

int stats_rank_sum_test(const double *base, size_t n, const double *other, size_t m,
			struct stats_test *test)
{
	struct merged s;
	int err;

	if (!n || !m)
		return -EINVAL;
	err = merge(&s, base, n, other, m);
	if (!err)
		err = test_merged(&s, test);
	merged_free(&s);
	return err;
}
