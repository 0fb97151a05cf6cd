// SPDX-License-Identifier: GPL-2.0-or-later
/* The lockdep programs: what they count of which acquisitions, to the nanosecond. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "bpf/lockdep.h"

/* Locks: in the ranges of three slots, known by itself, and unknown. */
enum { FIRST = SLOT_FIRST_NAMED, SECOND, THIRD, SEMAPHORE, KNOWN };
enum { A = 0x2000, A_END = 0x2100, B = 0x3000, C = 0x4000, S = 0x5000, K = 0x5550, X = 0x6660 };

static int setup(void **state)
{
	boot(state);
	know_range(A, A_END, FIRST);
	know_range(B, B + 8, SECOND);
	know_range(C, C + 8, THIRD);
	know_range(S, S + 8, SEMAPHORE | SLOT_COUNTED);
	know_lock(K, KNOWN);
	return 0;
}

/* What the program itself costs does not belong to the hold. */
static void take(__u32 cpu, __u64 lock)
{
	acquire(cpu, lock);
	pass(7);
	leave_program(cpu);
}

static void a_hold_begins_when_our_program_is_over(void **state)
{
	(void)state;
	take(0, A);
	pass(100);
	release(0, A);
	assert_times(hold_of(FIRST), 1, 100, 100, 100);
	assert_int_equal(wait_of(FIRST).count, 0);
	assert_ledger([LEDGER_BEGINS] = 1, [LEDGER_ENDS] = 1);
}

/* What else releases rcu_read_lock() later is not us. */
static void a_hold_begins_once(void **state)
{
	(void)state;
	take(0, A);
	pass(100);
	leave_program(0);
	pass(10);
	release(0, A);
	assert_times(hold_of(FIRST), 1, 110, 110, 110);
}

/* A kernel may run programs without lockdep seeing it. */
static void a_hold_that_was_not_settled_begins_at_its_acquisition(void **state)
{
	(void)state;
	acquire(0, A);
	pass(100);
	release(0, A);
	assert_times(hold_of(FIRST), 1, 100, 100, 100);
}

static void a_contended_lock_is_held_after_the_wait(void **state)
{
	(void)state;
	take(0, A);
	pass(1000);
	contended(0, A);
	leave_program(0);
	pass(50);
	acquired(0, A);
	pass(5);
	leave_program(0);
	pass(300);
	release(0, A);
	assert_times(wait_of(FIRST), 1, 50, 50, 50);
	assert_int_equal(wait_of(FIRST).hist[hist_bucket(50)], 1);
	assert_times(hold_of(FIRST), 1, 300, 300, 300);
}

static void acquired_without_contended_is_no_wait(void **state)
{
	(void)state;
	take(0, A);
	pass(10);
	acquired(0, A);
	pass(10);
	release(0, A);
	assert_int_equal(wait_of(FIRST).count, 0);
	assert_times(hold_of(FIRST), 1, 20, 20, 20);
}

static void a_wait_ends_once(void **state)
{
	(void)state;
	take(0, A);
	contended(0, A);
	pass(10);
	acquired(0, A);
	acquired(0, A);
	assert_times(wait_of(FIRST), 1, 10, 10, 10);
}

/* The inner one is got while the outer one is held. */
static void holds_nest(void **state)
{
	(void)state;
	take(0, A);
	take(0, B);
	pass(10);
	release(0, B);
	pass(100);
	release(0, A);
	assert_times(hold_of(SECOND), 1, 10, 10, 10);
	assert_times(hold_of(FIRST), 1, 117, 117, 117);
	assert_ledger([LEDGER_BEGINS] = 2, [LEDGER_ENDS] = 2, [LEDGER_NESTED] = 1);
}

static void a_release_out_of_order_leaves_a_hole(void **state)
{
	(void)state;
	take(0, A);
	take(0, B);
	take(0, C);
	release(0, B);
	assert_int_equal(pending_on(0)->depth, 3);
	assert_int_equal(in_flight_on_cpus(), 2);
	release(0, A);
	assert_int_equal(pending_on(0)->depth, 3);
	pass(10);
	release(0, C);
	assert_int_equal(pending_on(0)->depth, 0);
	assert_times(hold_of(FIRST), 1, 14, 14, 14);
	assert_times(hold_of(SECOND), 1, 7, 7, 7);
	assert_times(hold_of(THIRD), 1, 10, 10, 10);
	assert_ledger([LEDGER_BEGINS] = 3, [LEDGER_ENDS] = 3, [LEDGER_NESTED] = 2);
}

static void a_contended_lock_below_the_top_is_found(void **state)
{
	(void)state;
	take(0, A);
	contended(0, A);
	take(0, B);
	pass(3);
	release(0, B);
	acquired(0, A);
	assert_times(wait_of(FIRST), 1, 10, 10, 10);
}

static void what_finds_no_room_is_dropped(void **state)
{
	(void)state;
	for (int i = 0; i < MAX_NESTED; i++)
		take(0, A + i);
	take(0, B);
	contended(0, B);
	acquired(0, B);
	release(0, B);
	for (int i = 0; i < MAX_NESTED; i++)
		release(0, A + i);
	assert_int_equal(hold_of(FIRST).count, MAX_NESTED);
	assert_int_equal(hold_of(SECOND).count + wait_of(SECOND).count, 0);
	assert_int_equal(pending_on(0)->depth, 0);
	assert_ledger([LEDGER_BEGINS] = MAX_NESTED + 1, [LEDGER_ENDS] = MAX_NESTED,
		      [LEDGER_NESTED] = MAX_NESTED - 1, [LEDGER_DROPPED] = 1);
}

