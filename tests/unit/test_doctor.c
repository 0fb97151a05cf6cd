// SPDX-License-Identifier: GPL-2.0-or-later
/* What the doctor says of machines that are not this one. */
#include <errno.h>
#include <linux/capability.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "doctor.h"

static struct doctor_facts facts;
static struct finding findings[MAX_FINDINGS];

/* A lockstat kernel of ours on a big machine, as root: nothing to complain about. */
static int healthy(void **state)
{
	(void)state;
	facts = (struct doctor_facts){
		.kernel = "6.1.192-lockstat",
		.has_btf = true,
		.capabilities = ~0ULL,
		.lockdown = "[none] integrity confidentiality",
		.symbols_shown = true,
		.data_symbols = true,
		.lock_path = "native",
		.cpus = 16,
		.lock_stat = true,
		.lock_stat_on = 1,
		.nr_swaps = 2,
		.swaps = { { .name = "nvme0n1", .priority = 5 },
			   { .name = "nvme1n1", .priority = 5 } },
		.structures = 2,
		.swap_slots = "off",
		.zswap = "N",
		.memory_cgroup = MEMORY_CGROUP_V2,
	};
	for (int t = 0; t < NR_TRACEPOINTS; t++)
		facts.tracepoints[t] = true;
	return 0;
}

/* A distribution's kernel: no lockdep. */
static void without_lockdep(void)
{
	for (int t = TRACEPOINT_LOCK_ACQUIRE; t < NR_TRACEPOINTS; t++)
		facts.tracepoints[t] = false;
	facts.lockdep = DOCTOR_NOT_TRIED;
	facts.lock_stat = false;
	facts.lock_stat_on = DOCTOR_UNKNOWN;
}

static void without_capabilities(void)
{
	without_lockdep();
	facts.capabilities = 0;
	facts.contention = -EPERM;
	facts.structures = DOCTOR_NOT_TRIED;
	facts.kptr_restrict = 1;
	facts.perf_event_paranoid = 2;
	facts.unprivileged_bpf_disabled = 2;
	facts.symbols_shown = false;
	facts.data_symbols = false;
}

static const struct finding *find(const char *name)
{
	int n = doctor_judge(&facts, findings);

	assert_in_range(n, 1, MAX_FINDINGS);
	for (int i = 0; i < n; i++)
		if (!strcmp(findings[i].name, name))
			return &findings[i];
	return NULL;
}

/* One finding: its status, and words in what was found, the consequence and the cure. */
static void expect(const char *name, enum doctor_status status, const char *found,
		   const char *consequence, const char *cure)
{
	const struct finding *f = find(name);

	if (!f)
		fail_msg("no finding '%s'", name);
	if (f->status != status || !strstr(f->found, found) ||
	    !strstr(f->consequence, consequence) || !strstr(f->cure, cure))
		fail_msg("%s is %s: '%s', '%s', '%s'", name, doctor_status_name(f->status),
			 f->found, f->consequence, f->cure);
}

static void nothing_is_wrong_with_the_healthy(void **state)
{
	int n = doctor_judge(&facts, findings);

	(void)state;
	assert_true(doctor_can_record(&facts));
	for (int i = 0; i < n; i++) {
		expect(findings[i].name, DOCTOR_OK, "", "", "");
		assert_string_equal(findings[i].consequence, "");
		assert_string_equal(findings[i].cure, "");
	}
}

static void an_old_kernel_records_nothing(void **state)
{
	(void)state;
	without_lockdep();
	strcpy(facts.kernel, "5.15.0-1-amd64");
	facts.tracepoints[TRACEPOINT_CONTENTION_BEGIN] = false;
	facts.tracepoints[TRACEPOINT_CONTENTION_END] = false;
	facts.contention = DOCTOR_NOT_TRIED;
	assert_false(doctor_can_record(&facts));
	expect("kernel", DOCTOR_FAILURE, "5.15", "5.19", "5.19");
	expect("contention_begin", DOCTOR_FAILURE, "not in this kernel", "no waits", "5.19");
	expect("contention_end", DOCTOR_FAILURE, "not in this kernel", "no waits", "5.19");
	expect("backend contention", DOCTOR_NOTE, "not tried", "", "");
}

