// SPDX-License-Identifier: GPL-2.0-or-later
/* From the rows of the files to samples. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "compare_internal.h"

/* A file being read. */
struct reading {
	struct compare_set *set;
	struct csv_reader *csv;
	struct source *source;
	enum compare_input input;
	const struct input *in;
	const char *name;
};

static const char *field(const struct reading *r, int column)
{
	return column < 0 ? "" : csv_reader_str(r->csv, column);
}

static bool row_matches(const struct reading *r)
{
	const struct compare_query *q = r->set->query;

	for (size_t i = 0; i < q->nwhere; i++)
		if (r->in->where[i] < 0 || strcmp(field(r, r->in->where[i]), q->where[i].value))
			return false;
	return true;
}

/* Rows of a cell mostly stand together. */
static bool same_as_last(const struct reading *r)
{
	const struct cell *last = r->set->last_cell;

	if (!last || (last->own && last->own != r->source))
		return false;
	for (int i = 0; i < CELL_COLUMNS; i++)
		if (strcmp(last->column[i], field(r, r->in->cell[i])))
			return false;
	return true;
}

/* Most fields are those of the row before. */
static const char *intern_field(const struct reading *r, int column, const char *last)
{
	const char *text = field(r, column);

	return last && !strcmp(last, text) ? last : compare_intern(r->set, text);
}

static size_t repetition_of(struct compare_set *set, const struct cell *c)
{
	const char *run = c->column[CELL_RUN], *rep = c->column[CELL_REP];
	const struct cell *last = set->last_cell;

	if (!*run || !*rep)
		return 0;
	if (last && last->column[CELL_RUN] == run && last->column[CELL_REP] == rep)
		return last->repetition;
	return compare_repetition(set, run, rep);
}

static struct cell *find_cell(const struct reading *r)
{
	struct compare_set *set = r->set;
	struct cell c = { .source = r->source };

	if (same_as_last(r))
		return set->last_cell;
	for (int i = 0; i < CELL_COLUMNS; i++) {
		c.column[i] = intern_field(r, r->in->cell[i],
					   set->last_cell ? set->last_cell->column[i] : NULL);
		if (!c.column[i])
			return NULL;
	}
	if (set->by_file || (!*c.column[CELL_RUN] && !*c.column[CELL_REP]))
		c.own = r->source;
	c.repetition = repetition_of(set, &c);
	set->last_cell = compare_cell(set, &c);
	return set->last_cell;
}

static const char *by_value(const struct reading *r, const struct cell *cell)
{
	if (r->set->by_file)
		return r->source->name;
	if (r->set->by_cell >= 0)
		return cell->column[r->set->by_cell];
	return compare_intern(r->set, field(r, r->in->by));
}

/* What the row says of its sample's group; the keys that are no columns stay "". */
static int identify_group(const struct reading *r, const struct cell *cell, struct group *g)
{
	const struct group *last = &r->set->last_group;
	const char *none = compare_intern(r->set, "");
	bool complete = none;

	*g = (struct group){ .input = r->input };
	for (int i = 0; i < COMPARE_KEYS; i++) {
		int own = compare_key_cell(i), column = compare_key_column(r->input, i);

		if (own >= 0)
			g->key[i] = own == r->set->by_cell ? none : cell->column[own];
		else if (column < 0 || column == r->in->by)
			g->key[i] = none;
		else
			g->key[i] = intern_field(r, column, last->key[i]);
		complete &= g->key[i] != NULL;
	}
	r->set->last_group = *g;
	return complete ? 0 : compare_set_no_memory(r->set);
}

/* Rows that must not be added up, whatever the metric. */
static int check_mergeable(const struct reading *r, const struct sample *old,
			   const struct sample *new)
{
	const char *run = old->cell->column[CELL_RUN], *rep = old->cell->column[CELL_REP];

	if (old->file != new->file)
		return csv_reader_reject(r->csv, "run '%s' repetition '%s' is also in %s", run, rep,
					 old->file);
	if (old->intervals != new->intervals)
		return csv_reader_reject(
			r->csv, "rows of intervals and of the whole recording in one repetition");
	if (r->input == INPUT_METRICS)
		return csv_reader_reject(r->csv, "metric '%s' twice in run '%s' repetition '%s'",
					 field(r, METRIC_METRIC), run, rep);
	return 0;
}

