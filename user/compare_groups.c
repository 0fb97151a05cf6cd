// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "columns.h"
#include "compare_groups.h"
#include "csv.h"

const char *const group_column_names[GROUP_COLUMNS] = {
	[GROUP_KERNEL] = "kernel",	   [GROUP_EXPERIMENT] = "experiment",
	[GROUP_BACKEND] = "backend",	   [GROUP_LOCKPATH] = "lockpath",
	[GROUP_WORKLOAD] = "workload",	   [GROUP_THREADS] = "threads",
	[GROUP_ARM] = "arm",		   [GROUP_SSDS] = "ssds",
	[GROUP_RUN] = "run",
};

static const char *const usual_lock_metrics[] = { "contended", "wait_total_ns" };

/* One figure of one sample; texts are interned, so equal ones are the same pointer. */
struct observation {
	const char *group[GROUP_COLUMNS];
	const char *device, *subject, *metric, *unit, *side;
	const char *run, *rep;
	double value;
};

/* Interned texts: a plain hash set. */
struct text {
	struct text *next;
	char chars[];
};

enum { TEXT_BUCKETS = 4096 };

struct storage {
	struct text *buckets[TEXT_BUCKETS];
};

struct grouping {
	const struct compare_options *options;
	struct comparisons *result;
	struct storage *storage;
	struct observation *list;
	size_t n, room;
	bool seen_base;
};

static const char *intern(struct storage *storage, const char *chars)
{
	unsigned int hash = 5381;
	struct text *text;

	for (const char *c = chars; *c; c++)
		hash = hash * 33 + (unsigned char)*c;
	for (text = storage->buckets[hash % TEXT_BUCKETS]; text; text = text->next)
		if (!strcmp(text->chars, chars))
			return text->chars;
	text = malloc(sizeof(*text) + strlen(chars) + 1);
	if (!text)
		return NULL;
	strcpy(text->chars, chars);
	text->next = storage->buckets[hash % TEXT_BUCKETS];
	storage->buckets[hash % TEXT_BUCKETS] = text;
	return text->chars;
}

static int fail(struct grouping *g, int err, const char *format, const char *detail)
{
	if (!g->result->error && asprintf(&g->result->error, format, detail) < 0)
		g->result->error = NULL;
	return err;
}

static struct observation *new_observation(struct grouping *g)
{
	if (g->n == g->room) {
		size_t room = g->room ? 2 * g->room : 1024;
		struct observation *list = realloc(g->list, room * sizeof(*list));

		if (!list)
			return NULL;
		g->list = list;
		g->room = room;
	}
	memset(&g->list[g->n], 0, sizeof(*g->list));
	return &g->list[g->n++];
}

/* A file being read, and which of its two kinds it is. */
struct source {
	struct csv_reader *csv;
	const struct column *columns;
	size_t ncolumns;
	bool locks;
};

static const char *field(const struct source *s, const char *name)
{
	int column = columns_find(s->columns, s->ncolumns, name);

	return column < 0 ? NULL : csv_reader_str(s->csv, column);
}

static bool one_of(const char *const *words, size_t n, const char *word)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(words[i], word))
			return true;
	return n == 0;
}

static bool passes_where(const struct grouping *g, const struct source *s)
{
	for (size_t i = 0; i < g->options->nwhere; i++) {
		const char *equals = strchr(g->options->where[i], '=');
		char name[64];

		snprintf(name, sizeof(name), "%.*s", (int)(equals - g->options->where[i]),
			 g->options->where[i]);
		if (strcmp(field(s, name), equals + 1))
			return false;
	}
	return true;
}

