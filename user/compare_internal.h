/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Between the files of the comparison: reading makes samples of rows. */
#ifndef LOCKSTAT_SWAP_COMPARE_INTERNAL_H
#define LOCKSTAT_SWAP_COMPARE_INTERNAL_H

#include "columns.h"
#include "compare_groups.h"
#include "csv.h"

enum compare_input {
	INPUT_NONE,
	INPUT_LOCKS,
	INPUT_METRICS,
};

/*
 * One figure of one repetition. Strings are interned: they live as long as
 * the set. Where neither run nor rep are given (a recording by hand) each
 * file is a repetition of its own.
 */
struct sample {
	const char *key[COMPARE_KEYS];
	const char *by;
	const char *run, *rep;
	size_t anonymous_file; /* 0 if run or rep are given, else file + 1 */
	/* What identifies the sample ends here. */
	size_t file;
	size_t order;	/* of its metric: as asked for, or as first met */
	bool intervals; /* its rows are intervals, not the whole */
	bool measured;
	double value;
	bool divided; /* value is still to be divided by */
	double by_count;
};

/* A figure of locks.csv: a column, or the quotient of the sums of two. */
struct lock_figure {
	const char *name;
	int column, divisor; /* no divisor: -1 */
};

struct compare_set {
	const struct compare_query *query;
	enum compare_input input;
	const struct column *columns; /* of that kind of file */
	size_t ncolumns;
	int by;			     /* the compared column's index */
	int *where;		     /* and those of query->where */
	struct lock_figure *figures; /* of locks.csv: those to compare */
	size_t nfigures;
	const char **files;
	size_t nfiles;
	void *strings; /* tsearch() tree */
	void *samples; /* tsearch() tree */
	size_t nsamples;
	const char **metric_names; /* of metrics.csv, as first met */
	size_t nmetric_names;
	struct sample **sorted;
	struct compare_row *rows;
	size_t nrows;
	char error[1024];
};

/* Keeps the message and returns @err. */
int compare_set_fail(struct compare_set *set, int err, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* The one copy of @text, or NULL. */
const char *compare_intern(struct compare_set *set, const char *text);

/* The sample equal to @like, made if there is none; NULL without memory. */
struct sample *compare_sample(struct compare_set *set, const struct sample *like, bool *found);

/* Makes out what kind of file @r is and whether the query fits it. */
int compare_set_input(struct compare_set *set, struct csv_reader *r, const char *path);

/* Index of the key's column in the input at hand, or negative. */
int compare_key_column(const struct compare_set *set, enum compare_key key);

#endif
