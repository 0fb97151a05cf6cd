/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Waits by task or cgroup, where that is asked for: it takes a hash, and so is
 * no code at all elsewhere. An owner without room is counted as such.
 */
#ifndef OWNERS_BPF_H
#define OWNERS_BPF_H

const volatile __u32 owner_kind = OWNER_NONE;

/* What each owner waited for each row; the collector sizes it, and empties the other bank. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__type(key, struct owner_key);
	__type(value, struct owner_stats);
} owners SEC(".maps");

static __always_inline struct owner_stats *owner_stats(__u64 lock, __u64 slot)
{
	struct owner_key key = { .cpu = bpf_get_smp_processor_id(), .bank = epoch & 1 };
	struct owner_stats empty = {}, *stats;

	key.owner =
		owner_kind == OWNER_TASK ? bpf_get_current_pid_tgid() : bpf_get_current_cgroup_id();
	key.lock = slot >= SLOT_STRANGER ? lock : 0;
	key.slot = slot;
	stats = bpf_map_lookup_elem(&owners, &key);
	if (stats)
		return stats;
	bpf_get_current_comm(empty.comm, sizeof(empty.comm));
	bpf_map_update_elem(&owners, &key, &empty, BPF_NOEXIST);
	return bpf_map_lookup_elem(&owners, &key);
}

static __always_inline void owner_add(__u64 lock, __u64 slot, __u64 ns)
{
	struct owner_stats *stats;

	if (owner_kind == OWNER_NONE)
		return;
	stats = owner_stats(lock, slot);
	if (!stats) {
		ledger_add(LEDGER_OWNERLESS, 1);
		return;
	}
	if (!stats->count || ns < stats->min)
		stats->min = ns;
	if (ns > stats->max)
		stats->max = ns;
	stats->count++;
	stats->total += ns;
}

#endif
