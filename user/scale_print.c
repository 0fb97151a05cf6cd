// SPDX-License-Identifier: GPL-2.0-or-later
/* The predictions as tables. */
#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "log.h"
#include "scale.h"
#include "table.h"

struct heading {
	const char *name;
	enum column_align align;
};

static struct table *new_table(const struct heading *headings, size_t n)
{
	struct table *table = table_new(stdout, false);
	int err = table ? 0 : -ENOMEM;

	for (size_t i = 0; i < n && !err; i++)
		err = table_add_column(table, headings[i].name, headings[i].align, false);
	if (!err)
		return table;
	table_free(table);
	return NULL;
}

/* Three digits are more than a model can answer for. */
static void format_number(char *text, size_t size, double value)
{
	double digit = pow(10, floor(log10(value)) - 2);

	if (isinf(value))
		snprintf(text, size, "none");
	else if (value < 1000)
		snprintf(text, size, "%.3g", value);
	else
		snprintf(text, size, "%.0f", round(value / digit) * digit);
}

static int set_number(struct table *table, int column, double value)
{
	char text[32];

	if (isnan(value))
		return 0;
	format_number(text, sizeof(text), value);
	return table_set(table, column, "%s", text);
}

static int add_heading(struct table *table, const struct scale_case *of, size_t ssds)
{
	char text[128];

	snprintf(text, sizeof(text), "%s%s%zu SSD%s", of->workload, *of->workload ? ", " : "", ssds,
		 ssds == 1 ? "" : "s");
	return table_add_heading(table, text);
}

static int set_interval(struct table *table, int column, const struct scale_interval *interval)
{
	char lo[32], hi[32];

	if (isnan(interval->lo))
		return 0;
	format_number(lo, sizeof(lo), interval->lo);
	format_number(hi, sizeof(hi), interval->hi);
	return table_set(table, column, "%s..%s", lo, hi);
}

enum {
	COL_CPUS,
	COL_ARM,
	COL_PAGES,
	COL_PAGES_95,
	COL_LIMIT,
	COL_USED,
	COL_CONTENDED,
	COL_RATIO,
	COL_RATIO_95,
	COL_SIMULATED,
	COL_IN_TURN,
	NR_COLS,
};

static const struct heading headings[NR_COLS] = {
	[COL_CPUS] = { "cpus", COLUMN_RIGHT },
	[COL_ARM] = { "arm", COLUMN_LEFT },
	[COL_PAGES] = { "pages/s", COLUMN_RIGHT },
	[COL_PAGES_95] = { "95%", COLUMN_RIGHT },
	[COL_LIMIT] = { "limit", COLUMN_LEFT },
	[COL_USED] = { "used", COLUMN_RIGHT },
	[COL_CONTENDED] = { "contended", COLUMN_RIGHT },
	[COL_RATIO] = { "ratio", COLUMN_RIGHT },
	[COL_RATIO_95] = { "95%", COLUMN_RIGHT },
	[COL_SIMULATED] = { "simulated", COLUMN_RIGHT },
	[COL_IN_TURN] = { "in turn", COLUMN_RIGHT },
};

static int fill_row(struct table *table, const struct scale_row *row)
{
	int err = table_set(table, COL_CPUS, "%zu", row->size.cpus);

	if (!err)
		err = table_set(table, COL_ARM, "%s", row->arm->name);
	if (!err)
		err = set_number(table, COL_PAGES, row->throughput.value);
	if (!err)
		err = set_interval(table, COL_PAGES_95, &row->throughput);
	if (!err)
		err = table_set(table, COL_LIMIT, "%s", scale_limit_name(row->arm, &row->use));
	if (!err)
		err = table_set(table, COL_USED, "%.0f%%", row->use.used * 100);
	if (!err && !isnan(scale_contended(row)))
		err = table_set(table, COL_CONTENDED, "%.1f%%", scale_contended(row) * 100);
	if (!err)
		err = set_number(table, COL_RATIO, row->ratio.value);
	if (!err)
		err = set_interval(table, COL_RATIO_95, &row->ratio);
	if (!err)
		err = set_number(table, COL_SIMULATED, row->simulated);
	return err ? err : set_number(table, COL_IN_TURN, row->in_turn);
}

static int add_rows(struct table *table, const struct scale_case *of)
{
	int err = 0;

	for (size_t i = 0; i < of->nrows && !err; i++) {
		const struct scale_row *row = &of->rows[i];

		if (!i || row[-1].size.ssds != row->size.ssds)
			err = add_heading(table, of, row->size.ssds);
		if (!err)
			err = table_add_row(table);
		if (!err)
			err = fill_row(table, row);
	}
	return err;
}

enum {
	SUM_SSDS,
	SUM_ARM,
	SUM_KNEE,
	SUM_KNEE_95,
	SUM_PAYS,
	SUM_PAYS_95,
	SUM_BEST,
	SUM_BEST_95,
	SUM_AT,
	NR_SUMS
};

