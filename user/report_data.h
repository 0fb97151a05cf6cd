/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The rows of a results directory, by the measurement (cell) that they are of. What
 * the files do not say stays unknown: NaN, and "". Prints nothing.
 */
#ifndef LOCKSTAT_SWAP_REPORT_DATA_H
#define LOCKSTAT_SWAP_REPORT_DATA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "columns.h"
#include "intern.h"

enum { REPORT_NONE = -1 };

/* Strings of equal text are one string. */
struct report_cell {
	const char *key[CELL_COLUMNS];
	long first_lock, first_metric; /* REPORT_NONE: it has none */
	long last_lock, last_metric;
};

enum lock_sum {
	SUM_ACQUIRED,
	SUM_CONTENDED,
	SUM_WAIT,
	MAX_WAIT,
	SUM_HOLD,
	MAX_HOLD,
	LOCK_SUMS,
};

struct report_lock {
	size_t cell;
	long next; /* of the same cell */
	const char *interval, *class, *device, *lock, *confidence;
	double sums[LOCK_SUMS];
};

struct report_metric {
	size_t cell;
	long next;
	const char *device, *metric, *unit;
	double value;
};

struct report_bucket {
	size_t cell;
	const char *class, *device, *lock, *figure;
	double from, to; /* ns; NaN: no upper end */
	double count;
};

/* An array that grows. */
struct report_rows {
	size_t n, room;
};

struct report_data {
	struct report_cell *cells;
	struct report_lock *locks;
	struct report_metric *metrics;
	struct report_bucket *buckets;
	struct report_rows ncells, nlocks, nmetrics, nbuckets;
	bool has_locks, has_metrics, has_histograms; /* the files are there */
	struct intern texts;
	char error[1024];
};

/*
 * Reads those of the directory's CSV files that it has. Returns 0 or a negative errno, and
 * in error "file:line: reason".
 */
int report_data_read(struct report_data *data, const char *dir);

/* The one copy of @text, or NULL without memory. */
const char *report_data_intern(struct report_data *data, const char *text);

/* The cell's metric of no device, or NaN. */
double report_data_metric(const struct report_data *data, const struct report_cell *cell,
			  const char *metric);

/* Whether any cell has it. */
bool report_data_has_metric(const struct report_data *data, const char *metric);

/* The figure added up over the cell's locks that guard swap maps: NaN if a part is not known. */
double report_data_map_sum(const struct report_data *data, const struct report_cell *cell,
			   enum lock_sum sum);

/* Whether a tracer ran, and so slowed down what was measured. */
bool report_cell_traced(const struct report_cell *cell);

/* The key of that name, or a negative errno. */
int report_cell_key(const char *name);

void report_data_free(struct report_data *data);

#endif
