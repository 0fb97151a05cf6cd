// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Interrupts within the contention programs: the kernel turns away what they
 * reenter, so that a wait may lose its begin or its end.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "bpf/contention.h"

enum { FIRST = SLOT_FIRST_NAMED, SECOND, KNOWN };
enum { A = 0x2000, B = 0x3000, K = 0x4444 };

static int setup(void **state)
{
	boot(state);
	know_range(A, A + 8, FIRST);
	know_range(B, B + 8, SECOND);
	know_lock(K, KNOWN);
	return 0;
}

static void wait_on_cpu(__u32 cpu, __u64 lock, __u64 ns)
{
	begin(cpu, lock, SPINS);
	pass(ns);
	end(cpu, lock);
}

/* Comes once, where it is told to, waits for irq_lock and is gone. */
static __u64 irq_lock;
static const char *irq_helper;

static void interrupt(const char *helper)
{
	if (strcmp(helper, irq_helper))
		return;
	sim.interrupt = NULL;
	sim_run(contention_begin, irq_lock, SPINS);
	pass(1);
	sim_run(contention_end, irq_lock);
}

static void interrupt_at(const char *helper, __u64 lock)
{
	irq_helper = helper;
	irq_lock = lock;
	sim.interrupt = interrupt;
}

static void an_interrupt_of_the_begin_loses_its_begin(void **state)
{
	(void)state;
	interrupt_at("bpf_ktime_get_ns", B);
	begin(0, A, SPINS);
	assert_null(sim.interrupt);
	pass(10);
	end(0, A);
	assert_times(wait_of(FIRST), 1, 10, 10, 10);
	assert_int_equal(sim_program(contention_begin)->missed, 1);
	assert_ledger([LEDGER_BEGINS] = 1, [LEDGER_ENDS] = 1, [LEDGER_STRAY_ENDS] = 1);
}

static void an_interrupt_of_the_end_loses_its_end(void **state)
{
	(void)state;
	begin(0, A, SPINS);
	pass(10);
	interrupt_at("bpf_ktime_get_ns", B);
	end(0, A);
	assert_null(sim.interrupt);
	assert_times(wait_of(FIRST), 1, 11, 11, 11);
	assert_int_equal(wait_of(SECOND).count, 0);
	assert_int_equal(sim_program(contention_end)->missed, 1);
	assert_ledger([LEDGER_BEGINS] = 2, [LEDGER_ENDS] = 1, [LEDGER_MISMATCHED] = 1);
}

/* So early that the program has not yet said that it is there. */
static void an_interrupt_at_the_start_of_the_end_loses_its_end(void **state)
{
	(void)state;
	begin(0, A, SPINS);
	interrupt_at("bpf_map_lookup_elem", B);
	end(0, A);
	assert_null(sim.interrupt);
	assert_int_equal(wait_of(SECOND).count, 0);
	assert_ledger([LEDGER_BEGINS] = 2, [LEDGER_ENDS] = 1, [LEDGER_NESTED] = 1,
		      [LEDGER_MISMATCHED] = 1);
}

/* Leaves a wait for B below all that the CPU will wait for: A began unseen. */
static void lose_an_end(__u32 cpu)
{
	interrupt_at("bpf_map_lookup_elem", B);
	end(cpu, A);
	assert_null(sim.interrupt);
	assert_int_equal(pending_on(cpu)->depth, 1);
}

static void a_lost_end_stays_until_the_cpu_sleeps(void **state)
{
	(void)state;
	lose_an_end(0);
	wait_on_cpu(0, A, 100);
	assert_ledger([LEDGER_BEGINS] = 2, [LEDGER_ENDS] = 1, [LEDGER_NESTED] = 1,
		      [LEDGER_STRAY_ENDS] = 1);
	begin(1, K, SLEEPS);
	assert_int_equal(pending_on(0)->depth, 1);
	begin(0, K, SLEEPS);
	assert_int_equal(pending_on(0)->depth, 0);
	assert_ledger([LEDGER_BEGINS] = 4, [LEDGER_ENDS] = 1, [LEDGER_NESTED] = 1,
		      [LEDGER_MISMATCHED] = 1, [LEDGER_STRAY_ENDS] = 1);
	assert_times(wait_of(FIRST), 1, 100, 100, 100);
	assert_int_equal(wait_of(SECOND).count, 0);
}

static void a_lock_whose_end_was_lost_is_timed_from_its_new_begin(void **state)
{
	(void)state;
	lose_an_end(0);
	pass(1000000);
	wait_on_cpu(0, B, 5);
	assert_times(wait_of(SECOND), 1, 5, 5, 5);
}

/* How long the interrupt's waits were, and where they came: at these calls of helpers. */
enum { IRQ_NS = 1, FAR = 1000000 };

static int calls, first_call, second_call, interrupts;

static void interrupt_at_calls(const char *helper)
{
	(void)helper;
	calls++;
	if (calls != first_call && calls != second_call)
		return;
	interrupts++;
	sim_run(contention_begin, B, SPINS);
	pass(IRQ_NS);
	sim_run(contention_end, B);
}

static void spin_twice_and_sleep(void)
{
	wait_on_cpu(0, A, 100);
	pass(FAR);
	wait_on_cpu(0, A, 100);
	pass(FAR);
	begin(0, K, SLEEPS);
	pass(100);
	end(0, K);
}

static __u64 missed(void)
{
	return sim_program(contention_begin)->missed + sim_program(contention_end)->missed;
}

/*
 * Whatever two interrupts hit: the ledger adds up, no wait of the task is lost, each of
 * an interrupt is counted rightly or was missed.
 */
static void interrupts_at(int first, int second)
{
	struct time_stats wait;

	halt(NULL);
	setup(NULL);
	calls = interrupts = 0;
	first_call = first;
	second_call = second;
	sim.interrupt = interrupt_at_calls;
	spin_twice_and_sleep();
	sim.interrupt = NULL;
	assert_int_equal(wait_of(FIRST).count, 2);
	assert_in_range(wait_of(FIRST).total, 200, 200 + interrupts * IRQ_NS);
	assert_int_equal(wait_of(KNOWN).count, 1);
	wait = wait_of(SECOND);
	assert_int_equal(wait.count + missed(), interrupts);
	assert_int_equal(wait.total, wait.count * IRQ_NS);
}

static void interrupts_anywhere(void **state)
{
	int first = 0, second = 0;

	(void)state;
	do {
		first++;
		second = first;
		do {
			interrupts_at(first, ++second);
		} while (interrupts == 2);
	} while (interrupts == 1);
	assert_true(first > 20);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, halt)
	const struct CMUnitTest tests[] = {
		TEST(an_interrupt_of_the_begin_loses_its_begin),
		TEST(an_interrupt_of_the_end_loses_its_end),
		TEST(an_interrupt_at_the_start_of_the_end_loses_its_end),
		TEST(a_lost_end_stays_until_the_cpu_sleeps),
		TEST(a_lock_whose_end_was_lost_is_timed_from_its_new_begin),
		TEST(interrupts_anywhere),
	};

	return cmocka_run_group_tests_name("bpf interrupts", tests, NULL, NULL);
}
