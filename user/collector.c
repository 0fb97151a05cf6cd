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
#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include "collector.h"
#include "contention.skel.h"
#include "hist.h"
#include "kernel_btf.h"
#include "lockdep.skel.h"
#include "log.h"

/* Program runs that the kernel turned away since they were loaded. */
struct misses {
	__u64 begins, ends;
};

/* The two objects have the same maps under the same names. */
struct collector {
	enum backend backend;
	struct contention_bpf *contention;
	struct lockdep_bpf *lockdep;
	volatile bool *enabled;
	volatile __u32 *epoch;
	int tables, waits, holds, ledger, pending, unknown; /* map fds; holds may be -1 */
	struct bpf_link *in_flight;			    /* iterator over the tasks */
	struct bpf_link *peek;				    /* iterator that answers the request */
	struct peek *request;
	int nr_cpus;
	struct misses started, stopped;
	struct time_stats *per_cpu;  /* one value of every CPU */
	struct stranger *strangers;  /* of every CPU, for each entry of a bank */
	const struct stranger **met; /* those of them that are in use */
};

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

/* A tracepoint that can be attached to has a typedef in the kernel's BTF. */
int backend_available(enum backend backend)
{
	const char *name = backend == BACKEND_LOCKDEP ? "btf_trace_lock_contended"
						      : "btf_trace_contention_begin";

	if (backend == BACKEND_NONE)
		return true;
	if (!kernel_btf())
		return -ENOTSUP;
	return btf__find_by_name_kind(kernel_btf(), name, BTF_KIND_TYPEDEF) > 0;
}

/* The two objects have the same constants under the same names. */
#define SET_FILTER(rodata, filter)                                                                 \
	do {                                                                                       \
		(rodata)->only_pid = (filter)->pid;                                                \
		(rodata)->only_cgroup = (filter)->cgroup;                                          \
		(rodata)->only_cgroup_level = (filter)->cgroup_level;                              \
		(rodata)->min_wait = (filter)->min_wait_ns;                                        \
		if ((filter)->comm)                                                                \
			strncpy((char *)(rodata)->only_comm, (filter)->comm,                       \
				sizeof((rodata)->only_comm) - 1);                                  \
	} while (0)

static int open_contention(struct collector *c, const struct event_filter *filter)
{
	struct contention_bpf *skel = contention_bpf__open();
	int err = 0;

	if (!skel)
		return -errno;
	c->contention = skel;
	SET_FILTER(skel->rodata, filter);
	err = contention_bpf__load(skel);
	if (err)
		return err;
	c->request = &skel->bss->request;
	c->enabled = &skel->bss->enabled;
	c->epoch = &skel->bss->epoch;
	c->tables = bpf_map__fd(skel->maps.tables);
	c->waits = bpf_map__fd(skel->maps.waits);
	c->holds = -1;
	c->ledger = bpf_map__fd(skel->maps.ledger);
	c->unknown = bpf_map__fd(skel->maps.strangers);
	c->pending = bpf_map__fd(skel->maps.cpu_pending);
	err = contention_bpf__attach(skel);
	c->in_flight = skel->links.count_in_flight;
	c->peek = skel->links.peek;
	return err;
}

static int open_lockdep(struct collector *c, const struct event_filter *filter)
{
	struct lockdep_bpf *skel = lockdep_bpf__open();
	int err;

	if (!skel)
		return -errno;
	c->lockdep = skel;
	SET_FILTER(skel->rodata, filter);
	err = lockdep_bpf__load(skel);
	if (err)
		return err;
	c->request = &skel->bss->request;
	c->enabled = &skel->bss->enabled;
	c->epoch = &skel->bss->epoch;
	c->tables = bpf_map__fd(skel->maps.tables);
	c->waits = bpf_map__fd(skel->maps.waits);
	c->holds = bpf_map__fd(skel->maps.holds);
	c->ledger = bpf_map__fd(skel->maps.ledger);
	c->unknown = bpf_map__fd(skel->maps.strangers);
	c->pending = bpf_map__fd(skel->maps.cpu_pending);
	err = lockdep_bpf__attach(skel);
	c->peek = skel->links.peek;
	return err;
}

