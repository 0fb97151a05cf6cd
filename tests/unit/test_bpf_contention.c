// SPDX-License-Identifier: GPL-2.0-or-later
/* The contention programs: what they count of which waits, to the nanosecond. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "bpf/contention.h"

/* Locks: in the range of slot FIRST, in that of SECOND, known by itself, and unknown. */
enum { FIRST = SLOT_FIRST_NAMED, SECOND, KNOWN };
enum { A = 0x2000, A_END = 0x2100, B = 0x3000, B_END = 0x3008, K = 0x4444, X = 0x5550, Y = 0x6660 };

static int setup(void **state)
{
	boot(state);
	know_range(A, A_END, FIRST);
	know_range(B, B_END, SECOND);
	know_lock(K, KNOWN);
	return 0;
}

static void wait_on_cpu(__u32 cpu, __u64 lock, __u64 ns)
{
	begin(cpu, lock, SPINS);
	pass(ns);
	end(cpu, lock);
}

static void a_spin_is_counted_exactly(void **state)
{
	struct time_stats wait;

	(void)state;
	wait_on_cpu(0, A, 1000);
	wait_on_cpu(0, A, 24);
	wait_on_cpu(0, A, 500);
	wait = wait_of(FIRST);
	assert_times(wait, 3, 1524, 24, 1000);
	assert_int_equal(wait.hist[hist_bucket(1000)], 1);
	assert_int_equal(wait.hist[hist_bucket(500)], 1);
	assert_int_equal(wait.hist[hist_bucket(24)], 1);
	assert_ledger([LEDGER_BEGINS] = 3, [LEDGER_ENDS] = 3);
}

static void a_range_holds_its_start_and_not_its_end(void **state)
{
	(void)state;
	wait_on_cpu(0, A - 1, 1);
	wait_on_cpu(0, A, 10);
	wait_on_cpu(0, A_END - 1, 100);
	wait_on_cpu(0, A_END, 1000);
	wait_on_cpu(0, B, 10000);
	assert_times(wait_of(FIRST), 2, 110, 10, 100);
	assert_times(wait_of(SECOND), 1, 10000, 10000, 10000);
	assert_times(stranger_on(0, A - 1)->wait, 1, 1, 1, 1);
	assert_times(stranger_on(0, A_END)->wait, 1, 1000, 1000, 1000);
}

static void all_ranges_are_found(void **state)
{
	boot(state);
	for (__u64 i = 0; i < MAX_RANGES; i++)
		know_range(0x1000 + i * 16, 0x1008 + i * 16, i);
	for (__u64 i = 0; i < MAX_RANGES; i++) {
		assert_int_equal(slot_of(0x1000 + i * 16, SLOT_OTHER_SPIN), i);
		assert_int_equal(slot_of(0x1007 + i * 16, SLOT_OTHER_SPIN), i);
		assert_int_equal(slot_of(0x1008 + i * 16, SLOT_OTHER_SPIN), SLOT_STRANGER);
	}
}

static void a_known_lock_is_that_address_alone(void **state)
{
	(void)state;
	wait_on_cpu(0, K, 7);
	wait_on_cpu(0, K + 1, 8);
	assert_times(wait_of(KNOWN), 1, 7, 7, 7);
	assert_times(stranger_on(0, K + 1)->wait, 1, 8, 8, 8);
}

/* The other locks of a full bucket are found in its other ways. */
static void a_bucket_of_known_locks_is_searched_through(void **state)
{
	__u64 lock = K, same[KNOWN_WAYS] = { K };

	(void)state;
	for (int way = 1; way < KNOWN_WAYS; way++) {
		while (lock_hash(++lock, KNOWN_BUCKET_BITS) != lock_hash(K, KNOWN_BUCKET_BITS))
			;
		same[way] = lock;
		know_lock(lock, KNOWN + way);
	}
	for (int way = 0; way < KNOWN_WAYS; way++)
		assert_int_equal(slot_of(same[way], SLOT_OTHER_SPIN), KNOWN + way);
}

static void a_stranger_comes_with_its_stack_once(void **state)
{
	struct stranger *s;

	(void)state;
	tasks[0].kernel.mm = (struct mm_struct *)0x5000;
	sim.stack[0] = 111;
	sim.stack[1] = 222;
	sim.stack_depth = 2;
	begin(0, X, SPINS);
	s = stranger_on(0, X);
	assert_non_null(s);
	assert_int_equal(s->wait.count, 0);
	assert_int_equal(s->asleep, SLOT_OTHER_SPIN);
	assert_int_equal(s->in_mm, 0x550);
	sim.stack[0] = 333;
	pass(5);
	end(0, X);
	wait_on_cpu(0, X, 6);
	assert_int_equal(s->depth, 2);
	assert_int_equal(s->stack[0], 111);
	assert_int_equal(s->stack[1], 222);
	assert_times(s->wait, 2, 11, 5, 6);
}

