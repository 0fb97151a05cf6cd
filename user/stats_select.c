// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The k-th smallest of all pairwise differences or means, without a list of
 * them: doubles are bisected in their order, and one pass of two indices counts the
 * pairs that are not above a value. At most 64 passes, and the result is exact.
 */
#include <stdint.h>
#include <string.h>

#include "stats_internal.h"

struct pairs {
	const double *a, *b; /* b: NULL for the means of a's own */
	size_t n, m;
};

/* Pairs (i, j) with b[j] - a[i] <= v: i runs from some index to the end, later for larger b[j]. */
static uint64_t count_differences(const struct pairs *p, double v)
{
	uint64_t count = 0;
	size_t i = 0;

	for (size_t j = 0; j < p->m; j++) {
		while (i < p->n && !(p->b[j] - p->a[i] <= v))
			i++;
		count += p->n - i;
	}
	return count;
}

/* Pairs i <= j with (a[i] + a[j]) / 2 <= v: the last such j falls as i rises. */
static uint64_t count_means(const struct pairs *p, double v)
{
	uint64_t count = 0;
	size_t end = p->n;

	for (size_t i = 0; i < end; i++) {
		while (end > i && !((p->a[i] + p->a[end - 1]) / 2 <= v))
			end--;
		count += end - i;
	}
	return count;
}

/* Unsigned numbers in the order of the doubles, and back. */
static const uint64_t SIGN = 1ULL << 63;

static uint64_t to_ordered(double v)
{
	uint64_t bits;

	memcpy(&bits, &v, sizeof(bits));
	return bits & SIGN ? ~bits : bits | SIGN;
}

static double from_ordered(uint64_t ordered)
{
	uint64_t bits = ordered & SIGN ? ordered & ~SIGN : ~ordered;
	double v;

	memcpy(&v, &bits, sizeof(v));
	return v;
}

static double kth(const struct pairs *p, double smallest, double largest, uint64_t k)
{
	uint64_t lo = to_ordered(smallest), hi = to_ordered(largest);

	while (lo < hi) {
		uint64_t middle = lo + (hi - lo) / 2;
		double v = from_ordered(middle);
		uint64_t count = p->b ? count_differences(p, v) : count_means(p, v);

		if (count >= k)
			hi = middle;
		else
			lo = middle + 1;
	}
	return from_ordered(lo);
}

double stats_kth_difference(const double *base, size_t n, const double *other, size_t m, size_t k)
{
	struct pairs p = { base, other, n, m };

	return kth(&p, other[0] - base[n - 1], other[m - 1] - base[0], k);
}

double stats_kth_mean(const double *d, size_t n, size_t k)
{
	struct pairs p = { d, NULL, n, 0 };

	return kth(&p, d[0], d[n - 1], k);
}
