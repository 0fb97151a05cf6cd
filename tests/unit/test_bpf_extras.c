// SPDX-License-Identifier: GPL-2.0-or-later
/* What is made only where it is asked for: waits by owner, and sampled stacks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "bpf/contention.h"

enum { SLOT = SLOT_FIRST_NAMED, LOCK = 0x2000, STRANGER = 0x9000 };

static int setup(void **state)
{
	boot(state);
	know_range(LOCK, LOCK + 8, SLOT);
	sim_set(owner_kind, 0);
	sim_set(stack_every, 0);
	for (int cpu = 0; cpu < SIM_CPUS; cpu++) {
		tasks[cpu].pid = 100 + cpu;
		tasks[cpu].tgid = 100;
		tasks[cpu].cgroups[0] = 1;
		tasks[cpu].cgroups[1] = 7;
	}
	return 0;
}

static void wait_for(__u32 cpu, __u64 lock, __u64 ns)
{
	begin(cpu, lock, SPINS);
	pass(ns);
	end(cpu, lock);
}

static const struct owner_stats *owner(__u64 id, __u64 lock, __u32 cpu, __u16 slot)
{
	struct owner_key key = { id, lock, cpu, epoch & 1, slot };

	return sim_value(&owners, &key, cpu);
}

/* The definition has room for one; the collector gives it more. */
static void a_task_has_its_waits_while_there_is_room(void **state)
{
	const struct owner_stats *stats;

	(void)state;
	sim_set(owner_kind, OWNER_TASK);
	memcpy(tasks[0].comm, "load", 5);
	wait_for(0, LOCK, 30);
	wait_for(0, LOCK, 10);
	wait_for(1, LOCK, 99);
	stats = owner(100ULL << 32 | 100, 0, 0, SLOT);
	assert_non_null(stats);
	assert_int_equal(stats->count, 2);
	assert_int_equal(stats->total, 40);
	assert_int_equal(stats->min, 10);
	assert_int_equal(stats->max, 30);
	assert_string_equal(stats->comm, "load");
	assert_int_equal(wait_of(SLOT).count, 3);
	assert_ledger([LEDGER_BEGINS] = 3, [LEDGER_ENDS] = 3, [LEDGER_OWNERLESS] = 1);
}

static void a_cgroup_is_that_of_the_task(void **state)
{
	(void)state;
	sim_set(owner_kind, OWNER_CGROUP);
	wait_for(2, LOCK, 5);
	assert_int_equal(owner(7, 0, 2, SLOT)->total, 5);
}

/* By its address the collector finds out which lock that was. */
static void a_stranger_is_kept_apart(void **state)
{
	(void)state;
	sim_set(owner_kind, OWNER_TASK);
	wait_for(0, STRANGER, 5);
	assert_int_equal(
		owner(100ULL << 32 | 100, STRANGER, 0, SLOT_STRANGER + SLOT_OTHER_SPIN)->count, 1);
}

static void what_is_too_brief_has_neither(void **state)
{
	(void)state;
	sim_set(owner_kind, OWNER_TASK);
	sim_set(stack_every, 1);
	sim_set(min_wait, 100);
	wait_for(0, LOCK, 99);
	assert_null(owner(100ULL << 32 | 100, 0, 0, SLOT));
	assert_int_equal(sim.nr_records, 0);
	assert_ledger([LEDGER_BEGINS] = 1, [LEDGER_ENDS] = 1, [LEDGER_BRIEF] = 1);
}

static void a_sample_tells_who_waited_and_how(void **state)
{
	const struct stack_sample *sample;

	(void)state;
	sim_set(stack_every, 1);
	sim.stack[0] = 0xa;
	sim.stack[1] = 0xb;
	sim.stack_depth = 2;
	memcpy(tasks[3].comm, "load", 5);
	wait_for(3, LOCK, 42);
	assert_int_equal(sim.nr_records, 1);
	sample = sim.records[0];
	assert_int_equal(sample->lock, LOCK);
	assert_int_equal(sample->wait, 42);
	assert_int_equal(sample->slot, SLOT);
	assert_int_equal(sample->depth, 2);
	assert_int_equal(sample->stack[1], 0xb);
	assert_string_equal(sample->comm, "load");
}

static void one_wait_in_so_many_is_sampled(void **state)
{
	(void)state;
	sim_set(stack_every, 10);
	for (int i = 0; i < 50; i++)
		wait_for(0, LOCK, 1);
	assert_int_equal(sim.nr_records, 5);
}

static void samples_without_room_are_counted(void **state)
{
	(void)state;
	sim_set(stack_every, 1);
	for (int i = 0; i < SIM_RECORDS + 3; i++)
		wait_for(0, LOCK, 1);
	assert_int_equal(sim.nr_records, SIM_RECORDS);
	assert_int_equal(counted(LEDGER_STACKS_LOST), 3);
	assert_int_equal(wait_of(SLOT).count, SIM_RECORDS + 3);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, setup, halt)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(a_task_has_its_waits_while_there_is_room),
		CASE(a_cgroup_is_that_of_the_task),
		CASE(a_stranger_is_kept_apart),
		CASE(what_is_too_brief_has_neither),
		CASE(a_sample_tells_who_waited_and_how),
		CASE(one_wait_in_so_many_is_sampled),
		CASE(samples_without_room_are_counted),
	};

	return cmocka_run_group_tests_name("bpf extras", tests, NULL, NULL);
}
