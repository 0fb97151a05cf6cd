// SPDX-License-Identifier: GPL-2.0-or-later
/* What perf and the kernel wrote, as rows; the fixtures are real captures. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "import.h"

#define FIXTURES  "tests/fixtures/"
#define PERF_CSV  "# output: contended, total wait, max wait, avg wait, type, caller\n"
#define PERF_LIST " contended   total wait     max wait     avg wait         type   caller\n\n"
#define LOCK_STAT                                                                                  \
	"lock_stat version 0.4\n-----\n class name con-bounces contentions waittime-min"           \
	" waittime-max waittime-total waittime-avg acq-bounces acquisitions holdtime-min"          \
	" holdtime-max holdtime-total holdtime-avg\n-----\n\n"

typedef int (*parser)(struct import *im, FILE *file, const char *name);

static struct import im;

static int setup(void **state)
{
	(void)state;
	memset(&im, 0, sizeof(im));
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	import_free(&im);
	return 0;
}

static int parse(parser parser, const char *text, size_t length)
{
	FILE *file = length ? fmemopen((void *)text, length, "r") : fopen("/dev/null", "r");
	int err = parser(&im, file, "file");

	fclose(file);
	return err;
}

static void accepted(parser parser, const char *text, size_t rows)
{
	if (parse(parser, text, strlen(text)))
		fail_msg("%s", im.error);
	assert_int_equal(im.n, rows);
}

static void refused(parser parser, const char *text, const char *error)
{
	assert_int_equal(parse(parser, text, strlen(text)), -EINVAL);
	assert_string_equal(im.error, error);
	import_free(&im);
	memset(&im, 0, sizeof(im));
}

static void captured(parser parser, const char *path)
{
	FILE *file = fopen(path, "r");

	assert_non_null(file);
	if (parser(&im, file, path))
		fail_msg("%s", im.error);
	fclose(file);
}

static const struct imported_row *row(const char *lock)
{
	for (size_t i = 0; i < im.n; i++)
		if (!strcmp(im.rows[i].lock, lock))
			return &im.rows[i];
	fail_msg("no row of '%s'", lock);
	return NULL;
}

static void is(const char *lock, enum lock_class class, enum lock_confidence confidence)
{
	assert_int_equal(row(lock)->class, class);
	assert_int_equal(row(lock)->confidence, confidence);
}

static void measured(const struct imported_row *row, enum lock_column column, uint64_t value)
{
	assert_true(row->measured[column]);
	assert_int_equal(row->figures[column], value);
}

static size_t nr_measured(const struct imported_row *row)
{
	size_t n = 0;

	for (int c = 0; c < LOCK_COLUMNS; c++)
		n += row->measured[c];
	return n;
}

static void lock_stat_is_read_to_the_nanosecond(void **state)
{
	const struct imported_row *map;

	(void)state;
	captured(import_lock_stat, FIXTURES "lock_stat-global.txt");
	assert_int_equal(im.n, 18);
	map = row("swap_map_lock");
	measured(map, LOCK_CONTENDED, 34602);
	measured(map, LOCK_WAIT_MIN, 4860);
	measured(map, LOCK_WAIT_MAX, 20785250);
	assert_int_equal(nr_measured(map), 7);
	assert_false(map->measured[LOCK_WAIT_P50]);
}

static void lock_stat_names_what_has_one_place(void **state)
{
	(void)state;
	captured(import_lock_stat, FIXTURES "lock_stat-global.txt");
	is("swap_map_lock", CLASS_SWAP_MAP, CONFIDENCE_SYMBOL);
	is("swap_avail_lock", CLASS_SWAP_AVAIL, CONFIDENCE_SYMBOL);
	is("swap_lock", CLASS_SWAP_LOCK, CONFIDENCE_SYMBOL);
	is("&lruvec->lru_lock", CLASS_LRUVEC, CONFIDENCE_STRUCTURAL);
	is("&zone->lock", CLASS_ZONE, CONFIDENCE_STRUCTURAL);
	is("ptlock_ptr(page)#2/1", CLASS_PAGE_TABLE, CONFIDENCE_STRUCTURAL);
	is("&mm->mmap_lock-R", CLASS_MMAP, CONFIDENCE_STRUCTURAL);
	is("&mm->mmap_lock-W", CLASS_MMAP, CONFIDENCE_STRUCTURAL);
	is("&mm->mmap_lock/1", CLASS_MMAP, CONFIDENCE_STRUCTURAL);
}

static void lock_stat_leaves_the_others(void **state)
{
	(void)state;
	captured(import_lock_stat, FIXTURES "lock_stat-global.txt");
	is("&p->lock", CLASS_OTHER, CONFIDENCE_NONE);
	is("&xa->xa_lock#6", CLASS_OTHER, CONFIDENCE_NONE);
	is("&pool->lock/1", CLASS_OTHER, CONFIDENCE_NONE);
	is("drivers/char/random.c:990", CLASS_OTHER, CONFIDENCE_NONE);
	is("(work_completion)(&(&tbl->managed_wor", CLASS_OTHER, CONFIDENCE_NONE);
	is("&(({ do { const void *__vpp_verify = ", CLASS_OTHER, CONFIDENCE_NONE);
}

static void si_lock_is_known_by_who_waited(void **state)
{
	(void)state;
	captured(import_lock_stat, FIXTURES "lock_stat-cluster.txt");
	is("&p->lock#2", CLASS_SWAP_MAP, CONFIDENCE_CALLER);
	is("&p->lock", CLASS_OTHER, CONFIDENCE_NONE);
	is("&((cluster_info + ci)->lock)#2", CLASS_CLUSTER, CONFIDENCE_STRUCTURAL);
	is("&((cluster_info + ci)->lock)/1", CLASS_CLUSTER, CONFIDENCE_STRUCTURAL);
}

static void another_p_lock_stays_other(void **state)
{
	(void)state;
	accepted(import_lock_stat,
		 LOCK_STAT "&p->lock: 1 1 1.00 1.00 1.00 1.00 1 1 1.00 1.00 1.00 1.00\n"
			   "--------\n&p->lock 1 [<00000000d9ada71f>] seq_read_iter+0x10/0x40\n"
			   "&p->lock 1 [<00000000d9ada71f>] swap_free_like+0x10/0x40\n",
		 1);
	is("&p->lock", CLASS_OTHER, CONFIDENCE_NONE);
}

static void a_compilers_clone_is_its_function(void **state)
{
	(void)state;
	accepted(import_lock_stat,
		 LOCK_STAT "&p->lock: 1 1 1.00 1.00 1.00 1.00 1 1 1.00 1.00 1.00 1.00\n"
			   "&p->lock 1 [<00000000d9ada71f>] scan_swap_map_slots.part.0+0x1/0x4\n",
		 1);
	is("&p->lock", CLASS_SWAP_MAP, CONFIDENCE_CALLER);
}

/* The shortest of no waits is not zero. */
static void nothing_has_no_extremes(void **state)
{
	const struct imported_row *r;

	(void)state;
	accepted(import_lock_stat, LOCK_STAT "a: 0 0 0.00 0.00 0.00 0.00 2 3 0.10 0.20 0.45 0.15\n",
		 1);
	r = row("a");
	measured(r, LOCK_CONTENDED, 0);
	measured(r, LOCK_WAIT_TOTAL, 0);
	assert_false(r->measured[LOCK_WAIT_MIN]);
	assert_false(r->measured[LOCK_WAIT_MAX]);
	measured(r, LOCK_ACQUIRED, 3);
	measured(r, LOCK_HOLD_MAX, 200);
	measured(r, LOCK_HOLD_TOTAL, 450);
}

