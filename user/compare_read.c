// SPDX-License-Identifier: GPL-2.0-or-later
/* From the rows of the files to samples. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "compare_internal.h"

static bool listed(const char *const *list, size_t n, const char *text)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(list[i], text))
			return true;
	return false;
}

static bool row_matches(const struct compare_set *set, const struct csv_reader *r)
{
	for (size_t i = 0; i < set->query->nwhere; i++)
		if (strcmp(csv_reader_str(r, set->where[i]), set->query->where[i].value))
			return false;
	return true;
}

static const char *intern_field(struct compare_set *set, const struct csv_reader *r, int column)
{
	return compare_intern(set, column < 0 ? "" : csv_reader_str(r, column));
}

/* What the row says of its sample; the keys that are no columns stay "". */
static int identify(struct compare_set *set, const struct csv_reader *r, struct sample *s)
{
	bool locks = set->input == INPUT_LOCKS;
	bool complete = true;

	memset(s, 0, sizeof(*s));
	for (size_t i = 0; i < COMPARE_KEYS; i++) {
		int column = compare_key_column(set, i);

		if (column == set->by)
			column = -1;
		s->key[i] = intern_field(set, r, column);
		complete &= s->key[i] != NULL;
	}
	s->by = intern_field(set, r, set->by);
	s->run = intern_field(set, r, locks ? LOCK_RUN : METRIC_RUN);
	s->rep = intern_field(set, r, locks ? LOCK_REP : METRIC_REP);
	if (!complete || !s->by || !s->run || !s->rep)
		return compare_set_fail(set, -ENOMEM, "out of memory");
	s->file = set->nfiles - 1;
	if (!*s->run && !*s->rep)
		s->anonymous_file = set->nfiles;
	s->intervals = locks && *csv_reader_str(r, LOCK_INTERVAL);
	return 0;
}

/* Rows that must not be added up, whatever the metric. */
static int check_mergeable(struct compare_set *set, struct csv_reader *r, const struct sample *old,
			   const struct sample *new)
{
	if (old->file != new->file)
		return csv_reader_reject(r, "run '%s' repetition '%s' is also in %s", new->run,
					 new->rep, set->files[old->file]);
	if (old->intervals != new->intervals)
		return csv_reader_reject(
			r, "rows of intervals and of the whole recording in one repetition");
	if (set->input == INPUT_METRICS)
		return csv_reader_reject(r, "metric '%s' twice in run '%s' repetition '%s'",
					 new->key[KEY_METRIC], new->run, new->rep);
	return 0;
}

/*
 * A sum with a part that was not measured is not known. A smallest or largest
 * value is that of the rows which have one: a lock nobody waited for has no
 * shortest wait.
 */
static void merge(enum column_merge how, struct sample *old, const struct sample *new)
{
	if (how == MERGE_SUM) {
		old->measured &= new->measured;
		old->value += new->value;
		old->by_count += new->by_count;
	} else if (new->measured && !old->measured) {
		old->measured = true;
		old->value = new->value;
	} else if (new->measured) {
		old->value = how == MERGE_MIN ? fmin(old->value, new->value)
					      : fmax(old->value, new->value);
	}
}

static int add(struct compare_set *set, struct csv_reader *r, const struct sample *new,
	       const struct column *column)
{
	struct sample *s;
	bool found;
	int err;

	s = compare_sample(set, new, &found);
	if (!s)
		return compare_set_fail(set, -ENOMEM, "out of memory");
	if (!found)
		return 0;
	err = check_mergeable(set, r, s, new);
	if (err)
		return err;
	if (column->merge == MERGE_NONE)
		return csv_reader_reject(r,
					 "%s of several rows cannot be put together; select one, "
					 "as with --where device=NAME",
					 column->name);
	merge(column->merge, s, new);
	return 0;
}

static bool in_sum_class(const char *class)
{
	return !strcmp(class, "swap_map") || !strcmp(class, "cluster");
}

/* The sum belongs to a selection that has one of its parts. */
static bool sum_wanted(const struct compare_query *q)
{
	return !q->nclasses || listed(q->classes, q->nclasses, "swap_map") ||
	       listed(q->classes, q->nclasses, "cluster") ||
	       listed(q->classes, q->nclasses, COMPARE_SUM_CLASS);
}

static int read_figure(struct csv_reader *r, const struct lock_figure *figure, struct sample *s)
{
	uint64_t value = 0, count = 0;
	int measured = csv_reader_u64(r, figure->column, &value);
	int counted = 1;

	if (measured >= 0 && figure->divisor >= 0)
		counted = csv_reader_u64(r, figure->divisor, &count);
	if (measured < 0 || counted < 0)
		return measured < 0 ? measured : counted;
	s->measured = measured && counted;
	s->value = value;
	s->divided = figure->divisor >= 0;
	s->by_count = count;
	return 0;
}

