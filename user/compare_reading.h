/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Between the files that read the input of the comparison: a row, its places, its values. */
#ifndef LOCKSTAT_SWAP_COMPARE_READING_H
#define LOCKSTAT_SWAP_COMPARE_READING_H

#include "compare_internal.h"

/* A file being read. */
struct reading {
	struct compare_set *set;
	struct csv_reader *csv;
	struct source *source;
	enum compare_input input;
	const struct input *in;
	uint32_t file; /* its number in the set */
};

/* Of the current row. */
static inline const char *compare_field(const struct reading *r, int column)
{
	return column < 0 ? "" : csv_reader_str(r->csv, column);
}

/* The cell that the row is of; NULL without memory. */
struct cell *compare_find_cell(const struct reading *r);

/* The value of the compared column, interned; NULL without memory. */
const char *compare_by_value(const struct reading *r, const struct cell *cell);

/* The group that the row is of; NULL without memory. */
struct group *compare_find_group(const struct reading *r, const struct cell *cell);

/* Adds the row's figures to their samples. */
int compare_add_locks(const struct reading *r, struct cell *cell, struct group *group);
int compare_add_metric(const struct reading *r, struct cell *cell, struct group *group);

/* What the row adds to the cell's ledger, if it is of one. */
int compare_take_ledger(const struct reading *r, struct cell *cell);

#endif