/*
 * A sum with a part that was not measured is not known. A smallest or largest
 * value is that of the rows which have one: a lock nobody waited for has no
 * shortest wait.
 */
static void merge(enum column_merge how, struct tally *old, const struct tally *new)
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

/* The sample of this row, in @group; one that is there already is checked. */
static int take_sample(const struct reading *r, struct cell *cell, struct group *group,
		       struct sample **sample, bool *found)
{
	struct sample new = { .group = group, .cell = cell, .file = r->name };

	new.by = by_value(r, cell);
	new.intervals = r->input == INPUT_LOCKS &&*field(r, LOCK_INTERVAL);
	*sample = new.by ? compare_sample(r->set, &new, found) : NULL;
	if (!*sample)
		return compare_set_no_memory(r->set);
	return *found ? check_mergeable(r, *sample, &new) : 0;
}

/* All figures of a row of locks.csv: of a column, or a quotient's both. */
struct lock_values {
	uint64_t value[LOCK_COLUMNS];
	bool measured[LOCK_COLUMNS];
};

static struct tally lock_tally(const struct lock_values *v, const struct lock_figure *f)
{
	struct tally t = { .value = v->value[f->column], .measured = v->measured[f->column] };

	if (f->divisor < 0)
		return t;
	t.by_count = v->value[f->divisor];
	t.measured &= v->measured[f->divisor];
	return t;
}

static int add_lock_figures(const struct reading *r, struct cell *cell, struct group *group,
			    const struct lock_values *values, bool is_sum)
{
	struct compare_set *set = r->set;
	struct sample *s;
	bool found;
	int err = take_sample(r, cell, group, &s, &found);

	if (err)
		return err;
	for (size_t i = 0; i < set->nfigures; i++) {
		const struct column *column = &lock_columns[set->figures[i].column];
		struct tally new = lock_tally(values, &set->figures[i]);

		if (!found)
			s->tally[i] = new;
		else if (column->merge != MERGE_NONE)
			merge(column->merge, &s->tally[i], &new);
		else if (!is_sum)
			return csv_reader_reject(
				r->csv,
				"%s of several rows cannot be put together; select "
				"one, as with --where device=NAME",
				column->name);
	}
	return 0;
}

static bool in_sum_class(const char *class)
{
	return !strcmp(class, "swap_map") || !strcmp(class, "cluster");
}

/* The sum belongs to a selection that has one of its parts. */
static bool sum_wanted(const struct compare_query *q)
{
	return !q->nclasses || compare_listed(q->classes, q->nclasses, "swap_map") ||
	       compare_listed(q->classes, q->nclasses, "cluster") ||
	       compare_listed(q->classes, q->nclasses, COMPARE_SUM_CLASS);
}

static bool adds_something(const struct compare_set *set, const struct lock_values *values)
{
	for (size_t i = 0; i < set->nfigures; i++)
		if (values->value[set->figures[i].column])
			return true;
	return false;
}

static int add_to_sum(const struct reading *r, struct cell *cell, struct group *like,
		      const struct lock_values *values)
{
	bool map = !strcmp(like->key[KEY_CLASS], "swap_map");
	struct group *group;

	like->key[KEY_CLASS] = compare_intern(r->set, COMPARE_SUM_CLASS);
	group = like->key[KEY_CLASS] ? compare_group(r->set, like) : NULL;
	if (!group)
		return compare_set_no_memory(r->set);
	if (adds_something(r->set, values)) {
		group->map |= map;
		group->cluster |= !map;
	}
	return add_lock_figures(r, cell, group, values, true);
}

static int read_lock_values(const struct reading *r, struct lock_values *values)
{
	/* All of them: a file that is broken elsewhere is not to be trusted here. */
	for (size_t i = 0; i < LOCK_COLUMNS; i++) {
		int n = 0;

		values->value[i] = 0;
		if (lock_columns[i].merge != MERGE_KEY)
			n = csv_reader_u64(r->csv, i, &values->value[i]);
		if (n < 0)
			return n;
		values->measured[i] = n;
	}
	return 0;
}

