/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Whether locks are let go by who took them: acquisitions without a release, and releases
 * without an acquisition, of every lock that lockdep knows. Where nobody asks, it is no code.
 *
 * A task is followed from the first lock it takes while lockdep says that it holds none, until
 * it holds none again; so that nothing is thought of what began before we looked. What it holds
 * when it goes back to user space it will not let go any more. Threads of the kernel never go
 * there: theirs are told as held at the end.
 *
 * What interrupts do is left alone. They come while our programs run, which the kernel then does
 * not run again: of an acquisition and its release it might be one. In a task no event meets
 * another, but for those that we cause: the hash that imbalances are kept in has locks (busy),
 * and each run of a program is inside rcu_read_lock(), called from bpf_trace_run*().
 *
 * An entry of the table belongs to one task, which alone writes to it. Tasks that want the same
 * free one are told apart by a compare-and-swap, and nothing here spins.
 */
#ifndef BALANCE_BPF_H
#define BALANCE_BPF_H

#include "compat.bpf.h"
#include "filter.bpf.h"
#include "locktable.bpf.h"

/* The map that rcu_read_lock() is to lockdep. */
extern const void rcu_lock_map __ksym __weak;

const volatile bool balance = false;

/* The kernel's functions that run such programs; 0: not known, and RCU is not followed. */
const volatile __u64 runners_start = 0;
const volatile __u64 runners_end = 0;

struct balance_cpu {
	__u64 busy; /* a program is at work on the imbalances here */
	__u64 counts[NR_BALANCE];
};

/* What this CPU has seen. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct balance_cpu);
} balance_cpus SEC(".maps");

/* Tasks that hold locks, by the hash of their address; of the least size where nobody asks. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, BALANCE_BUCKETS);
	__type(key, __u32);
	__type(value, struct task_bucket);
} balance_tasks SEC(".maps");

/* By who, what and where; of the least size where nobody asks. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, MAX_IMBALANCES);
	__type(key, struct imbalance_key);
	__type(value, struct imbalance);
} imbalances SEC(".maps");

static __always_inline struct balance_cpu *balance_cpu(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&balance_cpus, &zero);
}

static __always_inline bool is_own(__u64 lock, __u64 site)
{
	if (!runners_start)
		return lock == (__u64)&rcu_lock_map;
	return site >= runners_start && site < runners_end;
}

/* The CPU to count on; NULL: this event is left alone. */
static __always_inline struct balance_cpu *looked_at(__u64 lock, __u64 site)
{
	struct balance_cpu *cpu;

	if (is_own(lock, site) || in_interrupt())
		return 0;
	cpu = balance_cpu();
	return cpu && !cpu->busy ? cpu : 0;
}

static __always_inline void count_imbalance(struct balance_cpu *cpu,
					    const struct imbalance_key *key, const char *comm)
{
	struct imbalance first = { .count = 1 }, *known = bpf_map_lookup_elem(&imbalances, key);

	if (known) {
		known->count++;
		return;
	}
	__builtin_memcpy(first.comm, comm, sizeof(first.comm));
	bpf_probe_read_kernel_str(first.class, sizeof(first.class), (void *)key->name);
	if (bpf_map_update_elem(&imbalances, key, &first, BPF_NOEXIST))
		cpu->counts[BALANCE_UNTOLD]++;
}

/* Whose imbalances are wanted is asked here alone, and not of each lock. */
static __always_inline void tell(struct balance_cpu *cpu, const struct imbalance_key *key,
				 const char *comm)
{
	if (!wanted())
		return;
	cpu->busy = 1;
	count_imbalance(cpu, key, comm);
	cpu->busy = 0;
}

/* A call: as part of the loop it is more than Linux 6.1's verifier follows. */
static __noinline int tell_taken(struct task_locks *locks, __u32 at)
{
	struct balance_cpu *cpu = balance_cpu();
	struct imbalance_key key = { .kind = IMBALANCE_NOT_RELEASED };
	const struct taken_lock *taken;

	if (!cpu || !locks)
		return 0;
	taken = &locks->taken[at & (MAX_TAKEN - 1)];
	key.site = taken->site;
	key.name = taken->name;
	key.tid = locks->tid;
	if (taken->lock)
		tell(cpu, &key, locks->comm);
	return 0;
}

/* What was told before is not told again. */
static __always_inline void tell_kept(struct task_locks *locks)
{
	for (__u32 i = 0; i < MAX_TAKEN; i++) {
		if (i >= locks->depth)
			break;
		if (i >= locks->told)
			tell_taken(locks, i);
	}
	locks->told = locks->depth;
}

static __always_inline void tell_not_held(struct balance_cpu *cpu, const struct lockdep_map *lock,
					  __u64 site)
{
	struct imbalance_key key = {
		.site = site,
		.name = (__u64)lock->name,
		.tid = bpf_get_current_pid_tgid(),
		.kind = IMBALANCE_NOT_HELD,
	};
	char comm[COMM_BYTES] = {};

	cpu->counts[BALANCE_NOT_HELD]++;
	bpf_get_current_comm(comm, sizeof(comm));
	tell(cpu, &key, comm);
}

static __always_inline struct task_bucket *bucket_of(__u64 task)
{
	__u32 key = lock_hash(task, BALANCE_BUCKET_BITS);

	return bpf_map_lookup_elem(&balance_tasks, &key);
}

static __always_inline struct task_locks *find_task(struct task_bucket *bucket, __u64 task)
{
#pragma unroll
	for (int way = 0; way < BALANCE_WAYS; way++)
		if (bucket->ways[way].task == task)
			return &bucket->ways[way];
	return 0;
}

