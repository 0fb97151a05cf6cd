/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Every difference between kernels that a program here must know.
 *
 * Linux 5.19 brought lock:contention_begin/end (16edd9b511a1). A mutex sets
 * LCB_F_SPIN as well while it spins optimistically (ee042be16cb4, v6.0), yet
 * may go to sleep before the end: such a wait belongs to the task.
 *
 * x86 counts preemption in a variable of each CPU, which was a member of pcpu_hot from
 * 6.2 (64701838bf05) to 6.14 (46e8fff6d45f); other architectures do in the task.
 */
#ifndef COMPAT_BPF_H
#define COMPAT_BPF_H

extern const int __preempt_count __ksym __weak;
extern const struct pcpu_hot pcpu_hot __ksym __weak;

enum {
	SERVING_SOFTIRQ = 1U << 8, /* include/linux/preempt.h */
	IN_HARDIRQ = 0xfU << 16,
	IN_NMI = 0xfU << 20,
};

static __always_inline __u32 preempt_count(void)
{
	struct task_struct *task = bpf_get_current_task_btf();

	if (&__preempt_count)
		return *(const int *)bpf_this_cpu_ptr(&__preempt_count);
	if (&pcpu_hot)
		return ((const struct pcpu_hot *)bpf_this_cpu_ptr(&pcpu_hot))->preempt_count;
	return bpf_core_field_exists(task->thread_info.preempt_count)
		       ? task->thread_info.preempt_count
		       : 0;
}

static __always_inline bool in_interrupt(void)
{
	return preempt_count() & (SERVING_SOFTIRQ | IN_HARDIRQ | IN_NMI);
}

static __always_inline bool waits_on_cpu(__u32 flags)
{
	return (flags & LCB_F_SPIN) && !(flags & LCB_F_MUTEX);
}

#endif
