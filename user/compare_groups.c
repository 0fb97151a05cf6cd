// SPDX-License-Identifier: GPL-2.0-or-later
/* From samples to rows: a group, and one value of the compared column against the base. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compare_internal.h"

/* The order of classes in the output: what the question is about first. */
static const char *const class_order[] = {
	"swap_map",   "cluster",    COMPARE_SUM_CLASS, "swap_lock", "swap_avail",
	"swap_slots", "swap_cache", "lruvec",	       "zone",	    "page_table",
	"mmap",	      "zswap",	    "zsmalloc",	       "zbud",	    "zram",
	"memcg",      "block",	    "other",
};

static size_t class_rank(const char *class)
{
	size_t n = COMPARE_COUNT(class_order), i;

	for (i = 0; i < n && strcmp(class_order[i], class); i++)
		;
	return i;
}

static int by_size(size_t a, size_t b)
{
	return (a > b) - (a < b);
}

/* strverscmp(): 2 SSDs come before 10. */
static int by_key(const struct compare_row *a, const struct compare_row *b, enum compare_key key)
{
	int diff = 0;

	if (a->key[key] == b->key[key])
		return 0;
	if (key == KEY_CLASS)
		diff = by_size(class_rank(a->key[key]), class_rank(b->key[key]));
	if (key == KEY_METRIC)
		diff = by_size(a->order, b->order);
	return diff ? diff : strverscmp(a->key[key], b->key[key]);
}

static int by_place(const void *left, const void *right)
{
	const struct compare_row *a = left, *b = right;
	int diff = 0;

	for (int key = 0; !diff && key < COMPARE_KEYS; key++)
		diff = by_key(a, b, key);
	return diff ? diff : strverscmp(a->value, b->value);
}

/* All are read: what only finds them is given up before the tests need memory. */
static void forget_places(struct compare_set *set)
{
	hashset__free(&set->samples);
	hashset__free(&set->cells);
	hashset__free(&set->repetitions);
}

/* The values of the compared column, the base's apart. */
struct values {
	const char **list;
	size_t n;
	const char *base; /* NULL: no sample has it */
};

static int by_version(const void *a, const void *b)
{
	return strverscmp(*(const char *const *)a, *(const char *const *)b);
}

static int list_values(struct compare_set *set, struct values *v)
{
	v->list = calloc(set->series.n + 1, sizeof(*v->list));
	if (!v->list)
		return compare_set_no_memory(set);
	for (const struct group *g = set->first_group; g; g = g->next) {
		for (const struct series *s = g->series; s; s = s->next) {
			if (!v->base && !strcmp(s->by, set->query->base))
				v->base = s->by;
			if (s->by != v->base)
				v->list[v->n++] = s->by;
		}
	}
	return 0;
}

static int find_values(struct compare_set *set, struct values *v)
{
	size_t kept = 0;
	int err = list_values(set, v);

	if (err)
		return err;
	qsort(v->list, v->n, sizeof(*v->list), by_version);
	for (size_t i = 0; i < v->n; i++)
		if (!kept || v->list[kept - 1] != v->list[i])
			v->list[kept++] = v->list[i];
	v->n = kept;
	return 0;
}

static int check_values(struct compare_set *set, const struct values *v)
{
	const struct compare_query *q = set->query;
	char found[512] = "";
	size_t used = 0;

	if (!set->series.n)
		return compare_set_fail(set, -ENODATA, "no row to compare in %s%s",
					set->sources[0]->name,
					set->nsources > 1 ? " and the other files" : "");
	for (size_t i = 0; i < v->n && used < sizeof(found); i++)
		used += snprintf(found + used, sizeof(found) - used, "%s'%s'", i ? ", " : "",
				 v->list[i]);
	if (!v->base)
		return compare_set_fail(set, -ENODATA, "no row has %s '%s', the base; there is %s",
					q->by, q->base, found);
	if (!v->n)
		return compare_set_fail(set, -ENODATA,
					"every row has %s '%s': nothing to compare it with", q->by,
					q->base);
	return 0;
}