static __noinline int count_left(struct task_locks *locks)
{
	struct balance_cpu *cpu = balance_cpu();

	if (!cpu || !locks)
		return 0;
	for (__u32 i = 0; i < MAX_TAKEN; i++) {
		if (i >= locks->depth)
			break;
		cpu->counts[BALANCE_LEFT] += locks->taken[i].lock != 0;
	}
	return 0;
}

static __always_inline void begin_anew(struct task_locks *locks, __u32 tid)
{
	locks->tid = tid;
	locks->depth = 0;
	locks->told = 0;
	locks->beyond = 0;
	bpf_get_current_comm(locks->comm, sizeof(locks->comm));
}

/* A task_struct is used again: who had it before took its locks to the grave. */
static __always_inline struct task_locks *current_locks(struct task_bucket *bucket, __u64 task)
{
	struct task_locks *locks = find_task(bucket, task);
	__u32 tid = bpf_get_current_pid_tgid();

	if (locks && locks->tid != tid) {
		tell_kept(locks);
		count_left(locks);
		begin_anew(locks, tid);
	}
	return locks;
}

static __always_inline struct task_locks *claim(struct task_bucket *bucket, __u64 task)
{
#pragma unroll
	for (int way = 0; way < BALANCE_WAYS; way++) {
		struct task_locks *locks = &bucket->ways[way];

		if (locks->task || __sync_val_compare_and_swap(&locks->task, 0, task))
			continue;
		begin_anew(locks, bpf_get_current_pid_tgid());
		return locks;
	}
	return 0;
}

static __always_inline void free_entry(struct task_locks *locks)
{
	__sync_lock_test_and_set(&locks->task, 0);
}

/* Than those that we know of, says lockdep: without our own program's rcu_read_lock(). */
static __always_inline bool holds_others(void)
{
	return bpf_get_current_task_btf()->lockdep_depth > 1;
}

static __always_inline void note_taken(struct balance_cpu *cpu, struct task_locks *locks,
				       const struct lockdep_map *lock, __u64 site)
{
	__u32 depth = locks->depth;
	struct taken_lock *taken;

	if (depth >= MAX_TAKEN) {
		locks->beyond++;
		cpu->counts[BALANCE_DROPPED]++;
		return;
	}
	taken = &locks->taken[depth & (MAX_TAKEN - 1)];
	taken->lock = (__u64)lock;
	taken->name = (__u64)lock->name;
	taken->site = site;
	locks->depth = depth + 1;
	cpu->counts[BALANCE_TAKEN]++;
}

static __always_inline void balance_acquire(const struct lockdep_map *lock, __u64 site)
{
	struct balance_cpu *cpu = looked_at((__u64)lock, site);
	__u64 task = bpf_get_current_task();
	struct task_bucket *bucket;
	struct task_locks *locks;

	bucket = cpu ? bucket_of(task) : 0;
	if (!bucket)
		return;
	locks = current_locks(bucket, task);
	if (!locks && holds_others()) {
		cpu->counts[BALANCE_UNFOLLOWED]++;
		return;
	}
	if (!locks)
		locks = claim(bucket, task);
	if (locks)
		note_taken(cpu, locks, lock, site);
	else
		cpu->counts[BALANCE_DROPPED]++;
}

/* An entry taken off from within leaves a hole, which goes when it comes to the top. */
static __always_inline void trim(struct task_locks *locks)
{
	for (__u32 i = 0; i < MAX_TAKEN; i++) {
		__u32 depth = locks->depth;

		if (!depth || locks->taken[(depth - 1) & (MAX_TAKEN - 1)].lock)
			break;
		locks->depth = depth - 1;
	}
	if (locks->told > locks->depth)
		locks->told = locks->depth;
}

/* The one taken last, if it was taken more than once. */
static __always_inline bool let_go(struct task_locks *locks, __u64 lock)
{
	__u32 depth = locks->depth;

	for (__u32 i = 0; i < MAX_TAKEN; i++) {
		struct taken_lock *taken = &locks->taken[(depth - 1 - i) & (MAX_TAKEN - 1)];

		if (i >= depth)
			break;
		if (taken->lock != lock)
			continue;
		taken->lock = 0;
		trim(locks);
		return true;
	}
	return false;
}

/* Locks that there was no room for are let go before those below them. */
static __always_inline void settle_release(struct balance_cpu *cpu, struct task_locks *locks,
					   const struct lockdep_map *lock, __u64 site)
{
	if (let_go(locks, (__u64)lock))
		cpu->counts[BALANCE_LET_GO]++;
	else if (locks->beyond)
		locks->beyond--;
	else
		tell_not_held(cpu, lock, site);
	if (!locks->depth && !locks->beyond)
		free_entry(locks);
}

static __always_inline void balance_release(const struct lockdep_map *lock, __u64 site)
{
	struct balance_cpu *cpu = looked_at((__u64)lock, site);
	__u64 task = bpf_get_current_task();
	struct task_bucket *bucket;
	struct task_locks *locks;

	bucket = cpu ? bucket_of(task) : 0;
	if (!bucket)
		return;
	locks = current_locks(bucket, task);
	if (locks)
		settle_release(cpu, locks, lock, site);
	else if (!holds_others())
		tell_not_held(cpu, lock, site);
}

/* On the way back to user space no lock is held. */
SEC("?tp_btf/sys_exit")
int BPF_PROG(balance_sys_exit)
{
	__u64 task = bpf_get_current_task();
	struct task_bucket *bucket = enabled ? bucket_of(task) : 0;
	struct task_locks *locks = bucket ? current_locks(bucket, task) : 0;

	if (locks)
		tell_kept(locks);
	return 0;
}

#endif
