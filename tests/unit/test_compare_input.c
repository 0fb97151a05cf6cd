// SPDX-License-Identifier: GPL-2.0-or-later
/* What compare selects, and what it refuses to compare. */
#include "compare_files.h"

static void classes_select(void **state)
{
	static const char *const avail[] = { "swap_avail" };
	struct compare_query query = by_arm;

	(void)state;
	begin_locks(0);
	for (int i = 0; i < 2; i++) {
		lock_row((struct lock_row){ .arm = i ? "a" : "global", .contended = "1" });
		lock_row((struct lock_row){ .arm = i ? "a" : "global", .class = "swap_avail" });
		lock_row((struct lock_row){
			.arm = i ? "a" : "global", .class = "cluster", .contended = "1" });
	}
	end();
	query.classes = avail;
	query.nclasses = 1;
	assert_int_equal(run(&query, 1), 0);
	assert_int_equal(nrows, 1);
	row("swap_avail", "", "a");
	compare_set_free(set);
	query.classes = swap_map;
	assert_int_equal(run(&query, 1), 0);
	assert_int_equal(nrows, 2);
	row(COMPARE_SUM_CLASS, "", "a");
}

static void percentiles_are_not_put_together(void **state)
{
	static const char *const p99[] = { "wait_p99_ns" };
	static const struct compare_where where[] = { { "device", "a" } };
	struct compare_query query = by_arm;

	(void)state;
	query.metrics = p99;
	begin_locks(0);
	lock_row((struct lock_row){ .device = "a", .wait_p99 = "9" });
	lock_row((struct lock_row){ .device = "b", .wait_p99 = "8" });
	lock_row((struct lock_row){ .arm = "x", .device = "a", .wait_p99 = "9" });
	end();
	refused(&query, 1, -EINVAL, ":3: wait_p99_ns of several rows cannot be put together");
	compare_set_free(set);
	query.where = where;
	query.nwhere = 1;
	assert_int_equal(run(&query, 1), 0);
	assert_int_equal(nrows, 1);
	assert_true(rows[0].base.median == 9);
}

static void recordings_by_hand_are_samples_by_file(void **state)
{
	(void)state;
	for (int i = 0; i < 2; i++) {
		begin_locks(i);
		lock_row((struct lock_row){ .run = "", .rep = "", .contended = "3" });
		lock_row((struct lock_row){ .run = "", .rep = "", .arm = "a", .contended = "4" });
		end();
	}
	assert_int_equal(run(&by_arm, 2), 0);
	assert_int_equal(row("swap_map", "", "")->base.n, 2);
	assert_true(row("swap_map", "", "")->base.median == 3);
}

static void the_same_repetition_in_two_files_is_refused(void **state)
{
	(void)state;
	for (int i = 0; i < 2; i++) {
		begin_locks(i);
		lock_reps("global", "1", 1, 1);
		end();
	}
	refused(&by_arm, 2, -EINVAL, "run 'r1' repetition '1' is also in ");
}

static void intervals_and_the_whole_are_not_added_up(void **state)
{
	(void)state;
	begin_locks(0);
	lock_row((struct lock_row){ .interval = "0" });
	lock_row((struct lock_row){ .interval = "" });
	end();
	refused(&by_arm, 1, -EINVAL, ":3: rows of intervals and of the whole recording");
}

static void metrics_are_compared_by_device(void **state)
{
	static const struct compare_query query = { .by = "arm", .base = "global" };

	(void)state;
	begin_metrics(0);
	for (int i = 0; i < 2; i++) {
		metric_row(i ? "a" : "global", "1", "", "swapout", i ? "2.5" : "1.5");
		metric_row(i ? "a" : "global", "1", "nvme0n1", "iops", "7");
		metric_row(i ? "a" : "global", "1", "nvme1n1", "iops", "8");
	}
	end();
	assert_int_equal(run(&query, 1), 0);
	assert_int_equal(nrows, 3);
	/* As in the file, and not by the alphabet. */
	assert_string_equal(rows[0].key[KEY_METRIC], "swapout");
	assert_string_equal(rows[0].key[KEY_UNIT], "unit");
	assert_true(rows[0].base.median == 1.5 && rows[0].other.median == 2.5);
	assert_string_equal(rows[2].key[KEY_DEVICE], "nvme1n1");
	assert_true(rows[2].base.median == 8);
}