static int add(struct grouping *g, const struct source *s, const char *subject,
	       const char *metric, const char *unit, double value)
{
	struct observation *o = new_observation(g);

	if (!o)
		return -ENOMEM;
	for (int c = 0; c < GROUP_COLUMNS; c++) {
		const char *name = group_column_names[c];

		if (!strcmp(name, g->options->by))
			o->side = intern(g->storage, field(s, name));
		else if (c != GROUP_RUN)
			o->group[c] = intern(g->storage, field(s, name));
	}
	o->subject = intern(g->storage, subject);
	o->device = intern(g->storage, s->locks ? "" : field(s, "device"));
	o->metric = intern(g->storage, metric);
	o->unit = intern(g->storage, unit ? unit : "");
	o->run = intern(g->storage, field(s, "run"));
	o->rep = intern(g->storage, field(s, "rep"));
	o->value = value;
	g->seen_base |= !strcmp(o->side, g->options->base);
	return o->unit && o->rep ? 0 : -ENOMEM;
}

static int add_lock_figure(struct grouping *g, const struct source *s, const char *metric)
{
	const char *class = field(s, "class");
	int column = columns_find(lock_columns, LOCK_COLUMNS, metric);
	const char *unit = lock_columns[column].unit;
	double value;
	int err = csv_reader_double(s->csv, column, &value);

	/* Not measured is no sample. */
	if (err <= 0)
		return err;
	err = 0;
	if (one_of(g->options->classes, g->options->nclasses, class))
		err = add(g, s, class, metric, unit, value);
	if (!err && (!strcmp(class, "swap_map") || !strcmp(class, "cluster")) &&
	    one_of(g->options->classes, g->options->nclasses, "swap_map+cluster"))
		err = add(g, s, "swap_map+cluster", metric, unit, value);
	return err;
}

static int add_lock_row(struct grouping *g, const struct source *s)
{
	const char *const *metrics = g->options->nmetrics ? g->options->metrics : usual_lock_metrics;
	size_t n = g->options->nmetrics ? g->options->nmetrics : 2;
	int err = 0;

	for (size_t i = 0; i < n && !err; i++)
		err = add_lock_figure(g, s, metrics[i]);
	return err;
}

static int add_metric_row(struct grouping *g, const struct source *s)
{
	double value;
	int err;

	if (!one_of(g->options->metrics, g->options->nmetrics, field(s, "metric")))
		return 0;
	err = csv_reader_double(s->csv, METRIC_VALUE, &value);
	return err <= 0 ? err : add(g, s, "", field(s, "metric"), field(s, "unit"), value);
}

/* Sums are what a sample is made of: only figures that may be added up. */
static int check_metrics(struct grouping *g, const struct source *s)
{
	for (size_t i = 0; s->locks && i < g->options->nmetrics; i++) {
		int column = columns_find(lock_columns, LOCK_COLUMNS, g->options->metrics[i]);

		if (column < 0 || lock_columns[column].merge != MERGE_SUM)
			return fail(g, -EINVAL, "--metric %s is no sum of locks.csv (contended,"
				    " acquired, wait_total_ns, hold_total_ns)", g->options->metrics[i]);
	}
	return 0;
}

static int check_columns(struct grouping *g, const struct source *s)
{
	if (!one_of(group_column_names, GROUP_COLUMNS, g->options->by))
		return fail(g, -EINVAL, "cannot compare by '%s': use arm, ssds, kernel, run, workload,"
			    " threads, backend, lockpath or experiment", g->options->by);
	for (size_t i = 0; i < g->options->nwhere; i++) {
		const char *equals = strchr(g->options->where[i], '=');
		char name[64] = "";

		if (equals)
			snprintf(name, sizeof(name), "%.*s", (int)(equals - g->options->where[i]),
				 g->options->where[i]);
		if (!field(s, name))
			return fail(g, -EINVAL, "--where %s is no COLUMN=VALUE of this file",
				    g->options->where[i]);
	}
	return check_metrics(g, s);
}

static int read_rows(struct grouping *g, const struct source *s)
{
	int err;

	while ((err = csv_reader_next(s->csv)) > 0) {
		if (!passes_where(g, s))
			continue;
		err = s->locks ? add_lock_row(g, s) : add_metric_row(g, s);
		if (err)
			return err;
	}
	return err;
}

