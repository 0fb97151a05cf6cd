// SPDX-License-Identifier: GPL-2.0-or-later
/* Sorting, and the ranks of what is sorted. */
#include <stdlib.h>
#include <string.h>

#include "stats_internal.h"

enum { FEW = 24 };

static void insert_each(double *v, size_t n)
{
	for (size_t i = 1; i < n; i++) {
		double value = v[i];
		size_t to = i;

		for (; to && v[to - 1] > value; to--)
			v[to] = v[to - 1];
		v[to] = value;
	}
}

static double middle_of(double a, double b, double c)
{
	double lo = a < b ? a : b, hi = a < b ? b : a;

	return c < lo ? lo : c > hi ? hi : c;
}

/* Of three anywhere: no order that files have is one that takes long. */
static double pick_pivot(const double *v, size_t n, uint64_t *seed)
{
	double of[3];

	for (int i = 0; i < 3; i++) {
		*seed = *seed * 6364136223846793005 + 1442695040888963407;
		of[i] = v[(*seed >> 33) % n];
	}
	return middle_of(of[0], of[1], of[2]);
}

/*
 * Those below @pivot to the front, or all that are not above it; returns how many. No branch
 * hangs on a value: half of them would be predicted wrongly.
 */
static size_t to_front(double *v, size_t n, double pivot, bool equal_too)
{
	size_t front = 0;

	for (size_t i = 0; i < n; i++) {
		double value = v[i];

		v[i] = v[front];
		v[front] = value;
		front += equal_too ? !(value > pivot) : value < pivot;
	}
	return front;
}

/* Recurses into the smaller part. */
static void quicksort(double *v, size_t n, uint64_t *seed)
{
	while (n > FEW) {
		double pivot = pick_pivot(v, n, seed);
		size_t below = to_front(v, n, pivot, false), rest = n - below;

		if (!below) {
			/* Nothing is smaller: those equal to it are where they belong. */
			size_t equal = to_front(v, n, pivot, true);

			v += equal;
			n -= equal;
		} else if (below < rest) {
			quicksort(v, below, seed);
			v += below;
			n = rest;
		} else {
			quicksort(v + below, rest, seed);
			n = below;
		}
	}
	insert_each(v, n);
}

static bool is_sorted(const double *v, size_t n)
{
	for (size_t i = 1; i < n; i++)
		if (v[i - 1] > v[i])
			return false;
	return true;
}

void stats_sort(double *v, size_t n)
{
	uint64_t seed = n;

	if (!is_sorted(v, n))
		quicksort(v, n, &seed);
}

double *stats_sorted(const double *v, size_t n)
{
	double *copy = calloc(n + 1, sizeof(*copy));

	if (!copy)
		return NULL;
	memcpy(copy, v, n * sizeof(*copy));
	stats_sort(copy, n);
	return copy;
}

void stats_rank_together(const double *x, size_t n, const double *y, size_t m,
			 struct stats_ranks *ranks)
{
	size_t i = 0, j = 0;

	*ranks = (struct stats_ranks){};
	while (i < n || j < m) {
		double value = j == m || (i < n && x[i] < y[j]) ? x[i] : y[j], t;
		size_t before = i + j, second = j, twice;

		for (; i < n && x[i] == value; i++)
			;
		for (; j < m && y[j] == value; j++)
			;
		twice = before + i + j + 1;
		ranks->sum += (j - second) * twice;
		t = i + j - before;
		ranks->ties += t * t * t - t;
		for (size_t k = before; k < i + j && k < STATS_EXACT_MAX; k++)
			ranks->rank[k] = twice;
	}
}
