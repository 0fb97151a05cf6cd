/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the two halves of the judgement share. */
#ifndef LOCKSTAT_SWAP_DOCTOR_INTERNAL_H
#define LOCKSTAT_SWAP_DOCTOR_INTERNAL_H

#include <stdio.h>

#include "doctor.h"

struct judgement {
	const struct doctor_facts *facts;
	struct finding *findings;
	int n;
};

/* A finding that is ok as long as nothing explains why not. */
struct finding *finding_add(struct judgement *j, const char *name, const char *found, ...)
	__attribute__((format(printf, 3, 4)));

/* Appends to what was found. */
void finding_append(struct finding *f, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

void finding_explain(struct finding *f, enum doctor_status status, const char *consequence,
		     const char *cure);

bool kernel_older_than(const struct doctor_facts *facts, int version, int patchlevel);

/* What root adds is told once, with the capabilities. */
#define BECOME_ROOT "run it as root, or with the capabilities that are missing"

/* Where /proc/mounts says that the memory controller is. */
enum memory_cgroup doctor_memory_cgroup(FILE *mounts);

/* What recording needs. */
void judge_recording(struct judgement *j);

/* What the figures of a recording would leave out, and what would mislead. */
void judge_naming(struct judgement *j);
void judge_locks(struct judgement *j);
void judge_swap(struct judgement *j);

#endif