int collector__open(struct collector **collector, enum backend backend,
		    const struct event_filter *filter)
{
	struct collector *c = calloc(1, sizeof(*c));
	int err;

	*collector = c;
	if (!c)
		return -ENOMEM;
	c->backend = backend;
	c->nr_cpus = libbpf_num_possible_cpus();
	if (c->nr_cpus < 0)
		return c->nr_cpus;
	c->per_cpu = calloc(c->nr_cpus, sizeof(*c->per_cpu));
	c->strangers = calloc((size_t)c->nr_cpus * MAX_STRANGERS, sizeof(*c->strangers));
	c->met = calloc((size_t)c->nr_cpus * MAX_STRANGERS, sizeof(*c->met));
	if (!c->per_cpu || !c->strangers || !c->met)
		return -ENOMEM;
	err = backend == BACKEND_LOCKDEP ? open_lockdep(c, filter) : open_contention(c, filter);
	if (err)
		log_debug("cannot load backend %s: %s", backend_name(backend), strerror(-err));
	return err;
}

static int publish(struct collector *c, __u32 bank, const struct lock_set *locks)
{
	struct lock_table table;

	lock_set__table(locks, &table);
	return bpf_map_update_elem(c->tables, &bank, &table, BPF_ANY) ? -errno : 0;
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
static void read_misses(struct collector *c, struct misses *misses)
{
	if (!c->contention)
		return;
	misses->begins = program_misses(c->contention->progs.contention_begin);
	misses->ends = program_misses(c->contention->progs.contention_end);
}

int collector__start(struct collector *c, const struct lock_set *locks)
{
	int err = publish(c, *c->epoch & 1, locks);

	if (err)
		return err;
	read_misses(c, &c->started);
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

/* Adds up one value over the CPUs, and empties it. */
static int drain(struct collector *c, int map, __u32 key, struct time_stats *sum)
{
	__u64 before = sum->count;

	if (bpf_map_lookup_elem(map, &key, c->per_cpu))
		return -errno;
	for (int cpu = 0; cpu < c->nr_cpus; cpu++)
		time_stats__merge(sum, &c->per_cpu[cpu]);
	if (sum->count == before)
		return 0;
	memset(c->per_cpu, 0, c->nr_cpus * sizeof(*c->per_cpu));
	return bpf_map_update_elem(map, &key, c->per_cpu, BPF_ANY) ? -errno : 0;
}

static int drain_rows(struct collector *c, __u32 bank, unsigned int nr_rows,
		      struct lock_sample *samples)
{
	int err = 0;

	for (__u32 row = 0; row < nr_rows && !err; row++) {
		__u32 key = bank * MAX_SLOTS + row;

		err = drain(c, c->waits, key, &samples[row].wait);
		if (!err && c->holds >= 0)
			err = drain(c, c->holds, key, &samples[row].hold);
	}
	return err;
}

/* Copies one entry of every CPU, and empties it if any is in use. */
static int drain_entry(struct collector *c, __u32 key, struct stranger *entry)
{
	struct stranger *empty;
	bool used = false;
	int err;

	if (bpf_map_lookup_elem(c->unknown, &key, entry))
		return -errno;
	for (int cpu = 0; cpu < c->nr_cpus; cpu++)
		used |= entry[cpu].lock != 0;
	if (!used)
		return 0;
	empty = calloc(c->nr_cpus, sizeof(*empty));
	if (!empty)
		return -ENOMEM;
	err = bpf_map_update_elem(c->unknown, &key, empty, BPF_ANY) ? -errno : 0;
	free(empty);
	return err;
}

static void list_met(struct collector *c, bool with_stack, struct strangers *strangers)
{
	for (size_t i = 0; i < (size_t)c->nr_cpus * MAX_STRANGERS; i++)
		if (c->strangers[i].lock && (c->strangers[i].depth > 0) == with_stack)
			c->met[strangers->n++] = &c->strangers[i];
}

static int drain_strangers(struct collector *c, __u32 bank, struct strangers *strangers)
{
	int err = 0;

	for (__u32 i = 0; i < MAX_STRANGERS && !err; i++)
		err = drain_entry(c, bank * MAX_STRANGERS + i, &c->strangers[i * c->nr_cpus]);
	*strangers = (struct strangers){ .list = c->met };
	list_met(c, true, strangers);
	list_met(c, false, strangers);
	return err;
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
	err = drain_rows(c, old, locks->nr_rows, samples);
	return err ? err : drain_strangers(c, old, strangers);
}

void collector__stop(struct collector *c)
{
	*c->enabled = false;
	wait_for_programs();
	read_misses(c, &c->stopped);
}

/* Runs an iterator to its end, or until it says EAGAIN; its output is not used. */
static int run_iterator(struct bpf_link *link)
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

/* Holes (lock 0) were released already. */
static __u64 count_pending(const struct pending_stack *stack)
{
	__u64 n = 0;

	for (__u64 i = 0; i < stack->depth && i < MAX_NESTED; i++)
		n += stack->locks[i].lock != 0;
	return n;
}

static int count_in_flight(struct collector *c, __u64 *in_flight)
{
	struct pending_stack *stacks = calloc(c->nr_cpus, sizeof(*stacks));
	__u32 zero = 0;
	int err = 0;

	if (!stacks)
		return -ENOMEM;
	if (bpf_map_lookup_elem(c->pending, &zero, stacks))
		err = -errno;
	for (int cpu = 0; cpu < c->nr_cpus && !err; cpu++)
		*in_flight += count_pending(&stacks[cpu]);
	free(stacks);
	if (err || !c->in_flight)
		return err;
	c->contention->bss->tasks_in_flight = 0;
	err = run_iterator(c->in_flight);
	*in_flight += c->contention->bss->tasks_in_flight;
	return err;
}

int collector__ledger(struct collector *c, struct ledger *ledger)
{
	__u64 *per_cpu = calloc(c->nr_cpus, sizeof(*per_cpu));
	const __u64 *n = ledger->counts;
	__s64 missed_ends;
	int err = per_cpu ? 0 : -ENOMEM;

	memset(ledger, 0, sizeof(*ledger));
	for (__u32 entry = 0; entry < NR_LEDGER && !err; entry++) {
		if (bpf_map_lookup_elem(c->ledger, &entry, per_cpu))
			err = -errno;
		for (int cpu = 0; cpu < c->nr_cpus && !err; cpu++)
			ledger->counts[entry] += per_cpu[cpu];
	}
	free(per_cpu);
	if (!err)
		err = count_in_flight(c, &ledger->in_flight);
	if (*c->enabled)
		read_misses(c, &c->stopped);
	missed_ends = c->stopped.ends - c->started.ends;
	ledger->missed = c->stopped.begins - c->started.begins + missed_ends;
	ledger->residual = n[LEDGER_BEGINS] - n[LEDGER_ENDS] - n[LEDGER_REPEATED] -
			   n[LEDGER_MISMATCHED] - n[LEDGER_DROPPED] - ledger->in_flight;
	/* A begin whose end was turned away may have been overwritten by its outer one. */
	if (ledger->residual > 0)
		ledger->residual -= ledger->residual < missed_ends ? ledger->residual : missed_ends;
	return err;
}

double ledger__loss(const struct ledger *ledger)
{
	const __u64 *n = ledger->counts;
	__u64 residual = llabs(ledger->residual);
	__u64 all = n[LEDGER_BEGINS] + ledger->missed;

	if (!all)
		return 0;
	return (double)(n[LEDGER_MISMATCHED] + n[LEDGER_DROPPED] + ledger->missed + residual) / all;
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
	FILE *file = fopen("/proc/cpuinfo", "re");
	bool found = false;
	char *line = NULL;
	size_t room = 0;

	while (file && !found && getline(&line, &room, file) > 0) {
		if (strncmp(line, "flags", 5))
			continue;
		found = strstr(line, " la57");
		break;
	}
	free(line);
	if (file)
		fclose(file);
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
	err = run_iterator(c->peek);
	if (!err)
		err = request->error;
	if (!err)
		memcpy(data, request->data, bytes);
	return err;
}
