/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the tests of both backends ask of the maps that both have. To be
 * included behind the program.
 */
#ifndef FIXTURE_H
#define FIXTURE_H

#include "hist.h"

enum { NR_TASKS = 6 };

static struct sim_task tasks[NR_TASKS];

static inline void *shared_value(struct sim_map *map, __u32 key)
{
	return sim_find(map, &key, 0);
}

static inline struct lock_table *table_of_bank(__u32 bank)
{
	return shared_value(SIM_MAP(&tables), bank);
}

/* xorshift64: what a seed makes is the same everywhere. */
static __u64 random_state = 1;

static inline unsigned int random_below(unsigned int limit)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return (random_state >> 32) % limit;
}

/* Tables as the collector makes them of no locks, and a task on each CPU. */
static inline int boot(void **state)
{
	(void)state;
	sim_reset();
	memset(tasks, 0, sizeof(tasks));
	for (int cpu = 0; cpu < SIM_CPUS; cpu++)
		sim.tasks[cpu] = &tasks[cpu];
	for (int bank = 0; bank < NR_BANKS; bank++)
		for (int i = 0; i < MAX_RANGES; i++)
			table_of_bank(bank)->ranges[i].start = ~0ULL;
	sim_set(only_pid, 0);
	sim_set(only_cgroup, 0);
	sim_set(only_cgroup_level, 0);
	sim_set(only_comm, {});
	sim_set(min_wait, 0);
	epoch = 0;
	enabled = true;
	return 0;
}

static inline int halt(void **state)
{
	(void)state;
	sim_reset();
	return 0;
}

/* To be called in the order of the addresses. */
static inline void know_range(__u64 start, __u64 end, __u64 slot)
{
	for (int bank = 0; bank < NR_BANKS; bank++) {
		struct lock_range *range = table_of_bank(bank)->ranges;

		while (range->start != ~0ULL)
			range++;
		*range = (struct lock_range){ start, end, slot };
	}
}

static inline void know_lock(__u64 lock, __u64 slot)
{
	for (int bank = 0; bank < NR_BANKS; bank++) {
		struct known_lock *known = table_of_bank(bank)->known;

		known += lock_hash(lock, KNOWN_BUCKET_BITS) * KNOWN_WAYS;
		while (known->lock)
			known++;
		*known = (struct known_lock){ lock, slot };
	}
}

static inline void pass(__u64 ns)
{
	sim.clock += ns;
}

/* Of all CPUs. */
static inline struct time_stats times_in(struct sim_map *map, __u32 key)
{
	struct time_stats sum = {};

	for (__u32 cpu = 0; cpu < SIM_CPUS; cpu++)
		time_stats__merge(&sum, sim_find(map, &key, cpu));
	return sum;
}

static inline struct time_stats wait_of(__u64 slot)
{
	return times_in(SIM_MAP(&waits), bank_slot(slot));
}

static inline struct stranger *stranger_on(__u32 cpu, __u64 lock)
{
	__u32 key = (epoch & 1) * MAX_STRANGERS + lock_hash(lock, STRANGER_BITS);
	struct stranger *s = sim_value(&strangers, &key, cpu);

	return s->lock == lock ? s : NULL;
}

static inline __u64 counted(__u32 entry)
{
	__u64 sum = 0;

	for (__u32 cpu = 0; cpu < SIM_CPUS; cpu++)
		sum += *(__u64 *)sim_value(&ledger, &entry, cpu);
	return sum;
}

static inline struct pending_stack *pending_on(__u32 cpu)
{
	__u32 zero = 0;

	return sim_value(&cpu_pending, &zero, cpu);
}

/* Holes (lock 0) were released already. */
static inline __u64 in_flight_on_cpus(void)
{
	__u64 n = 0;

	for (__u32 cpu = 0; cpu < SIM_CPUS; cpu++)
		for (__u64 i = 0; i < pending_on(cpu)->depth; i++)
			n += pending_on(cpu)->locks[i].lock != 0;
	return n;
}

/* What the collector calls unexplained. */
static inline __s64 residual(__u64 in_flight)
{
	return counted(LEDGER_BEGINS) - counted(LEDGER_ENDS) - counted(LEDGER_REPEATED) -
	       counted(LEDGER_MISMATCHED) - counted(LEDGER_DROPPED) - in_flight;
}

/* Entries that are not named must be 0. */
#define assert_ledger(...)                                                                         \
	do {                                                                                       \
		const __u64 expected[NR_LEDGER] = { __VA_ARGS__ };                                 \
                                                                                                   \
		for (__u32 entry = 0; entry < NR_LEDGER; entry++)                                  \
			assert_int_equal(counted(entry), expected[entry]);                         \
	} while (0)

#define assert_times(times, n, sum, least, most)                                                   \
	do {                                                                                       \
		struct time_stats got = times;                                                     \
                                                                                                   \
		assert_int_equal(got.count, n);                                                    \
		assert_int_equal(got.total, sum);                                                  \
		assert_int_equal(got.min, least);                                                  \
		assert_int_equal(got.max, most);                                                   \
	} while (0)

#endif
