// SPDX-License-Identifier: GPL-2.0-or-later
/* Tables on the terminal. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* vasprintf, strchrnul */
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

static int write_failed(void)
{
	return errno ? -errno : -EIO;
}

/* The next line of @text, behind the headings that belong in front of it. */
static int print_line(struct table *t, const char **text, size_t row, size_t *heading)
{
	const char *end = strchrnul(*text, '\n');

	for (; *heading < t->nheadings && t->headings[*heading].row == row; ++*heading)
		if (fprintf(t->out, "%s%s\n", row ? "\n" : "", t->headings[*heading].text) < 0)
			return write_failed();
	if (fprintf(t->out, "%.*s\n", (int)(end - *text), *text) < 0)
		return write_failed();
	*text = *end ? end + 1 : end;
	return 0;
}

/*
 * In one go, so that widths are those of the whole table and columns stand under each other
 * across headings: libsmartcols works them out anew for each part it prints.
 */
int table_print(struct table *t)
{
	size_t heading = 0;
	const char *line;
	char *text;
	int err = scols_print_table_to_string(t->scols, &text);

	if (err)
		return err;
	line = text;
	for (size_t row = 0; !err && *line; row++)
		err = print_line(t, &line, row, &heading);
	free(text);
	return !err && fflush(t->out) ? write_failed() : err;
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
