// SPDX-License-Identifier: GPL-2.0-or-later
/* --balance: which locks are told as not released, or as not acquired, and which are not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "bpf/lockdep.h"

enum { OWN_START = 0x9000, OWN_END = 0x9100, SITE = 0x7000, OTHER_SITE = 0x7100 };

static struct lockdep_map maps[80]; /* locks, of one class */
static const char class_name[] = "&memcg->move_lock";

static struct lockdep_map *lock(int i)
{
	maps[i].name = class_name;
	return &maps[i];
}

static int setup(void **state)
{
	boot(state);
	sim_set(balance, true);
	sim_set(runners_start, OWN_START);
	sim_set(runners_end, OWN_END);
	for (int i = 0; i < NR_TASKS; i++) {
		tasks[i].pid = tasks[i].tgid = 100 + i;
		memcpy(tasks[i].comm, "mover", 6);
		/* the program's own rcu_read_lock() */
		tasks[i].kernel.lockdep_depth = 1;
	}
	return 0;
}

/* lockdep notes an acquisition behind the tracepoint, and a release as well. */
static void take_at(int i, __u64 site)
{
	sim_run(lock_acquire, (__u64)lock(i), 0, 0, 0, 0, 0, site);
	sim_current()->kernel.lockdep_depth++;
}

static void let_go_at(int i, __u64 site)
{
	sim_run(lock_release, (__u64)lock(i), site);
	sim_current()->kernel.lockdep_depth--;
}

static void take_it(int i)
{
	take_at(i, SITE);
}

static void let_it_go(int i)
{
	let_go_at(i, OTHER_SITE);
}

static void go_back_to_user_space(void)
{
	sim_run(balance_sys_exit, 0);
}

static __u64 count_of(__u32 entry)
{
	__u64 sum = 0;
	__u32 zero = 0;

	for (__u32 cpu = 0; cpu < SIM_CPUS; cpu++)
		sum += ((struct balance_cpu *)sim_value(&balance_cpus, &zero, cpu))->counts[entry];
	return sum;
}

static const struct imbalance *told(__u32 kind, __u32 tid, __u64 site)
{
	const struct imbalance_key key = {
		.kind = kind, .tid = tid, .site = site, .name = (__u64)class_name
	};

	return sim_value(&imbalances, &key, 0);
}

#define assert_told(kind, tid, site, n)                                                            \
	do {                                                                                       \
		const struct imbalance *found = told(kind, tid, site);                             \
                                                                                                   \
		assert_non_null(found);                                                            \
		assert_int_equal(found->count, n);                                                 \
		assert_string_equal(found->class, class_name);                                     \
		assert_string_equal(found->comm, "mover");                                         \
	} while (0)

static void assert_nothing_told(void)
{
	assert_int_equal(SIM_MAP(&imbalances)->nr, 0);
	assert_int_equal(count_of(BALANCE_NOT_HELD), 0);
}

static void what_is_let_go_is_in_balance(void **state)
{
	(void)state;
	for (int i = 0; i < 10; i++) {
		take_it(0);
		take_it(1);
		let_it_go(0);
		let_it_go(1);
		go_back_to_user_space();
	}
	assert_nothing_told();
	assert_int_equal(count_of(BALANCE_TAKEN), 20);
	assert_int_equal(count_of(BALANCE_LET_GO), 20);
}

static void what_is_taken_along_to_user_space_is_not_released(void **state)
{
	(void)state;
	take_it(1);
	take_it(2);
	let_it_go(1);
	go_back_to_user_space();
	assert_told(IMBALANCE_NOT_RELEASED, 100, SITE, 1);
	assert_int_equal(count_of(BALANCE_NOT_HELD), 0);
}

/* Each is told once, however often its task goes there. */
static void what_was_told_is_not_told_again(void **state)
{
	(void)state;
	for (int i = 0; i < 3; i++) {
		take_it(i);
		go_back_to_user_space();
		go_back_to_user_space();
	}
	assert_told(IMBALANCE_NOT_RELEASED, 100, SITE, 3);
}

