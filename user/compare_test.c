// SPDX-License-Identifier: GPL-2.0-or-later
/* Tests of the rows and of the conditions, both corrected for their number. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "compare_internal.h"

/* The values of a row's sides, and the logarithms of its pairs' ratios, sorted. */
struct values {
	const double *base, *other, *d;
	double *scaled; /* room for base or d */
	size_t n, m, pairs;
};

/* The samples of a side that have partners in the other, if it is to have any. */
static void set_partners(const struct compare_side *side, bool has)
{
	for (const struct sample *s = side->series->first; s; s = s->next)
		if (compare_is_numbered(s->cell->repetition))
			s->cell->repetition->partner = has ? s : NULL;
}

static double log_ratio(const struct compare_set *set, const struct compare_row *row,
			const struct sample *base)
{
	const struct sample *other = base->cell->repetition->partner;

	if (!other)
		return NAN;
	return stats_log_ratio(compare_figure(set, base, row->figure),
			       compare_figure(set, other, row->figure));
}

/* Once: where samples lie all over the memory, this takes longer than the tests. */
static int pair_up(struct compare_set *set, struct compare_row *row)
{
	size_t most = row->base.n < row->other.n ? row->base.n : row->other.n;
	double *d = arena__take(&set->memory, most * sizeof(*d), _Alignof(double));

	if (!d)
		return compare_set_no_memory(set);
	set_partners(&row->other, true);
	for (const struct sample *s = row->base.series->first; s && row->pairs < most;
	     s = s->next) {
		double ratio = log_ratio(set, row, s);

		if (!isnan(ratio))
			d[row->pairs++] = ratio;
	}
	set_partners(&row->other, false);
	stats_sort(d, row->pairs);
	row->d = d;
	return 0;
}

static bool any_negative(const struct compare_side *side)
{
	return side->n && side->values[0] < 0;
}

static bool may_pair(const struct compare_set *set, const struct compare_row *row)
{
	return row->base.present && row->other.present && compare_takes_turns(set) &&
	       set->query->pairing != PAIRING_NEVER && !any_negative(&row->base) &&
	       !any_negative(&row->other);
}

static int take_values(const struct compare_row *row, struct values *v)
{
	size_t room = row->base.n + row->pairs + 1;

	*v = (struct values){ .base = row->base.values,
			      .other = row->other.values,
			      .d = row->d,
			      .scaled = calloc(room, sizeof(double)),
			      .n = row->base.n,
			      .m = row->other.n,
			      .pairs = row->pairs };
	return v->scaled ? 0 : -ENOMEM;
}

static double rank_sum_smallest_p(const struct compare_row *row)
{
	return stats_rank_sum_smallest_p(row->base.n, row->other.n);
}

/*
 * Pairs, where their test can tell something in a table of this many lines: it needs more
 * repetitions for that than the other. So it goes by numbers only, not by what the
 * values are: a choice between tests by their outcome would err more often than either.
 */
static bool worth_pairing(const struct compare_set *set, const struct compare_row *row)
{
	size_t most = row->base.n > row->other.n ? row->base.n : row->other.n;

	if (set->query->pairing == PAIRING_ALWAYS)
		return row->pairs > 0;
	return 2 * row->pairs > most &&
	       fmax(1, set->tested) * stats_signed_rank_smallest_p(row->pairs) < STATS_ALPHA;
}

/* Tests the ratio against @bound: 1, or a condition's. */
static int test_values(struct values *v, double bound, struct stats_test *test)
{
	size_t n = v->pairs ? v->pairs : v->n;
	double log_bound = log(bound);

	for (size_t i = 0; i < n; i++)
		v->scaled[i] = v->pairs ? v->d[i] - log_bound : v->base[i] * bound;
	return v->pairs ? stats_signed_rank_test(v->scaled, n, test)
			: stats_rank_sum_test(v->scaled, n, v->other, v->m, test);
}

static int take_ratio(struct compare_row *row, const struct values *v)
{
	int err = v->pairs ? stats_signed_rank_ratio(v->d, v->pairs, &row->ratio)
			   : stats_rank_sum_ratio(v->base, v->n, v->other, v->m, &row->ratio);

	if (err == -EDOM)
		row->ratio = (struct stats_ratio){ NAN, NAN, NAN };
	return err == -EDOM ? 0 : err;
}

static bool all_zero(const struct compare_side *side)
{
	return side->values[0] == 0 && side->values[side->n - 1] == 0;
}

