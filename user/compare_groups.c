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

/* Strings are the same if they are equal: any order of them will do, so long as groups stand
 * together. */
static int by_group_and_value(const void *left, const void *right)
{
	const struct sample *a = *(struct sample *const *)left;
	const struct sample *b = *(struct sample *const *)right;
	int diff = by_size(a->group->serial, b->group->serial);

	if (!diff)
		diff = by_size((uintptr_t)a->by, (uintptr_t)b->by);
	return diff ? diff : by_size(a->serial, b->serial);
}

/* All are read: what only finds them is given up before the tests need memory. */
static void sort_samples(struct compare_set *set)
{
	set->nrepetitions = set->repetitions.n;
	hashset__free(&set->samples);
	hashset__free(&set->cells);
	hashset__free(&set->repetitions);
	if (set->nsorted)
		qsort(set->sorted, set->nsorted, sizeof(*set->sorted), by_group_and_value);
}

/* A quotient is that of the sums: only now are they complete. */
static void divide(struct compare_set *set)
{
	for (size_t i = 0; i < set->nsorted; i++) {
		struct sample *s = set->sorted[i];

		for (size_t f = 0; s->group->input == INPUT_LOCKS && f < set->nfigures; f++) {
			struct tally *t = &s->tally[f];

			if (set->figures[f].divisor < 0)
				continue;
			t->measured = t->measured && t->by_count > 0;
			t->value /= t->measured ? t->by_count : 1;
		}
	}
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

static int find_values(struct compare_set *set, struct values *v)
{
	size_t kept = 0;

	v->list = calloc(set->nsorted + 1, sizeof(*v->list));
	if (!v->list)
		return compare_set_no_memory(set);
	for (size_t i = 0; i < set->nsorted; i++) {
		const char *by = set->sorted[i]->by;

		/* They stand in runs: most repeat the one before. */
		if (v->n && v->list[v->n - 1] == by)
			continue;
		if (by != v->base && !strcmp(by, set->query->base))
			v->base = by;
		if (by != v->base)
			v->list[v->n++] = by;
	}
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

	if (!set->nsorted)
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
	row->base.median = row->other.median = NAN;
	return row;
}

/* The samples of a group with one value of the compared column: they stand together. */
static struct compare_side find_side(struct compare_set *set, size_t from, size_t end,
				     const char *value)
{
	struct compare_side side = { .median = NAN };

	while (from < end && set->sorted[from]->by != value)
		from++;
	while (from + side.nsamples < end && set->sorted[from + side.nsamples]->by == value)
		side.nsamples++;
	side.samples = &set->sorted[from];
	side.present = side.nsamples > 0;
	return side;
}

static int name_figure(struct compare_set *set, struct compare_row *row)
{
	const struct lock_figure *f = &set->figures[row->figure];
	const char *unit = lock_columns[f->column].unit;

	row->key[KEY_METRIC] = compare_intern(set, f->name);
	row->key[KEY_UNIT] = compare_intern(set, unit ? unit : "");
	return row->key[KEY_METRIC] && row->key[KEY_UNIT] ? 0 : compare_set_no_memory(set);
}

static int make_row(struct compare_set *set, size_t from, size_t end, size_t figure,
		    const struct values *v, const char *value)
{
	const struct group *g = set->sorted[from]->group;
	struct compare_row *row = new_row(set);

	if (!row)
		return compare_set_no_memory(set);
	memcpy(row->key, g->key, sizeof(row->key));
	row->value = value;
	row->figure = figure;
	row->order = g->input == INPUT_LOCKS ? figure : g->order;
	row->base = find_side(set, from, end, v->base);
	row->other = find_side(set, from, end, value);
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

static int make_group_rows(struct compare_set *set, size_t from, size_t end, const struct values *v)
{
	const struct group *g = set->sorted[from]->group;
	int err = 0;

	if (is_repetition(set, g))
		return 0;
	for (size_t f = 0; f < compare_figures(set, g->input); f++)
		for (size_t i = 0; !err && has_figure(set, g, f) && i < v->n; i++)
			err = make_row(set, from, end, f, v, v->list[i]);
	return err;
}

static int make_rows(struct compare_set *set, const struct values *v)
{
	size_t end;
	int err = 0;

	for (size_t from = 0; from < set->nsorted && !err; from = end) {
		for (end = from + 1; end < set->nsorted; end++)
			if (set->sorted[from]->group != set->sorted[end]->group)
				break;
		err = make_group_rows(set, from, end, v);
	}
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
		sort_samples(set);
		divide(set);
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