static int read_file(struct grouping *g, const char *path)
{
	struct source s = {};
	int err = csv_reader_open(&s.csv, path);

	if (!err) {
		s.locks = csv_reader_has(s.csv, "class");
		s.columns = s.locks ? lock_columns : metric_columns;
		s.ncolumns = s.locks ? LOCK_COLUMNS : METRIC_COLUMNS;
		err = csv_reader_bind(s.csv, s.columns, s.ncolumns);
	}
	if (!err)
		err = check_columns(g, &s);
	if (!err)
		err = read_rows(g, &s);
	if (err)
		fail(g, err, "%s", s.csv ? csv_reader_error(s.csv) : "out of memory");
	csv_reader_close(s.csv);
	return err;
}

/* Numbers by value, the rest as text. */
static int by_text(const char *a, const char *b)
{
	char *end_a, *end_b;
	double x, y;

	if (a == b)
		return 0;
	if (!a || !b)
		return a ? 1 : -1;
	x = strtod(a, &end_a);
	y = strtod(b, &end_b);
	if (*a && *b && !*end_a && !*end_b && x != y)
		return x < y ? -1 : 1;
	return strcmp(a, b);
}

/* Same question: all that must agree. SSD counts last, so that they stand together. */
static int by_group(const struct observation *a, const struct observation *b)
{
	int order = 0;

	for (int c = 0; c < GROUP_SSDS && !order; c++)
		order = by_text(a->group[c], b->group[c]);
	if (!order)
		order = by_text(a->subject, b->subject);
	if (!order)
		order = by_text(a->metric, b->metric);
	if (!order)
		order = by_text(a->device, b->device);
	return order ? order : by_text(a->group[GROUP_SSDS], b->group[GROUP_SSDS]);
}

static int by_sample(const struct observation *a, const struct observation *b)
{
	int order = by_text(a->run, b->run);

	return order ? order : by_text(a->rep, b->rep);
}

static int by_all(const void *left, const void *right)
{
	const struct observation *a = left, *b = right;
	int order = by_group(a, b);

	if (!order)
		order = by_text(a->side, b->side);
	return order ? order : by_sample(a, b);
}

/* Adds devices, locks and intervals of one sample up. */
static void merge_samples(struct grouping *g)
{
	size_t kept = 0;

	qsort(g->list, g->n, sizeof(*g->list), by_all);
	for (size_t i = 0; i < g->n; i++) {
		if (kept && !by_all(&g->list[kept - 1], &g->list[i]))
			g->list[kept - 1].value += g->list[i].value;
		else
			g->list[kept++] = g->list[i];
	}
	g->n = kept;
}

/* The samples of one side of one group: a run of the sorted list. */
struct slice {
	const struct observation *first;
	size_t n;
};

static double *values_of(struct slice slice)
{
	double *values = malloc((slice.n ? slice.n : 1) * sizeof(*values));

	for (size_t i = 0; values && i < slice.n; i++)
		values[i] = slice.first[i].value;
	if (values)
		stats_sort(values, slice.n);
	return values;
}

static enum verdict verdict_of(const struct comparison *c, const double *base, const double *other)
{
	if (!c->n_base || !c->n_other)
		return VERDICT_MISSING;
	if (!base[c->n_base - 1] && !other[c->n_other - 1])
		return VERDICT_BOTH_ZERO;
	if (stats_rank_smallest_p(c->n_base, c->n_other) >= STATS_ALPHA)
		return VERDICT_TOO_FEW;
	if (!(c->p < STATS_ALPHA))
		return VERDICT_NO_DIFFERENCE;
	return c->median_other < c->median_base ? VERDICT_LOWER : VERDICT_HIGHER;
}