/* What is below stays told, and what comes in its place is new. */
static void what_was_told_may_be_let_go_later(void **state)
{
	(void)state;
	take_it(0);
	take_it(1);
	go_back_to_user_space();
	let_it_go(1);
	take_it(2);
	go_back_to_user_space();
	assert_told(IMBALANCE_NOT_RELEASED, 100, SITE, 3);
	assert_int_equal(count_of(BALANCE_LET_GO), 1);
}

static void what_was_not_taken_is_not_released(void **state)
{
	(void)state;
	take_it(0);
	let_it_go(1);
	sim_current()->kernel.lockdep_depth++; /* lockdep did not find it */
	let_it_go(0);
	assert_told(IMBALANCE_NOT_HELD, 100, OTHER_SITE, 1);
	assert_int_equal(count_of(BALANCE_NOT_HELD), 1);
	assert_int_equal(count_of(BALANCE_LET_GO), 1);
}

static void who_holds_nothing_releases_nothing(void **state)
{
	(void)state;
	let_it_go(0);
	assert_told(IMBALANCE_NOT_HELD, 100, OTHER_SITE, 1);
}

static void a_lock_of_another_task_is_not_ones_own(void **state)
{
	(void)state;
	take_it(0);
	sim.cpu = 1;
	let_it_go(0);
	assert_told(IMBALANCE_NOT_HELD, 101, OTHER_SITE, 1);
	assert_null(told(IMBALANCE_NOT_HELD, 100, OTHER_SITE));
}

static void a_task_takes_its_locks_to_another_cpu(void **state)
{
	(void)state;
	take_it(0);
	sim.cpu = 1;
	sim.tasks[1] = &tasks[0];
	let_it_go(0);
	assert_nothing_told();
}

/* Read locks and rcu_read_lock() are taken by one task more than once. */
static void a_lock_taken_twice_is_let_go_twice(void **state)
{
	(void)state;
	take_it(0);
	take_it(0);
	let_it_go(0);
	let_it_go(0);
	let_it_go(0);
	assert_told(IMBALANCE_NOT_HELD, 100, OTHER_SITE, 1);
	assert_int_equal(count_of(BALANCE_LET_GO), 2);
}

static void what_was_held_before_is_left_alone(void **state)
{
	(void)state;
	sim_current()->kernel.lockdep_depth = 2;
	take_it(1);
	let_it_go(1);
	let_it_go(0);
	assert_nothing_told();
	assert_int_equal(count_of(BALANCE_UNFOLLOWED), 1);
	take_it(1);
	let_it_go(1);
	assert_int_equal(count_of(BALANCE_TAKEN), 1);
}

static void interrupts_are_left_alone(void **state)
{
	const __u32 contexts[] = { SERVING_SOFTIRQ, 1U << 16, 1U << 20 };

	(void)state;
	take_it(0);
	for (size_t i = 0; i < sizeof(contexts) / sizeof(*contexts); i++) {
		tasks[0].kernel.thread_info.preempt_count = contexts[i];
		let_it_go(5);
		take_it(5);
	}
	/* bottom halves and preemption off are no interrupt */
	tasks[0].kernel.thread_info.preempt_count = 0x201;
	let_it_go(0);
	assert_nothing_told();
	assert_int_equal(count_of(BALANCE_LET_GO), 1);
}

static void what_runs_our_programs_is_left_alone(void **state)
{
	(void)state;
	let_go_at(0, OWN_START);
	take_at(0, OWN_END - 1);
	go_back_to_user_space();
	assert_nothing_told();
	let_go_at(0, OWN_END);
	assert_told(IMBALANCE_NOT_HELD, 100, OWN_END, 1);
}

/* Without addresses there is no telling whose rcu_read_lock() it is. */
static void without_symbols_rcu_is_left_alone(void **state)
{
	(void)state;
	sim_set(runners_start, 0);
	sim_run(lock_release, (__u64)&rcu_lock_map, SITE);
	assert_nothing_told();
}

