// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The contention programs against a model that knows what really happens: tasks
 * that spin, sleep and migrate on a few CPUs, interrupts that spin within that,
 * and ends that get lost. After each step the two must agree.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "bpf/contention.h"

enum {
	SEEDS = 40,
	STEPS = 1000,
	NR_LOCKS = 8,
	NR_RANGES = 3, /* of the locks: each with a range of its own ... */
	NR_NAMED = 5,  /* ... or known by its address; the others are strangers */
	CONTEXTS = 4,  /* of a CPU: task, softirq, hardirq, NMI */
	NONE = -1,
};

struct spin {
	int lock;
	__u64 since;
	bool lost; /* its end never came; NONE in place of the lock: and that was noticed */
};

static struct model {
	struct spin spins[SIM_CPUS][MAX_NESTED]; /* what the programs may know of */
	int depth[SIM_CPUS], live[SIM_CPUS];
	int sleeps_for[NR_TASKS]; /* a lock, or NONE */
	__u64 since[NR_TASKS];
	__u64 count[NR_LOCKS], total[NR_LOCKS];
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
	for (int task = 0; task < NR_TASKS; task++)
		model.sleeps_for[task] = NONE;
	for (int lock = 0; lock < NR_RANGES; lock++)
		know_range(address_of(lock), address_of(lock) + 8, SLOT_FIRST_NAMED + lock);
	for (int lock = NR_RANGES; lock < NR_NAMED; lock++)
		know_lock(address_of(lock), SLOT_FIRST_NAMED + lock);
}

static void add_stranger(struct time_stats *sum, int lock, __u32 bank)
{
	__u32 key = bank * MAX_STRANGERS + lock_hash(address_of(lock), STRANGER_BITS);

	for (__u32 cpu = 0; cpu < SIM_CPUS; cpu++) {
		struct stranger *s = sim_value(&strangers, &key, cpu);

		if (s->lock == address_of(lock))
			time_stats__merge(sum, &s->wait);
	}
}

/* In both banks: nothing is drained here. */
static struct time_stats counted_of(int lock)
{
	struct time_stats sum = {};

	for (__u32 bank = 0; bank < NR_BANKS; bank++) {
		__u32 key = bank * MAX_SLOTS + SLOT_FIRST_NAMED + lock;
		struct time_stats named = times_in(SIM_MAP(&waits), key);

		time_stats__merge(&sum, &named);
		add_stranger(&sum, lock, bank);
	}
	return sum;
}

static void agree(void)
{
	for (int lock = 0; lock < NR_LOCKS; lock++) {
		struct time_stats sum = counted_of(lock);

		assert_int_equal(sum.count, model.count[lock]);
		assert_int_equal(sum.total, model.total[lock]);
	}
	for (__u32 entry = 0; entry < NR_LEDGER; entry++)
		assert_int_equal(counted(entry), model.ledger[entry]);
}

static void model_end(int lock, __u64 since)
{
	model.count[lock]++;
	model.total[lock] += sim.clock - since;
	model.ledger[LEDGER_ENDS]++;
}

static void trim(int cpu)
{
	while (model.depth[cpu] && model.spins[cpu][model.depth[cpu] - 1].lock == NONE)
		model.depth[cpu]--;
}

static struct spin *spin_for(int cpu, int lock)
{
	for (int i = 0; i < model.depth[cpu]; i++)
		if (model.spins[cpu][i].lock == lock)
			return &model.spins[cpu][i];
	return NULL;
}

/* How many of those from @first on have not ended, as far as the programs can tell. */
static int left_from(int cpu, int first)
{
	int n = 0;

	for (int i = first; i < model.depth[cpu]; i++)
		n += model.spins[cpu][i].lock != NONE;
	return n;
}

