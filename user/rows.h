/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From what was counted to rows of locks.csv, of metrics.csv and of the terminal. */
#ifndef LOCKSTAT_SWAP_ROWS_H
#define LOCKSTAT_SWAP_ROWS_H

#include <stdio.h>

#include "collector.h"
#include "csv.h"
#include "owners.h"
#include "sysmetrics.h"

/* What was counted between two moments. */
struct window {
	const struct sysmetrics *from, *to;
	const struct lock_set *locks;
	const struct lock_sample *samples; /* one a row of @locks */
	const struct owners *owners;
	unsigned int interval; /* from 1; 0: the whole recording */
};

/* What a line of the table is about. */
enum grouping { BY_LOCK, BY_CLASS, BY_DEVICE, BY_TASK, BY_CGROUP, NR_GROUPINGS };

const char *grouping_name(enum grouping by);

/* Whom waits have to be counted for, for that. */
enum owner_kind grouping_owners(enum grouping by);

/* The columns that say what a row belongs to; NULL is an empty field. */
struct row_identity {
	const char *run, *kernel, *experiment, *arm, *backend, *lockpath;
	const char *workload, *ssds, *threads, *rep;
};

/* Sets the column called @name; -ENOENT if a user may not, -EINVAL for a bad value. */
int row_identity__set(struct row_identity *identity, const char *name, const char *value);

/* Which rows are wanted. */
struct row_filter {
	const char *device; /* this one's, and those that all share; NULL: of all */
	const char *class;  /* NULL: of all */
	bool all;	    /* those without any event, too, where rows are printed */
};

int rows__write_locks(struct csv_writer *csv, const struct row_identity *identity,
		      enum backend backend, const struct row_filter *filter,
		      const struct window *window);

/* One line: locks and metrics of a window, and the owners where waits were counted @by them. */
int rows__write_json(FILE *out, const struct row_identity *identity, enum backend backend,
		     const struct row_filter *filter, enum grouping by,
		     const struct window *window);

int rows__write_metrics(struct csv_writer *csv, const struct row_identity *identity,
			const struct metric *metrics, int n);

/* Whether @filter wants the row at all. */
bool rows__concern(const struct named_lock *lock, const struct row_filter *filter);

/* A device that is gone has no row in an interval, as it had none before it came. */
bool rows__present(const struct window *window, unsigned int row);

/* lockdep mode cannot tell how an unnamed lock waits: one row holds them all. */
bool rows__used(enum backend backend, unsigned int row);

/* Whether waits, acquisitions, or holds (@sample's) of the row were measured. */
bool rows__timed(const struct lock_set *locks, enum backend backend, unsigned int row);
bool rows__acquired(const struct lock_set *locks, enum backend backend, unsigned int row);
bool rows__held(const struct lock_set *locks, enum backend backend, unsigned int row,
		const struct lock_sample *sample);

/* A row that another tool counted. Figures by their column; not measured: an empty field. */
struct imported_row {
	enum lock_class class;
	enum lock_confidence confidence;
	char *lock;
	uint64_t figures[LOCK_COLUMNS];
	bool measured[LOCK_COLUMNS];
};

int rows__write_imported(struct csv_writer *csv, const struct row_identity *identity,
			 const struct imported_row *row);

/* The distribution of waits and holds of each row that has any: rows of histograms.csv. */
int rows__write_histograms(struct csv_writer *csv, const struct row_identity *identity,
			   enum backend backend, const struct row_filter *filter,
			   const struct window *window);

/* What the column "lock" says of a row. */
const char *rows__lock(const struct lock_set *locks, enum backend backend, unsigned int row);

/* The ledger as rows of metrics.csv. */
int rows__write_ledger(struct csv_writer *csv, const struct row_identity *identity,
		       const struct ledger *ledger);

/* How a table is printed. */
struct view {
	enum backend backend;
	enum grouping by;
	const struct row_filter *filter;
	unsigned int lines; /* of a terminal to fit into; 0: all of them, uncut, more columns */
};

/* What cost most first. */
int rows__print(FILE *out, const struct view *view, const struct window *window);

/* How long the waits were, for each lock that was waited for. */
void rows__print_histograms(FILE *out, enum backend backend, const struct row_filter *filter,
			    const struct lock_set *locks, const struct lock_sample *samples);

/* How much of the wait for the swap path's own locks has a name. */
void rows__print_share(FILE *out, enum backend backend, const struct lock_set *locks,
		       const struct lock_sample *samples);

void rows__print_ledger(FILE *out, const struct ledger *ledger);

#endif
