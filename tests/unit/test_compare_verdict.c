// SPDX-License-Identifier: GPL-2.0-or-later
/* Pairs, the correction for many lines, conditions, and what must not be compared. */
#include "compare_files.h"

static const char *const iops[] = { "iops" };

static const struct compare_query iops_by_arm = {
	.by = "arm", .base = "global", .metrics = iops, .nmetrics = 1
};

/* Repetitions of both arms; what drifts between them is far more than the difference. */
static void drifting_reps(const char *device, int n, double ratio)
{
	for (int i = 1; i <= n; i++) {
		char rep[12], value[32];
		double drift = 100 * (i * 7 % 11 + 1);

		snprintf(rep, sizeof(rep), "%d", i);
		snprintf(value, sizeof(value), "%.3f", drift);
		metric_row("global", rep, device, "iops", value);
		snprintf(value, sizeof(value), "%.3f", drift * (ratio + i * 0.001));
		metric_row("partition", rep, device, "iops", value);
	}
}

static void repetitions_that_took_turns_are_pairs(void **state)
{
	struct compare_query query = iops_by_arm;

	(void)state;
	begin_metrics(0);
	drifting_reps("", 8, 1.05);
	end();
	assert_int_equal(run(&query, 1), 0);
	assert_int_equal(rows[0].pairs, 8);
	assert_true(fabs(rows[0].p - 2.0 / 256) < 1e-12);
	assert_true(fabs(rows[0].ratio.estimate - 1.0545) < 0.0005);
	assert_int_equal(rows[0].verdict, VERDICT_HIGHER);
	compare_set_free(set);
	query.pairing = PAIRING_NEVER;
	assert_int_equal(run(&query, 1), 0);
	assert_int_equal(rows[0].pairs, 0);
	assert_int_equal(rows[0].verdict, VERDICT_NO_DIFFERENCE);
	/* The drift, a factor of ten, would hide as much again. */
	assert_true(rows[0].detectable > 2 && rows[0].detectable < 10);
}

static void too_few_pairs_are_compared_unpaired(void **state)
{
	(void)state;
	begin_metrics(0);
	drifting_reps("", 5, 20);
	end();
	/* 2 / 2^5 is no p below 0.05, 2 / choose(10, 5) is. */
	assert_int_equal(run(&iops_by_arm, 1), 0);
	assert_int_equal(rows[0].pairs, 0);
	assert_true(fabs(rows[0].p - 2.0 / 252) < 1e-12);
	assert_int_equal(rows[0].verdict, VERDICT_HIGHER);
}

static void pairs_too_few_for_many_lines_are_compared_unpaired(void **state)
{
	(void)state;
	begin_metrics(0);
	drifting_reps("a", 6, 20);
	drifting_reps("b", 6, 20);
	end();
	assert_int_equal(run(&iops_by_arm, 1), 0);
	assert_int_equal(nrows, 2);
	assert_int_equal(rows[0].pairs, 0);
	assert_true(fabs(rows[0].p_holm - 2 * 2.0 / 924) < 1e-12);
}

static void pairs_can_be_insisted_on(void **state)
{
	struct compare_query query = iops_by_arm;

	(void)state;
	query.pairing = PAIRING_ALWAYS;
	begin_metrics(0);
	drifting_reps("", 5, 20);
	end();
	assert_int_equal(run(&query, 1), 0);
	assert_int_equal(rows[0].pairs, 5);
	assert_int_equal(rows[0].verdict, VERDICT_TOO_FEW);
	compare_set_free(set);
	query.by = "run";
	query.base = "r1";
	refused(&query, 1, -EBADRQC, "compared by run, repetitions are no pairs");
}

static void a_repetition_without_its_partner_is_left_out_of_the_pairs(void **state)
{
	(void)state;
	begin_metrics(0);
	drifting_reps("", 8, 1.05);
	metric_row("global", "9", "", "iops", "1");
	metric_row("partition", "10", "", "iops", "");
	metric_row("global", "10", "", "iops", "1");
	end();
	assert_int_equal(run(&iops_by_arm, 1), 0);
	assert_int_equal(rows[0].base.n, 10);
	assert_int_equal(rows[0].other.n, 8);
	assert_int_equal(rows[0].pairs, 8);
	assert_true(fabs(rows[0].p - 2.0 / 256) < 1e-12);
}