static void spin_begins(int cpu)
{
	int lock = random_below(NR_LOCKS);
	struct spin *before = spin_for(cpu, lock);

	if (model.live[cpu] == CONTEXTS || model.depth[cpu] == MAX_NESTED)
		return;
	/* the same lock twice on a CPU is not what locks allow: that one lost its end */
	if (before && !before->lost)
		return;
	if (before) {
		model.ledger[LEDGER_MISMATCHED]++;
		before->lock = NONE;
		trim(cpu);
	}
	model.ledger[LEDGER_BEGINS]++;
	model.ledger[LEDGER_NESTED] += model.depth[cpu] > 0;
	model.spins[cpu][model.depth[cpu]++] = (struct spin){ lock, sim.clock, false };
	model.live[cpu]++;
	begin(cpu, address_of(lock), SPINS);
}

/* The innermost that is live. Those above it will not end any more. */
static struct spin *innermost(int cpu)
{
	struct spin *spin = &model.spins[cpu][model.depth[cpu] - 1];

	while (spin->lost)
		spin--;
	return spin;
}

static void spin_ends(int cpu)
{
	struct spin *spin;
	int lock;

	if (!model.live[cpu])
		return;
	spin = innermost(cpu);
	model.live[cpu]--;
	if (random_below(20) == 0) {
		spin->lost = true;
		return;
	}
	lock = spin->lock;
	model_end(lock, spin->since);
	model.ledger[LEDGER_MISMATCHED] += left_from(cpu, spin - model.spins[cpu] + 1);
	model.depth[cpu] = spin - model.spins[cpu];
	trim(cpu);
	end(cpu, address_of(lock));
}

static int task_on(int cpu)
{
	return sim.tasks[cpu] - tasks;
}

static void model_sleep(int cpu)
{
	model.ledger[LEDGER_MISMATCHED] += left_from(cpu, 0);
	model.depth[cpu] = 0;
	model.ledger[LEDGER_BEGINS]++;
}

static void sleep_begins(int cpu)
{
	int lock = random_below(NR_LOCKS), task = task_on(cpu);

	if (model.live[cpu] || model.sleeps_for[task] != NONE)
		return;
	model_sleep(cpu);
	model.sleeps_for[task] = lock;
	model.since[task] = sim.clock;
	begin(cpu, address_of(lock), random_below(2) ? SLEEPS : MUTEX_SPINS);
}

static void mutex_sleeps_after_spinning(int cpu)
{
	int lock = model.sleeps_for[task_on(cpu)];

	if (model.live[cpu] || lock == NONE)
		return;
	model_sleep(cpu);
	model.ledger[LEDGER_REPEATED]++;
	begin(cpu, address_of(lock), MUTEX_SLEEPS);
}

static void sleep_ends(int cpu)
{
	int lock = model.sleeps_for[task_on(cpu)];

	/* a lost spin for the same lock would be ended instead: there are no such locks */
	if (model.live[cpu] || lock == NONE || spin_for(cpu, lock))
		return;
	model.sleeps_for[task_on(cpu)] = NONE;
	model_end(lock, model.since[task_on(cpu)]);
	end(cpu, address_of(lock));
}

/* Two CPUs swap their tasks, or one takes a task that none runs. */
static void tasks_move(int cpu)
{
	int other = random_below(SIM_CPUS), next = random_below(NR_TASKS);
	struct sim_task *was = sim.tasks[cpu];

	if (model.live[cpu] || model.live[other])
		return;
	sim.tasks[cpu] = sim.tasks[other];
	sim.tasks[other] = was;
	for (int i = 0; i < SIM_CPUS; i++)
		if (sim.tasks[i] == &tasks[next])
			return;
	sim.tasks[cpu] = &tasks[next];
}

static void bank_changes(int cpu)
{
	(void)cpu;
	epoch++;
}

static void step(void)
{
	static void (*const steps[])(int) = {
		spin_begins, spin_begins,  spin_ends,  spin_ends,
		spin_ends,   sleep_begins, sleep_ends, mutex_sleeps_after_spinning,
		tasks_move,  bank_changes,
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
	for (__u32 entry = LEDGER_BEGINS; entry <= LEDGER_MISMATCHED; entry++)
		assert_true(seen[entry] > SEEDS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(programs_and_model_agree, halt),
	};

	return cmocka_run_group_tests_name("bpf contention, random", tests, NULL, NULL);
}
