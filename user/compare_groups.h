/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What `compare` compares: reads locks.csv or metrics.csv files, adds up the
 * rows that make one sample, puts samples that differ in nothing but the
 * compared column and the repetition into one group, and tests each group.
 * Prints nothing.
 */
#ifndef LOCKSTAT_SWAP_COMPARE_GROUPS_H
#define LOCKSTAT_SWAP_COMPARE_GROUPS_H

#include <stdbool.h>
#include <stddef.h>

#include "stats.h"

/*
 * Both classes together: a design that moves the locking of the map to the
 * cluster locks is not to look better for it.
 */
#define COMPARE_SUM_CLASS "swap_map+cluster"

/*
 * The columns whose values must agree within a group, in the order by which
 * groups are sorted: SSD counts last, so that they stand together. DEVICE is one
 * of metrics.csv only (the locks of all devices are added up), CLASS one of
 * locks.csv; the other's is "".
 */
enum compare_key {
	KEY_KERNEL,
	KEY_EXPERIMENT,
	KEY_BACKEND,
	KEY_LOCKPATH,
	KEY_WORKLOAD,
	KEY_THREADS,
	KEY_ARM,
	KEY_CLASS,
	KEY_METRIC,
	KEY_UNIT,
	KEY_DEVICE,
	KEY_SSDS,
	COMPARE_KEYS,
};

struct compare_where {
	const char *column, *value;
};

/* The caller keeps what this points to until compare_set_free(). */
struct compare_query {
	const char *by, *base;
	const char *const *metrics; /* none: the usual ones */
	size_t nmetrics;
	const char *const *classes; /* none: all */
	size_t nclasses;
	const struct compare_where *where; /* a row must match them all */
	size_t nwhere;
};

enum compare_verdict {
	VERDICT_LOWER,
	VERDICT_HIGHER,
	VERDICT_NO_DIFFERENCE,
	VERDICT_TOO_FEW, /* no p below STATS_ALPHA with so few samples */
	VERDICT_BOTH_ZERO,
	VERDICT_NOT_MEASURED, /* rows, but their fields are empty */
	VERDICT_MISSING,      /* one side has no rows */
};

struct compare_side {
	bool present;  /* has rows */
	size_t n;      /* samples with a value */
	double median; /* NaN if there are none */
};

/* A group, and one value of the compared column against the base value. */
struct compare_row {
	const char *key[COMPARE_KEYS]; /* "" for the compared column */
	const char *value;
	struct compare_side base, other;
	struct stats_ratio ratio; /* NaN where undefined: the base has a zero */
	double p;		  /* NaN where it was not tested */
	enum compare_verdict verdict;
};

struct compare_set;

/* NULL without memory. */
struct compare_set *compare_set_new(const struct compare_query *query);

/*
 * Reads a file; all files of a set are of one kind. Returns 0 or a negative
 * errno, -EBADRQC where the query does not fit this kind of file (a mistake of
 * usage, not of the file).
 */
int compare_set_read(struct compare_set *set, const char *path);

/* Makes the rows, sorted; they live as long as the set. */
int compare_set_finish(struct compare_set *set, const struct compare_row **rows, size_t *n);

/* The column a key is, as the files name it. */
const char *compare_key_name(enum compare_key key);

/* What failed, in words. */
const char *compare_set_error(const struct compare_set *set);

void compare_set_free(struct compare_set *set);

#endif
