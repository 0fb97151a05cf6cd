// SPDX-License-Identifier: GPL-2.0-or-later
/* Two samples: the Mann-Whitney test, and the ratio that belongs to it. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "stats_internal.h"

/*
 * The number of arrangements of n and m values that give each U, 0 to @top, which is not above
 * n*m: the coefficients of the Gaussian binomial, by its product formula. The differences may
 * run below zero on the way; unsigned arithmetic is exact as long as the results fit.
 */
static uint64_t *rank_counts(size_t n, size_t m, size_t top)
{
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
	/* Symmetric: the lower half has it. */
	count = rank_counts(n, m, n * m / 2);
	if (!count)
		return -ENOMEM;
	*rank = stats_lower_rank(count, n * m / 2 + 1, arrangements(n, m));
	free(count);
	return 0;
}

/* The logarithms times @sign, sorted; that of 0 is -infinity, and sorts as it should. */
static double *sorted_logs(const double *v, size_t n, double sign)
{
	double *logs = calloc(n, sizeof(*logs));

	for (size_t i = 0; logs && i < n; i++)
		logs[i] = sign * log(v[i]);
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
	x = sorted_logs(base, n, -1);
	y = sorted_logs(other, m, 1);
	if (!x || !y)
		goto out;
	err = 0;
	kth[0] = stats_kth_sum(x, n, y, m, (all + 1) / 2);
	kth[1] = all % 2 ? kth[0] : stats_kth_sum(x, n, y, m, all / 2 + 1);
	ratio->estimate = exp((kth[0] + kth[1]) / 2);
	ratio->lo = rank ? exp(stats_kth_sum(x, n, y, m, rank)) : NAN;
	ratio->hi = rank ? exp(stats_kth_sum(x, n, y, m, all - rank + 1)) : NAN;
out:
	free(x);
	free(y);
	return err;
}

/* Without ties the distribution depends on n and m only; it is symmetric. */
static int table_p(const struct stats_ranks *r, size_t n, size_t m, double *p)
{
	size_t u = (r->sum - m * (m + 1)) / 2, top = u < n * m - u ? u : n * m - u;
	uint64_t *count = rank_counts(n, m, top);
	double tail = 0;

	if (!count)
		return -ENOMEM;
	for (size_t i = 0; i <= top; i++)
		tail += count[i];
	*p = 2 * u == n * m ? 1 : fmin(1, 2 * tail / arrangements(n, m));
	free(count);
	return 0;
}

/* before[i]: what the first i of the ranks add up to. */
static void add_up(const size_t *rank, size_t n, size_t *before)
{
	before[0] = 0;
	for (size_t i = 0; i < n; i++)
		before[i + 1] = before[i] + rank[i];
}

/* Between the smallest and the largest sum of @k of the first @n. */
static size_t reach(const size_t *before, size_t n, size_t k)
{
	return before[n] - before[n - k] - before[k];
}

static size_t least_of(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Four at a time, which compilers turn into vectors. */
static void add_each(uint64_t *restrict to, const uint64_t *restrict from, size_t n)
{
	size_t i;

	for (i = 0; i + 4 <= n; i += 4) {
		to[i] += from[i];
		to[i + 1] += from[i + 1];
		to[i + 2] += from[i + 2];
		to[i + 3] += from[i + 3];
	}
	for (; i < n; i++)
		to[i] += from[i];
}

/*
 * How many choices of @chosen of the ranks, which ascend, add up to @most or less. Each rank is
 * taken or left, one after the other; row k of the table is of k taken, by what they exceed the k
 * smallest, which never falls. Rows too short to be completed are left out.
 */
static int count_choices(const size_t *before, size_t all, size_t chosen, size_t most,
			 double *count)
{
	size_t smallest = before[chosen], width;
	uint64_t *ways;

	*count = 0;
	if (most < smallest)
		return 0;
	width = least_of(most - smallest, reach(before, all, chosen)) + 1;
	ways = calloc((chosen + 1) * width, sizeof(*ways));
	if (!ways)
		return -ENOMEM;
	ways[0] = 1;
	for (size_t i = 0; i < all; i++) {
		size_t rank = before[i + 1] - before[i];
		size_t least = chosen > all - i ? chosen - (all - i) + 1 : 1;

		for (size_t k = least_of(i + 1, chosen); k >= least; k--) {
			size_t more = rank - (before[k] - before[k - 1]);

			if (more < width)
				add_each(ways + k * width + more, ways + (k - 1) * width,
					 least_of(reach(before, i, k - 1) + 1, width - more));
		}
	}
	for (size_t s = 0; s < width; s++)
		*count += ways[chosen * width + s];
	free(ways);
	return 0;
}

/*
 * The permutation test: the share of all ways to call m of the values "other" that put their
 * ranks' sum as far from its mean as it is, or farther. Where it is as far above, that of
 * base is as far below.
 */
static int permutation_p(const struct stats_ranks *r, size_t n, size_t m, double *p)
{
	size_t before[STATS_EXACT_MAX + 1], mean = m * (n + m + 1), of_base = n * (n + m + 1);
	size_t gap = r->sum > mean ? r->sum - mean : mean - r->sum;
	double below, above;
	int err;

	add_up(r->rank, n + m, before);
	err = count_choices(before, n + m, m, mean - gap, &below);
	above = below;
	if (!err && n != m)
		err = count_choices(before, n + m, n, of_base - gap, &above);
	*p = gap ? fmin(1, (below + above) / arrangements(n, m)) : 1;
	return err;
}

static int test_ranks(const struct stats_ranks *r, size_t n, size_t m, struct stats_test *test)
{
	double u = (r->sum - (double)m * (m + 1)) / 2, distance = u - (double)n * m / 2;

	test->statistic = u;
	test->direction = (distance > 0) - (distance < 0);
	test->exact = n + m <= STATS_EXACT_MAX;
	if (test->exact)
		return r->ties ? permutation_p(r, n, m, &test->p) : table_p(r, n, m, &test->p);
	test->p = stats_normal_p(distance, rank_deviation(n, m, r->ties));
	return 0;
}

int stats_rank_sum_test(const double *base, size_t n, const double *other, size_t m,
			struct stats_test *test)
{
	double *x = stats_sorted(base, n), *y = stats_sorted(other, m);
	struct stats_ranks ranks;
	int err = n && m ? 0 : -EINVAL;

	if (!err && (!x || !y))
		err = -ENOMEM;
	if (!err) {
		stats_rank_together(x, n, y, m, &ranks);
		err = test_ranks(&ranks, n, m, test);
	}
	free(x);
	free(y);
	return err;
}
