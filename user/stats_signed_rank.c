// SPDX-License-Identifier: GPL-2.0-or-later
/* Pairs: Wilcoxon's signed rank test, and the ratio that belongs to it. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "stats_internal.h"

/* By the larger over the smaller: pairs of the same ratio, either way round, tie to the last bit.
 */
double stats_log_ratio(double base, double other)
{
	if (base < 0 || other < 0)
		return NAN;
	if (base == other)
		return 0;
	return other > base ? log(other / base) : -log(base / other);
}

double stats_signed_rank_smallest_p(size_t n)
{
	return n ? fmin(1, 2 * pow(0.5, n)) : 1;
}

/* How many choices of the @n ranks, of which none is 0, add up to each sum, 0 to @top. */
static uint64_t *subset_sums(const size_t *rank, size_t n, size_t top)
{
	uint64_t *ways = calloc(top + 1, sizeof(*ways));
	size_t most = 0;

	if (!ways)
		return NULL;
	ways[0] = 1;
	for (size_t i = 0; i < n; i++) {
		most = most + rank[i] < top ? most + rank[i] : top;
		for (size_t s = most; s >= rank[i]; s--)
			ways[s] += ways[s - rank[i]];
	}
	return ways;
}

static double signed_deviation(size_t n, double ties)
{
	return sqrt((double)n * (n + 1) * (2.0 * n + 1) / 24 - ties / 48);
}

/* As interval_rank() of the rank sum. */
static int interval_rank(size_t n, size_t *rank)
{
	size_t ranks[STATS_EXACT_MAX], total = n * (n + 1) / 2;
	uint64_t *count;

	if (n > STATS_EXACT_MAX) {
		*rank = stats_normal_rank(total / 2.0, signed_deviation(n, 0));
		return 0;
	}
	for (size_t i = 0; i < n; i++)
		ranks[i] = i + 1;
	/* Symmetric: the lower half has it. */
	count = subset_sums(ranks, n, total / 2);
	if (!count)
		return -ENOMEM;
	*rank = stats_lower_rank(count, total / 2 + 1, exp2(n));
	free(count);
	return 0;
}

static bool below_infinity(const double *d, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!(d[i] < INFINITY))
			return false;
	return true;
}

int stats_signed_rank_ratio(const double *d, size_t n, struct stats_ratio *ratio)
{
	size_t rank, all = n * (n + 1) / 2;
	double *sorted, kth[2];
	int err;

	if (!n)
		return -EINVAL;
	if (!below_infinity(d, n))
		return -EDOM;
	err = interval_rank(n, &rank);
	if (err)
		return err;
	sorted = stats_sorted(d, n);
	if (!sorted)
		return -ENOMEM;
	kth[0] = stats_kth_mean(sorted, n, (all + 1) / 2);
	kth[1] = all % 2 ? kth[0] : stats_kth_mean(sorted, n, all / 2 + 1);
	ratio->estimate = exp((kth[0] + kth[1]) / 2);
	ratio->lo = rank ? exp(stats_kth_mean(sorted, n, rank)) : NAN;
	ratio->hi = rank ? exp(stats_kth_mean(sorted, n, all - rank + 1)) : NAN;
	free(sorted);
	return 0;
}

static size_t without_zeros(const double *d, size_t n, double *to)
{
	size_t kept = 0;

	for (size_t i = 0; i < n; i++)
		if (d[i] != 0)
			to[kept++] = d[i];
	return kept;
}

/* The negative ones, in front of the sorted values, become their sizes, ascending. */
static size_t turn_round(double *sorted, size_t n)
{
	size_t below = 0;

	while (below < n && sorted[below] < 0)
		below++;
	for (size_t i = 0; i < (below + 1) / 2; i++) {
		double size = -sorted[i];

		sorted[i] = -sorted[below - 1 - i];
		sorted[below - 1 - i] = size;
	}
	return below;
}

/* The share of all 2^n ways to choose the signs that is as far from the mean, or farther. */
static int permutation_p(const struct stats_ranks *r, size_t n, double *p)
{
	size_t total = n * (n + 1), top = r->sum < total - r->sum ? r->sum : total - r->sum;
	uint64_t *ways = subset_sums(r->rank, n, top);
	double tail = 0;

	if (!ways)
		return -ENOMEM;
	for (size_t s = 0; s <= top; s++)
		tail += ways[s];
	*p = 2 * r->sum == total ? 1 : fmin(1, 2 * tail * exp2(-(double)n));
	free(ways);
	return 0;
}

static int test_ranks(const struct stats_ranks *r, size_t n, struct stats_test *test)
{
	double distance = (r->sum - (double)n * (n + 1) / 2) / 2;

	test->statistic = r->sum / 2.0;
	test->direction = (distance > 0) - (distance < 0);
	test->exact = n <= STATS_EXACT_MAX;
	if (test->exact)
		return permutation_p(r, n, &test->p);
	test->p = stats_normal_p(distance, signed_deviation(n, r->ties));
	return 0;
}

int stats_signed_rank_test(const double *d, size_t n, struct stats_test *test)
{
	struct stats_ranks ranks;
	double *sizes;
	size_t below;
	int err;

	if (!n)
		return -EINVAL;
	for (size_t i = 0; i < n; i++)
		if (isnan(d[i]))
			return -EDOM;
	sizes = calloc(n, sizeof(*sizes));
	if (!sizes)
		return -ENOMEM;
	n = without_zeros(d, n, sizes);
	stats_sort(sizes, n);
	below = turn_round(sizes, n);
	stats_rank_together(sizes, below, sizes + below, n - below, &ranks);
	err = test_ranks(&ranks, n, test);
	free(sizes);
	return err;
}
