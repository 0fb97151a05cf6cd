// SPDX-License-Identifier: GPL-2.0-or-later
/* Tests of the rows and of the conditions, both corrected for their number. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "compare_internal.h"

/* The values of a row's sides, in the order in which they were read. */
struct values {
	double *base, *other, *scaled;
	double *d; /* logarithms of the ratios of the pairs */
	size_t n, m, pairs;
};

static void values_free(struct values *v)
{
	free(v->base);
	free(v->other);
	free(v->scaled);
	free(v->d);
}

static size_t take_measured(const struct compare_side *side, size_t figure, double *values)
{
	size_t n = 0;

	for (size_t i = 0; i < side->nsamples; i++)
		if (side->samples[i]->tally[figure].measured)
			values[n++] = side->samples[i]->tally[figure].value;
	return n;
}

/* Puts each repetition's sample of other where its number points. */
static void place_partners(const struct compare_row *row, struct sample **partner)
{
	for (size_t i = 0; i < row->other.nsamples; i++)
		partner[row->other.samples[i]->cell->repetition] = row->other.samples[i];
}

static void take_partners_back(const struct compare_row *row, struct sample **partner)
{
	for (size_t i = 0; i < row->other.nsamples; i++)
		partner[row->other.samples[i]->cell->repetition] = NULL;
}

static void pair_up(const struct compare_set *set, const struct compare_row *row, struct values *v)
{
	place_partners(row, set->partner);
	for (size_t i = 0; i < row->base.nsamples; i++) {
		const struct sample *s = row->base.samples[i];
		const struct sample *other = set->partner[s->cell->repetition];

		if (s->cell->repetition && other && s->tally[row->figure].measured &&
		    other->tally[row->figure].measured)
			v->d[v->pairs++] = stats_log_ratio(s->tally[row->figure].value,
							   other->tally[row->figure].value);
	}
	take_partners_back(row, set->partner);
}

static bool any_negative(const double *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (v[i] < 0)
			return true;
	return false;
}

static double median_of(const double *values, size_t n, double *scratch)
{
	for (size_t i = 0; i < n; i++)
		scratch[i] = values[i];
	stats_sort(scratch, n);
	return stats_median_sorted(scratch, n);
}

static int take_values(const struct compare_set *set, struct compare_row *row, struct values *v)
{
	size_t n = row->base.nsamples, m = row->other.nsamples, most = n > m ? n : m;

	*v = (struct values){ .base = calloc(n + 1, sizeof(double)),
			      .other = calloc(m + 1, sizeof(double)),
			      .scaled = calloc(most + 1, sizeof(double)),
			      .d = calloc(most + 1, sizeof(double)) };
	if (!v->base || !v->other || !v->scaled || !v->d)
		return -ENOMEM;
	v->n = take_measured(&row->base, row->figure, v->base);
	v->m = take_measured(&row->other, row->figure, v->other);
	if (compare_takes_turns(set) && set->query->pairing != PAIRING_NEVER &&
	    !any_negative(v->base, v->n) && !any_negative(v->other, v->m))
		pair_up(set, row, v);
	return 0;
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

	for (size_t i = 0; i < n; i++)
		v->scaled[i] = v->pairs ? v->d[i] - log(bound) : v->base[i] * bound;
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

static bool all_zero(const double *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (v[i] != 0)
			return false;
	return true;
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
	check->undecided =
		!is_tested(row) || any_negative(v->base, v->n) || any_negative(v->other, v->m);
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
static bool needs_test(const struct compare_set *set, struct compare_row *row,
		       const struct values *v)
{
	if (!row->base.present || !row->other.present)
		row->verdict = VERDICT_MISSING;
	else if (!row->base.n || !row->other.n)
		row->verdict = VERDICT_NOT_MEASURED;
	else if (row->bars & ~set->query->despite)
		row->verdict = VERDICT_REFUSED;
	else if (all_zero(v->base, v->n) && all_zero(v->other, v->m))
		row->verdict = VERDICT_BOTH_ZERO;
	else if (set->query->pairing == PAIRING_ALWAYS && !v->pairs)
		row->verdict = VERDICT_TOO_FEW;
	else
		return true;
	return false;
}

/* Its medians, what speaks against it, and whether it is to be tested. */
static int survey_row(struct compare_set *set, struct compare_row *row)
{
	struct values v;
	int err = take_values(set, row, &v);

	row->base.n = v.n;
	row->other.n = v.m;
	row->pairs = v.pairs;
	if (!err) {
		row->base.median = median_of(v.base, v.n, v.scaled);
		row->other.median = median_of(v.other, v.m, v.scaled);
	}
	if (!err && row->base.present && row->other.present)
		err = compare_bar_row(set, row);
	row->testable = !err && needs_test(set, row, &v);
	if (row->testable && set->query->pairing != PAIRING_ALWAYS)
		set->tested += rank_sum_smallest_p(row) < STATS_ALPHA;
	else if (row->testable)
		set->tested += stats_signed_rank_smallest_p(v.pairs) < STATS_ALPHA;
	values_free(&v);
	return err;
}

static int test_row(const struct compare_set *set, struct compare_row *row, struct values *v)
{
	struct stats_test test;
	int err;

	if (!worth_pairing(set, row))
		row->pairs = v->pairs = 0;
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
	struct values v;
	int err = take_values(set, row, &v);

	if (!row->testable)
		row->pairs = 0;
	else if (!err)
		err = test_row(set, row, &v);
	if (!err)
		err = add_checks(set, row, &v);
	values_free(&v);
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

static int find_detectable(const struct compare_set *set, struct compare_row *row, double level)
{
	struct values v;
	int err = take_values(set, row, &v);

	if (!err)
		row->detectable =
			row->pairs ? stats_signed_rank_detectable(v.d, v.pairs, level)
				: stats_rank_sum_detectable(v.base, v.n, v.other, v.m, level);
	values_free(&v);
	return err;
}

static int conclude_row(const struct compare_set *set, struct compare_row *row,
			const struct family *f, double holm)
{
	row->p_holm = holm;
	if (holm < STATS_ALPHA)
		row->verdict = row->direction > 0 ? VERDICT_HIGHER : VERDICT_LOWER;
	else if (!could_tell(f, row->smallest_p))
		row->verdict = VERDICT_TOO_FEW_FOR_TABLE;
	else
		row->verdict = VERDICT_NO_DIFFERENCE;
	return row->verdict == VERDICT_NO_DIFFERENCE ? find_detectable(set, row, last_level(f)) : 0;
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
			err = conclude_row(set, &set->rows[i], &f, f.holm[at++]);
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
	set->partner = calloc(set->nrepetitions + 1, sizeof(struct sample *));
	if (!set->checks || !set->partner)
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
