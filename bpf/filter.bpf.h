/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Whose waits are wanted. Constants from before loading: what is not asked for
 * is no code at all. Asked at the end of a wait as well: one that is not wanted
 * must not be taken for the end of another, which lost its own.
 */
#ifndef FILTER_BPF_H
#define FILTER_BPF_H

const volatile __u32 only_pid = 0;    /* the process; 0: any */
const volatile __u64 only_cgroup = 0; /* ID of a cgroup (v2) and those below it; 0: any */
const volatile int only_cgroup_level = 0;
const volatile char only_comm[COMM_BYTES] = {}; /* the thread's name, padded; empty: any */
const volatile __u64 min_wait = 0; /* ns: briefer ones are counted in the ledger alone */

static __always_inline bool comm_wanted(void)
{
	char comm[COMM_BYTES];

	if (bpf_get_current_comm(comm, sizeof(comm)))
		return false;
	for (int i = 0; i < COMM_BYTES; i++) {
		if (comm[i] != only_comm[i])
			return false;
		if (!comm[i])
			break;
	}
	return true;
}

static __always_inline bool wanted(void)
{
	if (only_pid && bpf_get_current_pid_tgid() >> 32 != only_pid)
		return false;
	if (only_cgroup && bpf_get_current_ancestor_cgroup_id(only_cgroup_level) != only_cgroup)
		return false;
	return !only_comm[0] || comm_wanted();
}

#endif
