// SPDX-License-Identifier: GPL-2.0-or-later
/* What the facts mean for recording at all. Pure, so that a test can be any machine. */
#include <errno.h>
#include <linux/capability.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "doctor_internal.h"

const char *doctor_status_name(enum doctor_status status)
{
	static const char *const names[] = {
		[DOCTOR_OK] = "ok",
		[DOCTOR_NOTE] = "note",
		[DOCTOR_WARNING] = "warning",
		[DOCTOR_FAILURE] = "failure",
	};

	return names[status];
}

bool doctor_can_record(const struct doctor_facts *facts)
{
	return !facts->realtime && (!facts->contention || !facts->lockdep);
}

struct finding *finding_add(struct judgement *j, const char *name, const char *found, ...)
{
	struct finding *f = &j->findings[j->n++];
	va_list args;

	*f = (struct finding){ .name = name, .consequence = "", .cure = "" };
	va_start(args, found);
	vsnprintf(f->found, sizeof(f->found), found, args);
	va_end(args);
	return f;
}

void finding_append(struct finding *f, const char *format, ...)
{
	size_t length = strlen(f->found);
	va_list args;

	va_start(args, format);
	vsnprintf(f->found + length, sizeof(f->found) - length, format, args);
	va_end(args);
}

void finding_explain(struct finding *f, enum doctor_status status, const char *consequence,
		     const char *cure)
{
	f->status = status;
	f->consequence = consequence;
	f->cure = cure;
}

bool kernel_older_than(const struct doctor_facts *facts, int version, int patchlevel)
{
	int v = 0, p = 0;

	return sscanf(facts->kernel, "%d.%d", &v, &p) == 2 &&
	       (v < version || (v == version && p < patchlevel));
}

/* What keeps a machine from recording is only a note where it does record. */
static enum doctor_status obstacle(const struct judgement *j)
{
	return doctor_can_record(j->facts) ? DOCTOR_NOTE : DOCTOR_FAILURE;
}

static void judge_kernel(struct judgement *j)
{
	struct finding *f = finding_add(j, "kernel", "%s", j->facts->kernel);

	if (kernel_older_than(j->facts, 5, 19))
		finding_explain(f, obstacle(j),
				"the tracepoints of contention came with Linux 5.19",
				"boot Linux 5.19 or newer");
	else if (j->facts->realtime)
		finding_explain(f, DOCTOR_FAILURE,
				"on a PREEMPT_RT kernel spinlocks sleep, which is not followed",
				"boot a kernel without PREEMPT_RT");
}

static void judge_btf(struct judgement *j)
{
	struct finding *f = finding_add(j, "BTF", "present");

	if (j->facts->has_btf)
		return;
	strcpy(f->found, "missing");
	finding_explain(f, DOCTOR_FAILURE,
			"no program can be loaded and no structure of the kernel be read",
			"boot a kernel with CONFIG_DEBUG_INFO_BTF=y");
}

#define WITHOUT_CONTENTION "no waits, unless the lockdep tracepoints are there"
#define WITHOUT_LOCKDEP	   "waits only: no count of acquisitions, no hold times"
#define BOOT_CONTENTION	   "boot Linux 5.19 or newer"
#define BOOT_LOCKDEP	   "boot a kernel with CONFIG_LOCK_STAT=y (make lab-kernel builds one)"

static const struct {
	const char *name, *without, *cure;
} tracepoints[NR_TRACEPOINTS] = {
	[TRACEPOINT_CONTENTION_BEGIN] = { "contention_begin", WITHOUT_CONTENTION, BOOT_CONTENTION },
	[TRACEPOINT_CONTENTION_END] = { "contention_end", WITHOUT_CONTENTION, BOOT_CONTENTION },
	[TRACEPOINT_LOCK_ACQUIRE] = { "lock_acquire", WITHOUT_LOCKDEP, BOOT_LOCKDEP },
	[TRACEPOINT_LOCK_CONTENDED] = { "lock_contended", WITHOUT_LOCKDEP, BOOT_LOCKDEP },
	[TRACEPOINT_LOCK_ACQUIRED] = { "lock_acquired", WITHOUT_LOCKDEP, BOOT_LOCKDEP },
	[TRACEPOINT_LOCK_RELEASE] = { "lock_release", WITHOUT_LOCKDEP, BOOT_LOCKDEP },
	[TRACEPOINT_CONTENDED_RELEASE] = { "contended_release",
					   "hold times need the lockdep tracepoints", "" },
};

const char *tracepoint_name(enum tracepoint tracepoint)
{
	return tracepoints[tracepoint].name;
}

