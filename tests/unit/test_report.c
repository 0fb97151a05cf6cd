// SPDX-License-Identifier: GPL-2.0-or-later
/* What a report makes of the rows: cells, arms, figures, medians, sentences. */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "columns.h"
#include "report_data.h"
#include "report_run.h"
#include "report_series.h"
#include "report_sums.h"
#include "stats.h"
#include "verdict.h"

static char dir[32];
static FILE *out;
static struct report_data data;

static int setup(void **state)
{
	(void)state;
	strcpy(dir, "/tmp/test_report.XXXXXX");
	return mkdtemp(dir) ? 0 : -1;
}

static void remove_file(const char *name)
{
	char path[64];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	unlink(path);
}

static int teardown(void **state)
{
	(void)state;
	report_data_free(&data);
	remove_file("locks.csv");
	remove_file("metrics.csv");
	remove_file("histograms.csv");
	remove_file("run.json");
	return rmdir(dir);
}

static void begin(const char *name)
{
	char path[64];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	out = fopen(path, "w");
	assert_non_null(out);
}

static void begin_csv(const char *name, const struct column *columns, size_t n)
{
	begin(name);
	for (size_t i = 0; i < n; i++)
		fprintf(out, "%s%s", i ? "," : "", columns[i].name);
	fputc('\n', out);
}

static void end(void)
{
	assert_int_equal(fclose(out), 0);
}

static void lock(const char *arm, const char *ssds, int rep, const char *class, const char *figures)
{
	fprintf(out, "1,r,6.1,e,%s,lockdep,native,w,%s,4,%d,,%s,nvme0n1,l,symbol,%s,,,,,,,,,\n",
		arm, ssds, rep, class, figures);
}

static void metric(const char *arm, const char *backend, const char *ssds, int rep,
		   const char *rest)
{
	fprintf(out, "1,r,6.1,e,%s,%s,native,w,%s,4,%d,%s\n", arm, backend, ssds, rep, rest);
}

static void read_all(void)
{
	int err = report_data_read(&data, dir);

	if (err)
		fail_msg("%s", data.error);
}

static void rejected(const char *message)
{
	assert_int_not_equal(report_data_read(&data, dir), 0);
	if (!strstr(data.error, message))
		fail_msg("'%s' has no '%s'", data.error, message);
}

static void rows_of_both_files_are_of_one_cell(void **state)
{
	(void)state;
	begin_csv("locks.csv", lock_columns, LOCK_COLUMNS);
	lock("a", "1", 1, "swap_map", "100,10,1000");
	lock("a", "1", 1, "cluster", "50,5,500");
	lock("a", "1", 1, "zone", "9,9,9");
	lock("a", "1", 2, "swap_map", "100,10,");
	end();
	begin_csv("metrics.csv", metric_columns, METRIC_COLUMNS);
	metric("a", "lockdep", "1", 1, ",swapout,pages/s,30");
	metric("a", "lockdep", "1", 1, "nvme0n1,written,bytes/s,7");
	end();
	read_all();
	assert_int_equal(data.ncells.n, 2);
	assert_true(data.has_locks && data.has_metrics && !data.has_histograms);
	assert_true(report_data_map_sum(&data, &data.cells[0], SUM_CONTENDED) == 15);
	assert_true(report_data_map_sum(&data, &data.cells[0], SUM_WAIT) == 1500);
	/* A sum with a part that is not known is not known. */
	assert_true(isnan(report_data_map_sum(&data, &data.cells[1], SUM_WAIT)));
	assert_true(report_data_metric(&data, &data.cells[0], "swapout") == 30);
	assert_true(isnan(report_data_metric(&data, &data.cells[0], "written")));
	assert_true(isnan(report_data_metric(&data, &data.cells[1], "swapout")));
}

