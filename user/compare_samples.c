// SPDX-License-Identifier: GPL-2.0-or-later
/* From the figures of a row to the samples that they are part of. */
#include <math.h>
#include <string.h>

#include "compare_reading.h"
#include "metric_row.h"

/* Rows that must not be added up, whatever the metric. */
static int check_mergeable(const struct reading *r, const struct sample *old,
			   const struct sample *new)
{
	const char *run = old->cell->repetition->run, *rep = old->cell->repetition->rep;

	if (old->file != new->file)
		return csv_reader_reject(r->csv, "run '%s' repetition '%s' is also in %s", run, rep,
					 r->set->files[old->file]);
	if (old->intervals != new->intervals)
		return csv_reader_reject(
			r->csv, "rows of intervals and of the whole recording in one repetition");
	if (r->input == INPUT_METRICS)
		return csv_reader_reject(r->csv, "metric '%s' twice in run '%s' repetition '%s'",
					 compare_field(r, METRIC_METRIC), run, rep);
	return 0;
}

/*
 * A sum with a part that was not measured is not known. A smallest or largest
 * value is that of the rows which have one: a lock nobody waited for has no
 * shortest wait.
 */
static double merged(enum column_merge how, double a, double b)
{
	if (how == MERGE_SUM)
		return a + b;
	return how == MERGE_MIN ? fmin(a, b) : fmax(a, b);
}

/* The sample of this row, in @group; one that is there already is checked. */
static int take_sample(const struct reading *r, struct cell *cell, struct group *group,
		       struct sample **sample, bool *found)
{
	struct sample new = { .cell = cell, .file = r->file };
	const char *by = compare_by_value(r, cell);

	new.intervals = r->input == INPUT_LOCKS &&compare_field(r, LOCK_INTERVAL)[0];
	*sample = by ? compare_sample(r->set, group, by, &new, found) : NULL;
	if (!*sample)
		return compare_set_no_memory(r->set);
	return *found ? check_mergeable(r, *sample, &new) : 0;
}

/* The figures of a row of locks.csv; NaN: not measured. */
struct lock_values {
	double value[LOCK_COLUMNS];
};

static int reject_percentile(const struct reading *r, const struct column *column)
{
	return csv_reader_reject(r->csv,
				 "%s of several rows cannot be put together; select one, as with "
				 "--where device=NAME",
				 column->name);
}

static int add_lock_figures(const struct reading *r, struct cell *cell, struct group *group,
			    const struct lock_values *values, bool is_sum)
{
	const struct compare_set *set = r->set;
	struct sample *s;
	bool found;
	int err = take_sample(r, cell, group, &s, &found);

	for (size_t i = 0; !err && i < set->ntaken; i++) {
		const struct column *column = &lock_columns[set->taken[i]];
		double value = values->value[set->taken[i]];

		if (!found)
			s->value[i] = value;
		else if (column->merge != MERGE_NONE)
			s->value[i] = merged(column->merge, s->value[i], value);
		else if (!is_sum)
			err = reject_percentile(r, column);
	}
	return err;
}

static bool adds_something(const struct compare_set *set, const struct lock_values *values)
{
	for (size_t i = 0; i < set->nfigures; i++)
		if (values->value[set->figures[i].column] > 0)
			return true;
	return false;
}

/* Of a class that the sum is made of. */
static int add_to_sum(const struct reading *r, struct cell *cell, const struct group *part,
		      const struct lock_values *values)
{
	bool map = !strcmp(part->key[KEY_CLASS], "swap_map");

	if (adds_something(r->set, values)) {
		part->sum->map |= map;
		part->sum->cluster |= !map;
	}
	return add_lock_figures(r, cell, part->sum, values, true);
}

static int read_lock_values(const struct reading *r, struct lock_values *values)
{
	/* All of them: a file that is broken elsewhere is not to be trusted here. */
	for (size_t i = 0; i < LOCK_COLUMNS; i++) {
		uint64_t number;
		int n;

		if (lock_columns[i].merge == MERGE_KEY)
			continue;
		n = csv_reader_u64(r->csv, i, &number);
		if (n < 0)
			return n;
		/* NAN is a float, and so would be either without the cast. */
		values->value[i] = n ? (double)number : NAN;
	}
	return 0;
}

int compare_add_locks(const struct reading *r, struct cell *cell, struct group *group)
{
	const struct compare_query *q = r->set->query;
	struct lock_values values;
	int err = read_lock_values(r, &values);

	if (!err &&
	    (!q->nclasses || compare_listed(q->classes, q->nclasses, compare_field(r, LOCK_CLASS))))
		err = add_lock_figures(r, cell, group, &values, false);
	if (!err && group->sum)
		err = add_to_sum(r, cell, group, &values);
	return err;
}

int compare_add_metric(const struct reading *r, struct cell *cell, struct group *group)
{
	double value = NAN;
	struct sample *s;
	bool found;
	int err = metric_row_value(r->csv, &value);

	if (err < 0)
		return err;
	if (!group->wanted)
		return 0;
	err = take_sample(r, cell, group, &s, &found);
	if (!err)
		s->value[0] = value;
	return err;
}

int compare_take_ledger(const struct reading *r, struct cell *cell)
{
	const char *metric = compare_field(r, METRIC_METRIC);
	double value;
	int n;

	if (strncmp(metric, LEDGER_PREFIX, strlen(LEDGER_PREFIX)))
		return 0;
	n = metric_row_value(r->csv, &value);
	if (n <= 0)
		return n;
	if (!cell->ledger)
		cell->ledger = arena__take(&r->set->memory, sizeof(*cell->ledger),
					   _Alignof(struct ledger));
	if (!cell->ledger)
		return compare_set_no_memory(r->set);
	ledger__set(cell->ledger, metric + strlen(LEDGER_PREFIX), value);
	return 0;
}