static const struct heading summary_headings[NR_SUMS] = {
	[SUM_SSDS] = { "ssds", COLUMN_RIGHT },	     [SUM_ARM] = { "arm", COLUMN_LEFT },
	[SUM_KNEE] = { "knee", COLUMN_RIGHT },	     [SUM_KNEE_95] = { "95%", COLUMN_RIGHT },
	[SUM_PAYS] = { "pays from", COLUMN_RIGHT },  [SUM_PAYS_95] = { "95%", COLUMN_RIGHT },
	[SUM_BEST] = { "best ratio", COLUMN_RIGHT }, [SUM_BEST_95] = { "95%", COLUMN_RIGHT },
	[SUM_AT] = { "at cpus", COLUMN_RIGHT },
};

static int fill_best(struct table *table, const struct scale_row *best)
{
	int err = set_number(table, SUM_BEST, best->ratio.value);

	if (!err)
		err = set_interval(table, SUM_BEST_95, &best->ratio);
	return err ? err : table_set(table, SUM_AT, "%zu", best->size.cpus);
}

static int fill_summary(struct table *table, const struct scale_summary *s)
{
	int err = table_set(table, SUM_SSDS, "%zu", s->ssds);

	if (!err)
		err = table_set(table, SUM_ARM, "%s", s->arm->name);
	if (!err)
		err = set_number(table, SUM_KNEE, s->knee.value);
	if (!err)
		err = set_interval(table, SUM_KNEE_95, &s->knee);
	if (!err)
		err = set_number(table, SUM_PAYS, s->pays.value);
	if (!err)
		err = set_interval(table, SUM_PAYS_95, &s->pays);
	return err || !s->best ? err : fill_best(table, s->best);
}

static int add_summaries(struct table *table, const struct scale_case *of)
{
	int err = table_add_heading(table, *of->workload ? of->workload : "CPUs");

	for (size_t i = 0; i < of->nsummaries && !err; i++) {
		err = table_add_row(table);
		if (!err)
			err = fill_summary(table, &of->summaries[i]);
	}
	return err;
}

enum { NEED_ARM, NEED_WHAT, NEED_TIMES, NEED_EACH, NEED_PAGE, NR_NEEDS };

static const struct heading need_headings[NR_NEEDS] = {
	[NEED_ARM] = { "arm", COLUMN_LEFT },	     [NEED_WHAT] = { "of", COLUMN_LEFT },
	[NEED_TIMES] = { "times", COLUMN_RIGHT },    [NEED_EACH] = { "each us", COLUMN_RIGHT },
	[NEED_PAGE] = { "a page us", COLUMN_RIGHT },
};

static int add_need(struct table *table, const struct scale_arm *arm, const char *what,
		    double times, double each)
{
	int err = table_add_row(table);

	if (!err)
		err = table_set(table, NEED_ARM, "%s", arm->name);
	if (!err)
		err = table_set(table, NEED_WHAT, "%s", what);
	if (!err)
		err = set_number(table, NEED_TIMES, times);
	if (!err)
		err = set_number(table, NEED_EACH, each * 1e6);
	return err ? err : set_number(table, NEED_PAGE, times * each * 1e6);
}

static int add_needs_of(struct table *table, const struct scale_arm *arm)
{
	const struct swap_model *model = &arm->used.model;
	int err = add_need(table, arm, "work", 1, model->work);

	for (size_t i = 0; i < model->nlocks && !err; i++)
		if (model->locks[i].visits > 0)
			err = add_need(table, arm, model->locks[i].name, model->locks[i].visits,
				       model->locks[i].hold);
	if (err || !model->drive_time)
		return err;
	return add_need(table, arm, "drive", 1, model->drive_time);
}

static int add_needs(struct table *table, const struct scale_case *of)
{
	char text[128];
	int err;

	snprintf(text, sizeof(text), "%s%swhat a page needs%s", of->workload,
		 *of->workload ? ": " : "", of->slowed ? ", slowed by the tracer" : "");
	err = table_add_heading(table, text);
	for (size_t i = 0; i < of->narms && !err; i++)
		err = add_needs_of(table, &of->arms[i]);
	return err;
}

enum {
	CHECK_SSDS,
	CHECK_CPUS,
	CHECK_ARM,
	CHECK_REPS,
	CHECK_CONTENDED,
	CHECK_RANGE,
	CHECK_MODEL,
	CHECK_MODEL_95,
	CHECK_AT_RANDOM,
	CHECK_SIMULATED,
	CHECK_PAGES,
	CHECK_PAGES_RANGE,
	CHECK_PAGES_MODEL,
	CHECK_PAGES_95,
	NR_CHECKS,
};

