// SPDX-License-Identifier: GPL-2.0-or-later
/* What compare puts together, and what it concludes. */
#include "compare_files.h"

static void fewer_contentions_are_lower(void **state)
{
	const struct compare_row *r;

	(void)state;
	begin_locks(0);
	lock_reps("global", "1", 100, 5);
	lock_reps("partition", "1", 20, 5);
	end();
	assert_int_equal(run(&by_arm, 1), 0);
	/* Without cluster locks their sum would be the same once more. */
	assert_int_equal(nrows, 1);
	r = row("swap_map", "1", "partition");
	assert_int_equal(r->base.n, 5);
	assert_int_equal(r->other.n, 5);
	assert_true(r->base.median == 102);
	assert_true(r->other.median == 22);
	assert_true(r->ratio.estimate > 0.21 && r->ratio.estimate < 0.22);
	/* 2 / choose(10, 5) */
	assert_true(fabs(r->p - 2.0 / 252) < 1e-12);
	assert_int_equal(r->verdict, VERDICT_LOWER);
	assert_string_equal(r->key[KEY_WORKLOAD], "stress");
	assert_string_equal(r->key[KEY_ARM], "");
}

static void the_other_way_round_is_higher(void **state)
{
	static const struct compare_query query = {
		.by = "arm", .base = "partition", .metrics = contended, .nmetrics = 1
	};

	(void)state;
	begin_locks(0);
	lock_reps("global", "1", 100, 5);
	lock_reps("partition", "1", 20, 5);
	end();
	assert_int_equal(run(&query, 1), 0);
	assert_int_equal(row("swap_map", "1", "global")->verdict, VERDICT_HIGHER);
}

static void verdicts_without_a_difference(void **state)
{
	(void)state;
	begin_locks(0);
	lock_reps("global", "1", 100, 5);
	lock_reps("partition", "1", 101, 5);
	lock_reps("global", "2", 100, 3);
	lock_reps("partition", "2", 1, 3);
	lock_row((struct lock_row){ .ssds = "3" });
	lock_row((struct lock_row){ .ssds = "3", .arm = "partition" });
	end();
	assert_int_equal(run(&by_arm, 1), 0);
	assert_int_equal(row("swap_map", "1", "")->verdict, VERDICT_NO_DIFFERENCE);
	/* Wholly apart, but three against three give p = 0.1 at best. */
	assert_int_equal(row("swap_map", "2", "")->verdict, VERDICT_TOO_FEW);
	assert_int_equal(row("swap_map", "3", "")->verdict, VERDICT_BOTH_ZERO);
}

static void ratio_to_a_zero_is_undefined_but_tested(void **state)
{
	const struct compare_row *r;

	(void)state;
	begin_locks(0);
	lock_reps("global", "1", 0, 5);
	lock_reps("partition", "1", 20, 5);
	end();
	assert_int_equal(run(&by_arm, 1), 0);
	r = row("swap_map", "1", "");
	assert_true(isnan(r->ratio.estimate));
	assert_true(r->p < 0.05);
	assert_int_equal(r->verdict, VERDICT_HIGHER);
}

static void devices_and_intervals_of_a_repetition_are_one_sample(void **state)
{
	const struct compare_row *r;

	(void)state;
	begin_locks(0);
	lock_row((struct lock_row){ .interval = "0", .contended = "1" });
	lock_row((struct lock_row){ .interval = "1", .contended = "10" });
	lock_row((struct lock_row){ .interval = "0", .device = "nvme1n1", .contended = "100" });
	lock_row((struct lock_row){ .arm = "partition", .contended = "7" });
	end();
	assert_int_equal(run(&by_arm, 1), 0);
	r = row("swap_map", "", "");
	assert_int_equal(r->base.n, 1);
	assert_true(r->base.median == 111);
	assert_true(r->other.median == 7);
}

static void repetitions_of_several_runs_are_samples_of_their_own(void **state)
{
	(void)state;
	begin_locks(0);
	lock_reps("global", "1", 10, 2);
	lock_reps("partition", "1", 10, 2);
	lock_row((struct lock_row){ .run = "r2", .contended = "12" });
	end();
	assert_int_equal(run(&by_arm, 1), 0);
	assert_int_equal(row("swap_map", "", "")->base.n, 3);
	assert_true(row("swap_map", "", "")->base.median == 11);
}

static void the_sum_of_map_and_cluster_takes_either(void **state)
{
	const struct compare_row *r;

	(void)state;
	begin_locks(0);
	lock_row((struct lock_row){ .contended = "100" });
	lock_row((struct lock_row){ .arm = "cluster", .contended = "30" });
	lock_row((struct lock_row){ .arm = "cluster", .class = "cluster", .contended = "5" });
	lock_row((struct lock_row){ .class = "swap_avail", .contended = "1" });
	lock_row((struct lock_row){ .arm = "cluster", .class = "swap_avail", .contended = "1" });
	end();
	assert_int_equal(run(&by_arm, 1), 0);
	assert_int_equal(nrows, 4);
	r = row(COMPARE_SUM_CLASS, "", "cluster");
	assert_true(r->base.median == 100);
	assert_true(r->other.median == 35);
	/* Only one arm has cluster locks: said, not left out. */
	r = row("cluster", "", "cluster");
	assert_int_equal(r->verdict, VERDICT_MISSING);
	assert_false(r->base.present);
	assert_true(r->other.present);
	/* In the order of the question, not of the alphabet. */
	assert_string_equal(rows[0].key[KEY_CLASS], "swap_map");
	assert_string_equal(rows[2].key[KEY_CLASS], COMPARE_SUM_CLASS);
}

