/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * When accesses are due, whatever became of those before them: times are reckoned
 * from the start, so that they do not drift.
 */
#ifndef SWAPLOAD_SCHEDULE_H
#define SWAPLOAD_SCHEDULE_H

#include <stdbool.h>
#include <stdint.h>

#include "access.h"

struct schedule {
	bool poisson;
	double interval_ns; /* between two accesses of this worker, the mean */
	double first_ns;
	double due_ns; /* poisson: of the latest */
	uint64_t issued;
	struct rng rng;
};

/*
 * The share of one of @workers workers in @rate accesses a second. Constant ones
 * take turns, so that they are as far apart as the rate has it; Poisson processes
 * add up to one.
 */
struct schedule schedule_of(double rate, bool poisson, unsigned int worker, unsigned int workers,
			    struct rng rng);

/* ns from the start until the next access is due. */
uint64_t schedule__next(struct schedule *s);

#endif
