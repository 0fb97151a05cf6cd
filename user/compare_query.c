// SPDX-License-Identifier: GPL-2.0-or-later
/* Whether a query fits the files: the columns and figures it names. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "compare_internal.h"

static const char *const cell_columns[CELL_COLUMNS] = {
	[CELL_RUN] = "run",	      [CELL_KERNEL] = "kernel",	  [CELL_EXPERIMENT] = "experiment",
	[CELL_ARM] = "arm",	      [CELL_BACKEND] = "backend", [CELL_LOCKPATH] = "lockpath",
	[CELL_WORKLOAD] = "workload", [CELL_SSDS] = "ssds",	  [CELL_THREADS] = "threads",
	[CELL_REP] = "rep",
};

static const struct {
	const char *name;
	int cell;	  /* column of the cell, or -1 */
	int lock, metric; /* else: column of the row, or -1: no key there */
} keys[COMPARE_KEYS] = {
	[KEY_KERNEL] = { "kernel", CELL_KERNEL, -1, -1 },
	[KEY_EXPERIMENT] = { "experiment", CELL_EXPERIMENT, -1, -1 },
	[KEY_BACKEND] = { "backend", CELL_BACKEND, -1, -1 },
	[KEY_LOCKPATH] = { "lockpath", CELL_LOCKPATH, -1, -1 },
	[KEY_WORKLOAD] = { "workload", CELL_WORKLOAD, -1, -1 },
	[KEY_THREADS] = { "threads", CELL_THREADS, -1, -1 },
	[KEY_ARM] = { "arm", CELL_ARM, -1, -1 },
	[KEY_CLASS] = { "class", -1, LOCK_CLASS, -1 },
	[KEY_METRIC] = { "metric", -1, -1, METRIC_METRIC },
	[KEY_UNIT] = { "unit", -1, -1, METRIC_UNIT },
	[KEY_DEVICE] = { "device", -1, -1, METRIC_DEVICE },
	[KEY_SSDS] = { "ssds", CELL_SSDS, -1, -1 },
};

/* What --by takes besides the cell's columns: rep is what is repeated, not what differs. */
static const char *const row_columns[] = { "class", "device", "lock", "confidence" };

/* Of locks.csv, without --metric. Where windows held unequal work, only the share is fair. */
static const char *const usual_figures[] = { "contended", "contended/acquired", "wait_total_ns" };

const char *compare_key_name(enum compare_key key)
{
	return keys[key].name;
}

const struct column *compare_columns(enum compare_input input, size_t *n)
{
	*n = input == INPUT_LOCKS ? LOCK_COLUMNS : METRIC_COLUMNS;
	return input == INPUT_LOCKS ? lock_columns : metric_columns;
}

static int find_column(enum compare_input input, const char *name)
{
	size_t n;
	const struct column *columns = compare_columns(input, &n);
	int found = columns_find(columns, n, name);

	return found < 0 ? -1 : found;
}

static int resolve_by(struct compare_set *set, enum compare_input input)
{
	const char *by = set->query->by;

	set->by_cell = -1;
	set->inputs[input].by = -1;
	set->by_file = !strcmp(by, COMPARE_BY_FILE);
	for (int i = 0; i < CELL_REP; i++)
		if (!strcmp(cell_columns[i], by))
			set->by_cell = i;
	if (set->by_file || set->by_cell >= 0)
		return 0;
	if (!compare_listed(row_columns, COMPARE_COUNT(row_columns), by))
		return compare_set_fail(set, -EBADRQC,
					"cannot compare by '%s'; by one of file, run, kernel, "
					"experiment, arm, backend, lockpath, workload, ssds, "
					"threads, class, device, lock, confidence",
					by);
	set->inputs[input].by = find_column(input, by);
	return 0;
}

static void resolve_keys(struct compare_set *set, enum compare_input input)
{
	struct input *in = &set->inputs[input];

	for (int i = 0; i < COMPARE_KEYS; i++) {
		int column = input == INPUT_LOCKS ? keys[i].lock : keys[i].metric;

		in->key_cell[i] = keys[i].cell == set->by_cell ? -1 : keys[i].cell;
		in->key_column[i] = column == in->by ? -1 : column;
	}
}

static int resolve_where(struct compare_set *set, enum compare_input input)
{
	const struct compare_query *q = set->query;
	int *where = calloc(q->nwhere + 1, sizeof(*where));

	if (!where)
		return compare_set_no_memory(set);
	for (size_t i = 0; i < q->nwhere; i++)
		where[i] = find_column(input, q->where[i].column);
	set->inputs[input].where = where;
	return 0;
}

static int find_figure_column(const char *name, size_t length)
{
	for (size_t i = 0; i < LOCK_COLUMNS; i++)
		if (lock_columns[i].merge != MERGE_KEY && strlen(lock_columns[i].name) == length &&
		    !strncmp(lock_columns[i].name, name, length))
			return i;
	return -ENOENT;
}