static int add_lock_row(const struct reading *r, struct cell *cell, struct group *like)
{
	const struct compare_query *q = r->set->query;
	const char *class = like->key[KEY_CLASS];
	struct lock_values values;
	struct group *group;
	int err = read_lock_values(r, &values);

	if (err)
		return err;
	if (!q->nclasses || compare_listed(q->classes, q->nclasses, field(r, LOCK_CLASS))) {
		group = compare_group(r->set, like);
		err = group ? add_lock_figures(r, cell, group, &values, false)
			    : compare_set_no_memory(r->set);
	}
	if (!err && in_sum_class(class) && sum_wanted(q))
		err = add_to_sum(r, cell, like, &values);
	return err;
}

static int metric_order(struct compare_set *set, const char *name, size_t *order)
{
	const char **names;

	for (*order = 0; *order < set->nmetric_names; ++*order)
		if (set->metric_names[*order] == name)
			return 0;
	names = reallocarray(set->metric_names, set->nmetric_names + 1, sizeof(*names));
	if (!names)
		return compare_set_no_memory(set);
	set->metric_names = names;
	names[set->nmetric_names++] = name;
	return 0;
}

/*
 * Figures about the measurement, not of what is measured: each line costs the others power. What
 * ends in _ begins their names.
 */
static bool is_usual(const char *metric)
{
	static const char *const others[] = { LEDGER_PREFIX, "asked_", "window", "warmup",
					      "steady" };

	for (size_t i = 0; i < COMPARE_COUNT(others); i++) {
		size_t length = strlen(others[i]);
		bool prefix = others[i][length - 1] == '_';

		if (!strncmp(metric, others[i], length) && (prefix || !metric[length]))
			return false;
	}
	return true;
}

static bool metric_wanted(const struct compare_query *q, const char *metric)
{
	if (q->nmetrics)
		return compare_listed(q->metrics, q->nmetrics, metric);
	return !q->nclasses && is_usual(metric);
}

static int add_metric_row(const struct reading *r, struct cell *cell, struct group *like)
{
	struct tally t = {};
	struct group *group;
	struct sample *s;
	bool found;
	int n = csv_reader_double(r->csv, METRIC_VALUE, &t.value);

	if (n < 0)
		return n;
	t.measured = n;
	if (!metric_wanted(r->set->query, field(r, METRIC_METRIC)))
		return 0;
	group = compare_group(r->set, like);
	if (!group)
		return compare_set_no_memory(r->set);
	n = group->order ? 0 : metric_order(r->set, group->key[KEY_METRIC], &group->order);
	if (!n)
		n = take_sample(r, cell, group, &s, &found);
	if (!n)
		s->tally[0] = t;
	return n;
}

