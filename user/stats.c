// SPDX-License-Identifier: GPL-2.0-or-later
/* Median, Hodges-Lehmann ratio and Mann-Whitney U. */
#include <errno.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "stats.h"

/* The 97.5% point of the normal distribution. */
#define Z_975 1.959963984540054

/*
 * With this many values together every count of arrangements, at most
 * 60 over 30 = 1.2e17, fits in 64 bits.
 */
#define EXACT_MAX 60

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

void stats_sort(double *v, size_t n)
{
	if (n)
		qsort(v, n, sizeof(*v), by_value);
}

double stats_median_sorted(const double *sorted, size_t n)
{
	if (!n)
		return NAN;
	if (n % 2)
		return sorted[n / 2];
	return (sorted[n / 2 - 1] + sorted[n / 2]) / 2;
}

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

static uint64_t sum_counts(const uint64_t *count, size_t from, size_t to)
{
	uint64_t sum = 0;

	for (size_t u = from; u < to; u++)
		sum += count[u];
	return sum;
}

double stats_rank_smallest_p(size_t n, size_t m)
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
	uint64_t *count, total, sum = 0;
	size_t u = 0;

	if (n + m > EXACT_MAX) {
		double r = n * m / 2.0 - Z_975 * rank_deviation(n, m, 0);

		*rank = r < 1 ? 0 : r;
		return 0;
	}
	count = rank_counts(n, m);
	if (!count)
		return -ENOMEM;
	total = sum_counts(count, 0, n * m + 1);
	while (u <= n * m) {
		sum += count[u];
		if (sum >= total * (STATS_ALPHA / 2))
			break;
		u++;
	}
	*rank = u;
	free(count);
	return 0;
}

static bool has_negative(const double *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (v[i] < 0)
			return true;
	return false;
}

static bool has_zero(const double *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (v[i] == 0)
			return true;
	return false;
}

int stats_ratio(const double *base, size_t n, const double *other, size_t m,
		struct stats_ratio *ratio)
{
	double *logs;
	size_t rank;
	int err;

	if (!n || !m)
		return -EINVAL;
	if (has_zero(base, n) || has_negative(base, n) || has_negative(other, m))
		return -EDOM;
	err = interval_rank(n, m, &rank);
	if (err)
		return err;
	logs = calloc(n * m, sizeof(*logs));
	if (!logs)
		return -ENOMEM;
	/* A zero in @other is a ratio of 0, and -infinity sorts as it should. */
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < m; j++)
			logs[i * m + j] = log(other[j]) - log(base[i]);
	stats_sort(logs, n * m);
	ratio->estimate = exp(stats_median_sorted(logs, n * m));
	ratio->lo = rank ? exp(logs[rank - 1]) : NAN;
	ratio->hi = rank ? exp(logs[n * m - rank]) : NAN;
	free(logs);
	return 0;
}

/* Sum of t^3 - t over the groups of t equal values. */
static int tie_sum(const double *base, size_t n, const double *other, size_t m, double *sum)
{
	double *all = calloc(n + m, sizeof(*all));

	if (!all)
		return -ENOMEM;
	memcpy(all, base, n * sizeof(*all));
	memcpy(all + n, other, m * sizeof(*all));
	stats_sort(all, n + m);
	*sum = 0;
	for (size_t i = 0, j; i < n + m; i = j) {
		double t;

		for (j = i; j < n + m && all[j] == all[i]; j++)
			;
		t = j - i;
		*sum += t * t * t - t;
	}
	free(all);
	return 0;
}

static double rank_u(const double *base, size_t n, const double *other, size_t m)
{
	double u = 0;

	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < m; j++)
			u += other[j] > base[i] ? 1 : other[j] == base[i] ? 0.5 : 0;
	return u;
}

/* Twice the rank of each of the n + m values, base first; ties share the mean. */
static void double_ranks(const double *base, size_t n, const double *other, size_t m,
			 unsigned int *rank)
{
	for (size_t i = 0; i < n + m; i++) {
		double v = i < n ? base[i] : other[i - n];

		rank[i] = 1;
		for (size_t j = 0; j < n + m; j++) {
			double w = j < n ? base[j] : other[j - n];

			rank[i] += w < v ? 2 : w == v;
		}
	}
}

/*
 * ways[k * (total + 1) + s]: how many choices of k of the ranks add up to s.
 * Each rank is taken or left, one after the other.
 */
static uint64_t *rank_sums(const unsigned int *rank, size_t all, size_t chosen, size_t total)
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

/*
 * The permutation test: the share of all ways to call m of the values "other"
 * that put their ranks' sum as far from its mean as it is, or farther. Without
 * ties this is the table of the Mann-Whitney test.
 */
static int exact_p(const double *base, size_t n, const double *other, size_t m, double *p)
{
	size_t all = n + m, total = all * (all + 1), mean = m * (all + 1), sum = 0, distance;
	unsigned int rank[EXACT_MAX];
	double extreme = 0;
	uint64_t *ways;

	double_ranks(base, n, other, m, rank);
	ways = rank_sums(rank, all, m, total);
	if (!ways)
		return -ENOMEM;
	for (size_t i = n; i < all; i++)
		sum += rank[i];
	distance = sum > mean ? sum - mean : mean - sum;
	for (size_t s = 0; s <= total; s++)
		if ((s > mean ? s - mean : mean - s) >= distance)
			extreme += ways[m * (total + 1) + s];
	*p = fmin(1, extreme / arrangements(n, m));
	free(ways);
	return 0;
}

static double normal_p(size_t n, size_t m, double u, double ties)
{
	double deviation = rank_deviation(n, m, ties);
	double z = fabs(u - n * m / 2.0) - 0.5;

	/* All values equal: nothing to tell apart. */
	if (deviation <= 0 || z < 0)
		return 1;
	return fmin(1, erfc(z / deviation / M_SQRT2));
}

int stats_rank_test(const double *base, size_t n, const double *other, size_t m,
		    struct stats_rank_test *test)
{
	double ties;
	int err;

	if (!n || !m)
		return -EINVAL;
	err = tie_sum(base, n, other, m, &ties);
	if (err)
		return err;
	test->u = rank_u(base, n, other, m);
	test->exact = n + m <= EXACT_MAX;
	if (test->exact)
		return exact_p(base, n, other, m, &test->p);
	test->p = normal_p(n, m, test->u, ties);
	return 0;
}