static void malformed_files_are_named_with_their_line(void **state)
{
	(void)state;
	begin_csv("locks.csv", lock_columns, LOCK_COLUMNS);
	lock("a", "1", 1, "swap_map", "100,ten,1000");
	end();
	rejected("locks.csv:2: contended: 'ten' is not a whole number");
}

static void a_bucket_needs_its_ends_and_count(void **state)
{
	(void)state;
	begin_csv("histograms.csv", histogram_columns, HISTOGRAM_COLUMNS);
	fputs("1,r,6.1,e,a,lockdep,native,w,1,4,1,swap_map,nvme0n1,l,wait,8,,3\n", out);
	fputs("1,r,6.1,e,a,lockdep,native,w,1,4,1,swap_map,nvme0n1,l,wait,8,7,3\n", out);
	end();
	rejected("histograms.csv:3: no bucket");
}

static void intervals_and_the_whole_are_not_added_up(void **state)
{
	(void)state;
	begin_csv("locks.csv", lock_columns, LOCK_COLUMNS);
	lock("a", "1", 1, "swap_map", "1,1,1");
	fputs("1,r,6.1,e,a,lockdep,native,w,1,4,1,7,swap_map,d,l,symbol,1,1,1,,,,,,,,,\n", out);
	end();
	rejected("locks.csv:3: rows of intervals and of the whole");
}

static void context_must_be_one_json_object(void **state)
{
	struct json_object *run;
	char error[256] = "";

	(void)state;
	assert_int_equal(report_run_read(dir, &run, error, sizeof(error)), 0);
	assert_null(run);
	begin("run.json");
	fputs("{\n \"a\": 1,\n \"b\": }\n", out);
	end();
	assert_int_equal(report_run_read(dir, &run, error, sizeof(error)), -EINVAL);
	assert_non_null(strstr(error, "run.json:3: "));
	begin("run.json");
	fputs("{}\n{}\n", out);
	end();
	assert_int_equal(report_run_read(dir, &run, error, sizeof(error)), -EINVAL);
	begin("run.json");
	fputs("[1]\n", out);
	end();
	assert_int_equal(report_run_read(dir, &run, error, sizeof(error)), -EINVAL);
	begin("run.json");
	fputs("{\"arms\": [{\"name\": \"b\"}, {\"nome\": 1}], \"run\": 5}\n", out);
	end();
	assert_int_equal(report_run_read(dir, &run, error, sizeof(error)), 0);
	assert_string_equal(report_run_text(run, "run"), "");
	json_object_put(run);
}

static void arms_are_in_the_order_of_the_run(void **state)
{
	static const char *const order[] = { "z", "not measured", "m" };
	struct report_by by;

	(void)state;
	begin_csv("metrics.csv", metric_columns, METRIC_COLUMNS);
	metric("", "none", "3", 1, ",ceiling,1/s,1");
	metric("a2", "none", "1", 1, ",x,1,1");
	metric("a10", "none", "1", 1, ",x,1,1");
	metric("m", "none", "1", 1, ",x,1,1");
	metric("z", "none", "1", 1, ",x,1,1");
	end();
	read_all();
	assert_int_equal(report_by_init(&by, &data, CELL_ARM, "m", order, 3), 0);
	assert_int_equal(by.n, 4);
	assert_string_equal(by.values[0], "m");
	assert_string_equal(by.values[1], "z");
	assert_string_equal(by.values[2], "a2");
	assert_string_equal(by.values[3], "a10");
	assert_ptr_equal(by.base, by.values[0]);
	report_by_free(&by);
	assert_int_equal(report_by_init(&by, &data, CELL_ARM, "nowhere", NULL, 0), 0);
	assert_null(by.base);
	report_by_free(&by);
}

static const struct report_figure share = {
	.scale = 1, .kind = FIGURE_CONTENDED_PER_ACQUIRED, .device = "", .traced = true
};

