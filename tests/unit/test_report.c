// SPDX-License-Identifier: GPL-2.0-or-later
/* What a report makes of the rows: cells, arms, figures, medians. */
#include "report_files.h"
#include "report_run.h"
#include "report_series.h"

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(rows_of_both_files_are_of_one_cell),
		T(malformed_files_are_named_with_their_line),
		T(a_bucket_needs_its_ends_and_count),
		T(intervals_and_the_whole_are_not_added_up),
		T(context_must_be_one_json_object),
		T(arms_are_in_the_order_of_the_run),
		T(a_chart_has_medians_by_arm_and_ssds),
		T(a_tracer_is_not_in_the_throughput),
		T(wait_is_shared_by_the_pages_of_the_window),
	};

	return cmocka_run_group_tests_name("report", tests, NULL, NULL);
}