static void kernels_and_runs_take_no_turns(void **state)
{
	static const struct compare_query query = {
		.by = "run", .base = "r1", .metrics = contended, .nmetrics = 1
	};

	(void)state;
	begin_locks(0);
	for (int run = 1; run <= 2; run++)
		for (int i = 1; i <= 9; i++) {
			char name[12], rep[12], value[12];

			snprintf(name, sizeof(name), "r%d", run);
			snprintf(rep, sizeof(rep), "%d", i);
			snprintf(value, sizeof(value), "%d", 100 * i + run);
			lock_row((struct lock_row){ .run = name, .rep = rep, .contended = value });
		}
	end();
	assert_int_equal(run(&query, 1), 0);
	assert_int_equal(rows[0].pairs, 0);
}

/* Ten lines of five against five, of which @apart are wholly apart. */
static void ten_lines(int apart)
{
	begin_locks(0);
	for (int line = 0; line < 10; line++) {
		char ssds[12];

		snprintf(ssds, sizeof(ssds), "%d", line + 1);
		lock_reps("global", ssds, 100, 5);
		lock_reps("partition", ssds, line < apart ? 20 : 102, 5);
	}
	end();
}

/* Values that never vary do not say what would have been told. */
static void what_does_not_vary_is_identical(void **state)
{
	struct compare_query query = by_arm;

	(void)state;
	begin_locks(0);
	/* Equal pairs; one value in all; equal samples, though not by pairs; too few of one value
	 */
	lock_reps("global", "1", 5, 10);
	lock_reps("partition", "1", 5, 10);
	one_value("global", "2", 10);
	one_value("partition", "2", 10);
	one_value("global", "3", 3);
	one_value("partition", "3", 3);
	end();
	assert_int_equal(run(&query, 1), 0);
	for (int i = 1; i <= 2; i++) {
		const struct compare_row *r = row("swap_map", i == 1 ? "1" : "2", "partition");

		assert_int_equal(r->pairs, 10);
		assert_int_equal(r->verdict, VERDICT_IDENTICAL);
		assert_true(r->ratio.estimate == 1 && r->p == 1 && isnan(r->detectable));
	}
	assert_int_equal(row("swap_map", "3", "partition")->verdict, VERDICT_TOO_FEW);
	compare_set_free(set);
	query.pairing = PAIRING_NEVER;
	assert_int_equal(run(&query, 1), 0);
	assert_int_equal(row("swap_map", "1", "partition")->verdict, VERDICT_NO_DIFFERENCE);
	assert_true(row("swap_map", "1", "partition")->detectable > 1);
	assert_int_equal(row("swap_map", "2", "partition")->verdict, VERDICT_IDENTICAL);
}

/* Of the test that was made: pairs, had they been enough, would have told 2 in 1000. */
static void what_would_be_told_is_of_the_same_test(void **state)
{
	(void)state;
	begin_locks(0);
	lock_reps("global", "1", 100, 5);
	lock_reps("partition", "1", 101, 5);
	end();
	assert_int_equal(run(&by_arm, 1), 0);
	assert_int_equal(rows[0].pairs, 0);
	assert_int_equal(rows[0].verdict, VERDICT_NO_DIFFERENCE);
	assert_true(rows[0].detectable > 1.02 && rows[0].detectable < 1.05);
}

static void p_is_corrected_for_all_lines(void **state)
{
	(void)state;
	ten_lines(1);
	assert_int_equal(run(&by_arm, 1), 0);
	assert_int_equal(result.tested, 10);
	assert_true(fabs(row("swap_map", "1", "")->p - 2.0 / 252) < 1e-12);
	assert_true(fabs(row("swap_map", "1", "")->p_holm - 20.0 / 252) < 1e-12);
	/* Not even those wholly apart could be told among so many lines. */
	for (size_t i = 0; i < nrows; i++)
		assert_int_equal(rows[i].verdict, VERDICT_TOO_FEW_FOR_TABLE);
}

static void lines_that_can_tell_nothing_cost_the_others_nothing(void **state)
{
	(void)state;
	begin_locks(0);
	lock_reps("global", "1", 100, 5);
	lock_reps("partition", "1", 20, 5);
	for (int line = 2; line < 20; line++) {
		char ssds[12];

		snprintf(ssds, sizeof(ssds), "%d", line);
		lock_reps("global", ssds, 100, 3);
		lock_reps("partition", ssds, line == 3 ? 0 : 20, 3);
	}
	end();
	assert_int_equal(run(&by_arm, 1), 0);
	assert_int_equal(result.tested, 1);
	assert_int_equal(row("swap_map", "1", "")->verdict, VERDICT_LOWER);
	assert_int_equal(row("swap_map", "2", "")->verdict, VERDICT_TOO_FEW);
	assert_true(isnan(row("swap_map", "2", "")->p_holm));
}