static void a_chart_has_medians_by_arm_and_ssds(void **state)
{
	struct report_chart chart;
	struct report_by by;
	size_t n;
	const char **ssds;

	(void)state;
	begin_csv("locks.csv", lock_columns, LOCK_COLUMNS);
	lock("b", "10", 1, "swap_map", "100,50,0");
	lock("b", "2", 1, "swap_map", "100,10,0");
	lock("b", "2", 2, "swap_map", "100,30,0");
	lock("a", "2", 1, "swap_map", "0,0,0"); /* no acquisition: no share */
	end();
	read_all();
	assert_int_equal(report_by_init(&by, &data, CELL_ARM, NULL, NULL, 0), 0);
	assert_int_equal(report_chart_make(&chart, &data, &by, &share, &data.cells[0],
					   CELL_BIT(CELL_WORKLOAD)),
			 0);
	assert_int_equal(chart.n, 1);
	assert_string_equal(chart.lines[0].value, "b");
	assert_int_equal(chart.lines[0].style, 1);
	assert_int_equal(chart.lines[0].n, 2);
	assert_string_equal(chart.lines[0].points[0].ssds, "2");
	assert_int_equal(chart.lines[0].points[0].n, 2);
	assert_true(fabs(chart.lines[0].points[0].median - 0.2) < 1e-12);
	assert_true(isnan(chart.lines[0].points[0].lo));
	assert_true(chart.lines[0].points[1].median == 0.5);
	ssds = report_chart_ssds(&chart, &n);
	assert_int_equal(n, 2);
	assert_string_equal(ssds[1], "10");
	free(ssds);
	report_chart_free(&chart);
	report_by_free(&by);
}

static void a_tracer_is_not_in_the_throughput(void **state)
{
	static const struct report_figure swapout = {
		.scale = 1, .kind = FIGURE_METRIC, .metric = "swapout", .device = ""
	};
	struct report_chart chart;
	struct report_by by;

	(void)state;
	begin_csv("metrics.csv", metric_columns, METRIC_COLUMNS);
	metric("a", "lockdep", "1", 1, ",swapout,pages/s,5");
	metric("a", "none", "1", 1, ",swapout,pages/s,9");
	end();
	read_all();
	assert_int_equal(report_by_init(&by, &data, CELL_ARM, NULL, NULL, 0), 0);
	assert_int_equal(report_chart_make(&chart, &data, &by, &swapout, &data.cells[0],
					   CELL_BIT(CELL_WORKLOAD)),
			 0);
	assert_int_equal(chart.lines[0].points[0].n, 1);
	assert_true(chart.lines[0].points[0].median == 9);
	report_chart_free(&chart);
	report_by_free(&by);
}

static void wait_is_shared_by_the_pages_of_the_window(void **state)
{
	static const struct report_figure wait = { .kind = FIGURE_WAIT_PER_PAGE, .device = "" };

	(void)state;
	begin_csv("locks.csv", lock_columns, LOCK_COLUMNS);
	lock("a", "1", 1, "swap_map", "100,10,6000");
	end();
	begin_csv("metrics.csv", metric_columns, METRIC_COLUMNS);
	metric("a", "lockdep", "1", 1, ",swapout,pages/s,20");
	metric("a", "lockdep", "1", 1, ",swapin,pages/s,10");
	metric("a", "lockdep", "1", 1, ",window,s,2");
	end();
	read_all();
	assert_true(report_figure_of(&data, &data.cells[0], &wait) == 100);
}

/* Of six values the least and the most: 1 - 2 / 2^6 = 0.97. Nine: the second of each end, 0.96. */
static void intervals_of_a_median_are_order_statistics(void **state)
{
	const double v[] = { 1, 2, 3, 4, 5, 6, 7, 8, 9 };
	double lo, hi;

	(void)state;
	assert_int_equal(stats_median_interval(v, 5, &lo, &hi), -EDOM);
	assert_int_equal(stats_median_interval(v, 0, &lo, &hi), -EDOM);
	assert_int_equal(stats_median_interval(v, 6, &lo, &hi), 0);
	assert_true(lo == 1 && hi == 6);
	assert_int_equal(stats_median_interval(v, 8, &lo, &hi), 0);
	assert_true(lo == 1 && hi == 8);
	assert_int_equal(stats_median_interval(v, 9, &lo, &hi), 0);
	assert_true(lo == 2 && hi == 8);
}

