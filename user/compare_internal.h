/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Between the files of the comparison: from rows of the files to samples, groups and rows. */
#ifndef LOCKSTAT_SWAP_COMPARE_INTERNAL_H
#define LOCKSTAT_SWAP_COMPARE_INTERNAL_H

#include <sys/types.h>

#include "arena.h"
#include "columns.h"
#include "compare_context.h"
#include "compare_groups.h"
#include "csv.h"
#include "hashset.h"
#include "ledger.h"

enum compare_input {
	INPUT_LOCKS,
	INPUT_METRICS,
	COMPARE_INPUTS,
};

/* A file or directory of the command line. */
struct source {
	const char *name;
	dev_t device;
	ino_t inode;
	struct compare_context *context; /* NULL: no run.json */
};

/*
 * A measurement: one repetition of something. Strings are interned: they live as long
 * as the set, and are equal if they are the same. Where neither run nor rep are given (a
 * recording by hand) each source is a repetition of its own.
 */
struct cell {
	const char *column[CELL_COLUMNS];
	const struct source *own; /* NULL where run and rep tell it */
	/* What identifies it ends here. */
	size_t repetition; /* number of its run and rep, from 1; 0: one of them is missing */
	const struct source *source;
	struct ledger *ledger; /* NULL: its file has none */
};

/* What arms took turns in. */
struct repetition {
	const char *run, *rep;
	/* What identifies it ends here. */
	size_t number;
};

/* What is compared with each other. */
struct group {
	const char *key[COMPARE_KEYS];
	enum compare_input input;
	/* What identifies it ends here. */
	size_t serial;
	size_t order;	   /* of its metric: as first met */
	bool map, cluster; /* of the sum class: which of its parts is more than 0 */
};

struct tally {
	double value;
	double by_count; /* value is still to be divided by */
	bool measured;
};

/* The figures of a group in one measurement. */
struct sample {
	struct group *group;
	const char *by;
	struct cell *cell;
	/* What identifies it ends here. */
	const char *file;
	uint32_t serial;
	bool intervals; /* its rows are intervals, not the whole */
	struct tally tally[];
};

/* A figure of locks.csv: a column, or the quotient of the sums of two. */
struct lock_figure {
	const char *name;
	int column, divisor; /* no divisor: -1 */
};

/* How the query's columns stand in a kind of file; -1: not at all. */
struct input {
	bool seen;
	int cell[CELL_COLUMNS];
	int by; /* -1 too where it is a cell's, or the file */
	int *where;
};

struct compare_set {
	const struct compare_query *query;
	struct input inputs[COMPARE_INPUTS];
	int by_cell; /* the compared column, if it is a cell's; else -1 */
	bool by_file;
	struct lock_figure *figures; /* of locks.csv: those to compare */
	size_t nfigures;
	struct source **sources;
	size_t nsources;
	struct arena memory; /* of what these hold */
	struct hashset strings, repetitions, cells, groups, samples;
	struct cell *last_cell;	   /* the row before was of it */
	struct group last_group;   /* or would have been */
	const char **metric_names; /* of metrics.csv, as first met */
	size_t nmetric_names;
	struct sample **sorted; /* once all are read */
	size_t nsorted, sorted_room, nrepetitions;
	struct sample **partner; /* of a row's other side, by the number of the repetition */
	struct compare_row *rows;
	size_t nrows, nreserved, tested;
	struct compare_check *checks;
	size_t nchecks;
	char error[1024];
};

#define COMPARE_COUNT(array) (sizeof(array) / sizeof(*(array)))

bool compare_listed(const char *const *list, size_t n, const char *text);

/* Keeps the message and returns @err. */
int compare_set_fail(struct compare_set *set, int err, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
int compare_set_no_memory(struct compare_set *set);

/* The one copy of @text, or NULL. */
const char *compare_intern(struct compare_set *set, const char *text);

/* The one equal to @like, made if there is none; NULL without memory. */
struct cell *compare_cell(struct compare_set *set, const struct cell *like);
size_t compare_repetition(struct compare_set *set, const char *run, const char *rep);
struct group *compare_group(struct compare_set *set, const struct group *like);
struct sample *compare_sample(struct compare_set *set, const struct sample *like, bool *found);

/* How many figures each sample of that kind has. */
size_t compare_figures(const struct compare_set *set, enum compare_input input);

const struct column *compare_columns(enum compare_input input, size_t *n);

/* The cell's column that a key is, or -1. */
int compare_key_cell(enum compare_key key);

/* The column of a key that is none of the cell's, or -1. */
int compare_key_column(enum compare_input input, enum compare_key key);

/* Finds the query's columns in a kind of file, when the first of it is met. */
int compare_resolve(struct compare_set *set, enum compare_input input);

/*
 * Arms take turns within a repetition of a run: what drifts hits both alike. Nothing
 * takes turns across runs, files or kernels.
 */
bool compare_takes_turns(const struct compare_set *set);

/* Whether all that was asked for was found in one of the files. */
int compare_check_query(struct compare_set *set);

/*
 * Rows that have a side each, and differ in lock path, backend or, compared by run or file, in
 * the kernel, become one that says so: two rows with a missing side would not.
 */
int compare_join_strangers(struct compare_set *set);

/* What else speaks against comparing a row's sides: its bars and reason. */
int compare_bar_row(struct compare_set *set, struct compare_row *row);

/* Tests all rows and conditions. */
int compare_test_rows(struct compare_set *set);

#endif
