// SPDX-License-Identifier: GPL-2.0-or-later
/* From samples to groups, and from groups to tested rows. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* twalk_r, strverscmp */
#endif
#include <errno.h>
#include <math.h>
#include <search.h>
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
	size_t n = sizeof(class_order) / sizeof(*class_order), i;

	for (i = 0; i < n && strcmp(class_order[i], class); i++)
		;
	return i;
}

static int by_size(size_t a, size_t b)
{
	return (a > b) - (a < b);
}

/* strverscmp(): 2 SSDs come before 10. */
static int by_key(const struct sample *a, const struct sample *b, enum compare_key key)
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

static int by_group(const struct sample *a, const struct sample *b)
{
	int diff = 0;

	for (int key = 0; !diff && key < COMPARE_KEYS; key++)
		diff = by_key(a, b, key);
	return diff;
}

static int by_group_and_value(const void *left, const void *right)
{
	const struct sample *a = *(struct sample *const *)left;
	const struct sample *b = *(struct sample *const *)right;
	int diff = by_group(a, b);

	return diff ? diff : strverscmp(a->by, b->by);
}

struct collected {
	struct sample **list;
	size_t n;
};

static void collect(const void *node, VISIT visit, void *closure)
{
	struct collected *c = closure;

	if (visit == postorder || visit == leaf)
		c->list[c->n++] = *(struct sample *const *)node;
}

static int sort_samples(struct compare_set *set)
{
	struct collected c = {};

	c.list = calloc(set->nsamples + 1, sizeof(*c.list));
	if (!c.list)
		return compare_set_fail(set, -ENOMEM, "out of memory");
	twalk_r(set->samples, collect, &c);
	qsort(c.list, c.n, sizeof(*c.list), by_group_and_value);
	set->sorted = c.list;
	return 0;
}

/* A quotient is that of the sums: only now are they complete. */
static void divide(struct compare_set *set)
{
	for (size_t i = 0; i < set->nsamples; i++) {
		struct sample *s = set->sorted[i];

		if (!s->divided)
			continue;
		s->measured = s->measured && s->by_count > 0;
		s->value /= s->measured ? s->by_count : 1;
	}
}

/* The values of the compared column, the base's apart. */
struct values {
	const char **list;
	size_t n;
	bool base;
};

static int by_version(const void *a, const void *b)
{
	return strverscmp(*(const char *const *)a, *(const char *const *)b);
}

