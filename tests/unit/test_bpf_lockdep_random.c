// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The lockdep programs against a model that knows what really happens: locks
 * taken on a few CPUs, with and without contention, and released in any order.
 * After each step the two must agree.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "bpf/lockdep.h"

enum {
	SEEDS = 20,
	STEPS = 1000,
	NR_LOCKS = 40,
	NR_RANGES = 30, /* of the locks: each with a range of its own; the others by address */
	NONE = -1,
};

/* A place on a CPU's stack stays taken until all above it are free. */
struct place {
	int lock;
	__u64 since;
	bool released;
};

static struct model {
	struct place places[SIM_CPUS][MAX_NESTED];
	int depth[SIM_CPUS];
	int holder[NR_LOCKS]; /* a CPU, or NONE */
	struct {
		__u64 count, total;
	} wait[NR_LOCKS], hold[NR_LOCKS];
	__u64 ledger[NR_LEDGER];
} model;

static __u64 address_of(int lock)
{
	return 0x10000 + 0x40 * lock;
}

static void start_over(__u64 seed)
{
	boot(NULL);
	random_state = seed;
	memset(&model, 0, sizeof(model));
	for (int lock = 0; lock < NR_LOCKS; lock++)
		model.holder[lock] = NONE;
	for (int lock = 0; lock < NR_RANGES; lock++)
		know_range(address_of(lock), address_of(lock) + 8, SLOT_FIRST_NAMED + lock);
	for (int lock = NR_RANGES; lock < NR_LOCKS; lock++)
		know_lock(address_of(lock), SLOT_FIRST_NAMED + lock);
}

/* In both banks: nothing is drained here. */
static struct time_stats counted_of(struct sim_map *map, int lock)
{
	struct time_stats sum = times_in(map, SLOT_FIRST_NAMED + lock);
	struct time_stats other = times_in(map, MAX_SLOTS + SLOT_FIRST_NAMED + lock);

	time_stats__merge(&sum, &other);
	return sum;
}

static void agree(void)
{
	for (int lock = 0; lock < NR_LOCKS; lock++) {
		struct time_stats wait = counted_of(SIM_MAP(&waits), lock);
		struct time_stats hold = counted_of(SIM_MAP(&holds), lock);

		assert_int_equal(wait.count, model.wait[lock].count);
		assert_int_equal(wait.total, model.wait[lock].total);
		assert_int_equal(hold.count, model.hold[lock].count);
		assert_int_equal(hold.total, model.hold[lock].total);
	}
	for (__u32 entry = 0; entry < NR_LEDGER; entry++)
		assert_int_equal(counted(entry), model.ledger[entry]);
}

/* The kernel leaves its own rcu_read_lock() after each program. */
static void program_is_over(int cpu)
{
	pass(random_below(10));
	leave_program(cpu);
}

/* NULL: there was no room. */
static struct place *model_take(int cpu, int lock)
{
	struct place *place = &model.places[cpu][model.depth[cpu]];

	model.ledger[LEDGER_BEGINS]++;
	if (model.depth[cpu] == MAX_NESTED) {
		model.ledger[LEDGER_DROPPED]++;
		return NULL;
	}
	model.ledger[LEDGER_NESTED] += model.depth[cpu]++ > 0;
	*place = (struct place){ .lock = lock };
	return place;
}

/* A hold begins when our own program is over. */
static void hold_from_now(struct place *place)
{
	if (place)
		place->since = sim.clock;
}

static void wait_for(int cpu, int lock, struct place *place)
{
	__u64 began = sim.clock;

	contended(cpu, address_of(lock));
	program_is_over(cpu);
	pass(random_below(1000));
	acquired(cpu, address_of(lock));
	if (place) {
		model.wait[lock].count++;
		model.wait[lock].total += sim.clock - began;
	}
	program_is_over(cpu);
	hold_from_now(place);
}

static void take(int cpu)
{
	int lock = random_below(NR_RANGES);
	struct place *place;

	if (model.holder[lock] != NONE)
		return;
	model.holder[lock] = cpu;
	place = model_take(cpu, lock);
	acquire(cpu, address_of(lock));
	program_is_over(cpu);
	hold_from_now(place);
	if (random_below(3) == 0)
		wait_for(cpu, lock, place);
}

static void model_release(int cpu, int lock)
{
	int *depth = &model.depth[cpu];
	struct place *places = model.places[cpu];

	model.holder[lock] = NONE;
	for (int i = 0; i < *depth; i++) {
		if (places[i].released || places[i].lock != lock)
			continue;
		model.ledger[LEDGER_ENDS]++;
		model.hold[lock].count++;
		model.hold[lock].total += sim.clock - places[i].since;
		places[i].released = true;
	}
	while (*depth && places[*depth - 1].released)
		(*depth)--;
}

/* Any that the CPU holds, or NONE. */
static int random_held(int cpu)
{
	int start = random_below(NR_RANGES);

	for (int i = 0; i < NR_RANGES; i++)
		if (model.holder[(start + i) % NR_RANGES] == cpu)
			return (start + i) % NR_RANGES;
	return NONE;
}

static void give_back(int cpu)
{
	int lock = random_held(cpu);

	if (lock == NONE)
		return;
	model_release(cpu, lock);
	release(cpu, address_of(lock));
	program_is_over(cpu);
}

static void contend_for_one_known_by_address(int cpu)
{
	int lock = NR_RANGES + random_below(NR_LOCKS - NR_RANGES);

	model.wait[lock].count++;
	contended(cpu, address_of(lock));
	program_is_over(cpu);
}

static void bank_changes(int cpu)
{
	(void)cpu;
	epoch++;
}

static void step(void)
{
	static void (*const steps[])(int) = {
		take, take, give_back, bank_changes, contend_for_one_known_by_address,
	};

	pass(random_below(1000));
	steps[random_below(sizeof(steps) / sizeof(*steps))](random_below(SIM_CPUS));
}

static void programs_and_model_agree(void **state)
{
	__u64 seen[NR_LEDGER] = {};

	(void)state;
	for (__u64 seed = 1; seed <= SEEDS; seed++) {
		start_over(seed * 0x9e3779b97f4a7c15);
		for (int i = 0; i < STEPS; i++) {
			step();
			agree();
		}
		for (__u32 entry = 0; entry < NR_LEDGER; entry++)
			seen[entry] += model.ledger[entry];
	}
	assert_true(seen[LEDGER_ENDS] > 50 * SEEDS);
	assert_true(seen[LEDGER_NESTED] > 10 * SEEDS);
	assert_true(seen[LEDGER_DROPPED] > SEEDS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(programs_and_model_agree, halt),
	};

	return cmocka_run_group_tests_name("bpf lockdep, random", tests, NULL, NULL);
}
