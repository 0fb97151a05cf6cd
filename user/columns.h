/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The columns of locks.csv, metrics.csv and histograms.csv: one table each, indexed by an
 * enum, from which headers, tables, --help and the manual page are made.
 */
#ifndef LOCKSTAT_SWAP_COLUMNS_H
#define LOCKSTAT_SWAP_COLUMNS_H

#include <stddef.h>

/*
 * Columns may be added at the end without touching this number; a change
 * of meaning raises it.
 */
#define CSV_SCHEMA 1

enum lock_column {
	LOCK_SCHEMA,
	LOCK_RUN,
	LOCK_KERNEL,
	LOCK_EXPERIMENT,
	LOCK_ARM,
	LOCK_BACKEND,
	LOCK_LOCKPATH,
	LOCK_WORKLOAD,
	LOCK_SSDS,
	LOCK_THREADS,
	LOCK_REP,
	LOCK_INTERVAL,
	LOCK_CLASS,
	LOCK_DEVICE,
	LOCK_LOCK,
	LOCK_CONFIDENCE,
	LOCK_ACQUIRED,
	LOCK_CONTENDED,
	LOCK_WAIT_TOTAL,
	LOCK_WAIT_MIN,
	LOCK_WAIT_P50,
	LOCK_WAIT_P90,
	LOCK_WAIT_P99,
	LOCK_WAIT_MAX,
	LOCK_HOLD_TOTAL,
	LOCK_HOLD_P50,
	LOCK_HOLD_P99,
	LOCK_HOLD_MAX,
	LOCK_COLUMNS,
};

enum metric_column {
	METRIC_SCHEMA,
	METRIC_RUN,
	METRIC_KERNEL,
	METRIC_EXPERIMENT,
	METRIC_ARM,
	METRIC_BACKEND,
	METRIC_LOCKPATH,
	METRIC_WORKLOAD,
	METRIC_SSDS,
	METRIC_THREADS,
	METRIC_REP,
	METRIC_DEVICE,
	METRIC_METRIC,
	METRIC_UNIT,
	METRIC_VALUE,
	METRIC_COLUMNS,
};

/* Behind "schema", all files begin with the columns that say of which measurement a row is. */
enum cell_column {
	CELL_RUN,
	CELL_KERNEL,
	CELL_EXPERIMENT,
	CELL_ARM,
	CELL_BACKEND,
	CELL_LOCKPATH,
	CELL_WORKLOAD,
	CELL_SSDS,
	CELL_THREADS,
	CELL_REP,
	CELL_COLUMNS,
};

/* A row a bucket that is not empty. */
enum histogram_column {
	HISTOGRAM_SCHEMA,
	HISTOGRAM_RUN,
	HISTOGRAM_KERNEL,
	HISTOGRAM_EXPERIMENT,
	HISTOGRAM_ARM,
	HISTOGRAM_BACKEND,
	HISTOGRAM_LOCKPATH,
	HISTOGRAM_WORKLOAD,
	HISTOGRAM_SSDS,
	HISTOGRAM_THREADS,
	HISTOGRAM_REP,
	HISTOGRAM_CLASS,
	HISTOGRAM_DEVICE,
	HISTOGRAM_LOCK,
	HISTOGRAM_FIGURE,
	HISTOGRAM_FROM,
	HISTOGRAM_TO,
	HISTOGRAM_COUNT,
	HISTOGRAM_COLUMNS,
};

enum column_align {
	COLUMN_LEFT,
	COLUMN_RIGHT,
};

/* What the rows of several devices or intervals make together. */
enum column_merge {
	MERGE_KEY, /* not a figure: says what the row is about */
	MERGE_SUM,
	MERGE_MIN,
	MERGE_MAX,
	MERGE_NONE, /* a percentile: two of them make nothing */
};

struct column {
	const char *name; /* in the header line of the file */
	const char *unit; /* NULL: text or a plain number */
	const char *help;
	enum column_align align;
	enum column_merge merge;
};

extern const struct column lock_columns[LOCK_COLUMNS];
extern const struct column metric_columns[METRIC_COLUMNS];
extern const struct column histogram_columns[HISTOGRAM_COLUMNS];

/* The index of the column called @name, or -ENOENT. */
int columns_find(const struct column *columns, size_t n, const char *name);

#endif
