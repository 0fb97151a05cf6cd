/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From result files to comparisons: reading, grouping, testing. Pure: nothing
 * is printed.
 *
 * Rows are compared only where all but the compared column agree: kernel,
 * experiment, arm, backend, lock path, workload, SSDs, threads and what is
 * measured. A sample is one repetition of one run; its devices, locks and
 * intervals are added up.
 */
#ifndef LOCKSTAT_SWAP_COMPARE_GROUPS_H
#define LOCKSTAT_SWAP_COMPARE_GROUPS_H

#include <stdbool.h>
#include <stddef.h>

#include "stats.h"

/* Columns that must agree, one of them being compared. */
enum group_column {
	GROUP_KERNEL,
	GROUP_EXPERIMENT,
	GROUP_BACKEND,
	GROUP_LOCKPATH,
	GROUP_WORKLOAD,
	GROUP_THREADS,
	GROUP_ARM,
	GROUP_SSDS,
	GROUP_RUN,		/* only where it is the compared one */
	GROUP_COLUMNS,
};

extern const char *const group_column_names[GROUP_COLUMNS];

enum { COMPARE_MAX_WORDS = 32 };

struct compare_options {
	const char *by, *base;
	const char *metrics[COMPARE_MAX_WORDS];		/* none: the usual ones */
	const char *classes[COMPARE_MAX_WORDS];		/* none: all */
	const char *where[COMPARE_MAX_WORDS];		/* COL=VALUE */
	size_t nmetrics, nclasses, nwhere;
};

enum verdict {
	VERDICT_LOWER,
	VERDICT_HIGHER,
	VERDICT_NO_DIFFERENCE,
	VERDICT_TOO_FEW,	/* no outcome of so few could reach 5% */
	VERDICT_BOTH_ZERO,
	VERDICT_MISSING,	/* one side has no sample */
};

struct comparison {
	const char *group[GROUP_COLUMNS];	/* the compared column is NULL */
	const char *device;			/* metrics only, else "" */
	const char *subject;			/* lock class; "" for metrics */
	const char *metric, *unit;
	const char *side;			/* what is compared with the base */
	size_t n_base, n_other;
	double median_base, median_other;	/* NaN where there is no sample */
	struct stats_ratio ratio;		/* NaN where undefined */
	double p;				/* NaN where not tested */
	enum verdict verdict;
};

struct comparisons {
	struct comparison *list;
	size_t n;
	char *error;		/* what was wrong, one line; NULL: nothing */
	void *storage;		/* of the texts above */
};

/*
 * Compares all of @files. Returns 0 or a negative errno, then with
 * result->error; free the result in either case.
 */
int comparisons__make(struct comparisons *result, const struct compare_options *options,
		      char *const *files, size_t nfiles);
void comparisons__free(struct comparisons *result);

#endif
