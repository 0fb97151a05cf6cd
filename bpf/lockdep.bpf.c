// SPDX-License-Identifier: GPL-2.0
/*
 * The lockdep backend: acquisitions, contentions, wait and hold of the named
 * locks, on kernels with CONFIG_LOCK_STAT.
 *
 * The tracepoints fire for every lock of the system, a million a second, and
 * nearly all of them are turned away: lock_acquire and lock_contended by
 * address, the other two because this CPU holds nothing that we follow.
 *
 * The named locks are spinlocks that no interrupt handler takes, so that what
 * a CPU holds is a per-CPU stack. A semaphore among them has several holders, who
 * sleep and move: its acquisitions and contentions are counted as they come. A lock
 * without a name is counted when it is contended. The times of either are not measured,
 * and are left empty.
 *
 * The counts mean what /proc/lock_stat's mean (kernel/locking/lockdep.c): an
 * acquisition counts when it is released; hold begins at lock_acquire, or when
 * a contended lock is got; wait runs from lock_contended to lock_acquired. So
 * that the times agree too, the clock is read late in each program: what our
 * own program costs then lies before the interval on both sides.
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_tracing.h>

#include "lockstat.h"
#include "balance.bpf.h"
#include "filter.bpf.h"
#include "locktable.bpf.h"
#include "peek.bpf.h"
#include "waits.bpf.h"

/* Hold times, by bank * MAX_SLOTS + slot. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, NR_BANKS *MAX_SLOTS);
	__type(key, __u32);
	__type(value, struct time_stats);
} holds SEC(".maps");

/* The stack of this CPU if anything is on it: the cheap way out. */
static __always_inline struct pending_stack *held_stack(void)
{
	struct pending_stack *stack = cpu_stack();

	return stack && stack->depth ? stack : 0;
}

static __always_inline void count_acquisition(__u64 slot)
{
	__u32 key = bank_slot(slot);
	struct time_stats *stats = bpf_map_lookup_elem(&holds, &key);

	if (stats)
		stats->count++;
}

SEC("tp_btf/lock_acquire")
int BPF_PROG(lock_acquire, struct lockdep_map *lock, unsigned int subclass, int trylock, int read,
	     int check, struct lockdep_map *nest_lock, unsigned long site)
{
	const struct lock_table *table;
	struct pending_stack *stack;
	struct pending_lock *held;
	__u64 slot;

	if (!enabled)
		return 0;
	if (balance)
		balance_acquire(lock, site);
	table = lock_table();
	slot = table ? slot_of_range(table, (__u64)lock, SLOT_STRANGER) : SLOT_STRANGER;
	if (slot == SLOT_STRANGER || !wanted())
		return 0;
	if (slot & SLOT_COUNTED) {
		count_acquisition(slot - SLOT_COUNTED);
		return 0;
	}
	stack = cpu_stack();
	held = stack ? pending_push(stack, (__u64)lock, slot) : 0;
	if (!held)
		return 0;
	held->unsettled = 1;
	held->since = bpf_ktime_get_ns();
	return 0;
}

/* Whether it is followed from lock_acquire on: then this one began before we looked. */
static __always_inline bool is_followed(__u64 lock)
{
	const struct lock_table *table = lock_table();

	return table && slot_of_range(table, lock, SLOT_STRANGER) < SLOT_STRANGER;
}

/* To the verifier the argument is a pointer, which can be compared but not hashed. */
static __always_inline __u64 as_number(void *lock)
{
	__u64 number = 0;

	bpf_probe_read_kernel(&number, sizeof(number), &lock);
	return number;
}

/* Counted, not timed: it may sleep, and wake on another CPU. */
static __always_inline void count_contention(void *ctx, __u64 lock)
{
	__u64 slot = slot_of(lock, SLOT_OTHER_SPIN);
	struct time_stats *stats;

	if (slot & SLOT_COUNTED)
		slot -= SLOT_COUNTED;
	else if (slot >= SLOT_STRANGER)
		meet_stranger(ctx, lock, SLOT_OTHER_SPIN);
	stats = wait_stats(lock, slot);
	if (stats)
		stats->count++;
}

SEC("tp_btf/lock_contended")
int BPF_PROG(lock_contended, void *lock)
{
	struct pending_stack *stack;
	struct pending_lock *held;

	if (!enabled)
		return 0;
	stack = held_stack();
	held = stack ? pending_find(stack, (__u64)lock) : 0;
	if (held)
		held->contended = bpf_ktime_get_ns();
	else if (!is_followed((__u64)lock) && wanted())
		count_contention(ctx, as_number(lock));
	return 0;
}

SEC("tp_btf/lock_acquired")
int BPF_PROG(lock_acquired, void *lock)
{
	struct pending_stack *stack;
	struct pending_lock *held;
	__u64 now;

	if (!enabled)
		return 0;
	stack = held_stack();
	held = stack ? pending_find(stack, (__u64)lock) : 0;
	if (!held || !held->contended)
		return 0;
	now = bpf_ktime_get_ns();
	wait_ended(ctx, as_number(lock), held->slot, now - held->contended);
	held->contended = 0;
	held->unsettled = 1;
	held->since = bpf_ktime_get_ns();
	return 0;
}

/*
 * The kernel runs each program inside rcu_read_lock(), to lockdep a lock like
 * any other: the first release after we noted an acquisition is our own
 * program's. A hold begins when that is over, or it would contain it.
 */
static __always_inline void settle(struct pending_stack *stack)
{
	struct pending_lock *top = &stack->locks[(stack->depth - 1) & (MAX_NESTED - 1)];

	if (!top->unsettled)
		return;
	top->unsettled = 0;
	top->since = bpf_ktime_get_ns();
}

/* Locks need not be released in the order they were taken in. */
static __always_inline bool held_remove(struct pending_stack *stack, __u64 lock,
					struct pending_lock *removed)
{
	struct pending_lock *held = pending_find(stack, lock);

	if (!held)
		return false;
	*removed = *held;
	held->lock = 0;
	pending_trim(stack);
	ledger_add(LEDGER_ENDS, 1);
	return true;
}

SEC("tp_btf/lock_release")
int BPF_PROG(lock_release, struct lockdep_map *lock, unsigned long site)
{
	struct pending_stack *stack;
	struct pending_lock held;
	struct time_stats *stats;
	__u64 now;
	__u32 key;

	if (!enabled)
		return 0;
	if (balance)
		balance_release(lock, site);
	stack = held_stack();
	if (!stack)
		return 0;
	if ((__u64)lock == (__u64)&rcu_lock_map) {
		settle(stack);
		return 0;
	}
	now = bpf_ktime_get_ns();
	if (!held_remove(stack, (__u64)lock, &held))
		return 0;
	key = bank_slot(held.slot);
	stats = bpf_map_lookup_elem(&holds, &key);
	if (stats)
		time_stats_add(stats, now - held.since);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