static int add_lock_figure(struct compare_set *set, struct csv_reader *r, struct sample s,
			   const struct lock_figure *figure)
{
	const struct compare_query *q = set->query;
	const struct column *column = &lock_columns[figure->column];
	const char *class = s.key[KEY_CLASS];
	int err = read_figure(r, figure, &s);

	if (err)
		return err;
	s.order = figure - set->figures;
	s.key[KEY_METRIC] = compare_intern(set, figure->name);
	s.key[KEY_UNIT] = compare_intern(set, column->unit ? column->unit : "");
	if (!s.key[KEY_METRIC] || !s.key[KEY_UNIT])
		return compare_set_fail(set, -ENOMEM, "out of memory");
	if (!q->nclasses || listed(q->classes, q->nclasses, class)) {
		err = add(set, r, &s, column);
		if (err < 0)
			return err;
	}
	if (!in_sum_class(class) || !sum_wanted(q) || column->merge == MERGE_NONE)
		return 0;
	s.key[KEY_CLASS] = compare_intern(set, COMPARE_SUM_CLASS);
	if (!s.key[KEY_CLASS])
		return compare_set_fail(set, -ENOMEM, "out of memory");
	return add(set, r, &s, column);
}

static int add_lock_row(struct compare_set *set, struct csv_reader *r, const struct sample *s)
{
	int err;

	/* A file that is broken elsewhere is not to be trusted here. */
	for (size_t i = 0; i < LOCK_COLUMNS; i++) {
		uint64_t value;

		if (lock_columns[i].merge == MERGE_KEY)
			continue;
		err = csv_reader_u64(r, i, &value);
		if (err < 0)
			return err;
	}
	for (size_t i = 0; i < set->nfigures; i++) {
		err = add_lock_figure(set, r, *s, &set->figures[i]);
		if (err)
			return err;
	}
	return 0;
}

static int metric_order(struct compare_set *set, const char *name, size_t *order)
{
	const char **names;

	for (*order = 0; *order < set->nmetric_names; ++*order)
		if (set->metric_names[*order] == name)
			return 0;
	names = reallocarray(set->metric_names, set->nmetric_names + 1, sizeof(*names));
	if (!names)
		return compare_set_fail(set, -ENOMEM, "out of memory");
	set->metric_names = names;
	names[set->nmetric_names++] = name;
	return 0;
}

static int add_metric_row(struct compare_set *set, struct csv_reader *r, struct sample *s)
{
	const struct compare_query *q = set->query;
	int n = csv_reader_double(r, METRIC_VALUE, &s->value);

	if (n < 0)
		return n;
	s->measured = n;
	if (q->nmetrics && !listed(q->metrics, q->nmetrics, s->key[KEY_METRIC]))
		return 0;
	n = metric_order(set, s->key[KEY_METRIC], &s->order);
	return n ? n : add(set, r, s, &metric_columns[METRIC_VALUE]);
}

static int read_row(struct compare_set *set, struct csv_reader *r)
{
	struct sample s;
	int err;

	if (!row_matches(set, r))
		return 0;
	err = identify(set, r, &s);
	if (err)
		return err;
	/* Not of the compared column's world: a drive's ceiling has no arm. */
	if (!*s.by && *set->query->base)
		return 0;
	return set->input == INPUT_LOCKS ? add_lock_row(set, r, &s) : add_metric_row(set, r, &s);
}

static int read_rows(struct compare_set *set, struct csv_reader *r, const char *path)
{
	int err = compare_set_input(set, r, path);

	if (!err)
		err = csv_reader_bind(r, set->columns, set->ncolumns);
	while (!err) {
		err = csv_reader_next(r);
		if (err <= 0)
			break;
		err = read_row(set, r);
	}
	return err;
}

static int remember_file(struct compare_set *set, const char *path)
{
	const char **files = reallocarray(set->files, set->nfiles + 1, sizeof(*files));

	if (!files)
		return compare_set_fail(set, -ENOMEM, "out of memory");
	set->files = files;
	files[set->nfiles++] = path;
	return 0;
}

int compare_set_read(struct compare_set *set, const char *path)
{
	struct csv_reader *r = NULL;
	int err = remember_file(set, path);

	if (err)
		return err;
	err = csv_reader_open(&r, path);
	if (!err)
		err = read_rows(set, r, path);
	/* Whatever failed last has said why: the set, or else the reader. */
	if (err && !*set->error)
		compare_set_fail(set, err, "%s", csv_reader_error(r));
	csv_reader_close(r);
	return err;
}
