/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel's counters of swapping, the whole system's, and how they fit our own. */
#ifndef SWAPLOAD_VMSTAT_H
#define SWAPLOAD_VMSTAT_H

#include <stdint.h>
#include <stdio.h>

enum { VMSTAT_MAX = 32, VMSTAT_NAME = 32 };

/* Of /proc/vmstat, what is about swap. */
struct vmstat {
	int n;
	struct vmstat_counter {
		char name[VMSTAT_NAME];
		uint64_t value;
	} counters[VMSTAT_MAX];
};

/* 0 or a negative errno. */
int vmstat__read(struct vmstat *v);

/* For the above, and for tests. */
void vmstat__scan(struct vmstat *v, FILE *file);

/* @v becomes what was added since @before. */
void vmstat__since(struct vmstat *v, const struct vmstat *before);

/* 0 for a counter that this kernel does not have. */
uint64_t vmstat__get(const struct vmstat *v, const char *name);

/*
 * Something counted here and by the kernel. The kernel's figure is of all
 * processes, so that less than all of it being explained is no error.
 */
struct check {
	const char *name;
	uint64_t own, kernel;
};

enum { NR_CHECKS = 3 };

/*
 * @major faults of the workers, and by how much more of their pages are swapped out
 * than before. What they had out at the start and have in now they faulted in, so that
 * both together are the pages that went out, or fewer: a fault that finds its page
 * still in the swap cache is a minor one.
 */
void vmstat__check(const struct vmstat *delta, uint64_t major, int64_t swapped,
		   struct check checks[NR_CHECKS]);

/* Percent of the kernel's figure; 100 if both are 0. */
double check__explained_percent(const struct check *c);
const char *check__verdict(const struct check *c);

#endif
