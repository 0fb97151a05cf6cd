/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The machine that a BPF program sees, in plain memory: CPUs, tasks, a clock
 * that moves when the test says so, and maps. One program runs at a time, and
 * where it calls a helper an interrupt may come: the test's own function, which
 * runs other programs on the same CPU.
 *
 * Each value of a map is an allocation of its own, so that AddressSanitizer sees
 * a program that leaves it.
 */
#ifndef SIM_H
#define SIM_H

#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum {
	SIM_CPUS = 4,
	SIM_TASKS = 64,
	SIM_PROGRAMS = 16,
	SIM_CGROUP_LEVELS = 4,
	SIM_STACK = 32,
	SIM_RECORDS = 8,    /* that a ring buffer has room for */
	SIM_ARGUMENTS = 12, /* as many as a tracepoint may have */

	/* enum bpf_map_type, uapi/linux/bpf.h */
	SIM_HASH = 1,
	SIM_ARRAY = 2,
	SIM_PERCPU_HASH = 5,
	SIM_PERCPU_ARRAY = 6,
	SIM_LRU_HASH = 9,
	SIM_LRU_PERCPU_HASH = 10,
	SIM_TASK_STORAGE = 29,

	/* flags of bpf_map_update_elem() and bpf_task_storage_get() */
	SIM_NOEXIST = 1,
	SIM_EXIST = 2,
	SIM_CREATE = 1,
};

#define SIM_FIRST_ADDRESS 0x1000
#define SIM_LAST_ADDRESS  0x800000000000

struct sim_task {
	struct task_struct kernel;
	__u32 pid, tgid;
	char comm[16];
	__u64 cgroups[SIM_CGROUP_LEVELS]; /* from the root down; 0: not so deep */
};

/* What a definition of a map says. */
struct sim_shape {
	__u32 type, key_bytes, value_bytes, max_entries;
};

struct sim_entry {
	__u64 used; /* when, for the LRU types */
	void *key;
	void *values[SIM_CPUS]; /* but for the per-CPU types only the first */
};

struct sim_map {
	const void *definition;
	struct sim_shape shape;
	struct sim_map *next;
	struct sim_entry **entries; /* an array's by its key */
	__u32 nr;		    /* entries that were ever in use are below */
};

typedef int sim_function(unsigned long long *ctx);

/* The kernel's guard against recursion: one a program and CPU. */
struct sim_program {
	sim_function *run;
	_Bool active[SIM_CPUS];
	__u64 missed;
};

static struct sim {
	__u32 cpu;
	__u64 clock;
	struct sim_task *tasks[SIM_CPUS]; /* what each CPU runs */
	__u64 stack[SIM_STACK];		  /* what bpf_get_stack() finds */
	__u32 stack_depth;
	void (*interrupt)(const char *helper); /* comes before each helper */
	_Bool interrupted;
	_Bool no_memory;	    /* nothing can be inserted into a map */
	__u32 random;		    /* the next number drawn; each is one more than the last */
	void *records[SIM_RECORDS]; /* of the ring buffer, there is one */
	__u32 nr_records;
	__u64 uses;
	struct sim_map *maps;
	struct sim_program programs[SIM_PROGRAMS];
} sim;

#define SIM_UINT(map, member) (sizeof(*(map)->member) / sizeof(int))
#define SIM_SHAPED(map, entries)                                                                   \
	sim_map(map, (struct sim_shape){ SIM_UINT(map, type), sizeof(*(map)->key),                 \
					 sizeof(*(map)->value), entries })
#define SIM_MAP(map) SIM_SHAPED(map, SIM_UINT(map, max_entries))
/* A task's storage has the task for a key, and no limit. */
#define SIM_TASK_MAP(map)                                                                          \
	sim_map(map, (struct sim_shape){ SIM_UINT(map, type), sizeof(void *),                      \
					 sizeof(*(map)->value), SIM_TASKS })

/* The value that a CPU has, without a helper's side effects; NULL: none. */
#define sim_value(map, key, on_cpu) sim_find(SIM_MAP(map), key, on_cpu)

