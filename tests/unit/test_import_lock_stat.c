// SPDX-License-Identifier: GPL-2.0-or-later
/* What the kernel wrote into /proc/lock_stat, as rows; the fixtures are real captures. */
#include "import_rows.h"

#define LOCK_STAT                                                                                  \
	"lock_stat version 0.4\n-----\n class name con-bounces contentions waittime-min"           \
	" waittime-max waittime-total waittime-avg acq-bounces acquisitions holdtime-min"          \
	" holdtime-max holdtime-total holdtime-avg\n-----\n\n"

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
	};

	return cmocka_run_group_tests_name("import lock_stat", tests, NULL, NULL);
}
