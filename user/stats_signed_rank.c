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

/* How many choices of the @n ranks add up to each sum, 0 to @total; of n ranks 2^n. */
static uint64_t *subset_sums(const size_t *rank, size_t n, size_t total)
{
	uint64_t *ways = calloc(total + 1, sizeof(*ways));

	if (!ways)
		return NULL;
	ways[0] = 1;
	for (size_t i = 0; i < n; i++)
		for (size_t s = total; s >= rank[i]; s--)
			ways[s] += ways[s - rank[i]];
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
	count = subset_sums(ranks, n, total);
	if (!count)
		return -ENOMEM;
	*rank = stats_lower_rank(count, total + 1);
	free(count);
	return 0;
}

static double *sorted_copy(const double *d, size_t n)
{
	double *copy = calloc(n, sizeof(*copy));

	for (size_t i = 0; copy && i < n; i++)
		copy[i] = d[i];
	if (copy)
		stats_sort(copy, n);
	return copy;
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
	sorted = sorted_copy(d, n);
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

/* The differences that are not 0, by their size. */
struct ranked {
	size_t n;
	double *sorted; /* with their signs */
	double *sizes;
	size_t *rank; /* twice the ranks */
	size_t above; /* sum of those of the positive ones */
	double ties;
};

static int by_size(const void *left, const void *right)
{
	double a = fabs(*(const double *)left), b = fabs(*(const double *)right);

	return (a > b) - (a < b);
}

static int rank_sizes(struct ranked *r, const double *d, size_t n)
{
	*r = (struct ranked){};
	r->sorted = calloc(n, sizeof(*r->sorted));
	r->sizes = calloc(n, sizeof(*r->sizes));
	r->rank = calloc(n, sizeof(*r->rank));
	if (!r->sorted || !r->sizes || !r->rank)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++)
		if (d[i] != 0)
			r->sorted[r->n++] = d[i];
	qsort(r->sorted, r->n, sizeof(*r->sorted), by_size);
	for (size_t i = 0; i < r->n; i++)
		r->sizes[i] = fabs(r->sorted[i]);
	r->ties = stats_double_ranks(r->sizes, r->n, r->rank);
	for (size_t i = 0; i < r->n; i++)
		r->above += r->sorted[i] > 0 ? r->rank[i] : 0;
	return 0;
}

static void ranked_free(struct ranked *r)
{
	free(r->sorted);
	free(r->sizes);
	free(r->rank);
}

static size_t gap(size_t a, size_t b)
{
	return a > b ? a - b : b - a;
}

/* The share of all 2^n ways to choose the signs that is as far from the mean, or farther. */
static int permutation_p(const struct ranked *r, double *p)
{
	size_t total = r->n * (r->n + 1), mean = total / 2;
	uint64_t *ways = subset_sums(r->rank, r->n, total);
	double extreme = 0;

	if (!ways)
		return -ENOMEM;
	for (size_t s = 0; s <= total; s++)
		if (gap(s, mean) >= gap(r->above, mean))
			extreme += ways[s];
	*p = fmin(1, extreme * pow(0.5, r->n));
	free(ways);
	return 0;
}

static int test_ranked(const struct ranked *r, struct stats_test *test)
{
	double distance = (r->above - (double)r->n * (r->n + 1) / 2) / 2;

	test->statistic = r->above / 2.0;
	test->direction = (distance > 0) - (distance < 0);
	test->exact = r->n <= STATS_EXACT_MAX;
	if (test->exact)
		return permutation_p(r, &test->p);
	test->p = stats_normal_p(distance, signed_deviation(r->n, r->ties));
	return 0;
}

int stats_signed_rank_test(const double *d, size_t n, struct stats_test *test)
{
	struct ranked r;
	int err;

	if (!n)
		return -EINVAL;
	for (size_t i = 0; i < n; i++)
		if (isnan(d[i]))
			return -EDOM;
	err = rank_sizes(&r, d, n);
	if (!err)
		err = test_ranked(&r, test);
	ranked_free(&r);
	return err;
}