/* Constants are read-only in a loaded object; libbpf sets them before. */
#define sim_set(constant, ...)                                                                     \
	do {                                                                                       \
		__typeof__(constant) sim_new = __VA_ARGS__;                                        \
		sim_write(&(constant), (const void *)&sim_new, sizeof(sim_new));                   \
	} while (0)

/* Runs a program of BPF_PROG() with these arguments. */
#define sim_run(program, ...)                                                                      \
	sim_run_program(program, (unsigned long long[SIM_ARGUMENTS]){ __VA_ARGS__ })

static inline struct sim_task *sim_current(void)
{
	return sim.tasks[sim.cpu];
}

/* An interrupt is not interrupted itself. */
static inline void sim_interruptible(const char *helper)
{
	if (!sim.interrupt || sim.interrupted)
		return;
	sim.interrupted = 1;
	sim.interrupt(helper);
	sim.interrupted = 0;
}

/* The compiler must not see that it is a constant which is written. */
static inline void sim_write(const volatile void *constant, const void *value, size_t bytes)
{
	uintptr_t page = sysconf(_SC_PAGESIZE), start, to = (uintptr_t)constant;

	__asm__("" : "+r"(to));
	start = to & -page;
	if (mprotect((void *)start, to + bytes - start, PROT_READ | PROT_WRITE))
		abort();
	memcpy((void *)to, value, bytes);
}

static inline struct sim_map *sim_map(const void *definition, struct sim_shape shape)
{
	struct sim_map *map = sim.maps;

	while (map && map->definition != definition)
		map = map->next;
	if (map)
		return map;
	map = calloc(1, sizeof(*map));
	*map = (struct sim_map){ .definition = definition, .shape = shape, .next = sim.maps };
	map->entries = calloc(shape.max_entries, sizeof(*map->entries));
	return sim.maps = map;
}

static inline _Bool sim_is_array(const struct sim_map *map)
{
	return map->shape.type == SIM_ARRAY || map->shape.type == SIM_PERCPU_ARRAY;
}

static inline _Bool sim_is_lru(const struct sim_map *map)
{
	return map->shape.type == SIM_LRU_HASH || map->shape.type == SIM_LRU_PERCPU_HASH;
}

static inline _Bool sim_is_percpu(const struct sim_map *map)
{
	return map->shape.type == SIM_PERCPU_HASH || map->shape.type == SIM_PERCPU_ARRAY ||
	       map->shape.type == SIM_LRU_PERCPU_HASH;
}

/* The key is copied, so that an overrun of the caller's is seen for every type. */
static inline struct sim_entry *sim_insert(struct sim_map *map, __u32 at, const void *key)
{
	struct sim_entry *entry = calloc(1, sizeof(*entry));

	entry->key = malloc(map->shape.key_bytes);
	memcpy(entry->key, key, map->shape.key_bytes);
	for (__u32 cpu = 0; cpu < (sim_is_percpu(map) ? SIM_CPUS : 1); cpu++)
		entry->values[cpu] = calloc(1, map->shape.value_bytes);
	if (at >= map->nr)
		map->nr = at + 1;
	return map->entries[at] = entry;
}

static inline void sim_remove(struct sim_map *map, __u32 at)
{
	struct sim_entry *entry = map->entries[at];

	if (!entry)
		return;
	for (__u32 cpu = 0; cpu < SIM_CPUS; cpu++)
		free(entry->values[cpu]);
	free(entry->key);
	free(entry);
	map->entries[at] = NULL;
}

/* Where the key is, or -1. An array has every key below its size. */
static inline __s64 sim_index(struct sim_map *map, const void *key)
{
	__u32 index;

	if (!sim_is_array(map)) {
		for (__u32 at = 0; at < map->nr; at++)
			if (map->entries[at] &&
			    !memcmp(map->entries[at]->key, key, map->shape.key_bytes))
				return at;
		return -1;
	}
	memcpy(&index, key, sizeof(index));
	if (index >= map->shape.max_entries)
		return -1;
	if (!map->entries[index])
		sim_insert(map, index, key);
	return index;
}

