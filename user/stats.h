/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rank statistics of two small samples: pure functions, no globals.
 * Samples hold finite numbers and need not be sorted.
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

/*
 * The Hodges-Lehmann estimate of other / base: the median of all pairwise
 * ratios (on logarithms), its 95% interval from the Mann-Whitney
 * distribution. Returns 0, -EINVAL if a sample is empty, -EDOM if @base has
 * a zero (there is no such ratio) or a sample a negative value, -ENOMEM.
 */
int stats_ratio(const double *base, size_t n, const double *other, size_t m,
		struct stats_ratio *ratio);

struct stats_rank_test {
	double u; /* pairs in which other exceeds base, ties half */
	double p; /* two-sided */
	bool exact;
};

/*
 * Mann-Whitney U. Exact up to 60 values together, by permutation of the ranks
 * where there are ties; else the normal approximation with tie and continuity
 * correction, as in R's wilcox.test(). Returns 0, -EINVAL if a sample is empty, -ENOMEM.
 */
int stats_rank_test(const double *base, size_t n, const double *other, size_t m,
		    struct stats_rank_test *test);

/* The smallest p that samples of these sizes can give: all of one above. */
double stats_rank_smallest_p(size_t n, size_t m);

#endif