static void an_old_kernel_with_lockdep_records(void **state)
{
	(void)state;
	strcpy(facts.kernel, "5.18.19");
	facts.tracepoints[TRACEPOINT_CONTENTION_BEGIN] = false;
	facts.contention = DOCTOR_NOT_TRIED;
	assert_true(doctor_can_record(&facts));
	expect("kernel", DOCTOR_NOTE, "5.18", "5.19", "");
	expect("contention_begin", DOCTOR_NOTE, "not in this kernel", "no waits", "");
}

static void versions_are_numbers(void **state)
{
	(void)state;
	strcpy(facts.kernel, "5.19.0");
	expect("kernel", DOCTOR_OK, "5.19", "", "");
	strcpy(facts.kernel, "10.2.0");
	expect("kernel", DOCTOR_OK, "10.2", "", "");
}

static void without_btf_nothing_is_known(void **state)
{
	(void)state;
	memset(facts.tracepoints, 0, sizeof(facts.tracepoints));
	facts.has_btf = false;
	facts.contention = facts.lockdep = DOCTOR_NOT_TRIED;
	assert_false(doctor_can_record(&facts));
	expect("BTF", DOCTOR_FAILURE, "missing", "no program", "CONFIG_DEBUG_INFO_BTF");
	expect("lock_acquire", DOCTOR_NOTE, "cannot be told", "", "");
}

static void a_stock_kernel_has_waits_only(void **state)
{
	(void)state;
	without_lockdep();
	assert_true(doctor_can_record(&facts));
	expect("backend contention", DOCTOR_OK, "loads", "", "");
	expect("backend lockdep", DOCTOR_NOTE, "not tried", "", "");
	expect("lock_release", DOCTOR_NOTE, "not in this kernel", "no hold", "LOCK_STAT");
	expect("LOCK_STAT", DOCTOR_NOTE, "not in this kernel", "witness", "LOCK_STAT");
}

static void a_refused_lockdep_needs_to_be_told(void **state)
{
	(void)state;
	facts.lockdep = -EINVAL;
	assert_true(doctor_can_record(&facts));
	expect("backend lockdep", DOCTOR_WARNING, "Invalid argument", "--backend contention",
	       "--verbose");
}

static void without_capabilities_the_cure_is_root(void **state)
{
	(void)state;
	without_capabilities();
	assert_false(doctor_can_record(&facts));
	expect("capabilities", DOCTOR_FAILURE, "missing CAP_BPF, CAP_PERFMON, CAP_SYSLOG",
	       "loads no", "setcap cap_bpf,cap_perfmon,cap_syslog+ep");
	expect("backend contention", DOCTOR_FAILURE, "not permitted", "", "root");
	expect("unprivileged_bpf_disabled", DOCTOR_NOTE, "2", "leave it", "");
	expect("swap structures", DOCTOR_NOTE, "not looked for", "", "");
}

static void sys_admin_loads_but_shows_no_address(void **state)
{
	(void)state;
	facts.capabilities = 1ULL << CAP_SYS_ADMIN;
	expect("capabilities", DOCTOR_WARNING, "missing CAP_SYSLOG", "addresses", "sudo");
	assert_null(find("unprivileged_bpf_disabled"));
}

static void a_container_refuses_even_root(void **state)
{
	(void)state;
	without_lockdep();
	facts.contention = -EPERM;
	expect("capabilities", DOCTOR_OK, "sufficient", "", "");
	expect("backend contention", DOCTOR_FAILURE, "not permitted", "", "container");
}

static void lockdown_is_read_by_its_brackets(void **state)
{
	(void)state;
	without_lockdep();
	strcpy(facts.lockdown, "none [integrity] confidentiality");
	expect("lockdown", DOCTOR_OK, "[integrity]", "", "");
	strcpy(facts.lockdown, "none integrity [confidentiality]");
	facts.contention = -EPERM;
	expect("lockdown", DOCTOR_FAILURE, "[confidentiality]", "memory", "lockdown=integrity");
}