static void a_stack_deeper_than_the_entry_is_cut(void **state)
{
	(void)state;
	sim.stack_depth = SIM_STACK;
	wait_on_cpu(0, X, 1);
	assert_int_equal(stranger_on(0, X)->depth, STACK_DEPTH);
}

static __u64 same_entry_as(__u64 lock)
{
	__u64 other = lock + 1;

	while (lock_hash(other, STRANGER_BITS) != lock_hash(lock, STRANGER_BITS))
		other++;
	return other;
}

static void a_stranger_without_an_entry_is_not_looked_at(void **state)
{
	(void)state;
	wait_on_cpu(0, X, 3);
	wait_on_cpu(0, same_entry_as(X), 5);
	begin(0, same_entry_as(X), SLEEPS);
	pass(9);
	end(0, same_entry_as(X));
	assert_times(stranger_on(0, X)->wait, 1, 3, 3, 3);
	assert_times(wait_of(SLOT_NOT_SEEN), 2, 14, 5, 9);
}

static void the_bank_is_that_of_the_end(void **state)
{
	(void)state;
	begin(0, A, SPINS);
	begin(1, X, SPINS);
	pass(50);
	epoch = 1;
	end(0, A);
	end(1, X);
	assert_times(wait_of(FIRST), 1, 50, 50, 50);
	assert_times(stranger_on(1, X)->wait, 1, 50, 50, 50);
	assert_int_equal(stranger_on(1, X)->depth, 0);
	epoch = 2;
	assert_int_equal(wait_of(FIRST).count, 0);
	assert_int_equal(stranger_on(1, X)->wait.count, 0);
}

/* A device that leaves: the slot was looked up when the wait began. */
static void the_slot_is_that_of_the_begin(void **state)
{
	(void)state;
	begin(0, A, SPINS);
	table_of_bank(0)->ranges[0] = table_of_bank(0)->ranges[1];
	table_of_bank(0)->ranges[1].start = ~0ULL;
	pass(50);
	end(0, A);
	assert_times(wait_of(FIRST), 1, 50, 50, 50);
}

static void nothing_is_counted_until_enabled(void **state)
{
	(void)state;
	enabled = false;
	begin(0, A, SPINS);
	begin(1, A, SLEEPS);
	enabled = true;
	end(0, A);
	end(1, A);
	assert_ledger([LEDGER_STRAY_ENDS] = 2);
	assert_int_equal(wait_of(FIRST).count, 0);
}

/* An interrupt's wait lies within that of what it interrupts: both are whole. */
static void an_interrupt_waits_within_a_wait(void **state)
{
	(void)state;
	begin(0, A, SPINS);
	pass(100);
	wait_on_cpu(0, B, 20);
	pass(3);
	end(0, A);
	assert_times(wait_of(FIRST), 1, 123, 123, 123);
	assert_times(wait_of(SECOND), 1, 20, 20, 20);
	assert_ledger([LEDGER_BEGINS] = 2, [LEDGER_ENDS] = 2, [LEDGER_NESTED] = 1);
}

static void three_deep(void **state)
{
	(void)state;
	begin(0, A, SPINS);
	pass(1);
	begin(0, B, SPINS);
	pass(10);
	wait_on_cpu(0, K, 100);
	pass(1000);
	end(0, B);
	pass(10000);
	end(0, A);
	assert_times(wait_of(KNOWN), 1, 100, 100, 100);
	assert_times(wait_of(SECOND), 1, 1110, 1110, 1110);
	assert_times(wait_of(FIRST), 1, 11111, 11111, 11111);
	assert_ledger([LEDGER_BEGINS] = 3, [LEDGER_ENDS] = 3, [LEDGER_NESTED] = 2);
}

static void what_finds_no_room_is_dropped(void **state)
{
	(void)state;
	for (int i = 0; i < MAX_NESTED; i++)
		begin(0, A + i, SPINS);
	begin(0, B, SPINS);
	pass(10);
	end(0, B);
	for (int i = MAX_NESTED; i--;)
		end(0, A + i);
	assert_times(wait_of(FIRST), MAX_NESTED, 10 * MAX_NESTED, 10, 10);
	assert_int_equal(wait_of(SECOND).count, 0);
	assert_ledger([LEDGER_BEGINS] = MAX_NESTED + 1, [LEDGER_ENDS] = MAX_NESTED,
		      [LEDGER_NESTED] = MAX_NESTED - 1, [LEDGER_DROPPED] = 1,
		      [LEDGER_STRAY_ENDS] = 1);
}