static bool is_tested(const struct compare_row *row)
{
	return !isnan(row->p) && row->verdict != VERDICT_TOO_FEW;
}

static int add_check(struct compare_set *set, struct compare_row *row, struct values *v,
		     const struct compare_condition *condition)
{
	struct compare_check *check = &set->checks[set->nchecks++];
	struct stats_test test;
	int err;

	*check = (struct compare_check){ .condition = condition, .row = row, .p = NAN };
	check->p_holm = NAN;
	if (row->verdict == VERDICT_BOTH_ZERO)
		return 0;
	check->undecided = !is_tested(row) || any_negative(&row->base) || any_negative(&row->other);
	if (check->undecided)
		return 0;
	err = test_values(v, condition->bound, &test);
	check->p = test.p;
	check->direction = test.direction;
	return err;
}

static int add_checks(struct compare_set *set, struct compare_row *row, struct values *v)
{
	const struct compare_query *q = set->query;
	int err = 0;

	for (size_t i = 0; i < q->nconditions && !err; i++)
		if (!strcmp(q->conditions[i].metric, row->key[KEY_METRIC]))
			err = add_check(set, row, v, &q->conditions[i]);
	return err;
}

/* What is known of a row without a test; else it is to be tested. */
static bool needs_test(const struct compare_set *set, struct compare_row *row)
{
	if (!row->base.present || !row->other.present)
		row->verdict = VERDICT_MISSING;
	else if (!row->base.n || !row->other.n)
		row->verdict = VERDICT_NOT_MEASURED;
	else if (row->bars & ~set->query->despite)
		row->verdict = VERDICT_REFUSED;
	else if (all_zero(&row->base) && all_zero(&row->other))
		row->verdict = VERDICT_BOTH_ZERO;
	else if (set->query->pairing == PAIRING_ALWAYS && !row->pairs)
		row->verdict = VERDICT_TOO_FEW;
	else
		return true;
	return false;
}

/*
 * Its sides, its pairs, what speaks against it, and whether it is to be tested: all that needs
 * the samples, which lie all over the memory, while they are in the cache.
 */
static int survey_row(struct compare_set *set, struct compare_row *row)
{
	int err = compare_measure_side(set, &row->base, row->figure);

	if (!err)
		err = compare_measure_side(set, &row->other, row->figure);
	if (!err && may_pair(set, row))
		err = pair_up(set, row);
	if (!err && row->base.present && row->other.present)
		err = compare_bar_row(set, row);
	row->testable = !err && needs_test(set, row);
	if (row->testable && set->query->pairing != PAIRING_ALWAYS)
		set->tested += rank_sum_smallest_p(row) < STATS_ALPHA;
	else if (row->testable)
		set->tested += stats_signed_rank_smallest_p(row->pairs) < STATS_ALPHA;
	return err;
}

static int test_row(struct compare_row *row, struct values *v)
{
	struct stats_test test;
	int err;

	row->smallest_p =
		row->pairs ? stats_signed_rank_smallest_p(row->pairs) : rank_sum_smallest_p(row);
	if (row->smallest_p >= STATS_ALPHA)
		row->verdict = VERDICT_TOO_FEW;
	err = take_ratio(row, v);
	if (!err)
		err = test_values(v, 1, &test);
	if (err)
		return err;
	row->p = test.p;
	row->direction = test.direction;
	return 0;
}

static int judge_row(struct compare_set *set, struct compare_row *row)
{
	struct values v = {};
	int err = 0;

	if (!row->testable || !worth_pairing(set, row))
		row->pairs = 0;
	if (row->testable)
		err = take_values(row, &v);
	if (row->testable && !err)
		err = test_row(row, &v);
	if (!err)
		err = add_checks(set, row, &v);
	free(v.scaled);
	return err;
}

/* Of a family of tests: p as it is, corrected, and sorted so that one can be looked up. */
struct family {
	double *p, *holm, *sorted, *sorted_holm;
	size_t n;
};

static void family_free(struct family *f)
{
	free(f->p);
	free(f->holm);
	free(f->sorted);
	free(f->sorted_holm);
}

static int family_new(struct family *f, size_t most)
{
	*f = (struct family){ .p = calloc(most + 1, sizeof(double)),
			      .holm = calloc(most + 1, sizeof(double)),
			      .sorted = calloc(most + 1, sizeof(double)),
			      .sorted_holm = calloc(most + 1, sizeof(double)) };
	return f->p && f->holm && f->sorted && f->sorted_holm ? 0 : -ENOMEM;
}

