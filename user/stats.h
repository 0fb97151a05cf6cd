/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rank statistics of two samples: pure functions, no globals. Samples hold
 * finite numbers and need not be sorted, unless it is said.
 */
#ifndef LOCKSTAT_SWAP_STATS_H
#define LOCKSTAT_SWAP_STATS_H

#include <stdbool.h>
#include <stddef.h>

/* Verdicts and intervals: 5% and 95%. */
#define STATS_ALPHA 0.05

void stats_sort(double *v, size_t n);

/* NaN if @n is 0. @sorted ascending. */
double stats_median_sorted(const double *sorted, size_t n);

/*
 * The order statistics between which the median lies with 95%, of 6 values or more. Returns 0,
 * or -EDOM if @n are too few for it.
 */
int stats_median_interval(const double *sorted, size_t n, double *lo, double *hi);

struct stats_ratio {
	double estimate;
	double lo, hi; /* NaN: too few values for a 95% interval */
};

struct stats_test {
	double statistic;
	double p;      /* two-sided */
	int direction; /* of other against base: below 0, 0, above 0 */
	bool exact;
};

/*
 * The Hodges-Lehmann estimate of other / base: the median of all pairwise
 * ratios (on logarithms), its 95% interval from the Mann-Whitney
 * distribution. Returns 0, -EINVAL if a sample is empty, -EDOM if @base has
 * a zero (there is no such ratio) or a sample a negative value, -ENOMEM.
 */
int stats_rank_sum_ratio(const double *base, size_t n, const double *other, size_t m,
			 struct stats_ratio *ratio);

/*
 * Mann-Whitney; the statistic is U: pairs in which other exceeds base, ties half.
 * Exact up to 60 values together, by permutation of the ranks
 * where there are ties; else the normal approximation with tie and continuity
 * correction, as in R's wilcox.test(). Returns 0, -EINVAL if a sample is empty, -ENOMEM.
 */
int stats_rank_sum_test(const double *base, size_t n, const double *other, size_t m,
			struct stats_test *test);

/* The smallest p that samples of these sizes can give: all of one above. */
double stats_rank_sum_smallest_p(size_t n, size_t m);

/*
 * log(other / base) of a pair: infinite if one of them is 0, 0 if they are
 * equal, zeros too. NaN if one is negative.
 */
double stats_log_ratio(double base, double other);

/*
 * The same for pairs, of which @d has the logarithms of the ratios: the median of
 * all means of two of them, its interval from the signed rank distribution.
 * -EDOM if one of @d is NaN or +infinity.
 */
int stats_signed_rank_ratio(const double *d, size_t n, struct stats_ratio *ratio);

/*
 * Wilcoxon's signed rank test of the differences @d; the statistic is V, the ranks of those
 * above 0. Differences of 0 are left out. Exact up to 60 others, by permutation of the
 * signs where there are ties; else the normal approximation with tie and continuity
 * correction, as in R's wilcox.test(). -EDOM if one of @d is NaN.
 */
int stats_signed_rank_test(const double *d, size_t n, struct stats_test *test);

/* The smallest p that @n pairs can give: all on one side. */
double stats_signed_rank_smallest_p(size_t n);

/* Holm's correction of @n values of p, as R's p.adjust(p, "holm"). -ENOMEM. */
int stats_holm(const double *p, size_t n, double *adjusted);

/*
 * The least corrected p that one of these values, sorted ascending and so corrected, could
 * have had if it were @smallest (which it is not below) and the others as they are.
 */
double stats_holm_attainable(const double *sorted, const double *adjusted, size_t n,
			     double smallest);

/*
 * The ratio above 1 that a test at level @alpha finds in four of five cases, for
 * logarithms that spread as these do: (t(1 - alpha/2) + t(0.8)) standard errors of the
 * difference of two means, over the square root of the rank tests' efficiency 3/pi. NaN
 * where there is no spread to go by: too few values, no two that differ within a sample, or
 * zeros and negative ones.
 */
double stats_rank_sum_detectable(const double *base, size_t n, const double *other, size_t m,
				 double alpha);
double stats_signed_rank_detectable(const double *d, size_t n, double alpha);

#endif
