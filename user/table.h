/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tables on the terminal: a thin layer over libsmartcols. */
#ifndef LOCKSTAT_SWAP_TABLE_H
#define LOCKSTAT_SWAP_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "columns.h"

struct table;

/*
 * A table to be printed to @out; NULL without memory. With @fit, lines that
 * a terminal cannot hold are cut to its width (for a display that refreshes);
 * otherwise, and always where @out is no terminal, nothing is cut.
 */
struct table *table_new(FILE *out, bool fit);

/*
 * Columns come first, from left to right. Where lines are cut, @spare columns
 * are cut first. All return 0 or a negative errno.
 */
int table_add_column(struct table *t, const char *name, enum column_align align, bool spare);

/*
 * A line of text, set off by an empty line, in front of the row added next;
 * the columns' names are repeated under it.
 */
int table_add_heading(struct table *t, const char *text);

/* Starts a row; table_set() then fills its cells. */
int table_add_row(struct table *t);
int table_set(struct table *t, size_t column, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* -EIO if @out took not all of it. */
int table_print(struct table *t);

void table_free(struct table *t);

#endif
