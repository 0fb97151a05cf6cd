// SPDX-License-Identifier: GPL-2.0-or-later
/* From models to what they say over a grid of CPUs and drives. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "queue_sim.h"
#include "scale.h"
#include "stats.h"

const char *scale_limit_name(const struct scale_arm *arm, const struct model_use *use)
{
	switch (use->limit) {
	case LIMIT_CPU:
		return "cpu";
	case LIMIT_LATENCY:
		return "latency";
	case LIMIT_DRIVES:
		return "drives";
	default:
		return arm->used.model.locks[use->limit - LIMIT_LOCK].name;
	}
}

double scale_contended(const struct scale_row *row)
{
	const struct swap_model *model = &row->arm->used.model;

	for (size_t i = 0; i < model->nlocks; i++)
		if (!strcmp(model->locks[i].name, "swap_map"))
			return row->use.locks[i].contended;
	return NAN;
}

/* One figure of the case: with sample -1 as measured, else of a resampling. */
typedef int figure_fn(const struct scale_case *of, const struct scale_arm *arm, ptrdiff_t sample,
		      const void *where, double *value);

static const struct swap_model *model_of(const struct scale_arm *arm, ptrdiff_t sample)
{
	return sample < 0 ? &arm->used.model : &arm->used.resampled[sample];
}

void scale_set_interval(struct scale_interval *interval, double *values, size_t n)
{
	size_t outside = n * STATS_ALPHA / 2;

	stats_sort(values, n);
	interval->lo = n ? values[outside] : NAN;
	interval->hi = n ? values[n - 1 - outside] : NAN;
}

/* The figure, and the middle 95% of what the resamplings make of it. */
static int with_interval(const struct scale_case *of, const struct scale_arm *arm,
			 figure_fn *figure, const void *where, struct scale_interval *interval)
{
	size_t n = of->nresampled;
	double *values = calloc(n + 1, sizeof(*values));
	int err = values ? figure(of, arm, -1, where, &interval->value) : -ENOMEM;

	for (size_t i = 0; i < n && !err; i++)
		err = figure(of, arm, i, where, &values[i]);
	scale_set_interval(interval, values, err ? 0 : n);
	free(values);
	return err;
}

static int throughput(const struct scale_case *of, const struct scale_arm *arm, ptrdiff_t sample,
		      const void *where, double *value)
{
	const struct model_size *size = where;

	(void)of;
	return model_throughput(model_of(arm, sample), *size, value);
}

static int ratio(const struct scale_case *of, const struct scale_arm *arm, ptrdiff_t sample,
		 const void *where, double *value)
{
	double base;
	int err = throughput(of, &of->arms[0], sample, where, &base);

	if (!err)
		err = throughput(of, arm, sample, where, value);
	*value /= base;
	return err;
}

static int knee(const struct scale_case *of, const struct scale_arm *arm, ptrdiff_t sample,
		const void *where, double *value)
{
	const size_t *ssds = where;

	(void)of;
	*value = model_knee(model_of(arm, sample), *ssds);
	return 0;
}

struct pays_where {
	size_t ssds;
	const struct scale_grid *grid;
};

static int pays_at(const struct scale_case *of, const struct scale_arm *arm, ptrdiff_t sample,
		   const struct pays_where *where, size_t cpus, bool *pays)
{
	struct model_size size = { .cpus = cpus, .ssds = where->ssds };
	double value = 0;
	int err = ratio(of, arm, sample, &size, &value);

	*pays = value >= 1 + where->grid->gain;
	return err;
}

/*
 * The smallest number of CPUs with the gain. It may go down again, where something else is short
 * in all arms; so it is looked for between two numbers of the grid of which only the second has it.
 */
static int pays_from(const struct scale_case *of, const struct scale_arm *arm, ptrdiff_t sample,
		     const void *at, double *value)
{
	const struct pays_where *where = at;
	const struct scale_grid *grid = where->grid;
	size_t lo = 0, hi = 0;
	bool pays = false;
	int err = 0;

	for (size_t i = 0; i < grid->ncpus && !pays && !err; i++) {
		lo = hi;
		hi = grid->cpus[i];
		err = pays_at(of, arm, sample, where, hi, &pays);
	}
	*value = pays ? hi : INFINITY;
	while (pays && hi - lo > 1 && !err) {
		size_t middle = (lo + hi) / 2;
		bool already = false;

		err = pays_at(of, arm, sample, where, middle, &already);
		*(already ? &hi : &lo) = middle;
		*value = hi;
	}
	return err;
}