static void conditions_are_met_where_the_interval_is_beyond(void **state)
{
	static const struct compare_condition conditions[] = {
		{ "contended>1.1", "contended", true, 1.1 },
		{ "contended<0.3", "contended", false, 0.3 },
		{ "contended<0.2", "contended", false, 0.2 },
	};
	struct compare_query query = by_arm;

	(void)state;
	query.conditions = conditions;
	query.nconditions = 3;
	begin_locks(0);
	lock_reps("global", "1", 100, 10);
	lock_reps("partition", "1", 20, 10);
	end();
	assert_int_equal(run(&query, 1), 0);
	assert_int_equal(result.nchecks, 3);
	for (int i = 0; i < 3; i++) {
		const struct compare_check *c = &result.checks[i];

		assert_false(c->undecided);
		/* The ratio is 0.23. */
		assert_int_equal(c->met, i == 1);
		assert_true(c->p_holm >= c->p);
	}
}

static void a_condition_that_cannot_be_judged_is_not_passed_over(void **state)
{
	static const struct compare_condition condition = { "contended>1", "contended", true, 1 };
	struct compare_query query = by_arm;

	(void)state;
	query.conditions = &condition;
	query.nconditions = 1;
	begin_locks(0);
	lock_reps("global", "1", 1, 3);
	lock_reps("partition", "1", 100, 3);
	lock_reps("global", "2", 1, 3);
	lock_reps("global", "3", 0, 1);
	lock_reps("partition", "3", 0, 1);
	end();
	assert_int_equal(run(&query, 1), 0);
	assert_int_equal(result.nchecks, 3);
	for (int i = 0; i < 3; i++) {
		assert_false(result.checks[i].met);
		/* Nothing and nothing are no more than one another. */
		assert_int_equal(result.checks[i].undecided, i < 2);
	}
	compare_set_free(set);
	query.conditions =
		&(struct compare_condition){ "hold_total_ns>1", "hold_total_ns", true, 1 };
	refused(&query, 1, -ENODATA, "no row to compare has metric 'hold_total_ns'");
}

static void refusal(enum compare_bar bar, const char *reason)
{
	assert_int_equal(nrows, 1);
	assert_int_equal(result.refused, 1);
	assert_int_equal(result.tested, 0);
	assert_int_equal(rows[0].verdict, VERDICT_REFUSED);
	assert_int_equal(rows[0].bars, 1U << bar);
	if (!strstr(rows[0].reason, reason))
		fail_msg("'%s' has no '%s'", rows[0].reason, reason);
	assert_true(isnan(rows[0].ratio.estimate) && isnan(rows[0].p));
	assert_int_equal(rows[0].base.n, 5);
	assert_int_equal(rows[0].other.n, 5);
}

/* That the same is compared, and the reason kept, with the bar lifted. */
static void compared_despite(const struct compare_query *query, enum compare_bar bar, int files)
{
	struct compare_query despite = *query;

	compare_set_free(set);
	despite.despite = 1U << bar;
	assert_int_equal(run(&despite, files), 0);
	assert_int_equal(nrows, 1);
	assert_int_equal(result.refused, 0);
	assert_int_equal(rows[0].verdict, VERDICT_HIGHER);
	assert_non_null(rows[0].reason);
	/* Another bar lifted is none. */
	compare_set_free(set);
	despite.despite = 1U << (bar + 1) % COMPARE_BARS;
	assert_int_equal(run(&despite, files), 0);
	assert_int_equal(rows[0].verdict, VERDICT_REFUSED);
}

static void five_reps(struct lock_row row, int first)
{
	for (int i = 0; i < 5; i++) {
		char rep[12], value[12];

		snprintf(rep, sizeof(rep), "%d", i + 1);
		snprintf(value, sizeof(value), "%d", first + i);
		row.rep = rep;
		row.contended = value;
		lock_row(row);
	}
}

static void other_backends_are_refused(void **state)
{
	(void)state;
	begin_locks(0);
	five_reps((struct lock_row){ .backend = "lockdep" }, 10);
	five_reps((struct lock_row){ .arm = "a", .backend = "perf" }, 100);
	end();
	assert_int_equal(run(&by_arm, 1), 0);
	refusal(BAR_BACKEND, "backend lockdep against perf");
	compared_despite(&by_arm, BAR_BACKEND, 1);
}

