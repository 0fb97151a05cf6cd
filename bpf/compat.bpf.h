/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Every difference between kernels that a program here must know.
 *
 * Linux 5.19 brought lock:contention_begin/end (16edd9b511a1). A mutex sets
 * LCB_F_SPIN as well while it spins optimistically (ee042be16cb4, v6.0), yet
 * may go to sleep before the end: such a wait belongs to the task.
 */
#ifndef COMPAT_BPF_H
#define COMPAT_BPF_H

static __always_inline bool waits_on_cpu(__u32 flags)
{
	return (flags & LCB_F_SPIN) && !(flags & LCB_F_MUTEX);
}

#endif
