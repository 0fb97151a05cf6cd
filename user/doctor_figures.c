// SPDX-License-Identifier: GPL-2.0-or-later
/* What the facts mean for the figures of a recording. Pure. */
#include <linux/capability.h>
#include <stdio.h>
#include <string.h>

#include "doctor_internal.h"

/*
 * kernel/ksyms_common.c: shown with CAP_SYSLOG, unless kptr_restrict is 2; and
 * to all where kptr_restrict is 0 and perf_event_paranoid at most 1.
 */
static const char *cure_of_hidden_addresses(const struct doctor_facts *facts)
{
	if (facts->kptr_restrict >= 2)
		return "sysctl kernel.kptr_restrict=1 (2 hides them from root, too)";
	if (facts->capabilities & 1ULL << CAP_SYSLOG)
		return "run it outside of containers, on a kernel with CONFIG_KALLSYMS=y";
	return BECOME_ROOT;
}

static void append_setting(struct finding *f, const char *name, int value)
{
	if (value != DOCTOR_UNKNOWN)
		finding_append(f, ", %s is %d", name, value);
}

static void judge_addresses(struct judgement *j)
{
	const struct doctor_facts *facts = j->facts;
	struct finding *f = finding_add(j, "kptr_restrict", "addresses are %s",
					facts->symbols_shown ? "shown" : "hidden from you");

	append_setting(f, "kptr_restrict", facts->kptr_restrict);
	if (facts->symbols_shown)
		return;
	append_setting(f, "perf_event_paranoid", facts->perf_event_paranoid);
	finding_explain(f, DOCTOR_WARNING,
			"no lock is named by its symbol or its caller, no swap device's lock is"
			" found, and the lock path may stay unknown",
			cure_of_hidden_addresses(facts));
}

static void judge_data_symbols(struct judgement *j)
{
	struct finding *f = finding_add(j, "KALLSYMS_ALL", "data symbols are shown");

	if (j->facts->data_symbols)
		return;
	if (!j->facts->symbols_shown) {
		strcpy(f->found, "cannot be told: addresses are hidden");
		finding_explain(f, DOCTOR_NOTE, "", cure_of_hidden_addresses(j->facts));
		return;
	}
	strcpy(f->found, "data symbols are not shown");
	finding_explain(
		f, DOCTOR_NOTE,
		"swap_lock and swap_avail_lock have no row of their own: they are counted among"
		" the others",
		"boot a kernel with CONFIG_KALLSYMS_ALL=y");
}

void judge_naming(struct judgement *j)
{
	judge_addresses(j);
	judge_data_symbols(j);
}

static const char tas_cure[] =
	"QEMU: -cpu max,-hypervisor; KVM: kvm-pv-unhalt=on or kvm-hint-dedicated=on; or boot a"
	" kernel with CONFIG_PARAVIRT=n, or with CONFIG_LOCK_STAT=y";

/* The lockdep backend sees each failed trylock, on whatever path. */
static void judge_lock_path(struct judgement *j)
{
	const char *path = j->facts->lock_path;
	struct finding *f = finding_add(j, "lock path", "%s", *path ? path : "unknown");

	if (!j->facts->lockdep)
		return;
	if (!strcmp(path, "tas"))
		finding_explain(f, DOCTOR_WARNING,
				"spinlocks emit no event at all: none of their waits are seen",
				tas_cure);
	else if (!*path)
		finding_explain(f, DOCTOR_WARNING,
				"it cannot be told which spinlock waits are left out",
				cure_of_hidden_addresses(j->facts));
	else if (strcmp(path, "native"))
		return;
	else if (j->facts->cpus <= 2)
		finding_explain(f, DOCTOR_WARNING,
				"the first waiter of a spinlock (on the pending bit) is not traced,"
				" and with so few CPUs there is seldom a second: next to no event"
				" of a spinlock",
				"use more CPUs, or boot a kernel with CONFIG_LOCK_STAT=y");
	else
		finding_explain(f, DOCTOR_NOTE,
				"the first waiter of a spinlock (on the pending bit) is not traced:"
				" compare with no count of another lock path",
				"for exact counts boot a kernel with CONFIG_LOCK_STAT=y");
}

static void judge_cpus(struct judgement *j)
{
	struct finding *f = finding_add(j, "CPUs", "%d", j->facts->cpus);

	if (j->facts->cpus == 1)
		finding_explain(f, DOCTOR_WARNING, "nobody waits for a spinlock on one CPU",
				"use a machine with more CPUs");
	else if (j->facts->cpus == 2)
		finding_explain(f, DOCTOR_NOTE, "two CPUs say little about how locks scale",
				"use a machine with more CPUs");
}

static void judge_lock_stat(struct judgement *j)
{
	struct finding *f = finding_add(j, "LOCK_STAT", "/proc/lock_stat counts");

	if (!j->facts->lock_stat) {
		strcpy(f->found, "not in this kernel");
		finding_explain(
			f, DOCTOR_NOTE, "no second witness of the counts",
			"boot a kernel with CONFIG_LOCK_STAT=y (make lab-kernel builds one)");
	} else if (j->facts->lock_stat_on <= 0) {
		strcpy(f->found, "/proc/lock_stat is there, but switched off");
		finding_explain(f, DOCTOR_NOTE, "no second witness of the counts",
				"sysctl kernel.lock_stat=1");
	}
}

