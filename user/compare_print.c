// SPDX-License-Identifier: GPL-2.0-or-later
/* For people: a table on the terminal, or one in Markdown. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compare_output_internal.h"
#include "compare_words.h"
#include "table.h"

enum {
	COL_SSDS,
	COL_WHAT,
	COL_FIGURE,
	COL_SIDE,
	COL_N,
	COL_BASE,
	COL_OTHER,
	COL_RATIO,
	COL_INTERVAL,
	COL_P,
	COL_HOLM,
	COL_VERDICT,
	NR_COLS
};

static const struct {
	const char *name;
	enum column_align align;
} columns[NR_COLS] = {
	[COL_SSDS] = { "ssds", COLUMN_RIGHT },	  [COL_WHAT] = { "of", COLUMN_LEFT },
	[COL_FIGURE] = { "figure", COLUMN_LEFT }, [COL_SIDE] = { "against", COLUMN_LEFT },
	[COL_N] = { "n", COLUMN_RIGHT },	  [COL_BASE] = { "base", COLUMN_RIGHT },
	[COL_OTHER] = { "other", COLUMN_RIGHT },  [COL_RATIO] = { "ratio", COLUMN_RIGHT },
	[COL_INTERVAL] = { "95%", COLUMN_RIGHT }, [COL_P] = { "p", COLUMN_RIGHT },
	[COL_HOLM] = { "Holm", COLUMN_RIGHT },	  [COL_VERDICT] = { "verdict", COLUMN_LEFT },
};

static const char *plain(const char *text, char *copy)
{
	snprintf(copy, COMPARE_WORDS, "%s", text);
	return copy;
}

/* Fills @text, of COMPARE_WORDS bytes. */
static const char *cell_words(const struct compare_row *row, int column, size_t tested, char *text)
{
	const char *class = row->key[KEY_CLASS];

	switch (column) {
	case COL_SSDS:
		return plain(row->key[KEY_SSDS], text);
	case COL_WHAT:
		return plain(*class ? class : row->key[KEY_DEVICE], text);
	case COL_FIGURE:
		return compare_figure_words(row, text);
	case COL_SIDE:
		return plain(row->value, text);
	case COL_N:
		return compare_n_words(row, text);
	case COL_BASE:
		return compare_value_words(row, row->base.median, text);
	case COL_OTHER:
		return compare_value_words(row, row->other.median, text);
	case COL_RATIO:
		return compare_ratio_words(row, text);
	case COL_INTERVAL:
		return compare_interval_words(row, text);
	case COL_P:
		return compare_p_words(row->p, text);
	case COL_HOLM:
		return compare_p_words(row->p_holm, text);
	default:
		return compare_verdict_words(row, tested, text);
	}
}

static void title_text(char *buffer, size_t size, int column, const char *base)
{
	if (column == COL_BASE && *base)
		snprintf(buffer, size, "%s (base)", base);
	else
		snprintf(buffer, size, "%s", columns[column].name);
}

static int add_columns(struct table *table, const char *base)
{
	char title[COMPARE_WORDS];
	int err = 0;

	for (int c = 0; c < NR_COLS && !err; c++) {
		title_text(title, sizeof(title), c, base);
		err = table_add_column(table, title, columns[c].align, false);
	}
	return err;
}

static int add_heading(struct table *table, const struct compare_row *row)
{
	char *text = compare_heading_words(row);
	int err = text ? table_add_heading(table, text) : -ENOMEM;

	free(text);
	return err;
}

static int add_row(struct table *table, const struct compare_row *row, size_t tested)
{
	char text[COMPARE_WORDS];
	int err = table_add_row(table);

	for (int c = 0; c < NR_COLS && !err; c++) {
		err = table_set(table, c, "%s", cell_words(row, c, tested, text));
	}
	return err;
}

int compare_print_table(const struct compare_result *result, const struct compare_query *query)
{
	struct table *table = table_new(stdout, false);
	int err = table ? add_columns(table, query->base) : -ENOMEM;

	for (size_t i = 0; i < result->nrows && !err; i++) {
		const struct compare_row *row = &result->rows[i];

		if (!i || !compare_same_heading(row - 1, row))
			err = add_heading(table, row);
		if (!err)
			err = add_row(table, row, result->tested);
	}
	if (!err)
		err = table_print(table);
	table_free(table);
	return err;
}

static void print_escaped(const char *text)
{
	for (; *text; text++) {
		if (strchr("|\\*_`<", *text))
			putchar('\\');
		putchar(*text == '\n' ? ' ' : *text);
	}
}

static int print_markdown_head(const struct compare_row *row, const char *base)
{
	char title[COMPARE_WORDS], *heading = compare_heading_words(row);

	if (!heading)
		return -ENOMEM;
	print_escaped(heading);
	free(heading);
	printf(":\n\n|");
	for (int c = 0; c < NR_COLS; c++) {
		title_text(title, sizeof(title), c, base);
		putchar(' ');
		print_escaped(title);
		printf(" |");
	}
	printf("\n|");
	for (int c = 0; c < NR_COLS; c++)
		printf(columns[c].align == COLUMN_RIGHT ? "---:|" : "---|");
	putchar('\n');
	return 0;
}

static void print_markdown_row(const struct compare_row *row, size_t tested)
{
	char text[COMPARE_WORDS];

	putchar('|');
	for (int c = 0; c < NR_COLS; c++) {
		putchar(' ');
		print_escaped(cell_words(row, c, tested, text));
		printf(" |");
	}
	putchar('\n');
}

int compare_print_markdown(const struct compare_result *result, const struct compare_query *query)
{
	int err = 0;

	for (size_t i = 0; i < result->nrows && !err; i++) {
		const struct compare_row *row = &result->rows[i];
		bool begins = !i || !compare_same_heading(row - 1, row);

		if (begins && i)
			putchar('\n');
		if (begins)
			err = print_markdown_head(row, query->base);
		if (!err)
			print_markdown_row(row, result->tested);
	}
	return err;
}