/* Known by its address or not at all: counted where it is contended, and not timed. */
static void a_lock_without_a_range_is_counted_and_not_timed(void **state)
{
	(void)state;
	take(0, K);
	contended(0, K);
	contended(0, X);
	contended(0, X);
	pass(10);
	acquired(0, K);
	acquired(0, X);
	release(0, K);
	assert_int_equal(wait_of(KNOWN).count, 1);
	assert_int_equal(wait_of(KNOWN).total, 0);
	assert_int_equal(stranger_on(0, X)->wait.count, 2);
	assert_int_equal(stranger_on(0, X)->wait.total, 0);
	assert_ledger();
}

/* Readers share it, and who has slept may release it on another CPU. */
static void a_semaphore_is_counted_and_not_timed(void **state)
{
	(void)state;
	take(0, S);
	take(1, S);
	contended(1, S);
	pass(10);
	acquired(1, S);
	release(1, S);
	release(1, S);
	assert_times(hold_of(SEMAPHORE), 2, 0, 0, 0);
	assert_times(wait_of(SEMAPHORE), 1, 0, 0, 0);
	assert_null(stranger_on(1, S));
	assert_int_equal(in_flight_on_cpus(), 0);
	assert_ledger();
}

static void a_filter_is_for_semaphores_too(void **state)
{
	(void)state;
	sim_set(only_pid, 42);
	tasks[1].tgid = 42;
	for (__u32 cpu = 0; cpu < 2; cpu++) {
		take(cpu, S);
		contended(cpu, S);
	}
	assert_int_equal(hold_of(SEMAPHORE).count, 1);
	assert_int_equal(wait_of(SEMAPHORE).count, 1);
}

/* Its acquisition was before we looked: counting it would be half a truth. */
static void a_range_is_counted_from_its_acquisition_on(void **state)
{
	(void)state;
	contended(0, A);
	acquired(0, A);
	release(0, A);
	assert_int_equal(wait_of(FIRST).count + hold_of(FIRST).count, 0);
	assert_ledger();
}

static void a_range_holds_its_start_and_not_its_end(void **state)
{
	(void)state;
	take(0, A - 1);
	take(0, A);
	take(0, A_END - 1);
	take(0, A_END);
	assert_int_equal(pending_on(0)->depth, 2);
	assert_int_equal(pending_on(0)->locks[0].lock, A);
	assert_int_equal(pending_on(0)->locks[1].lock, A_END - 1);
}

static void the_bank_is_that_of_the_end(void **state)
{
	(void)state;
	take(0, A);
	contended(0, A);
	epoch = 1;
	pass(10);
	acquired(0, A);
	assert_times(wait_of(FIRST), 1, 10, 10, 10);
	epoch = 2;
	pass(20);
	release(0, A);
	assert_times(hold_of(FIRST), 1, 20, 20, 20);
	assert_int_equal(wait_of(FIRST).count, 0);
}

static void a_brief_wait_is_in_the_ledger_alone(void **state)
{
	(void)state;
	sim_set(min_wait, 100);
	for (int ns = 99; ns <= 100; ns++) {
		take(0, A);
		contended(0, A);
		pass(ns);
		acquired(0, A);
		release(0, A);
	}
	assert_times(wait_of(FIRST), 1, 100, 100, 100);
	assert_int_equal(hold_of(FIRST).count, 2);
	assert_ledger([LEDGER_BEGINS] = 2, [LEDGER_ENDS] = 2, [LEDGER_BRIEF] = 1);
}

static void a_filter_is_for_acquisitions_and_contentions(void **state)
{
	(void)state;
	sim_set(only_pid, 42);
	tasks[1].tgid = 42;
	for (__u32 cpu = 0; cpu < 2; cpu++) {
		take(cpu, A);
		contended(cpu, A);
		acquired(cpu, A);
		release(cpu, A);
		contended(cpu, X);
	}
	assert_int_equal(wait_of(FIRST).count, 1);
	assert_int_equal(hold_of(FIRST).count, 1);
	assert_null(stranger_on(0, X));
	assert_int_equal(stranger_on(1, X)->wait.count, 1);
	assert_ledger([LEDGER_BEGINS] = 1, [LEDGER_ENDS] = 1);
}

static void nothing_is_counted_until_enabled(void **state)
{
	(void)state;
	enabled = false;
	take(0, A);
	contended(0, X);
	enabled = true;
	release(0, A);
	assert_null(stranger_on(0, X));
	assert_int_equal(hold_of(FIRST).count, 0);
	assert_ledger();
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, halt)
	const struct CMUnitTest tests[] = {
		TEST(a_hold_begins_when_our_program_is_over),
		TEST(a_hold_begins_once),
		TEST(a_hold_that_was_not_settled_begins_at_its_acquisition),
		TEST(a_contended_lock_is_held_after_the_wait),
		TEST(acquired_without_contended_is_no_wait),
		TEST(a_wait_ends_once),
		TEST(holds_nest),
		TEST(a_release_out_of_order_leaves_a_hole),
		TEST(a_contended_lock_below_the_top_is_found),
		TEST(what_finds_no_room_is_dropped),
		TEST(a_lock_without_a_range_is_counted_and_not_timed),
		TEST(a_semaphore_is_counted_and_not_timed),
		TEST(a_filter_is_for_semaphores_too),
		TEST(a_range_is_counted_from_its_acquisition_on),
		TEST(a_range_holds_its_start_and_not_its_end),
		TEST(the_bank_is_that_of_the_end),
		TEST(a_brief_wait_is_in_the_ledger_alone),
		TEST(a_filter_is_for_acquisitions_and_contentions),
		TEST(nothing_is_counted_until_enabled),
	};

	return cmocka_run_group_tests_name("bpf lockdep", tests, NULL, NULL);
}
