/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The contention backend, event by event; the ledger must add up after each. */
#ifndef CONTENTION_H
#define CONTENTION_H

#include "contention.bpf.c"
#include "fixture.h"

enum {
	SPINS = LCB_F_SPIN,
	SLEEPS = 0,
	MUTEX_SPINS = LCB_F_MUTEX | LCB_F_SPIN,
	MUTEX_SLEEPS = LCB_F_MUTEX,
};

/* As the collector counts: the stacks of the CPUs, and the iterator over the tasks. */
static inline __u64 in_flight(void)
{
	tasks_in_flight = 0;
	for (int i = 0; i < NR_TASKS; i++)
		count_in_flight(&(struct bpf_iter__task){ .task = &tasks[i].kernel });
	return in_flight_on_cpus() + tasks_in_flight;
}

static inline void begin(__u32 cpu, __u64 lock, __u32 flags)
{
	sim.cpu = cpu;
	sim_run(contention_begin, lock, flags);
	assert_int_equal(residual(in_flight()), 0);
}

static inline void end(__u32 cpu, __u64 lock)
{
	sim.cpu = cpu;
	sim_run(contention_end, lock);
	assert_int_equal(residual(in_flight()), 0);
}

#endif