static void hidden_addresses_mislead(void **state)
{
	(void)state;
	without_capabilities();
	expect("kptr_restrict", DOCTOR_WARNING, "kptr_restrict is 1, perf_event_paranoid is 2",
	       "no swap device", "root");
	expect("KALLSYMS_ALL", DOCTOR_NOTE, "cannot be told", "", "root");
	facts.kptr_restrict = 2;
	expect("kptr_restrict", DOCTOR_WARNING, "hidden", "", "kernel.kptr_restrict=1");
	facts.kptr_restrict = 0;
	facts.capabilities = ~0ULL;
	expect("kptr_restrict", DOCTOR_WARNING, "hidden", "", "CONFIG_KALLSYMS=y");
}

static void data_symbols_may_be_missing(void **state)
{
	(void)state;
	facts.data_symbols = false;
	expect("KALLSYMS_ALL", DOCTOR_NOTE, "not shown", "swap_avail_lock", "CONFIG_KALLSYMS_ALL");
}

static void each_lock_path_hides_something_else(void **state)
{
	(void)state;
	without_lockdep();
	expect("lock path", DOCTOR_NOTE, "native", "first waiter", "LOCK_STAT");
	facts.cpus = 2;
	expect("lock path", DOCTOR_WARNING, "native", "next to no event", "CPUs");
	facts.lock_path = "pv";
	expect("lock path", DOCTOR_OK, "pv", "", "");
	facts.lock_path = "tas";
	expect("lock path", DOCTOR_WARNING, "tas", "no event at all", "-hypervisor");
	facts.lock_path = "";
	facts.capabilities = 0;
	expect("lock path", DOCTOR_WARNING, "unknown", "cannot be told", "root");
}

static void lockdep_sees_on_every_path(void **state)
{
	(void)state;
	facts.lock_path = "tas";
	expect("lock path", DOCTOR_OK, "tas", "", "");
}

static void few_cpus_contend_little(void **state)
{
	(void)state;
	facts.cpus = 2;
	expect("CPUs", DOCTOR_NOTE, "2", "scale", "more CPUs");
	facts.cpus = 1;
	expect("CPUs", DOCTOR_WARNING, "1", "nobody waits", "more CPUs");
}

static void lock_stat_may_be_switched_off(void **state)
{
	(void)state;
	facts.lock_stat_on = 0;
	expect("LOCK_STAT", DOCTOR_NOTE, "switched off", "witness", "kernel.lock_stat=1");
}

static void without_swap_there_is_nothing(void **state)
{
	(void)state;
	facts.nr_swaps = 0;
	expect("swap devices", DOCTOR_WARNING, "none", "nothing to see", "swapon");
	expect("swap structures", DOCTOR_OK, "none to look for", "", "");
	facts.nr_swaps = -ENOENT;
	expect("swap devices", DOCTOR_WARNING, "No such file", "nothing to see", "CONFIG_SWAP");
}

static void priorities_decide_who_is_used(void **state)
{
	(void)state;
	expect("swap devices", DOCTOR_OK, "nvme0n1 (priority 5), nvme1n1 (priority 5)", "", "");
	facts.swaps[1].priority = -2;
	expect("swap devices", DOCTOR_WARNING, "nvme1n1 (priority -2)", "highest", "swapon -p");
}

static void many_devices_fit(void **state)
{
	(void)state;
	facts.nr_swaps = MAX_SWAP_DEVICES;
	for (int i = 0; i < MAX_SWAP_DEVICES; i++)
		facts.swaps[i] = (struct swap_entry){ .name = "zram1" };
	expect("swap devices", DOCTOR_OK, "zram1 (priority 0), and 22 more in /proc/swaps", "", "");
}

static void a_name_is_whole_or_not_there(void **state)
{
	char name[5000] = "";

	(void)state;
	memset(name, 'a', sizeof(name) - 1);
	facts.nr_swaps = 2;
	facts.swaps[0] = (struct swap_entry){ .name = name };
	facts.swaps[1] = (struct swap_entry){ .name = "zram1" };
	expect("swap devices", DOCTOR_OK, "zram1 (priority 0), and 1 more in /proc/swaps", "", "");
	facts.nr_swaps = 1;
	expect("swap devices", DOCTOR_OK, "1 more in /proc/swaps", "", "");
}