static const struct heading check_headings[NR_CHECKS] = {
	[CHECK_SSDS] = { "ssds", COLUMN_RIGHT },
	[CHECK_CPUS] = { "cpus", COLUMN_RIGHT },
	[CHECK_ARM] = { "arm", COLUMN_LEFT },
	[CHECK_REPS] = { "n", COLUMN_RIGHT },
	[CHECK_CONTENDED] = { "contended %", COLUMN_RIGHT },
	[CHECK_RANGE] = { "from..to", COLUMN_RIGHT },
	[CHECK_MODEL] = { "model", COLUMN_RIGHT },
	[CHECK_MODEL_95] = { "95%", COLUMN_RIGHT },
	[CHECK_AT_RANDOM] = { "at random", COLUMN_RIGHT },
	[CHECK_SIMULATED] = { "simulated", COLUMN_RIGHT },
	[CHECK_PAGES] = { "pages/s", COLUMN_RIGHT },
	[CHECK_PAGES_RANGE] = { "from..to", COLUMN_RIGHT },
	[CHECK_PAGES_MODEL] = { "model", COLUMN_RIGHT },
	[CHECK_PAGES_95] = { "95%", COLUMN_RIGHT },
};

/* A value, and in the column behind it its interval. */
static int set_both(struct table *table, int column, const struct scale_interval *interval)
{
	int err = set_number(table, column, interval->value);

	return err ? err : set_interval(table, column + 1, interval);
}

static int set_percent(struct table *table, int column, const struct scale_interval *share)
{
	const struct scale_interval percent = { share->value * 100, share->lo * 100,
						share->hi * 100 };

	return set_both(table, column, &percent);
}

static int fill_check(struct table *table, const struct scale_check *check)
{
	int err = table_set(table, CHECK_SSDS, "%zu", check->size.ssds);

	if (!err)
		err = table_set(table, CHECK_CPUS, "%zu", check->size.cpus);
	if (!err)
		err = table_set(table, CHECK_ARM, "%s", check->arm->name);
	if (!err && check->reps)
		err = table_set(table, CHECK_REPS, "%zu", check->reps);
	if (!err)
		err = set_percent(table, CHECK_CONTENDED, &check->contended);
	if (!err)
		err = set_percent(table, CHECK_MODEL, &check->model_contended);
	if (!err)
		err = set_number(table, CHECK_AT_RANDOM, check->at_random * 100);
	if (!err)
		err = set_number(table, CHECK_SIMULATED, check->simulated * 100);
	if (!err)
		err = set_both(table, CHECK_PAGES, &check->throughput);
	return err ? err : set_both(table, CHECK_PAGES_MODEL, &check->model_throughput);
}

static int add_check_heading(struct table *table, const struct scale_case *of, const char *run)
{
	char text[PATH_MAX + 128];

	snprintf(text, sizeof(text), "%s: swap_map as measured in %s, and by the model",
		 of->workload, run);
	return table_add_heading(table, text);
}

static int add_checks(struct table *table, const struct scale_case *of)
{
	int err = 0;

	for (size_t i = 0; i < of->nchecks && !err; i++) {
		const struct scale_check *check = &of->checks[i];

		if (!i || strcmp(check[-1].run, check->run))
			err = add_check_heading(table, of, check->run);
		if (!err)
			err = table_add_row(table);
		if (!err)
			err = fill_check(table, check);
	}
	return err;
}

static int print_table(const struct scale_case *cases, size_t n, const struct heading *columns,
		       size_t ncolumns, int (*add)(struct table *table, const struct scale_case *))
{
	struct table *table = new_table(columns, ncolumns);
	int err = table ? 0 : -ENOMEM;

	for (size_t i = 0; i < n && !err; i++)
		err = add(table, &cases[i]);
	if (!err)
		err = table_print(table);
	table_free(table);
	return err;
}

static int print_tables(const struct scale_case *cases, size_t n, const struct scale_grid *grid)
{
	int err = print_table(cases, n, need_headings, NR_NEEDS, add_needs);

	putchar('\n');
	if (!err && cases->nchecks) {
		err = print_table(cases, n, check_headings, NR_CHECKS, add_checks);
		putchar('\n');
	}
	if (!err)
		err = print_table(cases, n, headings, NR_COLS, add_rows);
	printf("\nknee: CPUs at which a lock or the drives would have to do all they can;"
	       " pays from: CPUs with\n%g%% more than %s; none: no number of CPUs up to those asked"
	       " for\n\n",
	       grid->gain * 100, cases->arms[0].name);
	return err ? err : print_table(cases, n, summary_headings, NR_SUMS, add_summaries);
}

int scale_print(const struct scale_case *cases, size_t n, const struct scale_grid *grid)
{
	int err = print_tables(cases, n, grid);

	if (err)
		log_error("cannot print: %s", strerror(-err));
	return err;
}
