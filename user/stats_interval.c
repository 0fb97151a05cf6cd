// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <math.h>

#include "stats.h"

int stats_median_interval(const double *sorted, size_t n, double *lo, double *hi)
{
	double share = exp2(-(double)n), tail = 0;
	size_t k;

	/* The k-th smallest, as long as fewer than k below the median is too rare to matter. */
	for (k = 0; k < n && 2 * (tail + share) <= STATS_ALPHA; k++) {
		tail += share;
		share *= (double)(n - k) / (k + 1);
	}
	if (!k)
		return -EDOM;
	*lo = sorted[k - 1];
	*hi = sorted[n - k];
	return 0;
}
