// SPDX-License-Identifier: GPL-2.0-or-later
/* Medians, Holm's correction, and what could have been detected. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "stats_internal.h"

double stats_median_sorted(const double *sorted, size_t n)
{
	if (!n)
		return NAN;
	if (n % 2)
		return sorted[n / 2];
	return (sorted[n / 2 - 1] + sorted[n / 2]) / 2;
}

size_t stats_lower_rank(const uint64_t *count, size_t n, double total)
{
	uint64_t sum = 0;
	size_t i;

	for (i = 0; i + 1 < n; i++) {
		sum += count[i];
		if (sum >= total * (STATS_ALPHA / 2))
			break;
	}
	return i;
}

double stats_normal_p(double distance, double deviation)
{
	double z = fabs(distance) - 0.5;

	/* All values equal: nothing to tell apart. */
	if (deviation <= 0 || z < 0)
		return 1;
	return fmin(1, erfc(z / deviation / M_SQRT2));
}

static double normal_quantile(double share)
{
	double lo = -40, hi = 40;

	while (hi - lo > 1e-12) {
		double z = (lo + hi) / 2;

		if (erfc(-z / M_SQRT2) / 2 < share)
			lo = z;
		else
			hi = z;
	}
	return lo;
}

size_t stats_normal_rank(double mean, double deviation)
{
	double rank = mean + normal_quantile(STATS_ALPHA / 2) * deviation;

	return rank < 1 ? 0 : rank;
}

struct numbered {
	double p;
	size_t index;
};

static int by_p(const void *left, const void *right)
{
	const struct numbered *a = left, *b = right;

	return (a->p > b->p) - (a->p < b->p);
}

int stats_holm(const double *p, size_t n, double *adjusted)
{
	struct numbered *sorted = calloc(n + 1, sizeof(*sorted));
	double largest = 0;

	if (!sorted)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++)
		sorted[i] = (struct numbered){ p[i], i };
	qsort(sorted, n, sizeof(*sorted), by_p);
	for (size_t i = 0; i < n; i++) {
		largest = fmin(1, fmax(largest, (n - i) * sorted[i].p));
		adjusted[sorted[i].index] = largest;
	}
	free(sorted);
	return 0;
}

double stats_holm_attainable(const double *sorted, const double *adjusted, size_t n,
			     double smallest)
{
	size_t lo = 0, hi = n;

	while (lo < hi) {
		size_t i = (lo + hi) / 2;

		if (sorted[i] < smallest)
			lo = i + 1;
		else
			hi = i;
	}
	return fmin(1, fmax(lo ? adjusted[lo - 1] : 0, (n - lo) * smallest));
}

/* Abramowitz and Stegun 26.7.5: within 1% from three degrees of freedom on. */
static double t_quantile(double share, double freedom)
{
	double z = normal_quantile(share), z2 = z * z, f = freedom;

	return z + z * (z2 + 1) / (4 * f) + z * ((5 * z2 + 16) * z2 + 3) / (96 * f * f) +
	       z * (((3 * z2 + 19) * z2 + 17) * z2 - 15) / (384 * f * f * f);
}

static double detectable(double error, double freedom, double alpha)
{
	static const double efficiency = 3 / M_PI;
	double t = t_quantile(1 - alpha / 2, freedom) + t_quantile(0.8, freedom);

	return exp(t * error / sqrt(efficiency));
}

/* Sum of the squared distances from the mean; 0 to the last bit where all are equal. */
static double squares(const double *v, size_t n)
{
	double mean = v[0], sum = 0;

	for (size_t i = 0; i < n; i++)
		mean += (v[i] - v[0]) / n;
	for (size_t i = 0; i < n; i++)
		sum += (v[i] - mean) * (v[i] - mean);
	return sum;
}

static double log_squares(const double *v, size_t n)
{
	double *logs = calloc(n + 1, sizeof(*logs)), sum = NAN;

	for (size_t i = 0; logs && i < n; i++)
		logs[i] = log(v[i]);
	if (logs)
		sum = squares(logs, n);
	free(logs);
	return sum;
}

double stats_rank_sum_detectable(const double *base, size_t n, const double *other, size_t m,
				 double alpha)
{
	double freedom = (double)n + m - 2, sum;

	if (!n || !m || freedom < 1)
		return NAN;
	sum = log_squares(base, n) + log_squares(other, m);
	if (!isfinite(sum) || sum <= 0)
		return NAN;
	return detectable(sqrt(sum / freedom * (1.0 / n + 1.0 / m)), freedom, alpha);
}

double stats_signed_rank_detectable(const double *d, size_t n, double alpha)
{
	double sum = n > 1 ? squares(d, n) : NAN;

	if (!isfinite(sum) || sum <= 0)
		return NAN;
	return detectable(sqrt(sum / (n - 1) / n), n - 1, alpha);
}