static struct report_choice chosen(const char *arm)
{
	const struct report_cell *first = &data.cells[0];
	struct report_choice choice = { .data = &data,
					.context = first,
					.mask = CELL_BIT(CELL_WORKLOAD) | CELL_BIT(CELL_BACKEND),
					.key = CELL_ARM };

	choice.ssds = report_most_ssds(&data, first, choice.mask);
	choice.value = report_data_intern(&data, arm);
	return choice;
}

static void locks_are_ranked_by_wait(void **state)
{
	struct report_choice choice;
	struct report_lock_sum *sums;
	size_t n;

	(void)state;
	begin_csv("locks.csv", lock_columns, LOCK_COLUMNS);
	lock("a", "2", 1, "swap_map", "9,9,9000"); /* fewer SSDs */
	lock("a", "10", 1, "swap_map", "9,1,100");
	lock("a", "10", 2, "swap_map", "9,2,200");
	lock("a", "10", 1, "zone", "9,3,700");
	lock("a", "10", 1, "other", "9,3,5000");
	lock("a", "10", 1, "memcg", ",3,");
	lock("b", "10", 1, "swap_map", "9,9,9000");
	end();
	read_all();
	choice = chosen("a");
	sums = report_lock_sums(&choice, &n);
	assert_int_equal(report_chosen_cells(&choice), 2);
	assert_int_equal(n, 4);
	assert_string_equal(sums[0].class, "other");
	assert_true(isnan(sums[0].share));
	assert_string_equal(sums[1].class, "zone");
	assert_true(sums[1].share == 0.7);
	assert_true(sums[2].contended == 3 && sums[2].wait == 300 && sums[2].share == 0.3);
	assert_string_equal(sums[3].class, "memcg");
	assert_true(isnan(sums[3].wait) && sums[3].contended == 3);
	free(sums);
}

static void large_counts_keep_their_digits(void **state)
{
	struct report_choice choice;
	struct report_lock_sum *sums;
	size_t n;

	(void)state;
	begin_csv("locks.csv", lock_columns, LOCK_COLUMNS);
	lock("a", "1", 1, "swap_map", "123456789,16777217,9007199254740991");
	end();
	read_all();
	choice = chosen("a");
	sums = report_lock_sums(&choice, &n);
	assert_int_equal(n, 1);
	assert_true(sums[0].contended == 16777217 && sums[0].wait == 9007199254740991);
	free(sums);
}

static void buckets_of_repetitions_and_devices_are_one_histogram(void **state)
{
	static const char row[] = "1,r,6.1,e,a,lockdep,native,w,1,4,%d,%s,%s,l,%s,%s\n";
	struct report_choice choice;
	struct report_bar *bars;
	size_t n;

	(void)state;
	begin_csv("histograms.csv", histogram_columns, HISTOGRAM_COLUMNS);
	fprintf(out, row, 1, "swap_map", "d1", "wait", "16,20,1");
	fprintf(out, row, 1, "swap_map", "d2", "wait", "8,10,2");
	fprintf(out, row, 2, "swap_map", "d2", "wait", "16,20,4");
	fprintf(out, row, 1, "swap_map", "d1", "hold", "8,10,100");
	fprintf(out, row, 1, "cluster", "d1", "wait", "8,10,100");
	fprintf(out, row, 1, "swap_map", "d1", "wait", "32,,1");
	end();
	read_all();
	choice = chosen("a");
	bars = report_histogram(&choice, "swap_map", "wait", &n);
	assert_int_equal(n, 3);
	assert_true(bars[0].from == 8 && bars[0].count == 2);
	assert_true(bars[1].from == 16 && bars[1].to == 20 && bars[1].count == 5);
	assert_true(isinf(bars[2].to));
	assert_true(report_histogram_count(bars, n) == 8);
	assert_true(report_histogram_below(bars, n, 0.25) == 10);
	assert_true(report_histogram_below(bars, n, 0.26) == 20);
	assert_true(isinf(report_histogram_below(bars, n, 0.99)));
	free(bars);
}