/* The hash has locks of its own, which lockdep tells of while we are at work on it. */
static void lock_and_release_from_within(const char *helper)
{
	if (strcmp(helper, "bpf_map_update_elem"))
		return;
	sim_run(lock_release, (__u64)lock(9), OTHER_SITE);
}

static void our_own_locks_are_left_alone(void **state)
{
	(void)state;
	sim.interrupt = lock_and_release_from_within;
	take_it(0);
	go_back_to_user_space();
	assert_told(IMBALANCE_NOT_RELEASED, 100, SITE, 1);
	assert_int_equal(count_of(BALANCE_NOT_HELD), 0);
}

static void a_dead_tasks_locks_are_not_its_successors(void **state)
{
	(void)state;
	take_it(0);
	tasks[0].pid = tasks[0].tgid = 200;
	tasks[0].kernel.lockdep_depth = 1;
	take_it(1);
	let_it_go(1);
	go_back_to_user_space();
	assert_told(IMBALANCE_NOT_RELEASED, 100, SITE, 1);
	assert_null(told(IMBALANCE_NOT_RELEASED, 200, SITE));
	assert_int_equal(count_of(BALANCE_LEFT), 1);
}

static void more_locks_than_room_are_dropped_and_not_told(void **state)
{
	(void)state;
	for (int i = 0; i < MAX_TAKEN + 3; i++)
		take_it(i);
	for (int i = MAX_TAKEN + 2; i >= 0; i--)
		let_it_go(i);
	assert_nothing_told();
	assert_int_equal(count_of(BALANCE_DROPPED), 3);
	assert_int_equal(count_of(BALANCE_LET_GO), MAX_TAKEN);
}

static void more_imbalances_than_room_are_counted(void **state)
{
	(void)state;
	sim.no_memory = true;
	take_it(0);
	go_back_to_user_space();
	assert_int_equal(count_of(BALANCE_UNTOLD), 1);
}

static void a_filter_is_for_what_is_told(void **state)
{
	(void)state;
	sim_set(only_pid, 101);
	let_it_go(0);
	sim.cpu = 1;
	let_it_go(0);
	assert_null(told(IMBALANCE_NOT_HELD, 100, OTHER_SITE));
	assert_told(IMBALANCE_NOT_HELD, 101, OTHER_SITE, 1);
}

static void nothing_is_looked_at_unless_asked(void **state)
{
	(void)state;
	sim_set(balance, false);
	take_it(0);
	let_it_go(1);
	sim_set(balance, true);
	enabled = false;
	take_it(2);
	let_it_go(3);
	go_back_to_user_space();
	assert_nothing_told();
	assert_int_equal(count_of(BALANCE_TAKEN), 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, halt)
	const struct CMUnitTest tests[] = {
		TEST(what_is_let_go_is_in_balance),
		TEST(what_is_taken_along_to_user_space_is_not_released),
		TEST(what_was_told_is_not_told_again),
		TEST(what_was_told_may_be_let_go_later),
		TEST(what_was_not_taken_is_not_released),
		TEST(who_holds_nothing_releases_nothing),
		TEST(a_lock_of_another_task_is_not_ones_own),
		TEST(a_task_takes_its_locks_to_another_cpu),
		TEST(a_lock_taken_twice_is_let_go_twice),
		TEST(what_was_held_before_is_left_alone),
		TEST(interrupts_are_left_alone),
		TEST(what_runs_our_programs_is_left_alone),
		TEST(without_symbols_rcu_is_left_alone),
		TEST(our_own_locks_are_left_alone),
		TEST(a_dead_tasks_locks_are_not_its_successors),
		TEST(more_locks_than_room_are_dropped_and_not_told),
		TEST(more_imbalances_than_room_are_counted),
		TEST(a_filter_is_for_what_is_told),
		TEST(nothing_is_looked_at_unless_asked),
	};

	return cmocka_run_group_tests_name("bpf balance", tests, NULL, NULL);
}