static int family_correct(struct family *f)
{
	int err = stats_holm(f->p, f->n, f->holm);

	if (err)
		return err;
	memcpy(f->sorted, f->p, f->n * sizeof(double));
	stats_sort(f->sorted, f->n);
	memcpy(f->sorted_holm, f->holm, f->n * sizeof(double));
	stats_sort(f->sorted_holm, f->n);
	return 0;
}

static bool could_tell(const struct family *f, double smallest_p)
{
	return stats_holm_attainable(f->sorted, f->sorted_holm, f->n, smallest_p) < STATS_ALPHA;
}

/* The level at which Holm's procedure tests the first that it does not reject. */
static double last_level(const struct family *f)
{
	size_t rejected = 0;

	while (rejected < f->n && f->sorted_holm[rejected] < STATS_ALPHA)
		rejected++;
	return rejected < f->n ? STATS_ALPHA / (f->n - rejected) : STATS_ALPHA;
}

/* Both sorted: what is largest on one side is smallest on the other. */
static bool is_identical(const struct values *v)
{
	if (v->pairs)
		return v->d[0] == 0 && v->d[v->pairs - 1] == 0;
	return v->base[0] == v->other[v->m - 1] && v->base[v->n - 1] == v->other[0];
}

/* How much of a difference it would have told; values that never vary say nothing of that. */
static int qualify(struct compare_row *row, double level)
{
	struct values v;
	int err = take_values(row, &v);

	if (!err && is_identical(&v))
		row->verdict = VERDICT_IDENTICAL;
	else if (!err)
		row->detectable =
			v.pairs ? stats_signed_rank_detectable(v.d, v.pairs, level)
				: stats_rank_sum_detectable(v.base, v.n, v.other, v.m, level);
	free(v.scaled);
	return err;
}

static int conclude_row(struct compare_row *row, const struct family *f, double holm)
{
	row->p_holm = holm;
	if (holm < STATS_ALPHA)
		row->verdict = row->direction > 0 ? VERDICT_HIGHER : VERDICT_LOWER;
	else if (!could_tell(f, row->smallest_p))
		row->verdict = VERDICT_TOO_FEW_FOR_TABLE;
	else
		row->verdict = VERDICT_NO_DIFFERENCE;
	return row->verdict == VERDICT_NO_DIFFERENCE ? qualify(row, last_level(f)) : 0;
}

static int conclude_rows(struct compare_set *set)
{
	struct family f;
	size_t at = 0;
	int err = family_new(&f, set->nrows);

	for (size_t i = 0; i < set->nrows && !err; i++)
		if (is_tested(&set->rows[i]))
			f.p[f.n++] = set->rows[i].p;
	if (!err)
		err = family_correct(&f);
	for (size_t i = 0; i < set->nrows && !err; i++)
		if (is_tested(&set->rows[i]))
			err = conclude_row(&set->rows[i], &f, f.holm[at++]);
	family_free(&f);
	return err;
}

/* A table of conditions of its own: their number is what their p is corrected for. */
static void conclude_check(struct compare_check *check, const struct family *f, double holm)
{
	check->p_holm = holm;
	check->met = holm < STATS_ALPHA &&
		     (check->condition->above ? check->direction > 0 : check->direction < 0);
	check->undecided = !could_tell(f, check->row->smallest_p);
}

static int conclude_checks(struct compare_set *set)
{
	struct family f;
	size_t at = 0;
	int err = family_new(&f, set->nchecks);

	for (size_t i = 0; i < set->nchecks && !err; i++)
		if (!isnan(set->checks[i].p))
			f.p[f.n++] = set->checks[i].p;
	if (!err)
		err = family_correct(&f);
	for (size_t i = 0; i < set->nchecks && !err; i++)
		if (!isnan(set->checks[i].p))
			conclude_check(&set->checks[i], &f, f.holm[at++]);
	family_free(&f);
	return err;
}

int compare_test_rows(struct compare_set *set)
{
	int err = 0;

	set->checks = calloc(set->nrows * set->query->nconditions + 1, sizeof(*set->checks));
	if (!set->checks)
		return compare_set_no_memory(set);
	for (size_t i = 0; i < set->nrows && !err; i++)
		err = survey_row(set, &set->rows[i]);
	for (size_t i = 0; i < set->nrows && !err; i++)
		err = judge_row(set, &set->rows[i]);
	if (!err)
		err = conclude_rows(set);
	if (!err)
		err = conclude_checks(set);
	/* Of the rest, whoever failed has said what. */
	return err == -ENOMEM ? compare_set_no_memory(set) : err;
}