static void lockdep_switched_off_is_said(void **state)
{
	(void)state;
	accepted(import_lock_stat,
		 "lock_stat version 0.4\n*WARNING* lock debugging disabled!!\n" /* and why */
		 "-----\n class name con-bounces contentions waittime-min waittime-max"
		 " waittime-total waittime-avg acq-bounces acquisitions holdtime-min holdtime-max"
		 " holdtime-total holdtime-avg\n",
		 0);
	assert_non_null(strstr(im.warning, "lockdep"));
}

static void bad_lock_stat_is_refused(void **state)
{
	(void)state;
	refused(import_lock_stat, "", "file:1: empty file");
	refused(import_lock_stat, "schema,run\n", "file:1: not a copy of /proc/lock_stat");
	refused(import_lock_stat, "lock_stat version 0.3\n",
		"file:1: lock_stat version '0.3', not 0.4");
	refused(import_lock_stat, "lock_stat version 0.4\n",
		"file:1: truncated: no names of columns");
	refused(import_lock_stat, "lock_stat version 0.4\nclass name contentions\n",
		"file:2: not the columns of lock_stat 0.4");
	refused(import_lock_stat, LOCK_STAT "a: 1 1 1.0",
		"file:6: truncated: the last line has no newline");
	refused(import_lock_stat, LOCK_STAT "a: 1 1 1.00\n", "file:6: 3 figures, not 12");
	refused(import_lock_stat,
		LOCK_STAT "a: 0 0 0.00 0.00 0.00 0.00 2 3 0.10 0.20 0.45 0.15 1\n",
		"file:6: more than 12 figures");
	refused(import_lock_stat, LOCK_STAT "a: 1 -1\n",
		"file:6: contentions: '-1' is not a whole number");
	refused(import_lock_stat, LOCK_STAT "a: 1 1 1\n",
		"file:6: waittime-min: '1' is not a time");
	refused(import_lock_stat, LOCK_STAT "a: 1 1 99999999999999999.00\n",
		"file:6: waittime-min: '99999999999999999.00' is not a time");
	refused(import_lock_stat, LOCK_STAT "something else\n",
		"file:6: neither a lock class nor a contention site");
	refused(import_lock_stat, LOCK_STAT " a 1 [<0000000000000001>] swap_free+0x1/0x2\n",
		"file:6: a contention site before the first lock class");
	assert_int_equal(parse(import_lock_stat, "lock_stat\0x\n", 12), -EINVAL);
	assert_string_equal(im.error, "file:1: NUL byte");
}

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

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(lock_stat_is_read_to_the_nanosecond),
		T(lock_stat_names_what_has_one_place),
		T(lock_stat_leaves_the_others),
		T(si_lock_is_known_by_who_waited),
		T(another_p_lock_stays_other),
		T(a_compilers_clone_is_its_function),
		T(nothing_has_no_extremes),
		T(lockdep_switched_off_is_said),
		T(bad_lock_stat_is_refused),
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

	return cmocka_run_group_tests_name("import", tests, NULL, NULL);
}
