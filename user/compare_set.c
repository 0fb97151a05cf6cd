// SPDX-License-Identifier: GPL-2.0-or-later
/* The set of samples: strings, samples, and whether a query fits a file. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* tdestroy */
#endif
#include <errno.h>
#include <search.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compare_internal.h"

static const struct {
	const char *name;
	int lock, metric; /* column, or -1: no key there */
} keys[COMPARE_KEYS] = {
	[KEY_WORKLOAD] = { "workload", LOCK_WORKLOAD, METRIC_WORKLOAD },
	[KEY_SSDS] = { "ssds", LOCK_SSDS, METRIC_SSDS },
	[KEY_THREADS] = { "threads", LOCK_THREADS, METRIC_THREADS },
	[KEY_EXPERIMENT] = { "experiment", LOCK_EXPERIMENT, METRIC_EXPERIMENT },
	[KEY_KERNEL] = { "kernel", LOCK_KERNEL, METRIC_KERNEL },
	[KEY_ARM] = { "arm", LOCK_ARM, METRIC_ARM },
	[KEY_BACKEND] = { "backend", LOCK_BACKEND, METRIC_BACKEND },
	[KEY_LOCKPATH] = { "lockpath", LOCK_LOCKPATH, METRIC_LOCKPATH },
	[KEY_DEVICE] = { "device", -1, METRIC_DEVICE },
	[KEY_CLASS] = { "class", LOCK_CLASS, -1 },
	[KEY_METRIC] = { "metric", -1, METRIC_METRIC },
	[KEY_UNIT] = { "unit", -1, METRIC_UNIT },
};

/* What --by takes: a property of a run, not what a row measures. */
static const char *const comparable[] = {
	"run",	    "kernel",	"experiment", "arm",	 "backend",
	"lockpath", "workload", "ssds",	      "threads", "device",
};

/* Of locks.csv, without --metric. Where windows held unequal work, only the share is fair. */
static const char *const usual_figures[] = { "contended", "contended/acquired", "wait_total_ns" };

#define N(array) (sizeof(array) / sizeof(*(array)))

const char *compare_key_name(enum compare_key key)
{
	return keys[key].name;
}

int compare_key_column(const struct compare_set *set, enum compare_key key)
{
	return set->input == INPUT_LOCKS ? keys[key].lock : keys[key].metric;
}

int compare_set_fail(struct compare_set *set, int err, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(set->error, sizeof(set->error), format, args);
	va_end(args);
	return err;
}

const char *compare_set_error(const struct compare_set *set)
{
	return set->error;
}

static int by_text(const void *a, const void *b)
{
	return strcmp(a, b);
}

const char *compare_intern(struct compare_set *set, const char *text)
{
	char **found = tfind(text, &set->strings, by_text);
	char *copy;

	if (found)
		return *found;
	copy = strdup(text);
	if (copy && !tsearch(copy, &set->strings, by_text)) {
		free(copy);
		copy = NULL;
	}
	return copy;
}

/* Interned strings are equal if they are the same. */
static int by_address(const char *a, const char *b)
{
	return (a > b) - (a < b);
}

static int by_identity(const void *a, const void *b)
{
	const struct sample *x = a, *y = b;
	int diff = by_address(x->by, y->by);

	for (size_t i = 0; !diff && i < COMPARE_KEYS; i++)
		diff = by_address(x->key[i], y->key[i]);
	if (!diff)
		diff = by_address(x->run, y->run);
	if (!diff)
		diff = by_address(x->rep, y->rep);
	if (!diff)
		diff = (x->anonymous_file > y->anonymous_file) -
		       (x->anonymous_file < y->anonymous_file);
	return diff;
}

struct sample *compare_sample(struct compare_set *set, const struct sample *like, bool *found)
{
	struct sample **at = tfind(like, &set->samples, by_identity);
	struct sample *s;

	*found = at;
	if (at)
		return *at;
	s = malloc(sizeof(*s));
	if (!s)
		return NULL;
	*s = *like;
	if (!tsearch(s, &set->samples, by_identity)) {
		free(s);
		return NULL;
	}
	set->nsamples++;
	return s;
}