/* "contended", or "contended/acquired": both are sums then. */
static int parse_figure(struct lock_figure *figure, const char *name)
{
	const char *slash = strchr(name, '/');

	*figure = (struct lock_figure){ .name = name, .divisor = -1 };
	figure->column = find_figure_column(name, strcspn(name, "/"));
	if (figure->column < 0 || !slash)
		return figure->column < 0 ? -ENOENT : 0;
	figure->divisor = find_figure_column(slash + 1, strlen(slash + 1));
	if (figure->divisor < 0 || lock_columns[figure->divisor].merge != MERGE_SUM ||
	    lock_columns[figure->column].merge != MERGE_SUM)
		return -ENOENT;
	return 0;
}

static bool is_figure(const struct compare_set *set, const char *name)
{
	for (size_t i = 0; i < set->nfigures; i++)
		if (!strcmp(set->figures[i].name, name))
			return true;
	return false;
}

/* Where samples have the values of that column. */
static size_t take_column(struct compare_set *set, int column)
{
	size_t i = 0;

	while (i < set->ntaken && set->taken[i] != column)
		i++;
	set->taken[i] = column;
	set->ntaken += i == set->ntaken;
	return i;
}

static void add_figure(struct compare_set *set, const char *name)
{
	struct lock_figure *f = &set->figures[set->nfigures];

	if (is_figure(set, name) || parse_figure(f, name))
		return;
	f->at = take_column(set, f->column);
	if (f->divisor >= 0)
		f->divisor_at = take_column(set, f->divisor);
	set->nfigures++;
}

/* Other names may be metrics: those are values, and any name will do there. */
static int resolve_figures(struct compare_set *set)
{
	const struct compare_query *q = set->query;
	const char *const *names = q->nmetrics ? q->metrics : usual_figures;
	size_t n = q->nmetrics ? q->nmetrics : COMPARE_COUNT(usual_figures);

	set->figures = calloc(n, sizeof(*set->figures));
	if (!set->figures)
		return compare_set_no_memory(set);
	for (size_t i = 0; i < n; i++)
		add_figure(set, names[i]);
	return 0;
}

int compare_resolve(struct compare_set *set, enum compare_input input)
{
	struct input *in = &set->inputs[input];
	int err;

	if (in->seen)
		return 0;
	in->seen = true;
	for (int i = 0; i < CELL_COLUMNS; i++)
		in->cell[i] = find_column(input, cell_columns[i]);
	err = resolve_by(set, input);
	resolve_keys(set, input);
	if (!err)
		err = resolve_where(set, input);
	if (!err && input == INPUT_LOCKS)
		err = resolve_figures(set);
	return err;
}

/* Of one kind of file only, what it lacks is a mistake; of both, it is the other's. */
static const char *only_kind(const struct compare_set *set)
{
	if (set->inputs[INPUT_LOCKS].seen && set->inputs[INPUT_METRICS].seen)
		return NULL;
	return set->inputs[INPUT_LOCKS].seen ? "locks.csv" : "metrics.csv";
}

static bool column_known(const struct compare_set *set, size_t where)
{
	for (int i = 0; i < COMPARE_INPUTS; i++)
		if (set->inputs[i].seen && set->inputs[i].where[where] >= 0)
			return true;
	return false;
}

static bool by_known(const struct compare_set *set)
{
	if (set->by_file || set->by_cell >= 0)
		return true;
	for (int i = 0; i < COMPARE_INPUTS; i++)
		if (set->inputs[i].seen && set->inputs[i].by >= 0)
			return true;
	return false;
}

bool compare_takes_turns(const struct compare_set *set)
{
	return !set->by_file && set->by_cell != CELL_RUN && set->by_cell != CELL_KERNEL;
}

int compare_check_query(struct compare_set *set)
{
	const struct compare_query *q = set->query;
	const char *kind = only_kind(set);
	bool locks = set->inputs[INPUT_LOCKS].seen;

	if (!by_known(set))
		return compare_set_fail(set, -EBADRQC, "no column '%s' in %s to compare by", q->by,
					kind);
	for (size_t i = 0; i < q->nwhere; i++)
		if (!column_known(set, i))
			return compare_set_fail(set, -EBADRQC, "no column '%s' to select by",
						q->where[i].column);
	if (q->pairing == PAIRING_ALWAYS && !compare_takes_turns(set))
		return compare_set_fail(set, -EBADRQC,
					"compared by %s, repetitions are no pairs: none took turns",
					q->by);
	if (q->nclasses && !locks)
		return compare_set_fail(set, -EBADRQC,
					"--class needs locks.csv, a metric has none");
	for (size_t i = 0; i < q->nmetrics; i++)
		if (locks && kind && !is_figure(set, q->metrics[i]))
			return compare_set_fail(set, -EBADRQC, "no metric '%s' in locks.csv",
						q->metrics[i]);
	return 0;
}
