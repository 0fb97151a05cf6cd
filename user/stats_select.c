// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The k-th smallest of all sums of pairs, without a list of them. One pass of two indices
 * counts those that are not above a value and finds its neighbours. Such passes close in on
 * the sum that is sought, mostly two or three times two of them for 1e11 pairs, until so few
 * are left that they can be listed. The result is exact.
 */
#include <math.h>
#include <string.h>

#include "stats_internal.h"

enum { FEW = 64 };

struct sums {
	const double *x, *y;
	size_t n, m;
	bool half; /* x is y, and pairs are those of i <= j */
	uint64_t all;
};

/* Between these two sums, which are there, it is. */
struct bracket {
	double lo, hi;
	uint64_t below, upto; /* how many are below lo, and how many are not above hi */
};

static size_t first_of(const struct sums *s, size_t i)
{
	return s->half ? i : 0;
}

/* Narrows the bracket to one side of @v. The last y whose sum is not above it falls as x rises. */
static void probe(const struct sums *s, uint64_t k, double v, struct bracket *b)
{
	double under = -INFINITY, over = INFINITY;
	uint64_t count = 0;
	size_t end = s->m;

	for (size_t i = 0; i < s->n; i++) {
		size_t first = first_of(s, i);
		double x = s->x[i];

		while (end > first && x + s->y[end - 1] > v)
			end--;
		if (end < s->m) {
			double next = x + s->y[end > first ? end : first];

			over = next < over ? next : over;
		}
		if (end <= first)
			break;
		under = x + s->y[end - 1] > under ? x + s->y[end - 1] : under;
		count += end - first;
	}
	if (count >= k)
		*b = (struct bracket){ b->lo, under, b->below, count };
	else
		*b = (struct bracket){ over, b->hi, count, b->upto };
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

/* As many doubles on either side: 64 of these end any search. */
static double halfway(const struct bracket *b)
{
	uint64_t lo = to_ordered(b->lo);

	return from_ordered(lo + (to_ordered(b->hi) - lo) / 2);
}

/* Where the sum of that rank is if they lie evenly. */
static double guess(const struct bracket *b, double rank)
{
	double share = (rank - b->below) / (b->upto - b->below);
	double v = b->lo + share * (b->hi - b->lo);

	if (share <= 0)
		return b->lo;
	return v < b->hi ? v : halfway(b);
}

/*
 * From either side, aiming past it by as much as the guess is likely to be wrong: the fewer
 * of all sums are left, the more evenly they lie.
 */
static void narrow(const struct sums *s, uint64_t k, struct bracket *b)
{
	double left = b->upto - b->below, share = left / s->all;
	double margin = left * fmin(0.125, 2 * share) + FEW / 8;

	probe(s, k, guess(b, k - margin), b);
	probe(s, k, guess(b, k + margin), b);
	if (b->upto - b->below > left / 2)
		probe(s, k, halfway(b), b);
}

/* What is left, sorted; as many as the bracket says. */
static void list(const struct sums *s, const struct bracket *b, double *listed)
{
	size_t from = s->m, to = from, n = 0;

	for (size_t i = 0; i < s->n; i++) {
		size_t first = first_of(s, i);

		while (to > first && s->x[i] + s->y[to - 1] > b->hi)
			to--;
		while (from > first && s->x[i] + s->y[from - 1] >= b->lo)
			from--;
		for (size_t j = from > first ? from : first; j < to; j++)
			listed[n++] = s->x[i] + s->y[j];
	}
	stats_sort(listed, n);
}

static double kth(const struct sums *s, uint64_t k)
{
	struct bracket b = { s->x[0] + s->y[0], s->x[s->n - 1] + s->y[s->m - 1], 0, s->all };
	double listed[FEW];

	while (b.lo < b.hi && b.upto - b.below > FEW)
		narrow(s, k, &b);
	if (!(b.lo < b.hi))
		return b.lo;
	list(s, &b, listed);
	return listed[k - b.below - 1];
}

double stats_kth_sum(const double *x, size_t n, const double *y, size_t m, uint64_t k)
{
	struct sums s = { x, y, n, m, false, (uint64_t)n * m };

	return kth(&s, k);
}

double stats_kth_mean(const double *d, size_t n, uint64_t k)
{
	struct sums s = { d, d, n, n, true, (uint64_t)n * (n + 1) / 2 };

	return kth(&s, k) / 2;
}
