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
#include "intern.h"
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

/* What a measurement was of: its repetitions share it. Strings of equal text are the same. */
struct setting {
	const char *column[CELL_REP];
	/* What identifies it ends here. */
	struct cell *latest;	   /* by the number of its repetition, */
	size_t latest_repetition;  /* which is this: the cell is in no cache */
	uint64_t repetitions;	   /* of its cells: a bit each, of the number modulo 64 */
	struct setting *following; /* the one whose rows came behind its own, and whether that */
	bool steady;		   /* was twice the same */
	struct group *group;	   /* of its first row in a row */
};
_Static_assert(CELL_REP == CELL_COLUMNS - 1, "all of a cell but its repetition");

/*
 * What arms take turns in. Where neither run nor rep are given (a recording by hand), and
 * compared by file, each source has its own.
 */
struct repetition {
	const char *run, *rep;
	const struct source *own; /* NULL where run and rep tell it */
	/* What identifies it ends here. */
	size_t number;		      /* as first met */
	const struct sample *partner; /* of the row of which the pairs are being found */
};

/* A measurement. */
struct cell {
	struct setting *setting;
	struct repetition *repetition;
	/* What identifies it ends here. */
	size_t number; /* as first met */
	const struct source *source;
	struct ledger *ledger; /* NULL: its file has none */
	struct cell *next;
	bool sampled; /* there is a sample of it */
};

/* What is compared with each other. */
struct group {
	const char *key[COMPARE_KEYS];
	enum compare_input input;
	/* What identifies it ends here. */
	bool wanted;			/* its metric is; one of locks.csv always is */
	bool map, cluster;		/* of the sum class: which of its parts is more than 0 */
	size_t order;			/* of its metric: as first met */
	struct group *sum;		/* its rows are part of it, too; NULL: of none */
	struct group *following, *next; /* following: as of a setting; next: in the set */
	bool steady;
	struct series *series, *recent; /* recent: that of the row before */
};

/* The samples of a group that have one value of the compared column, as they were met. */
struct series {
	struct group *group;
	const char *by;
	/* What identifies it ends here. */
	struct series *next;	       /* of its group */
	struct sample *first, *latest; /* latest: by the number of its cell, */
	size_t latest_cell;	       /* which is this: the sample is in no cache */
	size_t n;
	struct sorted *sorted; /* by figure, once all are read */
};

/* What was measured of a figure. */
struct sorted {
	double *values;
	size_t n;
};

/* A group in one measurement. */
struct sample {
	struct series *series;
	struct cell *cell;
	/* What identifies it ends here. */
	struct sample *next; /* of its series */
	uint32_t file;	     /* index in the set's */
	bool intervals;	     /* its rows are intervals, not the whole */
	double value[]; /* of the taken columns of locks.csv, or the metric's; NaN: not measured */
};

/* A figure of locks.csv: a column, or the quotient of the sums of two. */
struct lock_figure {
	const char *name;
	int column, divisor;   /* no divisor: -1 */
	size_t at, divisor_at; /* where a sample has their values */
};

/* How the query's columns stand in a kind of file; -1: not at all. */
struct input {
	bool seen;
	int cell[CELL_COLUMNS];
	int by; /* -1 too where it is a cell's, or the file */
	/* Of each key, unless it is what is compared: the cell's column, or else the row's. */
	int key_cell[COMPARE_KEYS], key_column[COMPARE_KEYS];
	int *where;
};

struct compare_set {
	const struct compare_query *query;
	struct input inputs[COMPARE_INPUTS];
	int by_cell; /* the compared column, if it is a cell's; else -1 */
	bool by_file;
	struct lock_figure *figures; /* of locks.csv: those to compare */
	size_t nfigures;
	int taken[LOCK_COLUMNS]; /* the columns that they are made of */
	size_t ntaken;
	struct source **sources;
	size_t nsources;
	const char **files; /* by number: where a sample is from */
	size_t nfiles;
	struct intern texts;
	const char *none;    /* "" */
	struct arena memory; /* of what these hold */
	struct hashset settings, repetitions, metrics, groups, series;
	struct hashset cells, samples; /* empty as long as the files are in order */
	struct cell *first_cell;
	size_t ncells;
	struct setting *last_setting; /* the row before was of it */
	struct cell *last_cell;
	struct group *last_group, *first_group, **next_group;
	const struct setting *last_group_setting;
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
struct setting *compare_setting(struct compare_set *set, const struct setting *like);
struct repetition *compare_repetition(struct compare_set *set, const struct repetition *like);
struct cell *compare_cell(struct compare_set *set, const struct cell *like);
struct group *compare_group(struct compare_set *set, const struct group *like, bool *found);
struct sample *compare_sample(struct compare_set *set, struct group *group, const char *by,
			      const struct sample *like, bool *found);

/* Where a metric, by its interned name, stands among them as they were met. */
int compare_metric_order(struct compare_set *set, const char *name, size_t *order);

struct series *compare_series(struct compare_set *set, struct group *group, const char *by);

/* NULL if there is none. */
struct series *compare_find_series(const struct compare_set *set, struct group *group,
				   const char *by);

/* How many figures are made of each sample of that kind. */
size_t compare_figures(const struct compare_set *set, enum compare_input input);

/* NaN where it was not measured. */
double compare_figure(const struct compare_set *set, const struct sample *s, size_t figure);

/* Its figure's values, sorted, and their median. */
int compare_measure_side(struct compare_set *set, struct compare_side *side, size_t figure);

const struct column *compare_columns(enum compare_input input, size_t *n);

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

/* Whether run and repetition are given. */
bool compare_is_numbered(const struct repetition *repetition);

/* Tests all rows and conditions. */
int compare_test_rows(struct compare_set *set);

#endif
