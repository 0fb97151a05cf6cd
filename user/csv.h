/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * CSV files (RFC 4180) with a header line given by a column table.
 *
 * Numbers are read and written as in the C locale: a program that calls
 * setlocale() must leave LC_NUMERIC alone.
 */
#ifndef LOCKSTAT_SWAP_CSV_H
#define LOCKSTAT_SWAP_CSV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "columns.h"

struct csv_writer;

/*
 * Opens the file @path, "-" meaning stdout, for csv_writer_begin(). Returns 0 or
 * a negative errno. What the file holds stays until then: whoever cannot begin
 * has lost nothing.
 *
 * Each csv_writer_end_row() hands its row to the kernel whole: a crash
 * loses at most the row under construction. Where the kernel takes only
 * part of a row (a full disk), the part is removed again, so the file ends
 * with its last complete row.
 *
 * The first error is kept: all later calls return it and write nothing, so
 * a caller may check csv_writer_end_row() and csv_writer_close() alone.
 */
int csv_writer_open(struct csv_writer **writer, const char *path);

/* Empties the file and writes the header line. */
int csv_writer_begin(struct csv_writer *writer, const struct column *columns, size_t n);

/* The fields of a row, from the first column to the last. */
int csv_writer_field_str(struct csv_writer *w, const char *value);
int csv_writer_field_u64(struct csv_writer *w, uint64_t value);
/* Shortest text that reads back equal; -EDOM for NaN and infinity. */
int csv_writer_field_double(struct csv_writer *w, double value);
/* Not measured. */
int csv_writer_field_empty(struct csv_writer *w);

/* -EINVAL if the row has not as many fields as the header. */
int csv_writer_end_row(struct csv_writer *w);

/* Returns the first error of all; @w may be NULL. */
int csv_writer_close(struct csv_writer *w);

struct csv_reader;

/*
 * Opens @path ("-": stdin) and reads its header line. On failure returns a
 * negative errno and still sets *@reader (to NULL only without memory), so
 * that csv_reader_error() can tell; close it in either case.
 */
int csv_reader_open(struct csv_reader **reader, const char *path);

/* Whether the header has a column of that name. */
bool csv_reader_has(const struct csv_reader *r, const char *name);

/*
 * Finds each of @columns in the header by name, wherever it stands: from
 * now on fields are addressed by their index in @columns. Columns of the
 * file that are not in the table are passed over. -EINVAL if one is missing.
 */
int csv_reader_bind(struct csv_reader *r, const struct column *columns, size_t n);

/*
 * Reads the next row. Returns 1, 0 at the end of the file, or a negative
 * errno: -EINVAL is a malformed file. A file whose header has the column
 * "schema" must say CSV_SCHEMA there in every row.
 */
int csv_reader_next(struct csv_reader *r);

/* The text of a field of the current row, valid until the next is read. */
const char *csv_reader_str(const struct csv_reader *r, size_t column);

/* 1 and *@value, 0 if the field is empty, -EINVAL if it is no such number. */
int csv_reader_u64(struct csv_reader *r, size_t column, uint64_t *value);
int csv_reader_double(struct csv_reader *r, size_t column, double *value);

/* "file:line: reason" of the last failure. */
const char *csv_reader_error(const struct csv_reader *r);

/* Says in the reader's error what the caller found wrong; returns -EINVAL. */
int csv_reader_reject(struct csv_reader *r, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

void csv_reader_close(struct csv_reader *r);

#endif
