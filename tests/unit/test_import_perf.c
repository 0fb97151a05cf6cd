// SPDX-License-Identifier: GPL-2.0-or-later
/* What perf wrote, as rows; the fixtures are real captures. */
#include "import_rows.h"

#define PERF_CSV  "# output: contended, total wait, max wait, avg wait, type, caller\n"
#define PERF_LIST " contended   total wait     max wait     avg wait         type   caller\n\n"

static void perf_with_separators_is_exact(void **state)
{
	const struct imported_row *r;

	(void)state;
	captured(import_perf, FIXTURES "perf-6.12.csv");
	assert_int_equal(im.n, 38);
	r = row("zram_free_page+0xa1");
	measured(r, LOCK_CONTENDED, 19048);
	measured(r, LOCK_WAIT_TOTAL, 46812298);
	measured(r, LOCK_WAIT_MAX, 47971);
	assert_int_equal(nr_measured(r), 3);
}

static void perfs_table_is_read_with_its_units(void **state)
{
	(void)state;
	captured(import_perf, FIXTURES "perf-6.1.txt");
	assert_int_equal(im.n, 41);
	measured(row("zs_free+0x7e"), LOCK_CONTENDED, 19048);
	measured(row("zs_free+0x7e"), LOCK_WAIT_TOTAL, 46810000);
	measured(row("zs_free+0x7e"), LOCK_WAIT_MAX, 47970);
	assert_int_equal(nr_measured(row("zs_free+0x7e")), 3);
}

static uint64_t all_contended(void)
{
	uint64_t n = 0;

	for (size_t i = 0; i < im.n; i++)
		n += im.rows[i].figures[LOCK_CONTENDED];
	return n;
}

/* Both fixtures show one recording, whose callers they find in different frames. */
static void two_perfs_agree_on_what_they_counted(void **state)
{
	uint64_t n;

	(void)state;
	captured(import_perf, FIXTURES "perf-6.1.txt");
	is("folio_lruvec_lock_irq+0x5b", CLASS_LRUVEC, CONFIDENCE_CALLER);
	n = all_contended();
	teardown(NULL);
	setup(NULL);
	captured(import_perf, FIXTURES "perf-6.12.csv");
	is("zram_free_page+0xa1", CLASS_OTHER, CONFIDENCE_NONE);
	is("do_swap_page+0xed6", CLASS_OTHER, CONFIDENCE_NONE);
	assert_int_equal(all_contended(), n);
}

static void perfs_other_outputs_are_read(void **state)
{
	(void)state;
	captured(import_perf, FIXTURES "perf-6.12-by-lock.csv");
	assert_int_equal(im.n, 39);
	teardown(NULL);
	setup(NULL);
	captured(import_perf, FIXTURES "perf-6.1-by-thread.txt");
	assert_int_equal(row("any of :10866")->class, CLASS_OTHER);
}

static void all_units_are_known(void **state)
{
	static const uint64_t ns[] = { 7, 1230, 1500000, 2500000000, 90000000000, 5400000000000 };

	(void)state;
	accepted(import_perf,
		 PERF_LIST "1 7 ns 1.00 us 1.00 us mutex f+0x1\n1 1.23 us 1 ns 1 ns mutex f+0x1\n"
			   "1 1.50 ms 1 ns 1 ns mutex f+0x1\n1 2.50 s  1 ns 1 ns mutex f+0x1\n"
			   "1 1.50 m  1 ns 1 ns mutex f+0x1\n1 1.50 h  1 ns 1 ns mutex f+0x1\n",
		 6);
	for (int i = 0; i < 6; i++)
		measured(&im.rows[i], LOCK_WAIT_TOTAL, ns[i]);
}

static void perf_callers_name_what_they_take(void **state)
{
	(void)state;
	accepted(import_perf,
		 PERF_CSV "1, 9, 9, 9, spinlock, rmqueue_bulk+0x1f\n"
			  "1, 9, 9, 9, spinlock, folio_lruvec_lock\n"
			  "1, 9, 9, 9, spinlock, del_from_avail_list.isra.0+0x9\n"
			  "1, 9, 9, 9, spinlock, get_swap_pages+0x9\n",
		 4);
	is("rmqueue_bulk+0x1f", CLASS_ZONE, CONFIDENCE_CALLER);
	is("del_from_avail_list.isra.0+0x9", CLASS_SWAP_AVAIL, CONFIDENCE_CALLER);
	/* takes several kinds */
	is("get_swap_pages+0x9", CLASS_OTHER, CONFIDENCE_NONE);
	/* the return address of another function's last call */
	is("folio_lruvec_lock", CLASS_OTHER, CONFIDENCE_NONE);
}

static void any_separator_and_any_fields(void **state)
{
	(void)state;
	accepted(import_perf,
		 "# output: min wait\t contended\t type\t caller\n5\t 2\t mutex\t f+0x1\n", 1);
	measured(row("f+0x1"), LOCK_WAIT_MIN, 5);
	measured(row("f+0x1"), LOCK_CONTENDED, 2);
	assert_int_equal(nr_measured(row("f+0x1")), 2);
	teardown(NULL);
	setup(NULL);
	accepted(import_perf,
		 "# output: total wait;; type;; caller;; stacktrace\n"
		 "5;; mutex;; f+0x1;; 0x1 f+0x1: 0x2 g+0x1\n6;; mutex;; g+0x1\n",
		 2);
	measured(row("f+0x1"), LOCK_WAIT_TOTAL, 5);
	measured(row("g+0x1"), LOCK_WAIT_TOTAL, 6);
}