static int compare_slices(struct comparison *c, struct slice base, struct slice other)
{
	double *x = values_of(base), *y = values_of(other);
	struct stats_rank_test test;
	int err = x && y ? 0 : -ENOMEM;

	if (err)
		goto out;
	c->n_base = base.n;
	c->n_other = other.n;
	c->median_base = stats_median_sorted(x, base.n);
	c->median_other = stats_median_sorted(y, other.n);
	c->ratio = (struct stats_ratio){ NAN, NAN, NAN };
	c->p = NAN;
	if (base.n && other.n) {
		/* A base with a zero has no ratio; the test still speaks. */
		err = stats_ratio(x, base.n, y, other.n, &c->ratio);
		if (err == -EDOM) {
			c->ratio = (struct stats_ratio){ NAN, NAN, NAN };
			err = 0;
		}
		if (!err)
			err = stats_rank_test(x, base.n, y, other.n, &test);
		if (!err)
			c->p = test.p;
	}
	c->verdict = verdict_of(c, x, y);
out:
	free(x);
	free(y);
	return err;
}

static int add_comparison(struct grouping *g, struct slice base, struct slice other,
			  const char *side)
{
	struct comparisons *result = g->result;
	const struct observation *o = other.n ? other.first : base.first;
	struct comparison *list = realloc(result->list, (result->n + 1) * sizeof(*list));
	struct comparison *c;

	if (!list)
		return -ENOMEM;
	result->list = list;
	c = &list[result->n++];
	*c = (struct comparison){ .device = o->device, .subject = o->subject,
				  .metric = o->metric, .unit = o->unit, .side = side };
	memcpy(c->group, o->group, sizeof(c->group));
	return compare_slices(c, base, other);
}

static size_t side_end(const struct grouping *g, size_t from, size_t end)
{
	size_t i = from;

	while (i < end && !by_text(g->list[i].side, g->list[from].side))
		i++;
	return i;
}

/* Each other side of the group in [from, end) against its base. */
static int compare_group(struct grouping *g, size_t from, size_t end)
{
	struct slice base = {};
	size_t others = 0, i, next;
	int err = 0;

	for (i = from; i < end; i = next) {
		next = side_end(g, i, end);
		if (!strcmp(g->list[i].side, g->options->base))
			base = (struct slice){ &g->list[i], next - i };
	}
	for (i = from; i < end && !err; i = next) {
		next = side_end(g, i, end);
		if (&g->list[i] == base.first)
			continue;
		others++;
		err = add_comparison(g, base, (struct slice){ &g->list[i], next - i }, g->list[i].side);
	}
	if (!err && !others)
		err = add_comparison(g, base, (struct slice){}, "");
	return err;
}

static int compare_groups(struct grouping *g)
{
	size_t end;
	int err = 0;

	for (size_t from = 0; from < g->n && !err; from = end) {
		for (end = from; end < g->n && !by_group(&g->list[from], &g->list[end]); end++)
			;
		err = compare_group(g, from, end);
	}
	return err;
}

int comparisons__make(struct comparisons *result, const struct compare_options *options,
		      char *const *files, size_t nfiles)
{
	struct grouping g = { .options = options, .result = result };
	int err = 0;

	memset(result, 0, sizeof(*result));
	result->storage = g.storage = calloc(1, sizeof(*g.storage));
	if (!g.storage)
		err = -ENOMEM;
	for (size_t i = 0; i < nfiles && !err; i++)
		err = read_file(&g, files[i]);
	if (!err && !g.n)
		err = fail(&g, -ENODATA, "no row to compare in %s", files[0]);
	if (!err && !g.seen_base)
		err = fail(&g, -ENODATA, "no row with the base value '%s'", options->base);
	if (!err) {
		merge_samples(&g);
		err = compare_groups(&g);
	}
	if (err)
		fail(&g, err, "%s", strerror(-err));
	free(g.list);
	return err;
}

void comparisons__free(struct comparisons *result)
{
	struct storage *storage = result->storage;

	for (int i = 0; storage && i < TEXT_BUCKETS; i++) {
		for (struct text *text = storage->buckets[i], *next; text; text = next) {
			next = text->next;
			free(text);
		}
	}
	free(storage);
	free(result->list);
	free(result->error);
}
