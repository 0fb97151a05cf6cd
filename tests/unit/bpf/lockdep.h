/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The lockdep backend, event by event; the ledger must add up after each. */
#ifndef LOCKDEP_H
#define LOCKDEP_H

#include "lockdep.bpf.c"
#include "fixture.h"

/* It has no type in C that could be defined. */
__asm__(".pushsection .bss\n"
	".weak rcu_lock_map\n"
	"rcu_lock_map: .zero 8\n"
	".popsection");

static inline struct time_stats hold_of(__u64 slot)
{
	return times_in(SIM_MAP(&holds), bank_slot(slot));
}

#define DEFINE_EVENT(name, program)                                                                \
	static inline void name(__u32 cpu, __u64 lock)                                             \
	{                                                                                          \
		sim.cpu = cpu;                                                                     \
		sim_run(program, lock);                                                            \
		assert_int_equal(residual(in_flight_on_cpus()), 0);                                \
	}

DEFINE_EVENT(acquire, lock_acquire)
DEFINE_EVENT(contended, lock_contended)
DEFINE_EVENT(acquired, lock_acquired)
DEFINE_EVENT(release, lock_release)

/* The end of the rcu_read_lock() that the kernel runs a program in. */
static inline void leave_program(__u32 cpu)
{
	release(cpu, (__u64)&rcu_lock_map);
}

#endif