static void devices_share_what_was_moved_not_the_rates(void **state)
{
	struct report_choice choice;
	struct report_device *devices;
	size_t n;

	(void)state;
	begin_csv("metrics.csv", metric_columns, METRIC_COLUMNS);
	metric("a", "none", "2", 1, ",window,s,2");
	metric("a", "none", "2", 1, "d10,written,bytes/s,100");
	metric("a", "none", "2", 1, "d9,written,bytes/s,50");
	metric("a", "none", "2", 1, "d9,read,bytes/s,0");
	metric("a", "none", "2", 2, ",window,s,4");
	metric("a", "none", "2", 2, "d9,written,bytes/s,25");
	end();
	read_all();
	choice = chosen("a");
	devices = report_devices(&choice, &n);
	assert_int_equal(n, 2);
	assert_string_equal(devices[0].name, "d9");
	assert_true(devices[0].written == 200 && devices[1].written == 200);
	assert_true(devices[0].written_share == 0.5);
	assert_true(isnan(devices[0].read_share));
	free(devices);
}

static void put_ledger(int rep, int begins, int ends, int dropped, int residual)
{
	char row[64];

	snprintf(row, sizeof(row), ",ledger_begins,events,%d", begins);
	metric("a", "lockdep", "1", rep, row);
	snprintf(row, sizeof(row), ",ledger_ends,events,%d", ends);
	metric("a", "lockdep", "1", rep, row);
	snprintf(row, sizeof(row), ",ledger_dropped,events,%d", dropped);
	metric("a", "lockdep", "1", rep, row);
	snprintf(row, sizeof(row), ",ledger_residual,events,%d", residual);
	metric("a", "lockdep", "1", rep, row);
}

static void losses_are_seen_cell_by_cell(void **state)
{
	struct report_ledger ledger;

	(void)state;
	begin_csv("metrics.csv", metric_columns, METRIC_COLUMNS);
	put_ledger(1, 1000, 1000, 0, 0);
	put_ledger(2, 100, 98, 2, 0);
	/* Residuals of two cells that would cancel out */
	put_ledger(3, 1000, 999, 0, 1);
	put_ledger(4, 1000, 1001, 0, -1);
	/* and one that the file keeps quiet about */
	put_ledger(5, 1000, 999, 0, 0);
	metric("a", "none", "1", 1, ",swapout,pages/s,1");
	end();
	read_all();
	report_ledger_sum(&data, &ledger);
	assert_int_equal(ledger.cells, 5);
	assert_int_equal(ledger.lossy, 1);
	assert_int_equal(ledger.open, 3);
	assert_true(ledger.worst == 0.02);
	assert_int_equal(ledger.sum.counts[LEDGER_BEGINS], 4100);
	assert_int_equal(ledger.sum.residual, 3);
}

static struct compare_row answer(const char *ssds, enum compare_verdict verdict, double ratio)
{
	struct compare_row row = { .value = "new", .verdict = verdict };

	for (int key = 0; key < COMPARE_KEYS; key++)
		row.key[key] = "";
	row.key[KEY_SSDS] = ssds;
	row.key[KEY_METRIC] = "swapout";
	row.base.n = row.other.n = 4;
	row.ratio = (struct stats_ratio){ ratio, ratio / 2, ratio * 2 };
	row.p = 0.0286;
	row.p_holm = 0.0572;
	row.detectable = NAN;
	return row;
}