static void a_metric_given_twice_is_refused(void **state)
{
	static const struct compare_query query = { .by = "arm", .base = "global" };

	(void)state;
	begin_metrics(0);
	metric_row("global", "1", "", "iops", "7");
	metric_row("global", "1", "", "iops", "7");
	end();
	refused(&query, 1, -EINVAL, ":3: metric 'iops' twice in run 'r1' repetition '1'");
	compare_set_free(set);
	begin_metrics(0);
	for (int i = 0; i < 4; i++)
		metric_row("global", i % 3 == 2 ? "2" : i % 3 ? "3" : "1", "", "iops", "7");
	end();
	refused(&query, 1, -EINVAL, ":5: metric 'iops' twice in run 'r1' repetition '1'");
}

/* Eight repetitions of two intervals of two arms, one of the 32 orders of their digits. */
static void rows_in_order(unsigned int order)
{
	begin_locks(0);
	for (unsigned int i = 0; i < 32; i++) {
		unsigned int n = (i * 11 ^ order) % 32;
		char rep[2] = { '1' + n / 4 }, contended[12];

		snprintf(contended, sizeof(contended), "%u", n % 2 ? 100 * n : n);
		lock_row((struct lock_row){ .arm = n / 2 % 2 ? "partition" : "global",
					    .rep = rep,
					    .interval = n % 2 ? "1" : "2",
					    .contended = contended });
	}
	end();
}

static void the_order_of_rows_does_not_matter(void **state)
{
	(void)state;
	for (unsigned int order = 0; order < 32; order++) {
		const struct compare_row *r;

		rows_in_order(order);
		assert_int_equal(run(&by_arm, 1), 0);
		r = row("swap_map", "1", "partition");
		assert_int_equal(r->base.n, 8);
		assert_int_equal(r->other.n, 8);
		assert_int_equal(r->pairs, 8);
		/* 4 k + 100 (4 k + 1), of k = 0 to 7, and so on */
		assert_true(r->base.median == 101 * 14 + 100);
		assert_true(r->other.median == 101 * 16 + 100);
		compare_set_free(set);
	}
	set = NULL;
}

static void the_run_can_be_compared(void **state)
{
	static const struct compare_query query = {
		.by = "run", .base = "r1", .metrics = contended, .nmetrics = 1
	};

	(void)state;
	for (int i = 0; i < 2; i++) {
		begin_locks(i);
		lock_row((struct lock_row){ .run = i ? "r2" : "r1", .contended = i ? "9" : "8" });
		end();
	}
	assert_int_equal(run(&query, 2), 0);
	assert_true(row("swap_map", "", "r2")->base.median == 8);
	assert_true(row("swap_map", "", "r2")->other.median == 9);
	assert_string_equal(row("swap_map", "", "r2")->key[KEY_ARM], "global");
}

static void nothing_to_compare_is_said(void **state)
{
	static const char *const zram[] = { "zram" };
	struct compare_query query = by_arm;

	(void)state;
	begin_locks(0);
	end();
	refused(&by_arm, 1, -ENODATA, "no row to compare in ");
	compare_set_free(set);
	begin_locks(0);
	lock_reps("partition", "1", 1, 1);
	lock_reps("cluster", "1", 1, 1);
	end();
	refused(&by_arm, 1, -ENODATA,
		"no row has arm 'global', the base; there is 'cluster', 'partition'");
	compare_set_free(set);
	query.base = "partition";
	query.classes = zram;
	query.nclasses = 1;
	refused(&query, 1, -ENODATA, "no row to compare");
	compare_set_free(set);
	begin_locks(0);
	lock_reps("global", "1", 1, 1);
	end();
	refused(&by_arm, 1, -ENODATA, "every row has arm 'global'");
}

