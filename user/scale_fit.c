// SPDX-License-Identifier: GPL-2.0-or-later
/* From measurements to cases: loads, their arms, and models of resampled repetitions. */
#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "draw.h"
#include "scale.h"
#include "stats.h"

/* The 2.5% points are then the fifth from each end. */
#define RESAMPLES 200

/* Far more than anybody waits for. */
#define MAX_REPS 1000

static int fail(struct demand *demand, int err, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static int fail(struct demand *demand, int err, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(demand->error, sizeof(demand->error), format, args);
	va_end(args);
	return err;
}

/* As measured without the tracer, and with it. With @weights, of resampled repetitions. */
static int fit_models(const struct demand *demand, const struct scale_choice *choice,
		      const struct scale_case *of, const struct scale_arm *arm,
		      const unsigned int *weights, struct swap_model *models[2])
{
	struct demand_choice one = { .workload = of->workload,
				     .arm = arm->name,
				     .own = choice->own,
				     .weights = weights,
				     .nweights = weights ? MAX_REPS : 0 };
	int err = demand_fit(demand, &one, models[0]);

	one.traced = true;
	return err ? err : demand_fit(demand, &one, models[1]);
}

static int fit(struct demand *demand, const struct scale_choice *choice,
	       const struct scale_case *of, struct scale_arm *arm)
{
	struct swap_model *models[2] = { &arm->measured[0].model, &arm->measured[1].model };
	int err = fit_models(demand, choice, of, arm, NULL, models);

	arm->used.model = *models[choice->traced];
	if (err == -ENODATA)
		fail(demand, err,
		     "no hold times of arm '%s' under %s: they need a kernel with LOCK_STAT",
		     arm->name, of->workload);
	else if (err == -ERANGE)
		fail(demand, err,
		     "arm '%s' under %s: locks were held and waited for longer than the CPUs "
		     "worked",
		     arm->name, of->workload);
	return err;
}

static bool has_arm(const struct scale_case *of, const char *name)
{
	for (size_t i = 0; i < of->narms; i++)
		if (!strcmp(of->arms[i].name, name))
			return true;
	return false;
}

static int add_arm(struct demand *demand, struct scale_case *of, const char *name)
{
	if (has_arm(of, name))
		return 0;
	if (of->narms == SCALE_ARMS)
		return fail(demand, -E2BIG, "more than %d arms", SCALE_ARMS);
	snprintf(of->arms[of->narms++].name, sizeof(of->arms->name), "%s", name);
	return 0;
}

/* What was measured of this load, in two rounds: first the arms with one map lock for all drives.
 */
static int find_arms(struct demand *demand, struct scale_case *of)
{
	int err = 0;

	for (size_t i = 0; i < 2 * demand->n && !err; i++) {
		const struct demand_cell *cell = &demand->cells[i % demand->n];

		if (cell->traced && !strcmp(cell->workload, of->workload) &&
		    (i >= demand->n || cell->locks[DEMAND_SWAP_MAP].shared))
			err = add_arm(demand, of, cell->arm);
	}
	return err;
}

static int choose_arms(struct demand *demand, const struct scale_choice *choice,
		       struct scale_case *of)
{
	int err = choice->narms ? 0 : find_arms(demand, of);

	for (size_t i = 0; i < choice->narms && !err; i++)
		err = add_arm(demand, of, choice->arms[i]);
	for (size_t i = 0; i < of->narms && !err; i++)
		err = fit(demand, choice, of, &of->arms[i]);
	return err;
}

/* The repetitions of the load that there are; returns how many. */
static size_t find_reps(const struct demand *demand, const struct scale_case *of,
			unsigned int *reps)
{
	bool seen[MAX_REPS] = { false };
	size_t n = 0;

	for (size_t i = 0; i < demand->n; i++)
		if (demand->cells[i].traced && demand->cells[i].rep < MAX_REPS &&
		    !strcmp(demand->cells[i].workload, of->workload))
			seen[demand->cells[i].rep] = true;
	for (unsigned int rep = 0; rep < MAX_REPS; rep++)
		if (seen[rep])
			reps[n++] = rep;
	return n;
}

/*
 * A repetition is drawn for all arms at once, which were measured one after the other.
 * -EAGAIN: an arm has no measurement in any of those drawn.
 */
static int resample(const struct demand *demand, const struct scale_choice *choice,
		    struct scale_case *of, size_t sample, const unsigned int *weights)
{
	for (size_t i = 0; i < of->narms; i++) {
		struct scale_arm *arm = &of->arms[i];
		struct swap_model *models[2] = { &arm->measured[0].resampled[sample],
						 &arm->measured[1].resampled[sample] };

		if (fit_models(demand, choice, of, arm, weights, models))
			return -EAGAIN;
		arm->used.resampled[sample] = *models[choice->traced];
	}
	return 0;
}

/*
 * Efron's bootstrap: as many repetitions as there are, each drawn from all. Draws that make no
 * model are made again, within reason: then there are no intervals.
 */
static void resample_all(const struct demand *demand, const struct scale_choice *choice,
			 struct scale_case *of, const unsigned int *reps, size_t nreps)
{
	uint64_t random = choice->seed;

	for (size_t i = 0; i < 4 * RESAMPLES && of->nresampled < RESAMPLES; i++) {
		unsigned int weights[MAX_REPS] = { 0 };

		for (size_t j = 0; j < nreps; j++)
			weights[reps[draw_next(&random) % nreps]]++;
		if (!resample(demand, choice, of, of->nresampled, weights))
			of->nresampled++;
	}
	if (of->nresampled < RESAMPLES)
		of->nresampled = 0;
}

static int make_room(struct scale_models *models)
{
	models->resampled = calloc(RESAMPLES, sizeof(*models->resampled));
	return models->resampled ? 0 : -ENOMEM;
}

static int make_intervals(struct demand *demand, const struct scale_choice *choice,
			  struct scale_case *of)
{
	unsigned int reps[MAX_REPS];
	size_t nreps = find_reps(demand, of, reps);

	/* Of fewer, hardly anything can be drawn. */
	if (nreps < 3)
		return 0;
	for (size_t i = 0; i < of->narms; i++) {
		struct scale_arm *arm = &of->arms[i];

		if (make_room(&arm->used) || make_room(&arm->measured[0]) ||
		    make_room(&arm->measured[1]))
			return fail(demand, -ENOMEM, "out of memory");
	}
	resample_all(demand, choice, of, reps, nreps);
	return 0;
}

static bool was_untraced(const struct demand *demand, const struct scale_case *of)
{
	for (size_t i = 0; i < demand->n; i++)
		if (!demand->cells[i].traced && !strcmp(demand->cells[i].workload, of->workload))
			return true;
	return false;
}

static bool wanted(const struct scale_choice *choice, const struct demand_cell *cell,
		   const struct scale_case *cases, size_t n)
{
	if (!cell->traced || (choice->workload && strcmp(choice->workload, cell->workload)))
		return false;
	for (size_t i = 0; i < n; i++)
		if (!strcmp(cases[i].workload, cell->workload))
			return false;
	return true;
}

static int add_case(struct demand *demand, const struct scale_choice *choice, const char *workload,
		    struct scale_case **cases, size_t *n)
{
	struct scale_case *all = reallocarray(*cases, *n + 1, sizeof(*all));
	int err;

	if (!all)
		return fail(demand, -ENOMEM, "out of memory");
	*cases = all;
	memset(&all[*n], 0, sizeof(*all));
	snprintf(all[*n].workload, sizeof(all->workload), "%s", workload);
	all[*n].untraced = was_untraced(demand, &all[*n]);
	all[*n].slowed = choice->traced || !all[*n].untraced;
	err = choose_arms(demand, choice, &all[*n]);
	if (!err)
		err = make_intervals(demand, choice, &all[*n]);
	++*n;
	return err;
}

int scale_cases(struct demand *demand, const struct scale_choice *choice, struct scale_case **cases,
		size_t *n)
{
	int err = 0;

	*cases = NULL;
	*n = 0;
	for (size_t i = 0; i < demand->n && !err; i++)
		if (wanted(choice, &demand->cells[i], *cases, *n))
			err = add_case(demand, choice, demand->cells[i].workload, cases, n);
	if (!err && !*n && choice->workload)
		return fail(demand, -ENODATA, "no hold times under '%s'", choice->workload);
	if (!err && !*n)
		return fail(demand, -ENODATA, "no hold times: they need a kernel with LOCK_STAT");
	return err;
}