/* The end of an outer wait says that the inner ones lost theirs. */
static void ends_in_the_wrong_order_are_mismatched(void **state)
{
	(void)state;
	begin(0, A, SPINS);
	begin(0, B, SPINS);
	begin(0, K, SPINS);
	pass(10);
	end(0, A);
	end(0, B);
	end(0, K);
	assert_times(wait_of(FIRST), 1, 10, 10, 10);
	assert_int_equal(wait_of(SECOND).count + wait_of(KNOWN).count, 0);
	assert_ledger([LEDGER_BEGINS] = 3, [LEDGER_ENDS] = 1, [LEDGER_NESTED] = 2,
		      [LEDGER_MISMATCHED] = 2, [LEDGER_STRAY_ENDS] = 2);
}

static void an_end_without_a_begin_is_a_stray(void **state)
{
	(void)state;
	end(0, A);
	assert_ledger([LEDGER_STRAY_ENDS] = 1);
	assert_int_equal(wait_of(FIRST).count, 0);
}

static void cpus_do_not_see_each_other(void **state)
{
	(void)state;
	begin(0, A, SPINS);
	end(1, A);
	assert_ledger([LEDGER_BEGINS] = 1, [LEDGER_STRAY_ENDS] = 1);
	assert_int_equal(in_flight(), 1);
}

static void a_mutex_spins_and_sleeps_in_one_wait(void **state)
{
	(void)state;
	begin(0, A, MUTEX_SPINS);
	pass(10);
	begin(0, A, MUTEX_SLEEPS);
	pass(100);
	begin(0, A, MUTEX_SPINS);
	pass(1000);
	end(0, A);
	assert_times(wait_of(FIRST), 1, 1110, 1110, 1110);
	assert_ledger([LEDGER_BEGINS] = 3, [LEDGER_ENDS] = 1, [LEDGER_REPEATED] = 2);
}

/* In between another task runs where the first one was. */
static void a_sleeper_wakes_on_another_cpu(void **state)
{
	(void)state;
	begin(0, A, SLEEPS);
	sim.tasks[0] = &tasks[4];
	pass(10);
	begin(0, A, SLEEPS);
	pass(100);
	sim.tasks[1] = &tasks[0];
	end(1, A);
	assert_times(wait_of(FIRST), 1, 110, 110, 110);
	pass(1000);
	end(0, A);
	assert_times(wait_of(FIRST), 2, 1210, 110, 1100);
	assert_ledger([LEDGER_BEGINS] = 2, [LEDGER_ENDS] = 2);
}

static void an_interrupt_spins_within_a_mutex_wait(void **state)
{
	(void)state;
	begin(0, A, MUTEX_SPINS);
	pass(10);
	wait_on_cpu(0, B, 100);
	end(0, A);
	assert_times(wait_of(FIRST), 1, 110, 110, 110);
	assert_times(wait_of(SECOND), 1, 100, 100, 100);
	assert_ledger([LEDGER_BEGINS] = 2, [LEDGER_ENDS] = 2);
}

static void no_memory_for_a_sleeper_is_a_loss(void **state)
{
	(void)state;
	sim.no_memory = true;
	begin(0, A, SLEEPS);
	end(0, A);
	assert_ledger([LEDGER_BEGINS] = 1, [LEDGER_DROPPED] = 1, [LEDGER_STRAY_ENDS] = 1);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, halt)
	const struct CMUnitTest tests[] = {
		TEST(a_spin_is_counted_exactly),
		TEST(a_range_holds_its_start_and_not_its_end),
		TEST(all_ranges_are_found),
		TEST(a_known_lock_is_that_address_alone),
		TEST(a_bucket_of_known_locks_is_searched_through),
		TEST(a_stranger_comes_with_its_stack_once),
		TEST(a_stack_deeper_than_the_entry_is_cut),
		TEST(a_stranger_without_an_entry_is_not_looked_at),
		TEST(the_bank_is_that_of_the_end),
		TEST(the_slot_is_that_of_the_begin),
		TEST(nothing_is_counted_until_enabled),
		TEST(an_interrupt_waits_within_a_wait),
		TEST(three_deep),
		TEST(what_finds_no_room_is_dropped),
		TEST(ends_in_the_wrong_order_are_mismatched),
		TEST(an_end_without_a_begin_is_a_stray),
		TEST(cpus_do_not_see_each_other),
		TEST(a_mutex_spins_and_sleeps_in_one_wait),
		TEST(a_sleeper_wakes_on_another_cpu),
		TEST(an_interrupt_spins_within_a_mutex_wait),
		TEST(no_memory_for_a_sleeper_is_a_loss),
	};

	return cmocka_run_group_tests_name("bpf contention", tests, NULL, NULL);
}