/* The next row, without a group yet; NULL without memory. */
static struct compare_row *new_row(struct compare_set *set)
{
	struct compare_row *row;

	if (set->nrows == set->nreserved) {
		size_t n = set->nreserved ? 2 * set->nreserved : 64;
		struct compare_row *rows = reallocarray(set->rows, n, sizeof(*rows));

		if (!rows)
			return NULL;
		set->rows = rows;
		set->nreserved = n;
	}
	row = &set->rows[set->nrows];
	memset(row, 0, sizeof(*row));
	row->ratio = (struct stats_ratio){ NAN, NAN, NAN };
	row->p = row->p_holm = row->detectable = row->smallest_p = NAN;
	return row;
}

/* A quotient is that of the sums: only now are they complete. */
static double lock_figure(const struct lock_figure *f, const double *value)
{
	if (f->divisor < 0)
		return value[f->at];
	return value[f->divisor_at] > 0 ? value[f->at] / value[f->divisor_at] : NAN;
}

double compare_figure(const struct compare_set *set, const struct sample *s, size_t figure)
{
	return s->series->group->input == INPUT_LOCKS ? lock_figure(&set->figures[figure], s->value)
						      : s->value[0];
}

static int sort_figure(struct compare_set *set, const struct series *s, size_t figure)
{
	struct sorted *sorted = &s->sorted[figure];

	sorted->values = arena__take(&set->memory, s->n * sizeof(double), _Alignof(double));
	if (!sorted->values)
		return -ENOMEM;
	for (const struct sample *sample = s->first; sample; sample = sample->next) {
		double value = compare_figure(set, sample, figure);

		if (!isnan(value))
			sorted->values[sorted->n++] = value;
	}
	stats_sort(sorted->values, sorted->n);
	return 0;
}

/* Once for all rows that they are a side of. */
static int sort_figures(struct compare_set *set, struct series *s)
{
	size_t n = compare_figures(set, s->group->input);
	int err = 0;

	if (s->sorted)
		return 0;
	s->sorted = arena__take(&set->memory, n * sizeof(*s->sorted), _Alignof(struct sorted));
	if (!s->sorted)
		return -ENOMEM;
	for (size_t f = 0; f < n && !err; f++)
		err = sort_figure(set, s, f);
	return err;
}

/* The samples of a group with one value of the compared column. */
static struct compare_side find_side(const struct compare_set *set, struct group *group,
				     const char *value)
{
	struct series *s = value ? compare_find_series(set, group, value) : NULL;

	return (struct compare_side){ .present = s, .median = NAN, .series = s };
}

int compare_measure_side(struct compare_set *set, struct compare_side *side, size_t figure)
{
	struct series *s = side->series;

	if (!s)
		return 0;
	if (sort_figures(set, s))
		return compare_set_no_memory(set);
	side->values = s->sorted[figure].values;
	side->n = s->sorted[figure].n;
	side->median = stats_median_sorted(side->values, side->n);
	return 0;
}

static int name_figure(struct compare_set *set, struct compare_row *row)
{
	const struct lock_figure *f = &set->figures[row->figure];
	const char *unit = lock_columns[f->column].unit;

	row->key[KEY_METRIC] = compare_intern(set, f->name);
	row->key[KEY_UNIT] = compare_intern(set, unit ? unit : "");
	return row->key[KEY_METRIC] && row->key[KEY_UNIT] ? 0 : compare_set_no_memory(set);
}

