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
static const char *irq_helper; /* NULL: where nothing is pending on the CPU any more */

static void interrupt(const char *helper)
{
	bool there = irq_helper ? !strcmp(helper, irq_helper) : !pending_on(sim.cpu)->depth;

	if (!there)
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
	assert_ledger([LEDGER_BEGINS] = 2, [LEDGER_ENDS] = 1, [LEDGER_NESTED] = 1,
		      [LEDGER_MISMATCHED] = 1);
}

/* Leaves a wait for B below all that the CPU will wait for. */
static void lose_an_end(__u32 cpu)
{
	begin(cpu, A, SPINS);
	pass(10);
	interrupt_at(NULL, B);
	end(cpu, A);
	assert_null(sim.interrupt);
	assert_int_equal(pending_on(cpu)->depth, 1);
}

static void a_lost_end_stays_until_the_cpu_sleeps(void **state)
{
	(void)state;
	lose_an_end(0);
	wait_on_cpu(0, A, 100);
	assert_ledger([LEDGER_BEGINS] = 3, [LEDGER_ENDS] = 2, [LEDGER_NESTED] = 1);
	begin(1, K, SLEEPS);
	assert_int_equal(pending_on(0)->depth, 1);
	begin(0, K, SLEEPS);
	assert_int_equal(pending_on(0)->depth, 0);
	assert_ledger([LEDGER_BEGINS] = 5, [LEDGER_ENDS] = 2, [LEDGER_NESTED] = 1,
		      [LEDGER_MISMATCHED] = 1);
	assert_times(wait_of(FIRST), 2, 110, 10, 100);
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

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, halt)
	const struct CMUnitTest tests[] = {
		TEST(an_interrupt_of_the_begin_loses_its_begin),
		TEST(an_interrupt_of_the_end_loses_its_end),
		TEST(a_lost_end_stays_until_the_cpu_sleeps),
		TEST(a_lock_whose_end_was_lost_is_timed_from_its_new_begin),
	};

	return cmocka_run_group_tests_name("bpf interrupts", tests, NULL, NULL);
}
