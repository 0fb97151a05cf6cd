// SPDX-License-Identifier: GPL-2.0-or-later
/* The models held against measurements: those they were made of, and others. */
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

/* Median and extremes; of no repetition, NaN. Returns how many there are, or -ENOMEM. */
static ptrdiff_t measured(const struct scale_case *of, const struct demand *demand,
			  const struct scale_check *check, cell_figure_fn *figure,
			  struct scale_interval *interval)
{
	double *values = calloc(demand->n + 1, sizeof(*values));
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
	return n;
}

typedef int predict_fn(const struct swap_model *model, struct model_size size, double *value);

/* swap_map is the first lock of a measured model: without it there is none. */
static int contended(const struct swap_model *model, struct model_size size, double *value)
{
	struct model_use use;
	int err = model_solve(model, size, &use);

	*value = use.locks[0].contended;
	return err;
}

static int at_random(const struct swap_model *model, struct model_size size, double *value)
{
	struct model_use use;
	int err = model_solve(model, size, &use);

	*value = use.locks[0].at_random;
	return err;
}

static int predict(const struct scale_models *models, size_t n, struct model_size size,
		   predict_fn *figure, struct scale_interval *interval)
{
	double *values = calloc(n + 1, sizeof(*values));
	int err = values ? figure(&models->model, size, &interval->value) : -ENOMEM;

	for (size_t i = 0; i < n && !err; i++)
		err = figure(&models->resampled[i], size, &values[i]);
	scale_set_interval(interval, values, err ? 0 : n);
	free(values);
	return err;
}

static int simulate(const struct swap_model *model, const struct scale_grid *grid,
		    struct scale_check *check)
{
	const struct queue_sim_plan plan = { grid->pages, grid->seed, true };
	struct queue_sim_result result = { 0 };
	int err = queue_sim(model, check->size, &plan, &result);

	check->simulated = result.contended[0];
	return err;
}

/* The tracer saw the contention of the kernel that it slowed down. */
static int predict_contended(const struct scale_case *of, const struct scale_grid *grid,
			     struct scale_check *check)
{
	const struct scale_models *models = &check->arm->measured[true];
	int err = predict(models, of->nresampled, check->size, contended, &check->model_contended);

	check->simulated = NAN;
	if (!err)
		err = at_random(&models->model, check->size, &check->at_random);
	return err || !grid->pages ? err : simulate(&models->model, grid, check);
}

static int predict_throughput(const struct scale_case *of, struct scale_check *check)
{
	check->model_throughput = (struct scale_interval){ NAN, NAN, NAN };
	if (!of->untraced || isnan(check->throughput.value))
		return 0;
	return predict(&check->arm->measured[false], of->nresampled, check->size, model_throughput,
		       &check->model_throughput);
}

static int fill_check(const struct scale_case *of, const struct demand *demand,
		      const struct scale_grid *grid, struct scale_check *check)
{
	ptrdiff_t n = measured(of, demand, check, contended_of, &check->contended);
	int err = n < 0 ? n : 0;

	check->reps = n;
	if (!err && measured(of, demand, check, throughput_of, &check->throughput) < 0)
		err = -ENOMEM;
	if (!err)
		err = predict_contended(of, grid, check);
	return err ? err : predict_throughput(of, check);
}

static bool was_measured(const struct scale_case *of, const struct demand *demand,
			 const struct scale_check *check)
{
	for (size_t i = 0; i < demand->n; i++)
		if (is_of(&demand->cells[i], of, check))
			return true;
	return false;
}

static struct scale_check *add_check(struct scale_case *of)
{
	struct scale_check *checks = reallocarray(of->checks, of->nchecks + 1, sizeof(*checks));

	if (!checks)
		return NULL;
	of->checks = checks;
	return &checks[of->nchecks++];
}

int scale_check(struct scale_case *of, const struct demand *demand, const char *run,
		const struct scale_grid *grid)
{
	struct scale_check *added;
	int err = 0;

	if (!demand->cpus || demand->cpus > MODEL_MAX_CPUS)
		return 0;
	for (size_t i = 0; i < MODEL_MAX_SSDS * of->narms && !err; i++) {
		struct scale_check check = { .arm = &of->arms[i % of->narms],
					     .run = run,
					     .size = { demand->cpus, 1 + i / of->narms } };

		if (!was_measured(of, demand, &check))
			continue;
		added = add_check(of);
		err = added ? fill_check(of, demand, grid, &check) : -ENOMEM;
		if (added)
			*added = check;
	}
	return err;
}
