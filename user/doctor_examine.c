// SPDX-License-Identifier: GPL-2.0-or-later
/* Gathers the facts. What can be loaded is loaded, as record does it. */
#include <bpf/btf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "collector.h"
#include "context.h"
#include "discover.h"
#include "doctor_internal.h"
#include "kernel_btf.h"
#include "procfiles.h"
#include "symbols.h"

static int read_setting(const char *path)
{
	char line[32];

	return *procfiles_first_line(path, line, sizeof(line)) ? atoi(line) : DOCTOR_UNKNOWN;
}

static void find_tracepoints(struct doctor_facts *facts)
{
	facts->realtime = context_is_realtime();
	facts->has_btf = kernel_btf();
	for (int t = 0; t < NR_TRACEPOINTS; t++)
		facts->tracepoints[t] = kernel_has_tracepoint(tracepoint_name(t));
}

static bool has_tracepoints(const struct doctor_facts *facts, enum tracepoint first,
			    enum tracepoint last)
{
	for (enum tracepoint t = first; t <= last; t++)
		if (!facts->tracepoints[t])
			return false;
	return true;
}

/* One that loads can also look for the structures of the swap devices. */
static int try_backend(struct doctor_facts *facts, enum backend backend,
		       struct discovery *discovery)
{
	const struct collector_options options = {
		.backend = backend,
		.hold_times = facts->tracepoints[TRACEPOINT_CONTENDED_RELEASE],
	};
	static struct lock_set locks;
	struct collector *collector;
	int err = collector__open(&collector, &options);

	if (!err && discovery && facts->structures == DOCTOR_NOT_TRIED) {
		lock_set__init(&locks);
		facts->structures = discovery__update(discovery, collector, &locks);
		lock_set__free(&locks);
	}
	collector__close(collector);
	return err;
}

static void try_backends(struct doctor_facts *facts)
{
	struct discovery *discovery;
	int err = discovery__open(&discovery, BACKEND_CONTENTION, 0);

	/* libbpf reads its own */
	kernel_btf_drop();
	facts->structures = err ? err : DOCTOR_NOT_TRIED;
	facts->contention = facts->lockdep = DOCTOR_NOT_TRIED;
	if (has_tracepoints(facts, TRACEPOINT_CONTENTION_BEGIN, TRACEPOINT_CONTENTION_END))
		facts->contention = try_backend(facts, BACKEND_CONTENTION, discovery);
	if (has_tracepoints(facts, TRACEPOINT_LOCK_ACQUIRE, TRACEPOINT_LOCK_RELEASE))
		facts->lockdep = try_backend(facts, BACKEND_LOCKDEP, discovery);
	discovery__close(discovery);
}

static unsigned long long effective_capabilities(void)
{
	FILE *status = fopen("/proc/self/status", "re");
	unsigned long long capabilities;

	if (!status)
		return 0;
	capabilities = procfiles_capabilities(status);
	fclose(status);
	return capabilities;
}

static void read_settings(struct doctor_facts *facts)
{
	facts->capabilities = effective_capabilities();
	procfiles_first_line("/sys/kernel/security/lockdown", facts->lockdown,
			     sizeof(facts->lockdown));
	facts->kptr_restrict = read_setting("/proc/sys/kernel/kptr_restrict");
	facts->perf_event_paranoid = read_setting("/proc/sys/kernel/perf_event_paranoid");
	facts->unprivileged_bpf_disabled =
		read_setting("/proc/sys/kernel/unprivileged_bpf_disabled");
	facts->lock_stat = !access("/proc/lock_stat", F_OK);
	facts->lock_stat_on = read_setting("/proc/sys/kernel/lock_stat");
	procfiles_first_line("/sys/module/kernel/parameters/swap_slots", facts->swap_slots,
			     sizeof(facts->swap_slots));
	procfiles_first_line("/sys/module/zswap/parameters/enabled", facts->zswap,
			     sizeof(facts->zswap));
}

static void read_symbols(struct doctor_facts *facts)
{
	facts->symbols_shown = symbols_shown();
	facts->data_symbols = symbol_address(SYMBOL_SWAP_LOCK) ||
			      symbol_address(SYMBOL_SWAP_AVAIL_LOCK) ||
			      symbol_address(SYMBOL_SWAP_INFO);
	facts->lock_path = context_lock_path();
}

static enum memory_cgroup find_memory_cgroup(void)
{
	FILE *mounts = fopen("/proc/mounts", "re");
	enum memory_cgroup found = MEMORY_CGROUP_NONE;

	if (!mounts)
		return found;
	found = doctor_memory_cgroup(mounts);
	fclose(mounts);
	return found;
}

void doctor_examine(struct doctor_facts *facts)
{
	memset(facts, 0, sizeof(*facts));
	snprintf(facts->kernel, sizeof(facts->kernel), "%s", context_kernel());
	facts->cpus = sysconf(_SC_NPROCESSORS_ONLN);
	facts->nr_swaps = procswaps_read(facts->swaps);
	facts->memory_cgroup = find_memory_cgroup();
	read_settings(facts);
	read_symbols(facts);
	find_tracepoints(facts);
	try_backends(facts);
}