/* Also of rows that --where leaves out: they say how far to trust the others. */
static int take_ledger(const struct reading *r, struct cell *cell)
{
	const char *metric = field(r, METRIC_METRIC);
	double value;
	int n;

	if (strncmp(metric, LEDGER_PREFIX, strlen(LEDGER_PREFIX)))
		return 0;
	n = csv_reader_double(r->csv, METRIC_VALUE, &value);
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

static int read_row(const struct reading *r)
{
	const struct compare_set *set = r->set;
	struct cell *cell = find_cell(r);
	struct group like;
	int err = cell ? 0 : compare_set_no_memory(r->set);

	if (!err && r->input == INPUT_METRICS)
		err = take_ledger(r, cell);
	if (err || !row_matches(r))
		return err;
	/* Not of the compared column's world: a drive's ceiling has no arm, a metric no class. */
	if (!set->by_file && *set->query->base &&
	    !*(set->by_cell >= 0 ? cell->column[set->by_cell] : field(r, r->in->by)))
		return 0;
	err = identify_group(r, cell, &like);
	if (err)
		return err;
	return r->input == INPUT_LOCKS ? add_lock_row(r, cell, &like)
				       : add_metric_row(r, cell, &like);
}

static int find_kind(struct reading *r)
{
	if (csv_reader_has(r->csv, "class") && csv_reader_has(r->csv, "lock"))
		r->input = INPUT_LOCKS;
	else if (csv_reader_has(r->csv, "metric") && csv_reader_has(r->csv, "value"))
		r->input = INPUT_METRICS;
	else
		return compare_set_fail(r->set, -EINVAL,
					"%s:1: neither locks.csv (no columns 'class', 'lock') nor "
					"metrics.csv ('metric', 'value')",
					r->name);
	r->in = &r->set->inputs[r->input];
	return compare_resolve(r->set, r->input);
}

static int read_rows(struct reading *r)
{
	const struct column *columns;
	size_t n;
	int err = find_kind(r);

	if (err)
		return err;
	columns = compare_columns(r->input, &n);
	err = csv_reader_bind(r->csv, columns, n);
	while (!err) {
		err = csv_reader_next(r->csv);
		if (err <= 0)
			break;
		err = read_row(r);
	}
	return err;
}

static int read_file(struct compare_set *set, struct source *source, const char *name)
{
	struct reading r = { .set = set, .source = source, .name = name };
	int err = csv_reader_open(&r.csv, name);

	if (!err)
		err = read_rows(&r);
	/* Whatever failed last has said why: the set, or else the reader. */
	if (err && !*set->error)
		compare_set_fail(set, err, "%s", csv_reader_error(r.csv));
	csv_reader_close(r.csv);
	return err;
}

/* Its path as one of the set's strings, or NULL. */
static const char *file_in(struct compare_set *set, const char *dir, const char *file)
{
	const char *interned = NULL;
	char *path;

	if (asprintf(&path, "%s/%s", dir, file) < 0)
		return NULL;
	interned = compare_intern(set, path);
	free(path);
	return interned;
}

static int read_directory(struct compare_set *set, struct source *source)
{
	static const char *const names[] = { "locks.csv", "metrics.csv" };
	const char *path = file_in(set, source->name, "run.json");
	size_t found = 0;
	int err =
		path ? compare_context_read(&source->context, path, set->error, sizeof(set->error))
		     : compare_set_no_memory(set);

	if (err == -ENOENT)
		err = 0;
	for (size_t i = 0; i < COMPARE_COUNT(names) && !err; i++) {
		struct stat st;

		path = file_in(set, source->name, names[i]);
		if (!path)
			return compare_set_no_memory(set);
		if (stat(path, &st) && errno == ENOENT)
			continue;
		found++;
		err = read_file(set, source, path);
	}
	if (!err && !found)
		return compare_set_fail(set, -ENOENT, "%s: no locks.csv and no metrics.csv in it",
					source->name);
	return err;
}

static struct source *add_source(struct compare_set *set, const char *path)
{
	struct source **list = reallocarray(set->sources, set->nsources + 1, sizeof(*list));
	struct source *source;

	if (!list)
		return NULL;
	set->sources = list;
	source = arena__take(&set->memory, sizeof(*source), _Alignof(struct source));
	if (!source)
		return NULL;
	source->name = compare_intern(set, path);
	list[set->nsources++] = source;
	return source->name ? source : NULL;
}

/* Its repetitions would count as others. */
static int check_new(struct compare_set *set, const struct source *source)
{
	for (size_t i = 0; i + 1 < set->nsources; i++)
		if (set->sources[i]->device == source->device &&
		    set->sources[i]->inode == source->inode)
			return compare_set_fail(set, -EBADRQC, "%s and %s are the same",
						set->sources[i]->name, source->name);
	return 0;
}

int compare_set_read(struct compare_set *set, const char *path)
{
	struct source *source = add_source(set, path);
	struct stat st = {};
	int err;

	if (!source)
		return compare_set_no_memory(set);
	/* What cannot be looked at cannot be opened either, which says why. */
	if (!strcmp(path, "-") || stat(path, &st))
		return read_file(set, source, source->name);
	source->device = st.st_dev;
	source->inode = st.st_ino;
	err = check_new(set, source);
	if (err)
		return err;
	return S_ISDIR(st.st_mode) ? read_directory(set, source)
				   : read_file(set, source, source->name);
}