static void judge_tracepoint(struct judgement *j, enum tracepoint t)
{
	bool vital = t == TRACEPOINT_CONTENTION_BEGIN || t == TRACEPOINT_CONTENTION_END;
	struct finding *f = finding_add(j, tracepoints[t].name, "present");

	if (!j->facts->has_btf) {
		strcpy(f->found, "cannot be told without BTF");
		f->status = DOCTOR_NOTE;
	} else if (!j->facts->tracepoints[t]) {
		strcpy(f->found, "not in this kernel");
		finding_explain(f, vital ? obstacle(j) : DOCTOR_NOTE, tracepoints[t].without,
				tracepoints[t].cure);
	}
}

static const struct {
	int number;
	const char *name;
	bool loads; /* what loading needs, CAP_SYS_ADMIN gives as well */
} capabilities[] = {
	{ CAP_BPF, "CAP_BPF", true },
	{ CAP_PERFMON, "CAP_PERFMON", true },
	{ CAP_SYSLOG, "CAP_SYSLOG", false },
};

enum { NR_CAPABILITIES = sizeof(capabilities) / sizeof(*capabilities) };

static bool holds(const struct doctor_facts *facts, int i)
{
	unsigned long long enough = 1ULL << capabilities[i].number;

	if (capabilities[i].loads)
		enough |= 1ULL << CAP_SYS_ADMIN;
	return facts->capabilities & enough;
}

static bool may_load(const struct doctor_facts *facts)
{
	for (int i = 0; i < NR_CAPABILITIES; i++)
		if (capabilities[i].loads && !holds(facts, i))
			return false;
	return true;
}

static const char give_capabilities[] =
	"sudo lockstat-swap; or give them to the file once: sudo setcap"
	" cap_bpf,cap_perfmon,cap_syslog+ep lockstat-swap";

static void judge_capabilities(struct judgement *j)
{
	struct finding *f = finding_add(j, "capabilities", "missing");
	int missing = 0;

	for (int i = 0; i < NR_CAPABILITIES; i++)
		if (!holds(j->facts, i))
			finding_append(f, "%s%s", missing++ ? ", " : " ", capabilities[i].name);
	if (!missing)
		strcpy(f->found, "sufficient");
	else if (may_load(j->facts))
		finding_explain(f, DOCTOR_WARNING, "the kernel may hide its addresses",
				give_capabilities);
	else
		finding_explain(f, obstacle(j), "the kernel loads no tracing program",
				give_capabilities);
}

/* A wrong cure is often found for who lacks the right ones. */
static void judge_unprivileged_bpf(struct judgement *j)
{
	struct finding *f;

	if (may_load(j->facts) || j->facts->unprivileged_bpf_disabled == DOCTOR_UNKNOWN)
		return;
	f = finding_add(j, "unprivileged_bpf_disabled", "%d", j->facts->unprivileged_bpf_disabled);
	finding_explain(f, DOCTOR_NOTE,
			"tracing programs need the capabilities at any value: leave it as it is",
			"");
}

static void judge_lockdown(struct judgement *j)
{
	const char *state = j->facts->lockdown;
	struct finding *f = finding_add(j, "lockdown", "%s", *state ? state : "not shown");

	if (strstr(state, "[confidentiality]"))
		finding_explain(f, obstacle(j), "programs must not read the kernel's memory",
				"boot with lockdown=integrity or none");
}

static const char *cure_of_refusal(const struct doctor_facts *facts, int err)
{
	if (!may_load(facts))
		return BECOME_ROOT;
	if (err == -EPERM || err == -EACCES)
		return "run it outside of containers; lockstat-swap record --verbose says more";
	return "lockstat-swap record --verbose says more";
}

/* Loading was tried, not guessed. */
static void judge_load(struct judgement *j, const char *name, int result, const char *consequence)
{
	struct finding *f = finding_add(j, name, "loads");

	if (result == DOCTOR_NOT_TRIED) {
		strcpy(f->found, "not tried: a tracepoint is missing");
		f->status = DOCTOR_NOTE;
	} else if (result) {
		snprintf(f->found, sizeof(f->found), "does not load: %s", strerror(-result));
		finding_explain(f, doctor_can_record(j->facts) ? DOCTOR_WARNING : DOCTOR_FAILURE,
				consequence, cure_of_refusal(j->facts, result));
	}
}

void judge_recording(struct judgement *j)
{
	judge_kernel(j);
	judge_btf(j);
	for (int t = 0; t < NR_TRACEPOINTS; t++)
		judge_tracepoint(j, t);
	judge_load(j, "backend contention", j->facts->contention, "record cannot use it");
	judge_load(j, "backend lockdep", j->facts->lockdep,
		   "record chooses it and fails, unless told --backend contention");
	judge_capabilities(j);
	judge_unprivileged_bpf(j);
	judge_lockdown(j);
}

int doctor_judge(const struct doctor_facts *facts, struct finding *findings)
{
	struct judgement j = { .facts = facts, .findings = findings };

	judge_recording(&j);
	judge_naming(&j);
	judge_locks(&j);
	judge_swap(&j);
	return j.n;
}