void judge_locks(struct judgement *j)
{
	judge_lock_path(j);
	judge_cpus(j);
	judge_lock_stat(j);
}

static bool same_priorities(const struct doctor_facts *facts)
{
	for (int i = 1; i < facts->nr_swaps; i++)
		if (facts->swaps[i].priority != facts->swaps[0].priority)
			return false;
	return true;
}

/* Those that fit whole, and how many do not: a path may be long. */
static void list_devices(struct finding *f, const struct doctor_facts *facts)
{
	enum { ROOM_FOR_NUMBERS = 64 };
	int left_out = 0;

	for (int i = 0; i < facts->nr_swaps; i++) {
		const struct swap_entry *entry = &facts->swaps[i];
		size_t bytes = strlen(f->found) + strlen(entry->name) + ROOM_FOR_NUMBERS;

		if (bytes < sizeof(f->found))
			finding_append(f, "%s%s (priority %d)", *f->found ? ", " : "", entry->name,
				       entry->priority);
		else
			left_out++;
	}
	if (left_out)
		finding_append(f, "%s%d more in /proc/swaps", *f->found ? ", and " : "", left_out);
}

static void judge_devices(struct judgement *j)
{
	const struct doctor_facts *facts = j->facts;
	struct finding *f = finding_add(j, "swap devices", "%s", facts->nr_swaps > 0 ? "" : "none");

	list_devices(f, facts);
	if (facts->nr_swaps < 0) {
		snprintf(f->found, sizeof(f->found), "cannot be read: %s",
			 strerror(-facts->nr_swaps));
		finding_explain(f, DOCTOR_WARNING, "there is nothing to see",
				"boot a kernel with CONFIG_SWAP=y");
	} else if (!facts->nr_swaps) {
		finding_explain(f, DOCTOR_WARNING, "there is nothing to see",
				"swapon, also while it records");
	} else if (!same_priorities(facts)) {
		finding_explain(f, DOCTOR_WARNING,
				"only those of the highest priority are used until they are full",
				"swapon -p gives devices one priority: they are used in turn");
	}
}

static void judge_structures(struct judgement *j)
{
	int found = j->facts->structures;
	struct finding *f = finding_add(j, "swap structures", "found");

	if (j->facts->nr_swaps <= 0) {
		strcpy(f->found, "none to look for");
	} else if (found == DOCTOR_NOT_TRIED) {
		strcpy(f->found, "not looked for: no backend loads");
		f->status = DOCTOR_NOTE;
	} else if (found < 0) {
		strcpy(f->found, "not found");
		finding_explain(f, DOCTOR_WARNING,
				"the locks of the swap devices are counted among the others",
				j->facts->symbols_shown ? "look again when no swapon is at work"
							: cure_of_hidden_addresses(j->facts));
	} else {
		finding_append(f, " for %d of %d devices", found, j->facts->nr_swaps);
	}
}

/* mm/swap_slots.c went with Linux 6.15. */
static void judge_slot_cache(struct judgement *j)
{
	const char *boot = j->facts->swap_slots;
	struct finding *f = finding_add(j, "slot cache", "off (swap_slots=off)");

	if (!strcmp(boot, "off"))
		return;
	if (!*boot && !kernel_older_than(j->facts, 6, 15)) {
		strcpy(f->found, "not in this kernel");
		return;
	}
	strcpy(f->found, "on");
	finding_explain(f, DOCTOR_WARNING,
			"a CPU takes 64 slots at a time: it hides the locks of the devices",
			*boot ? "boot with swap_slots=off"
			      : "boot a patched kernel with swap_slots=off (kernel-patches/)");
}

static void judge_zswap(struct judgement *j)
{
	const char *enabled = j->facts->zswap;
	struct finding *f = finding_add(j, "zswap", "%s",
					!*enabled	  ? "not in this kernel"
					: *enabled == 'Y' ? "on"
							  : "off");

	if (*enabled == 'Y')
		finding_explain(f, DOCTOR_WARNING, "pages may never reach a swap device",
				"echo N > /sys/module/zswap/parameters/enabled");
}

static void judge_memory_cgroup(struct judgement *j)
{
	static const char *const found[] = {
		[MEMORY_CGROUP_NONE] = "no cgroup is mounted",
		[MEMORY_CGROUP_OFF] = "no memory controller",
		[MEMORY_CGROUP_V1] = "v1",
		[MEMORY_CGROUP_V2] = "v2",
	};
	enum memory_cgroup state = j->facts->memory_cgroup;
	struct finding *f = finding_add(j, "memory cgroup", "%s", found[state]);

	if (state == MEMORY_CGROUP_NONE)
		finding_explain(f, DOCTOR_NOTE, "memory cannot be made short for a load alone",
				"mount -t cgroup2 cgroup2 /sys/fs/cgroup");
	else if (state == MEMORY_CGROUP_OFF)
		finding_explain(
			f, DOCTOR_NOTE, "memory cannot be made short for a load alone",
			"mount the controller, or boot a kernel with CONFIG_MEMCG=y and without"
			" cgroup_disable=memory");
}

void judge_swap(struct judgement *j)
{
	judge_devices(j);
	judge_structures(j);
	judge_slot_cache(j);
	judge_zswap(j);
	judge_memory_cgroup(j);
}