static inline void *sim_find(struct sim_map *map, const void *key, __u32 cpu)
{
	__s64 at = sim_index(map, key);

	if (at < 0)
		return NULL;
	map->entries[at]->used = ++sim.uses;
	return map->entries[at]->values[sim_is_percpu(map) ? cpu : 0];
}

/* A free place, if need be that of the entry which was longest not used; or -1. */
static inline __s64 sim_place(struct sim_map *map)
{
	__u32 oldest = 0;

	for (__u32 at = 0; at < map->shape.max_entries; at++) {
		if (!map->entries[at])
			return at;
		if (map->entries[at]->used < map->entries[oldest]->used)
			oldest = at;
	}
	if (!sim_is_lru(map))
		return -1;
	sim_remove(map, oldest);
	return oldest;
}

static inline void *sim_add(struct sim_map *map, const void *key)
{
	__s64 at = sim.no_memory ? -1 : sim_place(map);

	if (at < 0)
		return NULL;
	sim_insert(map, at, key);
	return sim_find(map, key, sim.cpu);
}

static inline void *sim_lookup(struct sim_map *map, const void *key)
{
	sim_interruptible("bpf_map_lookup_elem");
	return sim_find(map, key, sim.cpu);
}

static inline long sim_update(struct sim_map *map, const void *key, const void *value, __u64 flags)
{
	void *found;

	sim_interruptible("bpf_map_update_elem");
	found = sim_find(map, key, sim.cpu);
	if (found && flags == SIM_NOEXIST)
		return -EEXIST;
	if (!found && (flags == SIM_EXIST || sim_is_array(map)))
		return sim_is_array(map) ? -E2BIG : -ENOENT;
	if (!found)
		found = sim_add(map, key);
	if (!found)
		return sim.no_memory ? -ENOMEM : -E2BIG;
	memcpy(found, value, map->shape.value_bytes);
	return 0;
}

static inline long sim_delete(struct sim_map *map, const void *key)
{
	__s64 at;

	sim_interruptible("bpf_map_delete_elem");
	if (sim_is_array(map))
		return -EINVAL;
	at = sim_index(map, key);
	if (at < 0)
		return -ENOENT;
	sim_remove(map, at);
	return 0;
}

static inline void *sim_task_storage(struct sim_map *map, struct task_struct *task,
				     const void *value, __u64 flags)
{
	void *found;

	sim_interruptible("bpf_task_storage_get");
	found = sim_find(map, &task, 0);
	if (found || !(flags & SIM_CREATE))
		return found;
	found = sim_add(map, &task);
	if (found && value)
		memcpy(found, value, map->shape.value_bytes);
	return found;
}

static inline void *sim_reserve(size_t bytes)
{
	sim_interruptible("bpf_ringbuf_reserve");
	return sim.nr_records < SIM_RECORDS ? malloc(bytes) : NULL;
}

static inline void sim_submit(void *record)
{
	sim_interruptible("bpf_ringbuf_submit");
	sim.records[sim.nr_records++] = record;
}

static inline struct sim_program *sim_program(sim_function *run)
{
	struct sim_program *program = sim.programs;

	while (program->run && program->run != run)
		if (++program == sim.programs + SIM_PROGRAMS)
			abort();
	program->run = run;
	return program;
}

static inline void sim_run_program(sim_function *run, unsigned long long *ctx)
{
	struct sim_program *program = sim_program(run);
	_Bool *active = &program->active[sim.cpu];

	if (*active) {
		program->missed++;
		return;
	}
	*active = 1;
	run(ctx);
	*active = 0;
}

/* As after boot: no maps, no tasks, no time. */
static inline void sim_reset(void)
{
	struct sim_map *map;

	while ((map = sim.maps)) {
		for (__u32 at = 0; at < map->nr; at++)
			sim_remove(map, at);
		sim.maps = map->next;
		free(map->entries);
		free(map);
	}
	for (__u32 i = 0; i < sim.nr_records; i++)
		free(sim.records[i]);
	memset(&sim, 0, sizeof(sim));
}

#endif