static void perf_by_lock_knows_symbols(void **state)
{
	(void)state;
	accepted(import_perf,
		 "# output: contended, address, symbol, type\n"
		 "1, ffffffff82c4a2c0, swap_avail_lock, spinlock\n1, ffff88, mmap_lock, rwsem\n"
		 "1, ffff888100c1e2d8, , spinlock\n",
		 3);
	is("swap_avail_lock", CLASS_SWAP_AVAIL, CONFIDENCE_SYMBOL);
	is("mmap_lock", CLASS_MMAP, CONFIDENCE_STRUCTURAL);
	is("ffff888100c1e2d8", CLASS_OTHER, CONFIDENCE_NONE);
	teardown(NULL);
	setup(NULL);
	accepted(import_perf,
		 " contended            address   symbol\n\n"
		 "         1   ffffffff82c4a2c0   swap_lock (spinlock)\n"
		 "         1   ffff888100c1e2d8    (spinlock)\n",
		 2);
	is("swap_lock", CLASS_SWAP_LOCK, CONFIDENCE_SYMBOL);
	is("ffff888100c1e2d8", CLASS_OTHER, CONFIDENCE_NONE);
}

static void a_thread_waits_for_any_lock(void **state)
{
	(void)state;
	accepted(import_perf, "# output: contended, pid, comm\n1, 77, a, b\n2, -1, Unknown\n", 2);
	is("any of a, b", CLASS_OTHER, CONFIDENCE_NONE);
	measured(row("any of Unknown"), LOCK_CONTENDED, 2);
	teardown(NULL);
	setup(NULL);
	accepted(import_perf, "# output: contended, cgroup\n1, /system.slice\n", 1);
	measured(row("any of /system.slice"), LOCK_CONTENDED, 1);
}

static void perfs_stacks_and_losses_are_no_rows(void **state)
{
	(void)state;
	accepted(import_perf, PERF_CSV "# debug: total=93, bad=2, bad_task=2\n", 0);
	assert_string_equal(im.warning, "perf lost 2 of 93 waits");
	teardown(NULL);
	setup(NULL);
	accepted(import_perf,
		 PERF_LIST "1 7 ns 1 ns 1 ns mutex f+0x1\n\t\t\t0xffffffff81  g+0x2\n\n"
			   "=== output for debug===\n\nbad: 1, total: 5\nbad rate: 20.00 %\n",
		 1);
	assert_string_equal(im.warning, "perf lost 1 of 5 waits");
}

static void bad_perf_is_refused(void **state)
{
	(void)state;
	refused(import_perf, "", "file:1: empty file");
	refused(import_perf, "\n", "file:1: not the output of perf lock contention");
	refused(import_perf, "schema,run\n", "file:1: not the output of perf lock contention");
	refused(import_perf, "# output: contended, colour\n",
		"file:1: the columns' names are not as perf writes them");
	refused(import_perf, "# output: contended, contended, type, caller\n",
		"file:1: the columns' names are not as perf writes them");
	refused(import_perf, "# output: contended type, caller\n",
		"file:1: the columns' names are not as perf writes them");
	refused(import_perf, "# output: contended, type\n",
		"file:1: no column says what was waited for");
	refused(import_perf, PERF_CSV "1, 9, 9, 9, spinlock\n",
		"file:2: 5 fields, the header has 6");
	refused(import_perf, PERF_CSV "1, 9, 9, 9, spinlock, f+0x1",
		"file:2: truncated: the last line has no newline");
	refused(import_perf, PERF_CSV "x, 9, 9, 9, spinlock, f+0x1\n",
		"file:2: contended: 'x' is not a whole number");
	refused(import_perf, PERF_CSV "1, -9, 9, 9, spinlock, f+0x1\n",
		"file:2: total wait: '-9' is not a time");
	refused(import_perf, PERF_LIST "1 1.5.0 us 1 us 1 us mutex f+0x1\n",
		"file:3: total wait: '1.5.0 us' is not a time");
	refused(import_perf, PERF_LIST "1 99999999999.00 h  1 us 1 us mutex f+0x1\n",
		"file:3: total wait: '99999999999.00 h' is not a time");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(perf_with_separators_is_exact),
		T(perfs_table_is_read_with_its_units),
		T(two_perfs_agree_on_what_they_counted),
		T(perfs_other_outputs_are_read),
		T(all_units_are_known),
		T(perf_callers_name_what_they_take),
		T(any_separator_and_any_fields),
		T(perf_by_lock_knows_symbols),
		T(a_thread_waits_for_any_lock),
		T(perfs_stacks_and_losses_are_no_rows),
		T(bad_perf_is_refused),
	};

	return cmocka_run_group_tests_name("import perf", tests, NULL, NULL);
}