static int simulate(const struct scale_grid *grid, struct scale_row *row)
{
	struct queue_sim_result result = { 0 };
	struct queue_sim_plan plan = { .pages = grid->pages, .seed = grid->seed };
	int err = queue_sim(&row->arm->used.model, row->size, &plan, &result);

	row->simulated = result.throughput;
	plan.in_turn = true;
	if (!err)
		err = queue_sim(&row->arm->used.model, row->size, &plan, &result);
	row->in_turn = result.throughput;
	return err;
}

static int fill_row(const struct scale_case *of, const struct scale_grid *grid,
		    struct scale_row *row)
{
	int err = model_solve(&row->arm->used.model, row->size, &row->use);

	row->ratio = (struct scale_interval){ NAN, NAN, NAN };
	row->simulated = row->in_turn = NAN;
	if (!err)
		err = with_interval(of, row->arm, throughput, &row->size, &row->throughput);
	if (!err && row->arm != of->arms)
		err = with_interval(of, row->arm, ratio, &row->size, &row->ratio);
	return err || !grid->pages ? err : simulate(grid, row);
}

static int fill_rows(struct scale_case *of, const struct scale_grid *grid)
{
	size_t all = grid->nssds * grid->ncpus * of->narms;
	int err = 0;

	of->rows = calloc(all, sizeof(*of->rows));
	if (!of->rows)
		return -ENOMEM;
	for (of->nrows = 0; of->nrows < all && !err; of->nrows++) {
		struct scale_row *row = &of->rows[of->nrows];
		size_t size = of->nrows / of->narms;

		row->arm = &of->arms[of->nrows % of->narms];
		row->size.cpus = grid->cpus[size % grid->ncpus];
		row->size.ssds = grid->ssds[size / grid->ncpus];
		err = fill_row(of, grid, row);
	}
	return err;
}

/* The row of the arm, with so many drives, that is best against the first arm. */
static const struct scale_row *best_row(const struct scale_case *of, const struct scale_arm *arm,
					size_t ssds)
{
	const struct scale_row *best = NULL;

	for (size_t i = 0; i < of->nrows; i++) {
		const struct scale_row *row = &of->rows[i];

		if (row->arm == arm && row->size.ssds == ssds &&
		    (!best || row->ratio.value > best->ratio.value))
			best = row;
	}
	return best;
}

static int fill_summary(const struct scale_case *of, const struct scale_grid *grid,
			struct scale_summary *s)
{
	struct pays_where where = { s->ssds, grid };
	int err = with_interval(of, s->arm, knee, &s->ssds, &s->knee);

	s->pays = (struct scale_interval){ NAN, NAN, NAN };
	if (err || s->arm == of->arms)
		return err;
	s->best = best_row(of, s->arm, s->ssds);
	return with_interval(of, s->arm, pays_from, &where, &s->pays);
}

static int fill_summaries(struct scale_case *of, const struct scale_grid *grid)
{
	size_t all = grid->nssds * of->narms;
	int err = 0;

	of->summaries = calloc(all, sizeof(*of->summaries));
	if (!of->summaries)
		return -ENOMEM;
	for (of->nsummaries = 0; of->nsummaries < all && !err; of->nsummaries++) {
		struct scale_summary *s = &of->summaries[of->nsummaries];

		s->arm = &of->arms[of->nsummaries % of->narms];
		s->ssds = grid->ssds[of->nsummaries / of->narms];
		err = fill_summary(of, grid, s);
	}
	return err;
}

int scale_predict(struct scale_case *of, const struct scale_grid *grid)
{
	int err = fill_rows(of, grid);

	return err ? err : fill_summaries(of, grid);
}

void scale_case_free(struct scale_case *of)
{
	for (size_t i = 0; i < of->narms; i++) {
		free(of->arms[i].used.resampled);
		free(of->arms[i].measured[0].resampled);
		free(of->arms[i].measured[1].resampled);
	}
	free(of->rows);
	free(of->summaries);
	free(of->checks);
}
