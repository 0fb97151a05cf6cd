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
 * The @k-th smallest, from 1, of other[j] - base[i] for all i and j, or of (d[i] + d[j]) / 2
 * for all i <= j. All sorted ascending. No list of them is made: they may be 1e12.
 */
double stats_kth_difference(const double *base, size_t n, const double *other, size_t m, size_t k);
double stats_kth_mean(const double *d, size_t n, size_t k);

/*
 * Twice the rank of each of the sorted values, ties sharing the mean (twice, so
 * that it is whole), and the sum of t^3 - t over the groups of t equal ones.
 */
double stats_double_ranks(const double *sorted, size_t n, size_t *rank);

/* The first index whose share of the counts, with all before it, is 2.5% or more. */
size_t stats_lower_rank(const uint64_t *count, size_t n);

/* Two-sided; @distance is that of the statistic from its mean. */
double stats_normal_p(double distance, double deviation);

/* The rank that belongs to 2.5% by the normal approximation; 0: there is none. */
size_t stats_normal_rank(double mean, double deviation);

#endif
