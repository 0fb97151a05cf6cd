// SPDX-License-Identifier: GPL-2.0-or-later
/* From measurements to a model. */
#include <errno.h>
#include <math.h>
#include <string.h>

#include "demand.h"

struct sums {
	double pages, out, cpu;
	struct demand_lock locks[DEMAND_CLASSES];
};

static double weight_of(const struct demand_choice *choice, const struct demand_cell *cell)
{
	if (!choice->weights)
		return 1;
	return cell->rep < choice->nweights ? choice->weights[cell->rep] : 0;
}

static void add_lock(struct demand_lock *sum, const struct demand_lock *lock, double weight)
{
	sum->acquired += weight * lock->acquired;
	sum->wait += weight * lock->wait;
	sum->hold += weight * lock->hold;
	sum->shared |= lock->shared;
}

/* Of the workload's cells, of @arm or, if NULL, of all. */
static struct sums add_up(const struct demand *demand, const struct demand_choice *choice,
			  const char *arm, bool traced)
{
	struct sums sums = { 0 };

	for (size_t i = 0; i < demand->n; i++) {
		const struct demand_cell *cell = &demand->cells[i];
		double weight = weight_of(choice, cell);

		if (cell->traced != traced || strcmp(cell->workload, choice->workload) ||
		    (arm && strcmp(cell->arm, arm)))
			continue;
		sums.pages += weight * demand_pages(cell);
		sums.out += weight * cell->window * cell->swapout;
		sums.cpu += weight * cell->cpu;
		for (size_t class = 0; class < DEMAND_CLASSES; class ++)
			add_lock(&sums.locks[class], &cell->locks[class], weight);
	}
	return sums;
}

static enum lock_copies copies_of(enum demand_class class, const struct demand_lock *lock)
{
	if (lock->shared)
		return LOCK_SHARED;
	return class == DEMAND_CLUSTER ? LOCK_PER_CLUSTER : LOCK_PER_DRIVE;
}

/* How often: as in this arm. How long: as in @times. */
static void fit_locks(struct swap_model *model, const struct sums *arm, const struct sums *times,
		      double speed)
{
	for (enum demand_class class = 0; class < DEMAND_CLASSES; class ++) {
		const struct demand_lock *lock = &arm->locks[class];
		const struct demand_lock *time = &times->locks[class];

		if (!lock->acquired)
			continue;
		model->locks[model->nlocks++] = (struct model_lock){
			.name = demand_class_name(class),
			.copies = copies_of(class, lock),
			.visits = lock->acquired / arm->pages,
			.hold = time->hold / time->acquired * speed,
		};
	}
}

static double under_locks(const struct sums *sums)
{
	double time = 0;

	for (size_t class = 0; class < DEMAND_CLASSES; class ++)
		time += sums->locks[class].hold + sums->locks[class].wait;
	return time;
}

/* How long anything takes without the tracer, of what it takes with it. */
static double speed_of(const struct demand_choice *choice, const struct sums *traced,
		       const struct sums *plain)
{
	if (choice->traced || !plain->pages || !plain->cpu)
		return 1;
	return plain->cpu / plain->pages / (traced->cpu / traced->pages);
}

/* Each of the load's threads waits for the page it needs. */
static size_t inflight_of(const struct demand *demand, const struct demand_choice *choice)
{
	double threads = 0;

	for (size_t i = 0; i < demand->n; i++)
		if (!strcmp(demand->cells[i].workload, choice->workload))
			threads = fmax(threads, demand->cells[i].threads);
	if (!demand->cpus)
		return 1;
	return fmin(fmax(1, round(threads / demand->cpus)), MODEL_MAX_INFLIGHT);
}

/* As on the kernel in question, if they were measured there. */
static void set_drive(const struct demand *demand, const struct demand_choice *choice,
		      struct swap_model *model)
{
	const struct demand_ceiling *ceiling = &demand->ceilings[choice->traced];

	if (!ceiling->rate_n)
		ceiling = &demand->ceilings[!choice->traced];
	if (ceiling->rate_n)
		model_set_drive(model, ceiling->rate_n / ceiling->rate_sum,
				ceiling->service_n ? ceiling->service_sum / ceiling->service_n : 0);
}

int demand_fit(const struct demand *demand, const struct demand_choice *choice,
	       struct swap_model *model)
{
	const char *whose = choice->own ? choice->arm : NULL;
	struct sums arm = add_up(demand, choice, choice->arm, true);
	struct sums times = add_up(demand, choice, whose, true);
	struct sums plain = add_up(demand, choice, whose, false);
	double speed;

	*model = (struct swap_model){ .inflight = inflight_of(demand, choice) };
	if (!arm.pages || !arm.locks[DEMAND_SWAP_MAP].acquired || !times.cpu)
		return -ENODATA;
	if (times.cpu < under_locks(&times))
		return -ERANGE;
	model->out = arm.out / arm.pages;
	speed = speed_of(choice, &times, &plain);
	model->work = (times.cpu - under_locks(&times)) / times.pages * speed;
	fit_locks(model, &arm, &times, speed);
	set_drive(demand, choice, model);
	return 0;
}
