// SPDX-License-Identifier: GPL-2.0-or-later
/* The models held against the measurements they were made of. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "queue_sim.h"
#include "scale.h"
#include "stats.h"

typedef double cell_figure_fn(const struct demand_cell *cell);

static double contended_of(const struct demand_cell *cell)
{
	const struct demand_lock *lock = &cell->locks[DEMAND_SWAP_MAP];

	return cell->traced && lock->acquired ? lock->contended / lock->acquired : NAN;
}

static double throughput_of(const struct demand_cell *cell)
{
	return cell->traced ? NAN : cell->swapout + cell->swapin;
}

static bool is_of(const struct demand_cell *cell, const struct scale_case *of,
		  const struct scale_check *check)
{
	return cell->ssds == check->size.ssds && !strcmp(cell->arm, check->arm->name) &&
	       !strcmp(cell->workload, of->workload);
}

/* Median and extremes; of no repetition, NaN. */
static int measured(const struct scale_case *of, const struct demand *demand,
		    const struct scale_check *check, cell_figure_fn *figure,
		    struct scale_interval *interval)
{
	double *values = calloc(demand->n, sizeof(*values));
	size_t n = 0;

	if (!values)
		return -ENOMEM;
	for (size_t i = 0; i < demand->n; i++) {
		double value = figure(&demand->cells[i]);

		if (is_of(&demand->cells[i], of, check) && !isnan(value))
			values[n++] = value;
	}
	stats_sort(values, n);
	interval->value = stats_median_sorted(values, n);
	interval->lo = n ? values[0] : NAN;
	interval->hi = n ? values[n - 1] : NAN;
	free(values);
	return 0;
}

/* What was measured, whatever the command line has in its place. */
static int fit(const struct scale_case *of, const struct demand *demand,
	       const struct scale_choice *choice, const struct scale_check *check, bool traced,
	       struct swap_model *model)
{
	struct demand_choice one = { .workload = of->workload,
				     .arm = check->arm->name,
				     .own = choice->own,
				     .traced = traced };
	int err = demand_fit(demand, &one, model);

	model->inflight = check->arm->model.inflight;
	model->handover = check->arm->model.handover;
	model->handover_each = check->arm->model.handover_each;
	return err;
}

static int simulate_in_turn(const struct swap_model *model, const struct scale_grid *grid,
			    struct scale_check *check)
{
	const struct queue_sim_plan plan = { grid->pages, grid->seed, true };
	struct queue_sim_result result;
	int err = queue_sim(model, check->size, &plan, &result);

	/* The first lock of a fitted model: without it there is none. */
	if (!err)
		check->in_turn = result.contended[0];
	return err;
}

static int predict_contended(const struct scale_grid *grid, const struct swap_model *model,
			     struct scale_check *check)
{
	struct model_use use;
	int err = model_solve(model, check->size, &use);

	check->model_contended = use.locks[0].contended;
	check->in_turn = NAN;
	return err || !grid->pages ? err : simulate_in_turn(model, grid, check);
}

static int fill_check(const struct scale_case *of, const struct demand *demand,
		      const struct scale_choice *choice, const struct scale_grid *grid,
		      struct scale_check *check)
{
	struct swap_model model;
	int err = measured(of, demand, check, contended_of, &check->contended);

	if (!err)
		err = measured(of, demand, check, throughput_of, &check->throughput);
	/* The tracer saw the contention of the kernel that it slowed down. */
	if (!err)
		err = fit(of, demand, choice, check, true, &model);
	if (!err)
		err = predict_contended(grid, &model, check);
	if (!err)
		err = fit(of, demand, choice, check, false, &model);
	return err ? err : model_throughput(&model, check->size, &check->model_throughput);
}

static bool was_measured(const struct scale_case *of, const struct demand *demand, size_t ssds)
{
	for (size_t i = 0; i < demand->n; i++)
		if (demand->cells[i].ssds == ssds &&
		    !strcmp(demand->cells[i].workload, of->workload))
			return true;
	return false;
}

int scale_check(struct scale_case *of, const struct demand *demand,
		const struct scale_choice *choice, const struct scale_grid *grid)
{
	int err = 0;

	if (!demand->cpus || demand->cpus > MODEL_MAX_CPUS)
		return 0;
	of->checks = calloc(MODEL_MAX_SSDS * of->narms, sizeof(*of->checks));
	if (!of->checks)
		return -ENOMEM;
	for (size_t i = 0; i < MODEL_MAX_SSDS * of->narms && !err; i++) {
		struct scale_check *check = &of->checks[of->nchecks];

		check->size = (struct model_size){ demand->cpus, 1 + i / of->narms };
		check->arm = &of->arms[i % of->narms];
		if (!was_measured(of, demand, check->size.ssds))
			continue;
		err = fill_check(of, demand, choice, grid, check);
		of->nchecks++;
	}
	return err;
}