static int make_row(struct compare_set *set, struct group *g, size_t figure, const struct values *v,
		    const char *value)
{
	struct compare_row *row = new_row(set);

	if (!row)
		return compare_set_no_memory(set);
	memcpy(row->key, g->key, sizeof(row->key));
	row->value = value;
	row->figure = figure;
	row->order = g->input == INPUT_LOCKS ? figure : g->order;
	row->base = find_side(set, g, v->base);
	row->other = find_side(set, g, value);
	/* A group of third values only says nothing of these two. */
	if (!row->base.present && !row->other.present)
		return 0;
	set->nrows++;
	return g->input == INPUT_LOCKS ? name_figure(set, row) : 0;
}

/* The sum of two classes of which one is nothing repeats the other: the same test twice. */
static bool is_repetition(const struct compare_set *set, const struct group *g)
{
	const struct compare_query *q = set->query;

	return !strcmp(g->key[KEY_CLASS], COMPARE_SUM_CLASS) && !(g->map && g->cluster) &&
	       !compare_listed(q->classes, q->nclasses, COMPARE_SUM_CLASS);
}

static bool has_figure(const struct compare_set *set, const struct group *g, size_t figure)
{
	return g->input != INPUT_LOCKS || strcmp(g->key[KEY_CLASS], COMPARE_SUM_CLASS) ||
	       lock_columns[set->figures[figure].column].merge != MERGE_NONE;
}

static int make_group_rows(struct compare_set *set, struct group *g, const struct values *v)
{
	int err = 0;

	if (!g->series || is_repetition(set, g))
		return 0;
	for (size_t f = 0; f < compare_figures(set, g->input); f++)
		for (size_t i = 0; !err && has_figure(set, g, f) && i < v->n; i++)
			err = make_row(set, g, f, v, v->list[i]);
	return err;
}

static int make_rows(struct compare_set *set, const struct values *v)
{
	int err = 0;

	for (struct group *g = set->first_group; g && !err; g = g->next)
		err = make_group_rows(set, g, v);
	return err;
}

/* A question about what is not there is answered, not passed over. */
static int check_asked(struct compare_set *set, const char *asked, enum compare_key key)
{
	for (size_t i = 0; i < set->nrows; i++)
		if (!strcmp(set->rows[i].key[key], asked))
			return 0;
	return compare_set_fail(set, -ENODATA, "no row to compare has %s '%s'",
				compare_key_name(key), asked);
}

static int check_all_asked(struct compare_set *set)
{
	const struct compare_query *q = set->query;
	int err = 0;

	for (size_t i = 0; i < q->nmetrics && !err; i++)
		err = check_asked(set, q->metrics[i], KEY_METRIC);
	for (size_t i = 0; i < q->nconditions && !err; i++)
		err = check_asked(set, q->conditions[i].metric, KEY_METRIC);
	/* Compared by class, no row has one. */
	for (size_t i = 0; i < q->nclasses && !err && strcmp(q->by, "class"); i++)
		err = check_asked(set, q->classes[i], KEY_CLASS);
	return err;
}

static int group_and_test(struct compare_set *set, const struct values *v)
{
	int err = check_values(set, v);

	if (!err)
		err = make_rows(set, v);
	if (!err)
		err = check_all_asked(set);
	if (!err)
		err = compare_join_strangers(set);
	if (err)
		return err;
	qsort(set->rows, set->nrows, sizeof(*set->rows), by_place);
	return compare_test_rows(set);
}

static size_t count_refused(const struct compare_set *set)
{
	size_t n = 0;

	for (size_t i = 0; i < set->nrows; i++)
		n += set->rows[i].verdict == VERDICT_REFUSED;
	return n;
}

int compare_set_finish(struct compare_set *set, struct compare_result *result)
{
	struct values v = {};
	int err = compare_check_query(set);

	if (!err) {
		forget_places(set);
		err = find_values(set, &v);
	}
	if (!err)
		err = group_and_test(set, &v);
	free(v.list);
	*result = (struct compare_result){ .rows = set->rows,
					   .nrows = set->nrows,
					   .tested = set->tested,
					   .refused = count_refused(set),
					   .checks = set->checks,
					   .nchecks = set->nchecks };
	return err;
}
