/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Hold times without lockdep, where the kernel has lock:contended_release: it
 * tells that a lock is let go for which somebody waits. When a wait ends the word
 * of the spinlock says whether others wait behind; none of them gives up, so that
 * the release of just this hold is sure to be told. Of other holds nothing is
 * known, and nothing is counted.
 */
#ifndef HOLDS_BPF_H
#define HOLDS_BPF_H

#include "locktable.bpf.h"

enum {
	QSPINLOCK_LOCKED = 0xff, /* include/asm-generic/qspinlock_types.h: the rest is waiters */
};

const volatile bool hold_times = false;

/* Hold times, by bank * MAX_SLOTS + slot; the collector sizes it. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct time_stats);
} holds SEC(".maps");

/* What each CPU holds with others waiting, by the hash of the lock. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1 << HELD_BITS);
	__type(key, __u32);
	__type(value, struct held_lock);
} held SEC(".maps");

static __always_inline struct held_lock *held_entry(__u64 lock)
{
	__u32 key = lock_hash(lock, HELD_BITS);

	return bpf_map_lookup_elem(&held, &key);
}

static __always_inline bool others_wait(__u64 lock)
{
	__u32 word = 0;

	bpf_probe_read_kernel(&word, sizeof(word), (void *)lock);
	return word & ~QSPINLOCK_LOCKED;
}

/* A lock without a range of its own may not be a spinlock. */
static __always_inline void hold_begin(__u64 lock, __u64 slot)
{
	struct held_lock *entry;

	if (!hold_times || slot >= SLOT_STRANGER)
		return;
	entry = held_entry(lock);
	if (!entry)
		return;
	entry->lock = others_wait(lock) ? lock : 0;
	entry->slot = slot;
	entry->since = bpf_ktime_get_ns();
}

/* An interrupt may get a lock after a wait, and with it the entry: what it says is read first. */
static __always_inline void hold_end(__u64 lock, __u64 now)
{
	volatile struct held_lock *entry = held_entry(lock);
	struct time_stats *stats;
	__u64 since;
	__u32 key;

	if (!entry || entry->lock != lock)
		return;
	since = entry->since;
	key = bank_slot(entry->slot);
	entry->lock = 0;
	stats = bpf_map_lookup_elem(&holds, &key);
	if (stats && since <= now)
		time_stats_add(stats, now - since);
}

#endif
