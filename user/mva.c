// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The recursion over the number of jobs is Reiser and Lavenberg's ("Mean-value analysis of
 * closed multichain queuing networks", JACM 27, 1980) for stations with load-dependent speed:
 *
 *	p(i|n) = X(n) time(i) p(i-1|n-1)
 *
 * They take p(0|n) as what is missing to 1, which loses all digits once the station is
 * busy. Reiser ("Mean value analysis and convolution method for queue-dependent servers in closed
 * queueing networks", Performance Evaluation 1, 1981) takes it from the network without the
 *station,
 *
 *	p(0|n) = X(n) / Xwithout(n) p(0|n-1)
 *
 * and as all these add up to 1, X(n) follows. Nothing is subtracted anywhere.
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "mva.h"

/* The number of jobs at the station, as far as its speed depends on it. */
struct marginal {
	size_t levels;
	double *p;	 /* of 0 to levels - 1 jobs */
	double more;	 /* of levels jobs or more */
	double more_sum; /* and what these contribute to the mean */
};

void mva_delay(double *throughput, size_t jobs, double delay)
{
	for (size_t n = 1; n <= jobs; n++)
		throughput[n] = delay > 0 ? n / delay : INFINITY;
}

/* The throughput with one job more than @m is of. */
static double next_throughput(const struct marginal *m, const double *time, double without)
{
	double between = m->p[0] / without + time[m->levels - 1] * m->more;

	for (size_t i = 0; i < m->levels; i++)
		between += time[i] * m->p[i];
	return 1 / between;
}

static void next_marginal(struct marginal *m, const double *time, double x, double without)
{
	size_t last = m->levels - 1;

	m->more_sum = x * time[last] * (m->levels * m->p[last] + m->more_sum + m->more);
	m->more = x * time[last] * (m->p[last] + m->more);
	for (size_t i = last; i > 0; i--)
		m->p[i] = x * time[i - 1] * m->p[i - 1];
	m->p[0] *= x / without;
}

static double mean_jobs(const struct marginal *m)
{
	double sum = m->more_sum;

	for (size_t i = 1; i < m->levels; i++)
		sum += i * m->p[i];
	return sum;
}

static void look(const struct mva_station_view *view, size_t jobs, const struct marginal *m)
{
	if (view->empty)
		view->empty[jobs] = m->p[0];
	if (view->mean)
		view->mean[jobs] = mean_jobs(m);
}

int mva_add(double *throughput, size_t jobs, const struct mva_station *station,
	    const struct mva_station_view *view)
{
	static const struct mva_station_view nothing;
	struct marginal m = { .levels = station->levels };

	m.p = calloc(m.levels, sizeof(*m.p));
	if (!m.p)
		return -ENOMEM;
	if (!view)
		view = &nothing;
	m.p[0] = 1;
	look(view, 0, &m);
	for (size_t n = 1; n <= jobs; n++) {
		double x = next_throughput(&m, station->time, throughput[n]);

		next_marginal(&m, station->time, x, throughput[n]);
		throughput[n] = x;
		look(view, n, &m);
	}
	if (view->present) {
		memcpy(view->present, m.p, m.levels * sizeof(*m.p));
		view->present[m.levels] = m.more;
	}
	free(m.p);
	return 0;
}
