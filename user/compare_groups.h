/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What `compare` compares: reads locks.csv and metrics.csv files, adds up the
 * rows that make one sample, puts samples that differ in nothing but the
 * compared column and the repetition into one group, tests each group, and
 * corrects for their number. Prints nothing.
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

/* In place of a column: the files or directories given. */
#define COMPARE_BY_FILE "file"

/*
 * The columns whose values must agree within a group, in the order by which
 * groups are sorted: SSD counts last, so that they stand together. METRIC and UNIT are
 * columns of metrics.csv only, DEVICE too (the locks of all devices are added up), and CLASS
 * of locks.csv.
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

/* Why two groups must not be compared. */
enum compare_bar {
	BAR_LOCKPATH, /* spinlocks wait in another way: the counts mean something else */
	BAR_BACKEND,  /* who counted saw other things */
	BAR_KERNEL,   /* another kernel, and it is not the kernel that is compared */
	BAR_CONFIG,   /* another configuration, compiler or flavour of it */
	BAR_MACHINE,  /* other CPUs, memory, drives, window, ... */
	BAR_LOSSES,   /* events were lost, past the threshold of the ledger */
	COMPARE_BARS,
};

struct compare_where {
	const char *column, *value;
};

/* That the ratio of @metric be above, or below, @bound. */
struct compare_condition {
	const char *text; /* as it was given */
	const char *metric;
	bool above;
	double bound;
};

enum compare_pairing {
	PAIRING_AUTO, /* where most repetitions have a partner and the pairs can tell something */
	PAIRING_NEVER,
	PAIRING_ALWAYS,
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
	const struct compare_condition *conditions;
	size_t nconditions;
	enum compare_pairing pairing;
	unsigned int despite; /* bits: bars that do not hold */
};

enum compare_verdict {
	VERDICT_LOWER,
	VERDICT_HIGHER,
	VERDICT_NO_DIFFERENCE,
	VERDICT_IDENTICAL,	   /* no value differs from any, or no pair in itself */
	VERDICT_TOO_FEW,	   /* no p below STATS_ALPHA with so few samples */
	VERDICT_TOO_FEW_FOR_TABLE, /* nor corrected for this many lines */
	VERDICT_BOTH_ZERO,
	/* From here on nothing was compared. */
	VERDICT_NOT_MEASURED, /* rows, but their fields are empty */
	VERDICT_MISSING,      /* one side has no rows */
	VERDICT_REFUSED,      /* they must not be compared */
	COMPARE_VERDICTS,
};

struct series;

struct compare_side {
	bool present;  /* has rows */
	size_t n;      /* samples with a value */
	double median; /* NaN if there are none */
	/* Of the set itself: what it is made of, and the figure's values, sorted. */
	struct series *series;
	const double *values;
};

/* A group, and one value of the compared column against the base value. */
struct compare_row {
	const char *key[COMPARE_KEYS]; /* "" for the compared column */
	const char *value;
	struct compare_side base, other;
	size_t pairs;		  /* of the paired test; 0: it was not paired */
	struct stats_ratio ratio; /* NaN where undefined: the base has a zero */
	double p;		  /* NaN where it was not tested */
	double p_holm;		  /* corrected; NaN where it was too few to be tested */
	double detectable;	  /* with NO_DIFFERENCE: the ratio that would have been told */
	enum compare_verdict verdict;
	unsigned int bars;  /* bits: what speaks against it */
	const char *reason; /* the first of them that holds, else the first; NULL: none */
	/* Whether kernels of one release, in different sources, are configured alike. */
	bool config_unknown;
	/* Of the set itself. */
	size_t figure, order;
	const double *d; /* logarithms of the ratios of its pairs, sorted */
	bool testable;
	double smallest_p;
	int direction;
};

/* What became of a condition on a row. */
struct compare_check {
	const struct compare_condition *condition;
	const struct compare_row *row;
	double p, p_holm; /* of the ratio against the bound; NaN: not tested */
	bool met;	  /* beyond it, by p_holm */
	bool undecided;	  /* no outcome of so few repetitions, or nothing to test */
	int direction;	  /* on which side of the bound */
};

struct compare_result {
	const struct compare_row *rows;
	size_t nrows;
	size_t tested, refused; /* of the rows; tested: what p_holm is corrected for */
	const struct compare_check *checks;
	size_t nchecks;
};

struct compare_set;

/* NULL without memory. */
struct compare_set *compare_set_new(const struct compare_query *query);

/*
 * Reads a file, or the locks.csv, metrics.csv and run.json of a directory. Returns 0 or a
 * negative errno, -EBADRQC where the query does not fit these files (a mistake of
 * usage, not of the file).
 */
int compare_set_read(struct compare_set *set, const char *path);

/* Makes the rows, sorted; they live as long as the set. */
int compare_set_finish(struct compare_set *set, struct compare_result *result);

/* The column a key is, as the files name it. */
const char *compare_key_name(enum compare_key key);

/* As --despite has it. */
const char *compare_bar_name(enum compare_bar bar);

/* What failed, in words. */
const char *compare_set_error(const struct compare_set *set);

void compare_set_free(struct compare_set *set);

#endif
