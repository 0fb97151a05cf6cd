/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The phases one after the other, and what came of each. */
#ifndef SWAPLOAD_EXPERIMENT_H
#define SWAPLOAD_EXPERIMENT_H

#include "vmstat.h"
#include "crew.h"

struct fairness {
	double min, median, max; /* a worker's operations/s */
	double jain;		 /* Jain's index: 1/n (one gets all) to 1 */
};

/* @rates is sorted. */
struct fairness fairness_of(double *rates, unsigned int n);

struct result {
	enum phase phase;
	struct tally sum; /* of all workers: begin of the first, end of the last */
	uint64_t busy_ns; /* each worker's time added up */
	struct fairness fairness;
	struct vmstat vmstat; /* what was added in the phase */
	struct check checks[NR_CHECKS];
	int64_t swapped_before, swapped_after; /* pages; -1: not known */
	double *rates;			       /* by worker */
	uint64_t *operations;
};

struct experiment {
	const struct options *options;
	uint64_t memory;     /* bytes that the set may have without swap */
	uint64_t swap_total; /* of the system, at the start */
	uint64_t pages, page_size, fault_ns, clock_ns;
	uint64_t own_bytes; /* bookkeeping */
	bool locked;
	int stop; /* the signal that ended it */
	int err;  /* a worker failed */
	uint64_t corrupt;
	struct corruption wrong;
	struct result *results[MAX_PHASES];
	unsigned int nr_results;
};

/* Fills in options->size where a ratio was given. 0 or, having said why, a negative errno. */
int experiment__prepare(struct experiment *e, struct options *options);
int experiment__run(struct experiment *e);
void experiment__free(struct experiment *e);

#endif
