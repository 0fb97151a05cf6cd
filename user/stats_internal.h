/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the two rank tests share. */
#ifndef LOCKSTAT_SWAP_STATS_INTERNAL_H
#define LOCKSTAT_SWAP_STATS_INTERNAL_H

#include <stdint.h>

#include "stats.h"

/*
 * With this many values together every count of arrangements, at most
 * 60 over 30 = 1.2e17 or 2^60, fits in 64 bits.
 */
#define STATS_EXACT_MAX 60

/*
 * The @k-th smallest, from 1, of x[i] + y[j] for all i and j, or of (d[i] + d[j]) / 2 for all
 * i <= j. All sorted ascending. No list of them is made: they may be 1e12.
 */
double stats_kth_sum(const double *x, size_t n, const double *y, size_t m, uint64_t k);
double stats_kth_mean(const double *d, size_t n, uint64_t k);

/* A sorted copy, or NULL. */
double *stats_sorted(const double *v, size_t n);

/* The ranks of two samples in one order, ties sharing the mean; twice, so that they are whole. */
struct stats_ranks {
	size_t sum;		      /* of those of the second sample */
	double ties;		      /* sum of t^3 - t over the groups of t equal values */
	size_t rank[STATS_EXACT_MAX]; /* all of them, ascending, if they are no more than that */
};

/* Both samples sorted ascending. */
void stats_rank_together(const double *x, size_t n, const double *y, size_t m,
			 struct stats_ranks *ranks);

/* The first index whose share of @total, with all before it, is 2.5% or more. */
size_t stats_lower_rank(const uint64_t *count, size_t n, double total);

/* Two-sided; @distance is that of the statistic from its mean. */
double stats_normal_p(double distance, double deviation);

/* The rank that belongs to 2.5% by the normal approximation; 0: there is none. */
size_t stats_normal_rank(double mean, double deviation);

#endif
