// SPDX-License-Identifier: GPL-2.0-or-later
/* What a report adds up: locks, histograms, devices, ledgers. */
#include "report_files.h"
#include "report_series.h"
#include "report_sums.h"

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(locks_are_ranked_by_wait),
		T(large_counts_keep_their_digits),
		T(buckets_of_repetitions_and_devices_are_one_histogram),
		T(devices_share_what_was_moved_not_the_rates),
		T(losses_are_seen_cell_by_cell),
	};

	return cmocka_run_group_tests_name("report sums", tests, NULL, NULL);
}