static int resolve_by(struct compare_set *set)
{
	const char *by = set->query->by;

	for (size_t i = 0; i < N(comparable); i++) {
		if (strcmp(comparable[i], by))
			continue;
		set->by = columns_find(set->columns, set->ncolumns, by);
		return 0;
	}
	return compare_set_fail(set, -EBADRQC,
				"cannot compare by '%s'; by one of run, kernel, "
				"experiment, arm, backend, lockpath, workload, "
				"ssds, threads, device",
				by);
}

static int resolve_where(struct compare_set *set)
{
	const struct compare_query *q = set->query;

	set->where = calloc(q->nwhere + 1, sizeof(*set->where));
	if (!set->where)
		return compare_set_fail(set, -ENOMEM, "out of memory");
	for (size_t i = 0; i < q->nwhere; i++) {
		set->where[i] = columns_find(set->columns, set->ncolumns, q->where[i].column);
		if (set->where[i] < 0)
			return compare_set_fail(set, -EBADRQC, "no column '%s' to select by",
						q->where[i].column);
	}
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

	*figure = (struct lock_figure){ name, find_figure_column(name, strcspn(name, "/")), -1 };
	if (figure->column < 0 || !slash)
		return figure->column < 0 ? -ENOENT : 0;
	figure->divisor = find_figure_column(slash + 1, strlen(slash + 1));
	if (figure->divisor < 0 || lock_columns[figure->divisor].merge != MERGE_SUM ||
	    lock_columns[figure->column].merge != MERGE_SUM)
		return -ENOENT;
	return 0;
}

/* In metrics.csv metrics are values, not columns: any name will do there. */
static int resolve_figures(struct compare_set *set)
{
	const struct compare_query *q = set->query;
	const char *const *names = q->nmetrics ? q->metrics : usual_figures;

	set->nfigures = q->nmetrics ? q->nmetrics : N(usual_figures);
	set->figures = calloc(set->nfigures, sizeof(*set->figures));
	if (!set->figures)
		return compare_set_fail(set, -ENOMEM, "out of memory");
	for (size_t i = 0; i < set->nfigures; i++)
		if (parse_figure(&set->figures[i], names[i]))
			return compare_set_fail(set, -EBADRQC, "no metric '%s' in locks.csv",
						names[i]);
	return 0;
}

static int resolve(struct compare_set *set)
{
	bool locks = set->input == INPUT_LOCKS;
	int err;

	set->columns = locks ? lock_columns : metric_columns;
	set->ncolumns = locks ? LOCK_COLUMNS : METRIC_COLUMNS;
	if (!locks && set->query->nclasses)
		return compare_set_fail(set, -EBADRQC,
					"--class needs locks.csv, a metric has none");
	err = resolve_by(set);
	if (!err)
		err = resolve_where(set);
	if (!err && locks)
		err = resolve_figures(set);
	return err;
}

int compare_set_input(struct compare_set *set, struct csv_reader *r, const char *path)
{
	enum compare_input input;

	if (csv_reader_has(r, "class") && csv_reader_has(r, "lock"))
		input = INPUT_LOCKS;
	else if (csv_reader_has(r, "metric") && csv_reader_has(r, "value"))
		input = INPUT_METRICS;
	else
		return compare_set_fail(set, -EINVAL,
					"%s:1: neither locks.csv (no columns 'class', 'lock') nor "
					"metrics.csv ('metric', 'value')",
					path);
	if (set->input && set->input != input)
		return compare_set_fail(set, -EINVAL,
					"%s: is a %s file, but the first is the other kind", path,
					input == INPUT_LOCKS ? "locks.csv" : "metrics.csv");
	if (set->input)
		return 0;
	set->input = input;
	return resolve(set);
}

struct compare_set *compare_set_new(const struct compare_query *query)
{
	struct compare_set *set = calloc(1, sizeof(*set));

	if (set)
		set->query = query;
	return set;
}

void compare_set_free(struct compare_set *set)
{
	if (!set)
		return;
	tdestroy(set->samples, free);
	tdestroy(set->strings, free);
	free(set->metric_names);
	free(set->files);
	free(set->figures);
	free(set->where);
	free(set->sorted);
	free(set->rows);
	free(set);
}
