// SPDX-License-Identifier: GPL-2.0-or-later
/* The only file that opens the BPF skeletons. */
#include <errno.h>
#include <linux/membarrier.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "collector_internal.h"
#include "contention.skel.h"
#include "kernel_btf.h"
#include "lockdep.skel.h"
#include "log.h"
#include "procfiles.h"
#include "symbols.h"

const char *backend_name(enum backend backend)
{
	static const char *const names[] = {
		[BACKEND_AUTO] = "auto",
		[BACKEND_CONTENTION] = "contention",
		[BACKEND_LOCKDEP] = "lockdep",
		[BACKEND_NONE] = "none",
	};

	return names[backend];
}

int backend_available(enum backend backend)
{
	if (backend == BACKEND_NONE)
		return true;
	if (!kernel_btf())
		return -ENOTSUP;
	return kernel_has_tracepoint(backend == BACKEND_LOCKDEP ? "lock_contended"
								: "contention_begin");
}

enum {
	MAX_OWNERS = 16384,	 /* tasks or cgroups, times locks, times CPUs, between two cycles */
	SAMPLES_BYTES = 1 << 22, /* some 9,000 stacks between two cycles */
};

/* The two objects have the same constants and variables under the same names. */
#define SET_CONSTANTS(rodata, options)                                                             \
	do {                                                                                       \
		const struct event_filter *filter = &(options)->filter;                            \
                                                                                                   \
		(rodata)->only_pid = filter->pid;                                                  \
		(rodata)->only_cgroup = filter->cgroup;                                            \
		(rodata)->only_cgroup_level = filter->cgroup_level;                                \
		(rodata)->min_wait = filter->min_wait_ns;                                          \
		(rodata)->owner_kind = (options)->owners;                                          \
		(rodata)->stack_every = (options)->stack_every;                                    \
		if (filter->comm)                                                                  \
			strncpy((char *)(rodata)->only_comm, filter->comm,                         \
				sizeof((rodata)->only_comm) - 1);                                  \
	} while (0)

#define FIND_VARIABLES(c, bss)                                                                     \
	do {                                                                                       \
		(c)->request = &(bss)->request;                                                    \
		(c)->enabled = &(bss)->enabled;                                                    \
		(c)->epoch = &(bss)->epoch;                                                        \
	} while (0)

/* Maps that most recordings do not use are of the least size there is. */
static void size_maps(const struct bpf_object *object, const struct collector_options *options)
{
	if (options->owners != OWNER_NONE)
		bpf_map__set_max_entries(bpf_object__find_map_by_name(object, "owners"),
					 MAX_OWNERS);
	if (options->stack_every)
		bpf_map__set_max_entries(bpf_object__find_map_by_name(object, "stack_samples"),
					 SAMPLES_BYTES);
}

static void find_maps(struct collector *c, const struct bpf_object *object)
{
	c->maps = (struct collector_maps){
		.tables = bpf_object__find_map_fd_by_name(object, "tables"),
		.waits = bpf_object__find_map_fd_by_name(object, "waits"),
		.holds = bpf_object__find_map_fd_by_name(object, "holds"),
		.ledger = bpf_object__find_map_fd_by_name(object, "ledger"),
		.strangers = bpf_object__find_map_fd_by_name(object, "strangers"),
		.pending = bpf_object__find_map_fd_by_name(object, "cpu_pending"),
		.owners = bpf_object__find_map_fd_by_name(object, "owners"),
		.stacks = bpf_object__find_map_fd_by_name(object, "stack_samples"),
		.held = -1,
	};
}

static void ask_for_holds(struct contention_bpf *skel)
{
	skel->rodata->hold_times = true;
	bpf_program__set_autoload(skel->progs.contended_release, true);
	bpf_map__set_max_entries(skel->maps.holds, NR_BANKS * MAX_SLOTS);
}

static int open_contention(struct collector *c, const struct collector_options *options)
{
	struct contention_bpf *skel = contention_bpf__open();
	int err;

	if (!skel)
		return -errno;
	c->contention = skel;
	SET_CONSTANTS(skel->rodata, options);
	size_maps(skel->obj, options);
	if (options->hold_times)
		ask_for_holds(skel);
	err = contention_bpf__load(skel);
	if (err)
		return err;
	FIND_VARIABLES(c, skel->bss);
	c->tasks_in_flight = &skel->bss->tasks_in_flight;
	find_maps(c, skel->obj);
	if (options->hold_times)
		c->maps.held = bpf_map__fd(skel->maps.held);
	else
		c->maps.holds = -1;
	err = contention_bpf__attach(skel);
	c->in_flight = skel->links.count_in_flight;
	c->peek = skel->links.peek;
	return err;
}

/* Programs are run inside rcu_read_lock(), whose callers they have to know. */
static void ask_for_balance(struct lockdep_bpf *skel)
{
	__u64 first = symbol_address(SYMBOL_BPF_FIRST_RUNNER);
	__u64 last = symbol_address(SYMBOL_BPF_LAST_RUNNER);

	skel->rodata->balance = true;
	if (first && last > first) {
		skel->rodata->runners_start = first;
		skel->rodata->runners_end = last;
	}
	bpf_program__set_autoload(skel->progs.balance_sys_exit, true);
}

static void leave_out_balance(struct lockdep_bpf *skel)
{
	bpf_map__set_max_entries(skel->maps.balance_tasks, 1);
	bpf_map__set_max_entries(skel->maps.imbalances, 1);
}

