/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a page needs, from a result directory: acquisitions and holds of the cells with a tracer,
 * CPU time of those and of the cells without one, and the drives' ceiling. Prints nothing.
 */
#ifndef LOCKSTAT_SWAP_DEMAND_H
#define LOCKSTAT_SWAP_DEMAND_H

#include <stdbool.h>
#include <stddef.h>

#include "swap_model.h"

enum demand_class {
	DEMAND_SWAP_MAP,
	DEMAND_SWAP_AVAIL,
	DEMAND_CLUSTER,
	DEMAND_CLASSES,
};

struct demand_lock {
	double acquired, contended, wait, hold; /* times in seconds */
	bool shared;				/* by all drives */
};

/* A measurement: one arm, number of drives and repetition, with a tracer or without. */
struct demand_cell {
	char workload[64], arm[32];
	unsigned int ssds, rep, threads;
	unsigned int directory; /* that it was read from, from 1 */
	bool traced;
	double window, swapout, swapin, cpu; /* seconds, pages/s, pages/s, seconds */
	struct demand_lock locks[DEMAND_CLASSES];
};

/* What drives can do, of all that were measured. */
struct demand_ceiling {
	double rate_sum, rate_n; /* of 1/rate */
	double service_sum, service_n;
};

/* Begins zeroed; demand_free() whatever was returned. */
struct demand {
	struct demand_cell *cells;
	size_t n;
	size_t cpus; /* of the machine; 0: unknown */
	unsigned int directories;
	struct demand_ceiling ceilings[2]; /* on a kernel without a tracer, on one that has it */
	char error[1024];
};

/*
 * Adds what a directory has; of several, each has other measurements on the same number of
 * CPUs. 0 or a negative errno, and why in ->error.
 */
int demand_read(struct demand *demand, const char *directory);

void demand_free(struct demand *demand);

/* Which measurements a model is made of. */
struct demand_choice {
	const char *workload, *arm;
	bool own;    /* times of this arm alone; else of all arms together */
	bool traced; /* as the tracer has it; else at the speed of the kernel without it */
	const unsigned int *weights; /* by repetition, from 0; NULL: all once */
	size_t nweights;
};

/*
 * Fills in all but the hand-over of @model. -ENODATA: no measurement with a
 * tracer and hold times; -ERANGE: the CPUs worked for less time than locks were held and waited
 * for.
 */
int demand_fit(const struct demand *demand, const struct demand_choice *choice,
	       struct swap_model *model);

const char *demand_class_name(enum demand_class class);

/* Pages swapped out or in. */
double demand_pages(const struct demand_cell *cell);

#endif
