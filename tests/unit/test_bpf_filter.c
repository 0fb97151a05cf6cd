// SPDX-License-Identifier: GPL-2.0-or-later
/* Which waits the filters let through: each is set as before loading. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "bpf/contention.h"

enum { SLOT = SLOT_FIRST_NAMED, LOCK = 0x2000 };

static int setup(void **state)
{
	boot(state);
	know_range(LOCK, LOCK + 8, SLOT);
	return 0;
}

/* Whether a wait of the task on CPU 0, on it or asleep, is counted; it is always the same. */
static bool is_counted(void)
{
	__u64 before = wait_of(SLOT).count, counted;

	begin(0, LOCK, SPINS);
	end(0, LOCK);
	counted = wait_of(SLOT).count - before;
	begin(0, LOCK, SLEEPS);
	end(0, LOCK);
	assert_int_equal(wait_of(SLOT).count, before + 2 * counted);
	return counted;
}

static bool is_counted_as(const char *comm)
{
	memset(tasks[0].comm, 0, sizeof(tasks[0].comm));
	memcpy(tasks[0].comm, comm, strlen(comm));
	return is_counted();
}

static void without_a_filter_all_are_counted(void **state)
{
	(void)state;
	assert_true(is_counted());
	assert_ledger([LEDGER_BEGINS] = 2, [LEDGER_ENDS] = 2);
}

static void a_pid_is_that_of_the_process(void **state)
{
	(void)state;
	sim_set(only_pid, 42);
	tasks[0].pid = 42;
	tasks[0].tgid = 41;
	assert_false(is_counted());
	tasks[0].pid = 43;
	tasks[0].tgid = 42;
	assert_true(is_counted());
	assert_ledger([LEDGER_BEGINS] = 2, [LEDGER_ENDS] = 2);
}

static void a_name_is_the_whole_name(void **state)
{
	(void)state;
	sim_set(only_comm, "stress");
	assert_true(is_counted_as("stress"));
	assert_false(is_counted_as("stres"));
	assert_false(is_counted_as("stress-ng"));
	assert_false(is_counted_as("Stress"));
	assert_false(is_counted_as(""));
}

static void a_name_of_full_length_is_compared_to_its_end(void **state)
{
	(void)state;
	sim_set(only_comm, "fifteen-letters");
	assert_true(is_counted_as("fifteen-letters"));
	assert_false(is_counted_as("fifteen-letterz"));
	assert_false(is_counted_as("fifteen-letter"));
}

static void a_cgroup_holds_those_below_it(void **state)
{
	const __u64 in[] = { 1, 20, 300 }, below[] = { 1, 20, 300, 4000 };
	const __u64 beside[] = { 1, 20, 301 }, above[] = { 1, 20 };

	(void)state;
	sim_set(only_cgroup, 300);
	sim_set(only_cgroup_level, 2);
	assert_false(is_counted());
	memcpy(tasks[0].cgroups, above, sizeof(above));
	assert_false(is_counted());
	memcpy(tasks[0].cgroups, in, sizeof(in));
	assert_true(is_counted());
	memcpy(tasks[0].cgroups, below, sizeof(below));
	assert_true(is_counted());
	memcpy(tasks[0].cgroups, beside, sizeof(beside));
	assert_false(is_counted());
}

static void filters_are_joined_by_and(void **state)
{
	(void)state;
	sim_set(only_pid, 42);
	sim_set(only_comm, "fio");
	assert_false(is_counted_as("fio"));
	tasks[0].tgid = 42;
	assert_true(is_counted_as("fio"));
	assert_false(is_counted_as("dd"));
}

static void a_wait_of_just_the_minimum_is_counted(void **state)
{
	(void)state;
	sim_set(min_wait, 100);
	begin(0, LOCK, SPINS);
	pass(99);
	end(0, LOCK);
	assert_int_equal(wait_of(SLOT).count, 0);
	begin(0, LOCK, SPINS);
	pass(100);
	end(0, LOCK);
	assert_times(wait_of(SLOT), 1, 100, 100, 100);
	assert_ledger([LEDGER_BEGINS] = 2, [LEDGER_ENDS] = 2, [LEDGER_BRIEF] = 1);
}

/* An interrupt once LOCK is off the stack: its end is turned away. */
static void interrupt(const char *helper)
{
	(void)helper;
	if (pending_on(sim.cpu)->depth)
		return;
	sim.interrupt = NULL;
	sim_run(contention_begin, LOCK, SPINS);
	sim_run(contention_end, LOCK);
}

static void lose_an_end_of_the_wanted(void)
{
	sim_set(only_pid, 42);
	tasks[0].tgid = 42;
	begin(0, LOCK, SPINS);
	sim.interrupt = interrupt;
	end(0, LOCK);
	assert_null(sim.interrupt);
	assert_int_equal(wait_of(SLOT).count, 1);
	sim.tasks[0] = &tasks[1];
	pass(1000000);
}

/* Its end must not be taken for the one that was lost, an age ago. */
static void an_unwanted_spin_does_not_end_what_lost_its_end(void **state)
{
	(void)state;
	lose_an_end_of_the_wanted();
	begin(0, LOCK, SPINS);
	end(0, LOCK);
	assert_int_equal(wait_of(SLOT).count, 1);
	assert_ledger([LEDGER_BEGINS] = 2, [LEDGER_ENDS] = 1, [LEDGER_MISMATCHED] = 1);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, halt)
	const struct CMUnitTest tests[] = {
		TEST(without_a_filter_all_are_counted),
		TEST(a_pid_is_that_of_the_process),
		TEST(a_name_is_the_whole_name),
		TEST(a_name_of_full_length_is_compared_to_its_end),
		TEST(a_cgroup_holds_those_below_it),
		TEST(filters_are_joined_by_and),
		TEST(a_wait_of_just_the_minimum_is_counted),
		TEST(an_unwanted_spin_does_not_end_what_lost_its_end),
	};

	return cmocka_run_group_tests_name("bpf filter", tests, NULL, NULL);
}
