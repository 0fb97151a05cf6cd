// SPDX-License-Identifier: GPL-2.0-or-later
#include <math.h>

#include "schedule.h"

struct schedule schedule_of(double rate, bool poisson, unsigned int worker, unsigned int workers,
			    struct rng rng)
{
	double interval_ns = 1e9 * workers / rate;

	return (struct schedule){
		.poisson = poisson,
		.interval_ns = interval_ns,
		.first_ns = interval_ns * worker / workers,
		.rng = rng,
	};
}

uint64_t schedule__next(struct schedule *s)
{
	if (s->poisson)
		s->due_ns -= s->interval_ns * log1p(-rng__unit(&s->rng));
	else
		s->due_ns = s->first_ns + s->interval_ns * s->issued;
	s->issued++;
	return s->due_ns;
}
