// SPDX-License-Identifier: GPL-2.0
/*
 * The contention backend: waits, on any kernel that has
 * lock:contention_begin/end.
 *
 * A wait that spins stays on its CPU, so it is kept in a per-CPU stack; an
 * interrupt may begin another one on top. A wait that sleeps may end on any
 * CPU, so it is kept with its task. Both stacks are a few slots deep. The slot
 * of the lock is looked up when the wait begins and travels with it: a device
 * that leaves meanwhile changes nothing.
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_tracing.h>

#include "lockstat.h"
#include "compat.bpf.h"
#include "filter.bpf.h"
#include "holds.bpf.h"
#include "locktable.bpf.h"
#include "peek.bpf.h"
#include "waits.bpf.h"

enum { QRWLOCK_QUEUE = 4 }; /* where wait_lock is in struct qrwlock, behind a 32-bit count */

/*
 * What each task waits for asleep. The storage is made at a task's first
 * contended sleep and then kept: where a task is about to sleep, allocating
 * is safe, where it spins it would not be.
 */
struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct pending_stack);
} task_pending SEC(".maps");

/* Waits in flight asleep, summed by the iterator below. */
__u64 tasks_in_flight = 0;

static __always_inline void wait_begin(struct pending_stack *stack, __u64 lock, __u64 slot)
{
	struct pending_lock *pending = pending_push(stack, lock, slot);

	if (pending)
		pending->since = bpf_ktime_get_ns();
}

/*
 * Who goes to sleep spins for nothing on this CPU: what is left there lost its
 * end to an interrupt that came just before or behind what a program does.
 */
static __always_inline void drop_lost_spins(struct pending_stack *spins)
{
	__u64 lost = 0;

	if (!spins->depth)
		return;
#pragma unroll
	for (__u32 i = 0; i < MAX_NESTED; i++)
		lost += i < spins->depth && spins->locks[i].lock;
	ledger_add(LEDGER_MISMATCHED, lost);
	spins->depth = 0;
}

/*
 * Nor does a CPU spin for one lock twice, as an interrupt that did would wait
 * for ever: the older one lost its end. Left there, it would be taken for the
 * begin of a wait whose own begin was lost.
 */
static __always_inline void drop_lost_spin(struct pending_stack *spins, __u64 lock)
{
	struct pending_lock *lost = pending_find(spins, lock);

	if (!lost)
		return;
	ledger_add(LEDGER_MISMATCHED, 1);
	lost->lock = 0;
	pending_trim(spins);
}

/*
 * Who waits for a queued rwlock stands in the queue of a spinlock within it,
 * which traces the same wait once more (kernel/locking/qrwlock.c).
 */
static __always_inline bool is_queue_of_top(const struct pending_stack *stack, __u64 lock)
{
	__u64 depth = stack->depth;

	return depth && lock - stack->locks[(depth - 1) & (MAX_NESTED - 1)].lock == QRWLOCK_QUEUE;
}

static __always_inline void spin_begin(void *ctx, struct pending_stack *spins, __u64 lock)
{
	__u64 slot;

	if (spins->depth) {
		if (is_queue_of_top(spins, lock))
			return;
		drop_lost_spin(spins, lock);
	}
	slot = slot_of(lock, SLOT_OTHER_SPIN);
	if (slot >= SLOT_STRANGER)
		meet_stranger(ctx, lock, SLOT_OTHER_SPIN);
	wait_begin(spins, lock, slot);
}

static __always_inline void sleep_begin(void *ctx, __u64 lock)
{
	__u64 slot;
	struct pending_stack *stack = bpf_task_storage_get(
		&task_pending, bpf_get_current_task_btf(), 0, BPF_LOCAL_STORAGE_GET_F_CREATE);

	if (!stack) {
		ledger_add(LEDGER_BEGINS, 1);
		ledger_add(LEDGER_DROPPED, 1);
		return;
	}
	if (pending_find(stack, lock)) {
		/* A mutex ends its spin by beginning to sleep: one wait. */
		ledger_add(LEDGER_BEGINS, 1);
		ledger_add(LEDGER_REPEATED, 1);
		return;
	}
	slot = slot_of(lock, SLOT_OTHER_SLEEP);
	if (slot >= SLOT_STRANGER)
		meet_stranger(ctx, lock, SLOT_OTHER_SLEEP);
	wait_begin(stack, lock, slot);
}

/* A wait that begins while the other program runs will have its end turned away. */
SEC("tp_btf/contention_begin")
int BPF_PROG(contention_begin, void *lock, __u32 flags)
{
	struct pending_stack *spins;

	if (!enabled || !wanted())
		return 0;
	spins = cpu_stack();
	if (!spins)
		return 0;
	if (spins->busy) {
		ledger_add(LEDGER_BEGINS, 1);
		ledger_add(LEDGER_MISMATCHED, 1);
		return 0;
	}
	spins->busy = 1;
	if (waits_on_cpu(flags)) {
		spin_begin(ctx, spins, (__u64)lock);
	} else {
		drop_lost_spins(spins);
		sleep_begin(ctx, (__u64)lock);
	}
	spins->busy = 0;
	return 0;
}

static __always_inline bool sleep_pop(__u64 lock, struct pending_lock *wait)
{
	struct pending_stack *sleeps =
		bpf_task_storage_get(&task_pending, bpf_get_current_task_btf(), 0, 0);

	return sleeps && pending_pop(sleeps, lock, wait);
}

static __always_inline void wait_end(void *ctx, struct pending_stack *spins, __u64 lock)
{
	__u64 now = bpf_ktime_get_ns();
	struct pending_lock wait;

	if (is_queue_of_top(spins, lock))
		return;
	if (spins->depth && pending_pop(spins, lock, &wait)) {
		wait_ended(ctx, wait.lock, wait.slot, now - wait.since);
		hold_begin(wait.lock, wait.slot);
	} else if (sleep_pop(lock, &wait)) {
		wait_ended(ctx, wait.lock, wait.slot, now - wait.since);
	} else {
		ledger_add(LEDGER_STRAY_ENDS, 1);
	}
}

/*
 * A wait that ends while the other program runs had its begin turned away. What
 * is pending for the same lock is another wait.
 */
SEC("tp_btf/contention_end")
int BPF_PROG(contention_end, void *lock)
{
	struct pending_stack *spins;

	if (!enabled || !wanted())
		return 0;
	spins = cpu_stack();
	if (!spins)
		return 0;
	if (spins->busy) {
		ledger_add(LEDGER_STRAY_ENDS, 1);
		return 0;
	}
	spins->busy = 1;
	wait_end(ctx, spins, (__u64)lock);
	spins->busy = 0;
	return 0;
}

/* Loaded where the kernel has it. */
SEC("?tp_btf/contended_release")
int BPF_PROG(contended_release, void *lock)
{
	if (enabled)
		hold_end((__u64)lock, bpf_ktime_get_ns());
	return 0;
}

/* An independent count of what is in flight: the stacks, not the ledger. */
SEC("iter/task")
int count_in_flight(struct bpf_iter__task *ctx)
{
	struct task_struct *task = ctx->task;
	struct pending_stack *stack;

	if (!task)
		return 0;
	stack = bpf_task_storage_get(&task_pending, task, 0, 0);
	if (stack)
		tasks_in_flight += stack->depth;
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