static int find_values(struct compare_set *set, struct values *v)
{
	size_t kept = 0;

	v->list = calloc(set->nsamples + 1, sizeof(*v->list));
	if (!v->list)
		return compare_set_fail(set, -ENOMEM, "out of memory");
	for (size_t i = 0; i < set->nsamples; i++) {
		if (!strcmp(set->sorted[i]->by, set->query->base))
			v->base = true;
		else
			v->list[v->n++] = set->sorted[i]->by;
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

	if (!set->nsamples)
		return compare_set_fail(set, -ENODATA, "no row to compare in %s%s", set->files[0],
					set->nfiles > 1 ? " and the other files" : "");
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

/* A question about what is not there is answered, not passed over. */
static int check_asked(struct compare_set *set, const char *const *asked, size_t n,
		       enum compare_key key)
{
	for (size_t i = 0; i < n; i++) {
		size_t s;

		for (s = 0; s < set->nsamples; s++)
			if (!strcmp(set->sorted[s]->key[key], asked[i]))
				break;
		if (s == set->nsamples)
			return compare_set_fail(set, -ENODATA, "no row to compare has %s '%s'",
						compare_key_name(key), asked[i]);
	}
	return 0;
}

/* The samples of [from, end) with @value that were measured. */
static double *side_values(struct compare_set *set, size_t from, size_t end, const char *value,
			   struct compare_side *side)
{
	double *v = calloc(end - from, sizeof(*v));

	memset(side, 0, sizeof(*side));
	for (size_t i = from; v && i < end; i++) {
		const struct sample *s = set->sorted[i];

		if (strcmp(s->by, value))
			continue;
		side->present = true;
		if (s->measured)
			v[side->n++] = s->value;
	}
	if (v) {
		stats_sort(v, side->n);
		side->median = stats_median_sorted(v, side->n);
	}
	return v;
}

static bool all_zero(const double *sorted, size_t n)
{
	return sorted[0] == 0 && sorted[n - 1] == 0;
}

static int test_row(struct compare_row *row, const double *base, const double *other)
{
	size_t n = row->base.n, m = row->other.n;
	struct stats_test test;
	int err;

	if (all_zero(base, n) && all_zero(other, m)) {
		row->verdict = VERDICT_BOTH_ZERO;
		return 0;
	}
	err = stats_rank_sum_ratio(base, n, other, m, &row->ratio);
	if (err == -EDOM)
		row->ratio = (struct stats_ratio){ NAN, NAN, NAN };
	else if (err)
		return err;
	err = stats_rank_sum_test(base, n, other, m, &test);
	if (err)
		return err;
	row->p = test.p;
	if (stats_rank_sum_smallest_p(n, m) >= STATS_ALPHA)
		row->verdict = VERDICT_TOO_FEW;
	else if (test.p >= STATS_ALPHA)
		row->verdict = VERDICT_NO_DIFFERENCE;
	else
		row->verdict = test.direction > 0 ? VERDICT_HIGHER : VERDICT_LOWER;
	return 0;
}

static int make_row(struct compare_set *set, size_t from, size_t end, const char *value)
{
	struct compare_row *row = &set->rows[set->nrows];
	double *base, *other;
	int err = -ENOMEM;

	memcpy(row->key, set->sorted[from]->key, sizeof(row->key));
	row->value = value;
	row->ratio = (struct stats_ratio){ NAN, NAN, NAN };
	row->p = NAN;
	base = side_values(set, from, end, set->query->base, &row->base);
	other = side_values(set, from, end, value, &row->other);
	if (!base || !other)
		goto out;
	err = 0;
	/* A group of third values only says nothing of these two. */
	if (!row->base.present && !row->other.present)
		goto out;
	set->nrows++;
	if (!row->base.present || !row->other.present)
		row->verdict = VERDICT_MISSING;
	else if (!row->base.n || !row->other.n)
		row->verdict = VERDICT_NOT_MEASURED;
	else
		err = test_row(row, base, other);
out:
	free(base);
	free(other);
	return err;
}

static int reserve_rows(struct compare_set *set, size_t more)
{
	struct compare_row *rows = reallocarray(set->rows, set->nrows + more, sizeof(*rows));

	if (!rows)
		return -ENOMEM;
	set->rows = rows;
	return 0;
}

static int make_rows(struct compare_set *set, const struct values *v)
{
	size_t end;

	for (size_t from = 0; from < set->nsamples; from = end) {
		int err = reserve_rows(set, v->n);

		for (end = from + 1; end < set->nsamples; end++)
			if (by_group(set->sorted[from], set->sorted[end]))
				break;
		for (size_t i = 0; !err && i < v->n; i++)
			err = make_row(set, from, end, v->list[i]);
		if (err)
			return compare_set_fail(set, err, "%s", strerror(-err));
	}
	return 0;
}

int compare_set_finish(struct compare_set *set, const struct compare_row **rows, size_t *n)
{
	const struct compare_query *q = set->query;
	struct values v = {};
	int err = sort_samples(set);

	if (!err)
		divide(set);
	if (!err)
		err = find_values(set, &v);
	if (!err)
		err = check_values(set, &v);
	if (!err)
		err = check_asked(set, q->metrics, q->nmetrics, KEY_METRIC);
	if (!err)
		err = check_asked(set, q->classes, q->nclasses, KEY_CLASS);
	if (!err)
		err = make_rows(set, &v);
	free(v.list);
	*rows = set->rows;
	*n = set->nrows;
	return err;
}
