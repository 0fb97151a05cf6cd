/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The kernel types the programs touch, and no others: CO-RE relocates every
 * field by name, so that this file is the reviewable list of what we need from
 * a kernel. Generated headers of a megabyte hide that list.
 */
#ifndef __VMLINUX_H__
#define __VMLINUX_H__

typedef unsigned char __u8;
typedef unsigned short __u16;
typedef unsigned int __u32;
typedef unsigned long long __u64;
typedef signed char __s8;
typedef short __s16;
typedef int __s32;
typedef long long __s64;
typedef __u16 __be16;
typedef __u32 __be32;
typedef __u64 __be64;
typedef __u32 __wsum;
typedef __u8 u8;
typedef __u32 u32;
typedef __u64 u64;
typedef _Bool bool;

enum { false = 0, true = 1 };

/* enum bpf_map_type, uapi/linux/bpf.h */
enum bpf_map_type {
	BPF_MAP_TYPE_HASH = 1,
	BPF_MAP_TYPE_ARRAY = 2,
	BPF_MAP_TYPE_PERCPU_ARRAY = 6,
	BPF_MAP_TYPE_RINGBUF = 27,
	BPF_MAP_TYPE_TASK_STORAGE = 29,
};

/* uapi/linux/bpf.h */
enum {
	BPF_NOEXIST = 1,
	BPF_RB_NO_WAKEUP = 1U << 0,
	BPF_F_NO_PREALLOC = 1U << 0,
	BPF_LOCAL_STORAGE_GET_F_CREATE = 1U << 0,
	BPF_F_MMAPABLE = 1U << 10,
};

/* include/trace/events/lock.h: flags of contention_begin */
enum {
	LCB_F_SPIN = 1U << 0,
	LCB_F_READ = 1U << 1,
	LCB_F_WRITE = 1U << 2,
	LCB_F_RT = 1U << 3,
	LCB_F_PERCPU = 1U << 4,
	LCB_F_MUTEX = 1U << 5,
};

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct mm_struct;
struct seq_file;

/* Not on x86, which counts per CPU. */
struct thread_info {
	__u64 preempt_count;
};

struct task_struct {
	struct thread_info thread_info;
	struct mm_struct *mm;
	int lockdep_depth;
};

struct pcpu_hot {
	int preempt_count;
};

struct lockdep_map {
	const char *name;
};

struct bpf_iter_meta {
	struct seq_file *seq;
	__u64 session_id;
	__u64 seq_num;
};

struct bpf_iter__task {
	struct bpf_iter_meta *meta;
	struct task_struct *task;
};

#pragma clang attribute pop

#endif