static void other_conditions_are_never_mixed(void **state)
{
	(void)state;
	begin_metrics(0);
	metric_row("global", "1", "nvme0n1", "iops", "5");
	metric_row("a", "1", "nvme1n1", "iops", "6");
	end();
	assert_int_equal(run(&(struct compare_query){ .by = "arm", .base = "global" }, 1), 0);
	assert_int_equal(nrows, 2);
	for (size_t i = 0; i < nrows; i++) {
		assert_int_equal(rows[i].verdict, VERDICT_MISSING);
		assert_int_equal(rows[i].base.n + rows[i].other.n, 1);
	}
}

static void every_value_is_set_against_the_base(void **state)
{
	(void)state;
	begin_locks(0);
	lock_reps("global", "1", 1, 1);
	lock_reps("partition", "1", 2, 1);
	lock_reps("cluster", "1", 3, 1);
	lock_reps("global", "2", 1, 1);
	lock_reps("partition", "2", 1, 1);
	end();
	assert_int_equal(run(&by_arm, 1), 0);
	assert_true(row("swap_map", "1", "partition")->other.median == 2);
	assert_true(row("swap_map", "1", "cluster")->other.median == 3);
	/* There is a cluster arm, though not with two SSDs. */
	assert_int_equal(row("swap_map", "2", "cluster")->verdict, VERDICT_MISSING);
	assert_true(row("swap_map", "2", "cluster")->base.present);
}

static void counts_are_sorted_as_numbers(void **state)
{
	(void)state;
	begin_locks(0);
	for (int i = 0; i < 2; i++) {
		lock_row((struct lock_row){ .arm = i ? "a" : "global", .ssds = "10" });
		lock_row((struct lock_row){ .arm = i ? "a" : "global", .ssds = "2" });
	}
	end();
	assert_int_equal(run(&by_arm, 1), 0);
	assert_string_equal(rows[0].key[KEY_SSDS], "2");
	assert_string_equal(rows[1].key[KEY_SSDS], "10");
}

static void what_was_not_measured_is_not_zero(void **state)
{
	static const char *const wait[] = { "wait_total_ns" };
	struct compare_query query = by_arm;
	const struct compare_row *r;

	(void)state;
	query.metrics = wait;
	begin_locks(0);
	/* A sum with a part that is not known is not known. */
	lock_row((struct lock_row){ .wait_total = "" });
	lock_row((struct lock_row){ .device = "nvme1n1", .wait_total = "10" });
	lock_row((struct lock_row){ .arm = "a", .wait_total = "20" });
	end();
	assert_int_equal(run(&query, 1), 0);
	r = row("swap_map", "", "a");
	assert_true(r->base.present);
	assert_int_equal(r->base.n, 0);
	assert_true(isnan(r->base.median));
	assert_int_equal(r->verdict, VERDICT_NOT_MEASURED);
}

/* A float has 24 bits of them, a double 53. */
static void large_counts_keep_their_digits(void **state)
{
	(void)state;
	begin_locks(0);
	lock_row((struct lock_row){ .contended = "16777217" });
	lock_row((struct lock_row){ .arm = "a", .contended = "9007199254740991" });
	end();
	assert_int_equal(run(&by_arm, 1), 0);
	assert_true(row("swap_map", "", "a")->base.median == 16777217);
	assert_true(row("swap_map", "", "a")->other.median == 9007199254740991);
}

static void shortest_and_longest_are_not_added_up(void **state)
{
	static const char *const extremes[] = { "wait_min_ns", "wait_max_ns" };
	struct compare_query query = by_arm;

	(void)state;
	query.metrics = extremes;
	query.nmetrics = 2;
	query.classes = swap_map;
	query.nclasses = 1;
	begin_locks(0);
	lock_row((struct lock_row){ .device = "a", .wait_min = "", .wait_max = "" });
	lock_row((struct lock_row){ .device = "b", .wait_min = "7", .wait_max = "70" });
	lock_row((struct lock_row){ .device = "c", .wait_min = "5", .wait_max = "50" });
	lock_row((struct lock_row){ .arm = "a", .wait_min = "1", .wait_max = "1" });
	end();
	assert_int_equal(run(&query, 1), 0);
	for (size_t i = 0; i < nrows; i++)
		assert_true(rows[i].base.median ==
			    (strcmp(rows[i].key[KEY_METRIC], "wait_min_ns") ? 70 : 5));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		T(fewer_contentions_are_lower),
		T(the_other_way_round_is_higher),
		T(verdicts_without_a_difference),
		T(ratio_to_a_zero_is_undefined_but_tested),
		T(devices_and_intervals_of_a_repetition_are_one_sample),
		T(repetitions_of_several_runs_are_samples_of_their_own),
		T(the_sum_of_map_and_cluster_takes_either),
		T(other_conditions_are_never_mixed),
		T(every_value_is_set_against_the_base),
		T(counts_are_sorted_as_numbers),
		T(what_was_not_measured_is_not_zero),
		T(large_counts_keep_their_digits),
		T(shortest_and_longest_are_not_added_up),
	};

	return cmocka_run_group_tests_name("compare", tests, NULL, NULL);
}