static void what_is_asked_for_must_be_there(void **state)
{
	static const char *const two[] = { "swap_map", "zram" }, *const metric[] = { "iops",
										     "nope" };
	struct compare_query query = by_arm;

	(void)state;
	begin_locks(0);
	lock_reps("global", "1", 1, 1);
	lock_reps("partition", "1", 1, 1);
	end();
	query.classes = two;
	query.nclasses = 2;
	refused(&query, 1, -ENODATA, "no row to compare has class 'zram'");
	compare_set_free(set);
	begin_metrics(0);
	metric_row("global", "1", "", "iops", "7");
	metric_row("a", "1", "", "iops", "7");
	end();
	query = (struct compare_query){
		.by = "arm", .base = "global", .metrics = metric, .nmetrics = 2
	};
	refused(&query, 1, -ENODATA, "no row to compare has metric 'nope'");
}

static void questions_that_do_not_fit_are_usage(void **state)
{
	static const char *const odd[] = { "arm" };
	static const struct compare_where where[] = { { "colour", "red" } };
	struct compare_query query = by_arm;

	(void)state;
	begin_locks(0);
	lock_reps("global", "1", 1, 1);
	end();
	query.by = "rep";
	refused(&query, 1, -EBADRQC, "cannot compare by 'rep'");
	compare_set_free(set);
	query = by_arm;
	query.metrics = odd;
	refused(&query, 1, -EBADRQC, "no metric 'arm' in locks.csv");
	compare_set_free(set);
	query = by_arm;
	query.where = where;
	query.nwhere = 1;
	refused(&query, 1, -EBADRQC, "no column 'colour'");
	compare_set_free(set);
	begin_metrics(0);
	end();
	query = by_arm;
	query.classes = swap_map;
	query.nclasses = 1;
	refused(&query, 1, -EBADRQC, "--class needs locks.csv");
}

static void both_kinds_are_read(void **state)
{
	(void)state;
	begin_locks(0);
	lock_reps("global", "1", 1, 1);
	lock_reps("partition", "1", 2, 1);
	end();
	begin_metrics(1);
	metric_row("global", "1", "", "iops", "7");
	metric_row("partition", "1", "", "iops", "8");
	end();
	assert_int_equal(run(&(struct compare_query){ .by = "arm", .base = "global" }, 2), 0);
	assert_int_equal(nrows, 4);
	assert_string_equal(rows[0].key[KEY_CLASS], "swap_map");
	assert_true(rows[0].other.median == 2);
	assert_string_equal(rows[3].key[KEY_METRIC], "iops");
	assert_true(rows[3].other.median == 8);
}

static void other_files_are_refused(void **state)
{
	(void)state;
	out = fopen(paths[0], "w");
	fputs("a,b\n1,2\n", out);
	end();
	refused(&by_arm, 1, -EINVAL, ":1: neither locks.csv");
	compare_set_free(set);
	begin_locks(0);
	fputs("1,r1,6.1", out);
	end();
	refused(&by_arm, 1, -EINVAL, ":2: truncated");
}

static void bad_numbers_are_refused_in_every_column(void **state)
{
	(void)state;
	begin_locks(0);
	lock_row((struct lock_row){ .contended = "-1" });
	end();
	refused(&by_arm, 1, -EINVAL, ":2: contended: '-1' is not a whole number");
	compare_set_free(set);
	begin_locks(0);
	lock_row((struct lock_row){ .wait_p99 = "fast" });
	end();
	refused(&by_arm, 1, -EINVAL, ":2: wait_p99_ns: 'fast' is not a whole number");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		T(classes_select),
		T(percentiles_are_not_put_together),
		T(recordings_by_hand_are_samples_by_file),
		T(the_same_repetition_in_two_files_is_refused),
		T(intervals_and_the_whole_are_not_added_up),
		T(metrics_are_compared_by_device),
		T(a_metric_given_twice_is_refused),
		T(the_order_of_rows_does_not_matter),
		T(the_run_can_be_compared),
		T(nothing_to_compare_is_said),
		T(what_is_asked_for_must_be_there),
		T(questions_that_do_not_fit_are_usage),
		T(both_kinds_are_read),
		T(other_files_are_refused),
		T(bad_numbers_are_refused_in_every_column),
	};

	return cmocka_run_group_tests_name("compare input", tests, NULL, NULL);
}
