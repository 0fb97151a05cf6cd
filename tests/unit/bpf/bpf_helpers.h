/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Found before libbpf's: with it a BPF program is plain C over the machine of
 * sim.h. A map is known by its address, and what it holds by its definition,
 * as libbpf reads it from BTF. libbpf's bpf_tracing.h and bpf_core_read.h then
 * do as they are.
 */
#ifndef __BPF_HELPERS__
#define __BPF_HELPERS__

#include "sim.h"

#define __uint(name, val)  int(*name)[val]
#define __type(name, val)  __typeof__(val) *name
#define __array(name, val) __typeof__(val) *name[]

#define SEC(name) __attribute__((used))
#define __ksym

#undef __always_inline
#define __always_inline inline __attribute__((always_inline))
#undef __noinline
#define __noinline __attribute__((noinline))
#undef __weak
#define __weak __attribute__((weak))

/* The types are the running machine's own: nothing to relocate, all there is exists. */
#define __builtin_preserve_access_index(access)	    (access)
#define __builtin_preserve_field_info(field, kind)  1
#define __builtin_preserve_type_info(type, kind)    1
#define __builtin_preserve_enum_value(number, kind) 1

#define bpf_map_lookup_elem(map, key)		    sim_lookup(SIM_MAP(map), key)
#define bpf_map_update_elem(map, key, value, flags) sim_update(SIM_MAP(map), key, value, flags)
#define bpf_map_delete_elem(map, key)		    sim_delete(SIM_MAP(map), key)
#define bpf_task_storage_get(map, task, value, flags)                                              \
	sim_task_storage(SIM_TASK_MAP(map), task, value, flags)

#define bpf_ringbuf_reserve(map, bytes, flags) sim_reserve(bytes)
#define bpf_ringbuf_submit(record, flags)      sim_submit(record)

static inline __u32 bpf_get_prandom_u32(void)
{
	sim_interruptible("bpf_get_prandom_u32");
	return sim.random++;
}

static inline __u64 bpf_ktime_get_ns(void)
{
	sim_interruptible("bpf_ktime_get_ns");
	return sim.clock;
}

static inline __u32 bpf_get_smp_processor_id(void)
{
	sim_interruptible("bpf_get_smp_processor_id");
	return sim.cpu;
}

static inline struct task_struct *bpf_get_current_task_btf(void)
{
	sim_interruptible("bpf_get_current_task_btf");
	return &sim_current()->kernel;
}

static inline __u64 bpf_get_current_task(void)
{
	sim_interruptible("bpf_get_current_task");
	return (__u64)&sim_current()->kernel;
}

static inline __u64 bpf_get_current_pid_tgid(void)
{
	sim_interruptible("bpf_get_current_pid_tgid");
	return (__u64)sim_current()->tgid << 32 | sim_current()->pid;
}

/* The kernel pads with zeros. */
static inline long bpf_get_current_comm(void *comm, __u32 bytes)
{
	sim_interruptible("bpf_get_current_comm");
	strncpy(comm, sim_current()->comm, bytes);
	return 0;
}

static inline __u64 bpf_get_current_ancestor_cgroup_id(int level)
{
	sim_interruptible("bpf_get_current_ancestor_cgroup_id");
	return level >= 0 && level < SIM_CGROUP_LEVELS ? sim_current()->cgroups[level] : 0;
}

static inline __u64 bpf_get_current_cgroup_id(void)
{
	int level = SIM_CGROUP_LEVELS - 1;

	sim_interruptible("bpf_get_current_cgroup_id");
	while (level && !sim_current()->cgroups[level])
		level--;
	return sim_current()->cgroups[level];
}

static inline long bpf_get_stack(void *ctx, void *stack, __u32 bytes, __u64 flags)
{
	__u32 taken = sim.stack_depth * sizeof(*sim.stack);

	(void)ctx;
	(void)flags;
	sim_interruptible("bpf_get_stack");
	memset(stack, 0, bytes);
	memcpy(stack, sim.stack, taken < bytes ? taken : bytes);
	return taken < bytes ? taken : bytes;
}

/* An address that no user space has stands for memory that is not there. */
static inline long bpf_probe_read_kernel(void *to, __u32 bytes, const void *from)
{
	sim_interruptible("bpf_probe_read_kernel");
	if ((__u64)from < SIM_FIRST_ADDRESS || (__u64)from >= SIM_LAST_ADDRESS) {
		memset(to, 0, bytes);
		return -EFAULT;
	}
	memcpy(to, from, bytes);
	return 0;
}

/* Up to the end of the string; what is behind it stays as it was. */
static inline long bpf_probe_read_kernel_str(char *to, __u32 bytes, const char *from)
{
	__u32 n = 0;

	sim_interruptible("bpf_probe_read_kernel_str");
	if ((__u64)from < SIM_FIRST_ADDRESS || (__u64)from >= SIM_LAST_ADDRESS)
		return -EFAULT;
	while (n < bytes - 1 && from[n]) {
		to[n] = from[n];
		n++;
	}
	to[n] = '\0';
	return n + 1;
}

/* No variable of a CPU is there: they are found to be missing. */
static inline const void *bpf_this_cpu_ptr(const void *variable)
{
	(void)variable;
	abort();
}

#endif
