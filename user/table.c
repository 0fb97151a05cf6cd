// SPDX-License-Identifier: GPL-2.0-or-later
/* Tables on the terminal. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* vasprintf */
#endif
#include <errno.h>
#include <libsmartcols/libsmartcols.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "table.h"

struct heading {
	size_t row;
	char *text;
};

struct table {
	FILE *out;
	struct libscols_table *scols;
	struct libscols_line *row; /* the one being filled */
	struct heading *headings;
	size_t nheadings;
	bool fit;
};

struct table *table_new(FILE *out, bool fit)
{
	struct table *t = calloc(1, sizeof(*t));

	if (!t)
		return NULL;
	t->out = out;
	t->fit = fit;
	t->scols = scols_new_table();
	if (!t->scols) {
		free(t);
		return NULL;
	}
	scols_table_set_stream(t->scols, out);
	scols_table_set_column_separator(t->scols, "  ");
	/* No padding behind the last column. */
	scols_table_enable_minout(t->scols, 1);
	if (!fit)
		scols_table_set_termforce(t->scols, SCOLS_TERMFORCE_NEVER);
	return t;
}

int table_add_column(struct table *t, const char *name, enum column_align align, bool spare)
{
	int flags = align == COLUMN_RIGHT ? SCOLS_FL_RIGHT : 0;

	if (t->fit && spare)
		flags |= SCOLS_FL_TRUNC;
	return scols_table_new_column(t->scols, name, 0, flags) ? 0 : -ENOMEM;
}

/* The columns' names as a row, in place of the one header line at the top. */
static int add_names(struct table *t)
{
	size_t n = scols_table_get_ncols(t->scols);
	int err = table_add_row(t);

	scols_table_enable_noheadings(t->scols, 1);
	for (size_t i = 0; !err && i < n; i++) {
		struct libscols_column *c = scols_table_get_column(t->scols, i);

		err = table_set(t, i, "%s", scols_column_get_name(c));
	}
	return err;
}

int table_add_heading(struct table *t, const char *text)
{
	struct heading *all = reallocarray(t->headings, t->nheadings + 1, sizeof(*all));

	if (!all)
		return -ENOMEM;
	t->headings = all;
	all[t->nheadings].row = scols_table_get_nlines(t->scols);
	all[t->nheadings].text = strdup(text);
	if (!all[t->nheadings].text)
		return -ENOMEM;
	t->nheadings++;
	return add_names(t);
}

int table_add_row(struct table *t)
{
	t->row = scols_table_new_line(t->scols, NULL);
	return t->row ? 0 : -ENOMEM;
}

int table_set(struct table *t, size_t column, const char *format, ...)
{
	va_list args;
	char *text;
	int n;

	va_start(args, format);
	n = vasprintf(&text, format, args);
	va_end(args);
	if (n < 0)
		return -ENOMEM;
	/* The line takes over the text only if that succeeds. */
	n = scols_line_refer_data(t->row, column, text);
	if (n)
		free(text);
	return n;
}

/*
 * Rows from @first up to, not including, @end. Widths are those of the whole
 * table, so that columns stand under each other across headings.
 */
static int print_rows(struct table *t, size_t first, size_t end)
{
	struct libscols_line *from, *to;

	if (first == end)
		return 0;
	from = scols_table_get_line(t->scols, first);
	to = scols_table_get_line(t->scols, end - 1);
	if (scols_table_print_range(t->scols, from, to))
		return -EIO;
	/* libsmartcols leaves out the newline behind the table's last line. */
	if (end < scols_table_get_nlines(t->scols))
		return 0;
	return fputc('\n', t->out) == EOF ? -EIO : 0;
}

int table_print(struct table *t)
{
	size_t rows = scols_table_get_nlines(t->scols), row = 0;
	int err = 0;

	for (size_t i = 0; !err && i < t->nheadings; i++) {
		err = print_rows(t, row, t->headings[i].row);
		row = t->headings[i].row;
		if (!err &&
		    fprintf(t->out, "%s%s\n", i || row ? "\n" : "", t->headings[i].text) < 0)
			err = -EIO;
	}
	if (!err)
		err = print_rows(t, row, rows);
	return !err && fflush(t->out) ? -EIO : err;
}

void table_free(struct table *t)
{
	if (!t)
		return;
	for (size_t i = 0; i < t->nheadings; i++)
		free(t->headings[i].text);
	free(t->headings);
	scols_unref_table(t->scols);
	free(t);
}