static void other_lock_paths_are_refused(void **state)
{
	(void)state;
	begin_locks(0);
	five_reps((struct lock_row){ .lockpath = "native" }, 10);
	five_reps((struct lock_row){ .arm = "a", .lockpath = "" }, 100);
	end();
	assert_int_equal(run(&by_arm, 1), 0);
	refusal(BAR_LOCKPATH, "lockpath native against unknown");
	compared_despite(&by_arm, BAR_LOCKPATH, 1);
}

static void lock_paths_themselves_are_refused(void **state)
{
	static const struct compare_query query = {
		.by = "lockpath", .base = "native", .metrics = contended, .nmetrics = 1
	};

	(void)state;
	begin_locks(0);
	five_reps((struct lock_row){ .lockpath = "native" }, 10);
	five_reps((struct lock_row){ .lockpath = "tas" }, 100);
	end();
	assert_int_equal(run(&query, 1), 0);
	refusal(BAR_LOCKPATH, "lockpath native against tas");
	compared_despite(&query, BAR_LOCKPATH, 1);
}

static void other_kernels_of_two_files_are_refused(void **state)
{
	struct compare_query query = by_arm;

	(void)state;
	for (int i = 0; i < 2; i++) {
		begin_locks(i);
		five_reps((struct lock_row){ .kernel = i ? "6.2" : "6.1" }, i ? 100 : 10);
		end();
	}
	query.by = COMPARE_BY_FILE;
	query.base = paths[0];
	assert_int_equal(run(&query, 2), 0);
	assert_string_equal(rows[0].value, paths[1]);
	refusal(BAR_KERNEL, "kernel 6.1 against 6.2");
	compared_despite(&query, BAR_KERNEL, 2);
}

static void with_two_candidates_none_is_guessed(void **state)
{
	(void)state;
	begin_locks(0);
	five_reps((struct lock_row){ .backend = "lockdep" }, 10);
	five_reps((struct lock_row){ .arm = "a", .backend = "perf" }, 100);
	five_reps((struct lock_row){ .arm = "a", .backend = "contention" }, 100);
	end();
	assert_int_equal(run(&by_arm, 1), 0);
	assert_int_equal(nrows, 3);
	for (size_t i = 0; i < nrows; i++)
		assert_int_equal(rows[i].verdict, VERDICT_MISSING);
}

static void ledger(const char *arm, const char *name, const char *value)
{
	fprintf(out, "1,r1,6.1,swap,%s,lockdep,native,stress,1,2,3,,ledger_%s,events,%s\n", arm,
		name, value);
}

static void losses_past_the_threshold_are_refused(void **state)
{
	static const char *const dropped[] = { "10", "11" };

	(void)state;
	begin_locks(0);
	five_reps((struct lock_row){ .kernel = "6.1" }, 10);
	five_reps((struct lock_row){ .kernel = "6.1", .arm = "a" }, 100);
	end();
	for (int i = 0; i < 2; i++) {
		begin_metrics(1);
		ledger("global", "begins", "1000");
		ledger("global", "dropped", "0");
		ledger("a", "begins", "1000");
		ledger("a", "dropped", dropped[i]);
		end();
		assert_int_equal(run(&by_arm, 2), 0);
		if (i)
			break;
		assert_int_equal(rows[0].verdict, VERDICT_HIGHER);
		compare_set_free(set);
	}
	refusal(BAR_LOSSES, "1.1% of the events lost, arm 'a' repetition '3'");
	compared_despite(&by_arm, BAR_LOSSES, 2);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		T(repetitions_that_took_turns_are_pairs),
		T(too_few_pairs_are_compared_unpaired),
		T(pairs_too_few_for_many_lines_are_compared_unpaired),
		T(pairs_can_be_insisted_on),
		T(a_repetition_without_its_partner_is_left_out_of_the_pairs),
		T(kernels_and_runs_take_no_turns),
		T(what_does_not_vary_is_identical),
		T(what_would_be_told_is_of_the_same_test),
		T(p_is_corrected_for_all_lines),
		T(lines_that_can_tell_nothing_cost_the_others_nothing),
		T(conditions_are_met_where_the_interval_is_beyond),
		T(a_condition_that_cannot_be_judged_is_not_passed_over),
		T(other_backends_are_refused),
		T(other_lock_paths_are_refused),
		T(lock_paths_themselves_are_refused),
		T(other_kernels_of_two_files_are_refused),
		T(with_two_candidates_none_is_guessed),
		T(losses_past_the_threshold_are_refused),
	};

	return cmocka_run_group_tests_name("compare verdict", tests, NULL, NULL);
}
