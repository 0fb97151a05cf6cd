/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What both backends share: from an address to a slot, from a duration to the
 * counters of that slot, and the stack of what is pending.
 *
 * Nothing here inserts, deletes, or takes an atomic. An interrupt that reenters
 * a program is turned away by the kernel, which counts it (recursion misses),
 * and we print that count. It may run the other program of a pair, which leaves
 * the stack alone then: half of what it would keep is lost anyway.
 */
#ifndef LOCKTABLE_BPF_H
#define LOCKTABLE_BPF_H

/* Attach time is not measured: programs return until this is set. */
volatile bool enabled = false;

/* Its parity is the bank in use. */
volatile __u32 epoch = 0;

/* The locks that are known, one table a bank. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, NR_BANKS);
	__type(key, __u32);
	__type(value, struct lock_table);
} tables SEC(".maps");

/* Wait times, by bank * MAX_SLOTS + slot. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, NR_BANKS *MAX_SLOTS);
	__type(key, __u32);
	__type(value, struct time_stats);
} waits SEC(".maps");

/* Locks that are not known, by bank * MAX_STRANGERS + hash. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, NR_BANKS *MAX_STRANGERS);
	__type(key, __u32);
	__type(value, struct stranger);
} strangers SEC(".maps");

/* The ledger of each CPU, by enum ledger_entry. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, NR_LEDGER);
	__type(key, __u32);
	__type(value, __u64);
} ledger SEC(".maps");

/* What each CPU spins for (contention) or holds (lockdep). */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct pending_stack);
} cpu_pending SEC(".maps");

static __always_inline void ledger_add(__u32 entry, __u64 n)
{
	__u64 *count = bpf_map_lookup_elem(&ledger, &entry);

	if (count)
		*count += n;
}

static __always_inline struct pending_stack *cpu_stack(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&cpu_pending, &zero);
}

static __always_inline struct lock_table *lock_table(void)
{
	__u32 bank = epoch & 1;

	return bpf_map_lookup_elem(&tables, &bank);
}

/* The slot of the range that address lies in, or otherwise if none does. */
static __always_inline __u64 slot_of_range(const struct lock_table *table, __u64 address,
					   __u64 otherwise)
{
	__u32 at = 0;

#pragma unroll
	for (__u32 step = MAX_RANGES / 2; step; step /= 2) {
		if (table->ranges[(at + step) & (MAX_RANGES - 1)].start <= address)
			at += step;
	}
	at &= MAX_RANGES - 1;
	if (address < table->ranges[at].start || address >= table->ranges[at].end)
		return otherwise;
	return table->ranges[at].slot;
}

static __always_inline __u64 slot_of_known(const struct lock_table *table, __u64 address,
					   __u64 otherwise)
{
	const struct known_lock *bucket =
		&table->known[lock_hash(address, KNOWN_BUCKET_BITS) * KNOWN_WAYS];

#pragma unroll
	for (int way = 0; way < KNOWN_WAYS; way++)
		if (bucket[way].lock == address)
			return bucket[way].slot;
	return otherwise;
}

/* The slot of a lock, or SLOT_STRANGER + other. */
static __always_inline __u64 slot_of(__u64 address, __u64 other)
{
	const struct lock_table *table = lock_table();
	__u64 slot;

	if (!table)
		return other;
	slot = slot_of_range(table, address, SLOT_STRANGER);
	if (slot == SLOT_STRANGER)
		slot = slot_of_known(table, address, SLOT_STRANGER + other);
	return slot;
}

/* Four buckets an octave, as HdrHistogram's: exact below 4. */
static __always_inline __u32 hist_bucket(__u64 ns)
{
	__u64 rest = ns;
	__u32 msb = 0;

	if (ns < (1 << HIST_SUB_BITS))
		return ns;
#pragma unroll
	for (__u32 shift = 32; shift; shift /= 2) {
		if (rest >> shift) {
			rest >>= shift;
			msb += shift;
		}
	}
	msb = ((msb - 1) << HIST_SUB_BITS) + ((ns >> ((msb - HIST_SUB_BITS) & 63)) & 3);
	return msb < HIST_BUCKETS ? msb : HIST_BUCKETS - 1;
}

static __always_inline void time_stats_add(struct time_stats *stats, __u64 ns)
{
	if (!stats->count || ns < stats->min)
		stats->min = ns;
	if (ns > stats->max)
		stats->max = ns;
	stats->count++;
	stats->total += ns;
	stats->hist[hist_bucket(ns)]++;
}

static __always_inline __u32 bank_slot(__u64 slot)
{
	return (epoch & 1) * MAX_SLOTS + slot;
}

