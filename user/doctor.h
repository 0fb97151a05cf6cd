/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What this kernel and machine can show, and what would mislead. Facts are
 * gathered in one place and judged in another, which is pure: no I/O.
 */
#ifndef LOCKSTAT_SWAP_DOCTOR_H
#define LOCKSTAT_SWAP_DOCTOR_H

#include <stdbool.h>

#include "procswaps.h"

enum tracepoint {
	TRACEPOINT_CONTENTION_BEGIN,
	TRACEPOINT_CONTENTION_END,
	TRACEPOINT_LOCK_ACQUIRE,
	TRACEPOINT_LOCK_CONTENDED,
	TRACEPOINT_LOCK_ACQUIRED,
	TRACEPOINT_LOCK_RELEASE,
	TRACEPOINT_CONTENDED_RELEASE,
	NR_TRACEPOINTS
};

/* As their typedefs in BTF name them, behind btf_trace_. */
const char *tracepoint_name(enum tracepoint tracepoint);

/* Where memory can be made short for some processes alone. */
enum memory_cgroup {
	MEMORY_CGROUP_NONE, /* no cgroup file system is mounted */
	MEMORY_CGROUP_OFF,  /* one is, but without this controller */
	MEMORY_CGROUP_V1,
	MEMORY_CGROUP_V2,
};

enum {
	DOCTOR_NOT_TRIED = 1 << 16, /* in place of 0, a number or a negative errno */
	DOCTOR_UNKNOWN = -100,	    /* a setting that this kernel does not have or show */
};

/* What was found here; an empty string: there is no such thing. */
struct doctor_facts {
	char kernel[128];
	bool realtime; /* PREEMPT_RT */
	bool has_btf;
	bool tracepoints[NR_TRACEPOINTS];
	int contention, lockdep; /* what loading the backend gave */
	unsigned long long capabilities;
	char lockdown[64];
	bool symbols_shown; /* kallsyms has addresses, not zeroes */
	bool data_symbols;  /* that of a swap lock among them */
	int kptr_restrict, perf_event_paranoid, unprivileged_bpf_disabled;
	const char *lock_path; /* see context_lock_path() */
	int cpus;
	bool lock_stat; /* /proc/lock_stat is there */
	int lock_stat_on;
	int nr_swaps; /* of swaps[], or a negative errno */
	struct swap_entry swaps[MAX_SWAP_DEVICES];
	int structures; /* how many devices' locks were found, or a negative errno */
	char swap_slots[8], zswap[8];
	enum memory_cgroup memory_cgroup;
};

void doctor_examine(struct doctor_facts *facts);

enum doctor_status {
	DOCTOR_OK,
	DOCTOR_NOTE,	/* less is shown than could be */
	DOCTOR_WARNING, /* who does not know it will misread the figures */
	DOCTOR_FAILURE, /* nothing is recorded for this reason */
};

struct finding {
	const char *name;
	enum doctor_status status;
	char found[256];
	const char *consequence, *cure; /* "": none, none needed */
};

enum { MAX_FINDINGS = 40 };

/* Fills at most MAX_FINDINGS; returns their number. */
int doctor_judge(const struct doctor_facts *facts, struct finding *findings);

/* Whether any backend loads. */
bool doctor_can_record(const struct doctor_facts *facts);

const char *doctor_status_name(enum doctor_status status);

#endif