static void structures_may_not_be_found(void **state)
{
	(void)state;
	expect("swap structures", DOCTOR_OK, "for 2 of 2 devices", "", "");
	facts.structures = -ESTALE;
	expect("swap structures", DOCTOR_WARNING, "not found", "among the others", "again");
	facts.symbols_shown = false;
	facts.capabilities = 0;
	expect("swap structures", DOCTOR_WARNING, "not found", "among the others", "root");
}

static void the_slot_cache_went_with_6_15(void **state)
{
	(void)state;
	strcpy(facts.swap_slots, "on");
	expect("slot cache", DOCTOR_WARNING, "on", "64 slots", "swap_slots=off");
	facts.swap_slots[0] = '\0';
	expect("slot cache", DOCTOR_WARNING, "on", "64 slots", "patched kernel");
	strcpy(facts.kernel, "6.14.9");
	expect("slot cache", DOCTOR_WARNING, "on", "64 slots", "patched kernel");
	strcpy(facts.kernel, "6.15.0");
	expect("slot cache", DOCTOR_OK, "not in this kernel", "", "");
}

static void zswap_keeps_pages(void **state)
{
	(void)state;
	strcpy(facts.zswap, "Y");
	expect("zswap", DOCTOR_WARNING, "on", "never reach", "echo N");
	facts.zswap[0] = '\0';
	expect("zswap", DOCTOR_OK, "not in this kernel", "", "");
}

static void memory_cgroups_have_versions(void **state)
{
	(void)state;
	facts.memory_cgroup = MEMORY_CGROUP_V1;
	expect("memory cgroup", DOCTOR_OK, "v1", "", "");
	facts.memory_cgroup = MEMORY_CGROUP_NONE;
	expect("memory cgroup", DOCTOR_NOTE, "no cgroup", "made short", "mount");
	facts.memory_cgroup = MEMORY_CGROUP_OFF;
	expect("memory cgroup", DOCTOR_NOTE, "no memory", "made short", "CONFIG_MEMCG");
}

/* The largest number of findings must fit. */
static void whatever_is_not_ok_is_explained(void **state)
{
	int n;

	(void)state;
	without_capabilities();
	facts.lock_path = "";
	facts.nr_swaps = 0;
	facts.memory_cgroup = MEMORY_CGROUP_NONE;
	n = doctor_judge(&facts, findings);
	assert_in_range(n, 1, MAX_FINDINGS);
	for (int i = 0; i < n; i++)
		if (findings[i].status >= DOCTOR_WARNING)
			assert_true(*findings[i].consequence && *findings[i].cure);
}

#define CASE(test) cmocka_unit_test_setup(test, healthy)

static void a_realtime_kernel_records_nothing(void **state)
{
	(void)state;
	facts.realtime = true;
	assert_false(doctor_can_record(&facts));
	assert_int_equal(find("kernel")->status, DOCTOR_FAILURE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(nothing_is_wrong_with_the_healthy),
		CASE(an_old_kernel_records_nothing),
		CASE(an_old_kernel_with_lockdep_records),
		CASE(versions_are_numbers),
		CASE(without_btf_nothing_is_known),
		CASE(a_stock_kernel_has_waits_only),
		CASE(a_refused_lockdep_needs_to_be_told),
		CASE(without_capabilities_the_cure_is_root),
		CASE(sys_admin_loads_but_shows_no_address),
		CASE(a_container_refuses_even_root),
		CASE(lockdown_is_read_by_its_brackets),
		CASE(hidden_addresses_mislead),
		CASE(data_symbols_may_be_missing),
		CASE(each_lock_path_hides_something_else),
		CASE(lockdep_sees_on_every_path),
		CASE(few_cpus_contend_little),
		CASE(lock_stat_may_be_switched_off),
		CASE(without_swap_there_is_nothing),
		CASE(priorities_decide_who_is_used),
		CASE(many_devices_fit),
		CASE(a_name_is_whole_or_not_there),
		CASE(structures_may_not_be_found),
		CASE(the_slot_cache_went_with_6_15),
		CASE(zswap_keeps_pages),
		CASE(memory_cgroups_have_versions),
		CASE(a_realtime_kernel_records_nothing),
		CASE(whatever_is_not_ok_is_explained),
	};

	return cmocka_run_group_tests_name("doctor", tests, NULL, NULL);
}