static int open_lockdep(struct collector *c, const struct collector_options *options)
{
	struct lockdep_bpf *skel = lockdep_bpf__open();
	int err;

	if (!skel)
		return -errno;
	c->lockdep = skel;
	SET_CONSTANTS(skel->rodata, options);
	size_maps(skel->obj, options);
	if (options->balance)
		ask_for_balance(skel);
	else
		leave_out_balance(skel);
	err = lockdep_bpf__load(skel);
	if (err)
		return err;
	FIND_VARIABLES(c, skel->bss);
	find_maps(c, skel->obj);
	c->balance_maps = (struct balance_maps){
		.cpus = bpf_map__fd(skel->maps.balance_cpus),
		.tasks = bpf_map__fd(skel->maps.balance_tasks),
		.imbalances = bpf_map__fd(skel->maps.imbalances),
	};
	err = lockdep_bpf__attach(skel);
	c->peek = skel->links.peek;
	return err;
}

int collector__open(struct collector **collector, const struct collector_options *options)
{
	struct collector *c = calloc(1, sizeof(*c));
	bool lockdep = options->backend == BACKEND_LOCKDEP;
	int err;

	*collector = c;
	if (!c)
		return -ENOMEM;
	c->owner_kind = options->owners;
	c->nr_cpus = libbpf_num_possible_cpus();
	if (c->nr_cpus < 0)
		return c->nr_cpus;
	c->per_cpu = calloc(c->nr_cpus, sizeof(*c->per_cpu));
	c->strangers = calloc((size_t)c->nr_cpus * MAX_STRANGERS, sizeof(*c->strangers));
	c->met = calloc((size_t)c->nr_cpus * MAX_STRANGERS, sizeof(*c->met));
	if (!c->per_cpu || !c->strangers || !c->met)
		return -ENOMEM;
	err = lockdep ? open_lockdep(c, options) : open_contention(c, options);
	if (err)
		log_debug("cannot load backend %s: %s", backend_name(options->backend),
			  strerror(-err));
	return err;
}

static int publish(struct collector *c, __u32 bank, const struct lock_set *locks)
{
	struct lock_table table;

	lock_set__table(locks, &table);
	return bpf_map_update_elem(c->maps.tables, &bank, &table, BPF_ANY) ? -errno : 0;
}

static __u64 program_misses(const struct bpf_program *program)
{
	struct bpf_prog_info info = {};
	__u32 bytes = sizeof(info);

	if (bpf_obj_get_info_by_fd(bpf_program__fd(program), &info, &bytes))
		return 0;
	return info.recursion_misses;
}

/*
 * In the lockdep backend the kernel's own rcu_read_lock() around each program
 * run is a lock event that is turned away: those misses are of no lock of ours
 * (no interrupt handler takes one) and say nothing.
 */
__u64 collector_missed(const struct collector *c)
{
	if (!c->contention)
		return 0;
	return program_misses(c->contention->progs.contention_begin) +
	       program_misses(c->contention->progs.contention_end);
}

int collector__start(struct collector *c, const struct lock_set *locks)
{
	int err = publish(c, *c->epoch & 1, locks);

	if (err)
		return err;
	c->missed_at_start = collector_missed(c);
	*c->enabled = true;
	return 0;
}

/*
 * Returns when no program still uses what it saw before: programs run inside
 * RCU read sections, and this command is synchronize_rcu(). With nohz_full it
 * is refused; there we wait far longer than any program runs.
 */
static void wait_for_programs(void)
{
	if (syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0))
		usleep(20000);
}

int collector__cycle(struct collector *c, const struct lock_set *locks, struct lock_sample *samples,
		     struct strangers *strangers)
{
	__u32 old = *c->epoch & 1;
	int err = publish(c, !old, locks);

	if (err)
		return err;
	(*c->epoch)++;
	wait_for_programs();
	return collector_drain(c, old, locks, samples, strangers);
}

void collector__stop(struct collector *c)
{
	*c->enabled = false;
	c->missed_at_stop = collector_missed(c);
}

int collector_run_iterator(struct bpf_link *link)
{
	char nothing[16];
	ssize_t got;
	int err, fd = bpf_iter_create(bpf_link__fd(link));

	if (fd < 0)
		return -errno;
	do {
		got = read(fd, nothing, sizeof(nothing));
	} while (got > 0);
	err = got < 0 && errno != EAGAIN ? -errno : 0;
	close(fd);
	return err;
}

void collector__close(struct collector *c)
{
	if (!c)
		return;
	contention_bpf__destroy(c->contention);
	lockdep_bpf__destroy(c->lockdep);
	free(c->per_cpu);
	free(c->strangers);
	free(c->met);
	free(c);
}

/* The flag is there only if five-level paging is in use (arch/x86/kernel/cpu/common.c). */
static bool has_five_levels(void)
{
	FILE *cpuinfo = fopen("/proc/cpuinfo", "re");
	bool found;

	if (!cpuinfo)
		return false;
	found = procfiles_has_cpu_flag(cpuinfo, "la57");
	fclose(cpuinfo);
	return found;
}

/*
 * The upper half of the addresses is the kernel's. Between the halves no address
 * is valid, and a kernel may warn where it is asked to read one: its own check
 * goes by what the CPU could do, not by the paging in use (6.1:
 * copy_from_kernel_nofault_allowed()).
 */
static __u64 kernel_memory_start(void)
{
	static __u64 start;

	if (!start)
		start = has_five_levels() ? 0xff00000000000000 : 0xffff800000000000;
	return start;
}

int collector__peek(struct collector *c, __u64 address, void *data, size_t bytes)
{
	struct peek *request = c->request;
	int err;

	if (bytes > PEEK_BYTES)
		return -E2BIG;
	if (address < kernel_memory_start() || address + bytes < address)
		return -EFAULT;
	*request = (struct peek){ .address = address, .bytes = bytes, .error = -ENODATA };
	err = collector_run_iterator(c->peek);
	if (!err)
		err = request->error;
	if (!err)
		memcpy(data, request->data, bytes);
	return err;
}