/*
 * The entry of a stranger: its own, a free one, or none where another has it.
 * An entry belongs to the first who comes, until the collector empties it.
 */
static __always_inline struct stranger *stranger_entry(__u64 lock)
{
	__u32 key = (epoch & 1) * MAX_STRANGERS + lock_hash(lock, STRANGER_BITS);
	struct stranger *s = bpf_map_lookup_elem(&strangers, &key);

	return s && (!s->lock || s->lock == lock) ? s : 0;
}

/* Notes who a stranger is when it is met first. The stack costs, so it is taken once. */
static __always_inline void meet_stranger(void *ctx, __u64 lock, __u64 other)
{
	struct stranger *s = stranger_entry(lock);
	__u64 mm = 0;
	long bytes;

	if (!s || s->lock)
		return;
	s->lock = lock;
	s->asleep = other;
	/* read, not followed: the verifier has no arithmetic on pointers to kernel types */
	bpf_core_read(&mm, sizeof(mm), &bpf_get_current_task_btf()->mm);
	s->in_mm = lock - mm;
	bytes = bpf_get_stack(ctx, s->stack, sizeof(s->stack), 0);
	s->depth = bytes > 0 ? bytes / sizeof(*s->stack) : 0;
}

/* The counters of an unknown lock; where it has no entry nobody will find out what it is. */
static __always_inline struct time_stats *stranger_stats(__u64 lock, __u64 other)
{
	struct stranger *s = stranger_entry(lock);
	__u32 key;

	if (s) {
		/* met in the other bank, or on another CPU: no stack here */
		if (!s->lock)
			s->asleep = other;
		s->lock = lock;
		return &s->wait;
	}
	key = bank_slot(SLOT_NOT_SEEN);
	return bpf_map_lookup_elem(&waits, &key);
}

/* The counters of a wait. */
static __always_inline struct time_stats *wait_stats(__u64 lock, __u64 slot)
{
	__u32 key;

	if (slot >= SLOT_STRANGER)
		return stranger_stats(lock, slot - SLOT_STRANGER);
	key = bank_slot(slot);
	return bpf_map_lookup_elem(&waits, &key);
}

/* Puts a lock on top. A full stack drops the newcomer, and says so. */
static __always_inline struct pending_lock *pending_push(struct pending_stack *stack, __u64 lock,
							 __u64 slot)
{
	__u64 depth = stack->depth;
	struct pending_lock *pending;

	ledger_add(LEDGER_BEGINS, 1);
	if (depth >= MAX_NESTED) {
		ledger_add(LEDGER_DROPPED, 1);
		return 0;
	}
	if (depth)
		ledger_add(LEDGER_NESTED, 1);
	pending = &stack->locks[depth & (MAX_NESTED - 1)];
	pending->lock = lock;
	pending->slot = slot;
	pending->contended = 0;
	pending->unsettled = 0;
	stack->depth = depth + 1;
	return pending;
}

static __always_inline struct pending_lock *pending_find(struct pending_stack *stack, __u64 lock)
{
	__u64 depth = stack->depth;

#pragma unroll
	for (__u32 i = 0; i < MAX_NESTED; i++) {
		struct pending_lock *pending = &stack->locks[(depth - 1 - i) & (MAX_NESTED - 1)];

		if (i >= depth)
			break;
		if (pending->lock == lock)
			return pending;
	}
	return 0;
}

/* An entry taken off from within leaves a hole (lock 0), which goes when it comes to the top. */
static __always_inline void pending_trim(struct pending_stack *stack)
{
#pragma unroll
	for (__u32 i = 0; i < MAX_NESTED; i++) {
		__u64 depth = stack->depth;

		if (!depth || stack->locks[(depth - 1) & (MAX_NESTED - 1)].lock)
			break;
		stack->depth = depth - 1;
	}
}

/*
 * Takes a wait off. One that ends has nothing live above it: what an interrupt
 * began there must have ended first, so it lost its end.
 */
static __always_inline bool pending_pop(struct pending_stack *stack, __u64 lock,
					struct pending_lock *popped)
{
	__u64 depth = stack->depth, lost = 0;

#pragma unroll
	for (__u32 i = 0; i < MAX_NESTED; i++) {
		struct pending_lock *pending = &stack->locks[(depth - 1 - i) & (MAX_NESTED - 1)];

		if (i >= depth)
			break;
		if (pending->lock != lock) {
			lost += pending->lock != 0;
			continue;
		}
		*popped = *pending;
		stack->depth = depth - 1 - i;
		pending_trim(stack);
		ledger_add(LEDGER_ENDS, 1);
		if (lost)
			ledger_add(LEDGER_MISMATCHED, lost);
		return true;
	}
	return false;
}

#endif