static char *say(bool figures, const struct compare_row *rows, size_t n)
{
	static const struct verdict_question question = { .metric = "swapout",
							  .class = "",
							  .name = "Swap-out",
							  .subject = "swap-out was",
							  .lower = "slower",
							  .higher = "faster" };
	const struct compare_row *list[8];
	char *text;
	size_t bytes;

	for (size_t i = 0; i < n; i++)
		list[i] = &rows[i];
	out = open_memstream(&text, &bytes);
	assert_non_null(out);
	if (figures)
		verdict_figures(out, list, n);
	else
		verdict_words(out, &question, "old", list, n);
	end();
	return text;
}

static void says(bool figures, const struct compare_row *rows, size_t n, const char *expected)
{
	char *text = say(figures, rows, n);

	assert_string_equal(text, expected);
	free(text);
}

static void verdicts_become_sentences(void **state)
{
	const struct compare_row rows[] = {
		answer("1", VERDICT_NO_DIFFERENCE, 1), answer("2", VERDICT_LOWER, 0.5),
		answer("4", VERDICT_LOWER, 0.25),      answer("8", VERDICT_LOWER, 0.125),
		answer("16", VERDICT_HIGHER, 2),       answer("32", VERDICT_MISSING, NAN),
	};

	(void)state;
	says(false, rows, 6,
	     "Swap-out, new against old: with new, swap-out was slower than with old on 2, 4 and 8 "
	     "SSDs; with new, swap-out was faster than with old on 16 SSDs; no detectable "
	     "difference "
	     "on 1 SSD; measured with one of them only on 32 SSDs.");
	says(true, rows, 2,
	     "Ratio on 1 SSD: 1.000 (95% 0.500..2.000, p = 0.0286, corrected p = 0.0572, n 4+4); "
	     "on 2 SSDs: 0.500 (95% 0.250..1.000, p = 0.0286, corrected p = 0.0572, n 4+4).");
	says(true, rows + 5, 1, "");
}

static void what_could_have_been_told_is_told(void **state)
{
	struct compare_row row = answer("2", VERDICT_NO_DIFFERENCE, 1);

	(void)state;
	row.detectable = 1.25;
	row.reason = "kernel a, kernel b";
	says(true, &row, 1,
	     "Ratio on 2 SSDs: 1.000 (95% 0.500..2.000, p = 0.0286, corrected p = 0.0572, n 4+4, "
	     "detectable 0.8 or 1.25, kernel a, kernel b).");
}

static void without_a_number_of_ssds_none_is_named(void **state)
{
	const struct compare_row rows[] = { answer("", VERDICT_TOO_FEW, 3) };

	(void)state;
	says(false, rows, 1, "Swap-out, new against old: too few repetitions to tell.");
	says(true, rows, 1,
	     "Ratio: 3.000 (95% 1.500..6.000, p = 0.0286, corrected p = 0.0572, n 4+4).");
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		T(rows_of_both_files_are_of_one_cell),
		T(malformed_files_are_named_with_their_line),
		T(a_bucket_needs_its_ends_and_count),
		T(intervals_and_the_whole_are_not_added_up),
		T(context_must_be_one_json_object),
		T(arms_are_in_the_order_of_the_run),
		T(a_chart_has_medians_by_arm_and_ssds),
		T(a_tracer_is_not_in_the_throughput),
		T(wait_is_shared_by_the_pages_of_the_window),
		T(intervals_of_a_median_are_order_statistics),
		T(locks_are_ranked_by_wait),
		T(large_counts_keep_their_digits),
		T(buckets_of_repetitions_and_devices_are_one_histogram),
		T(devices_share_what_was_moved_not_the_rates),
		T(losses_are_seen_cell_by_cell),
		T(verdicts_become_sentences),
		T(what_could_have_been_told_is_told),
		T(without_a_number_of_ssds_none_is_named),
	};

	return cmocka_run_group_tests_name("report", tests, NULL, NULL);
}
