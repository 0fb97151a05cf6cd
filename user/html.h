/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Writing HTML that is well-formed XML, too: whatever a text holds, it stays text. */
#ifndef LOCKSTAT_SWAP_HTML_H
#define LOCKSTAT_SWAP_HTML_H

#include <stdbool.h>
#include <stdio.h>

/* Control characters, which no page may have, become question marks. */
void html_text(FILE *out, const char *text);

/* Formatted, then escaped. */
void html_print(FILE *out, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* <tag>text</tag>; @tag may have attributes: "td class='n'". */
void html_element(FILE *out, const char *tag, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/*
 * A table in a box of its own, which scrolls where it is too wide: opened, its columns, its
 * body, closed.
 */
void html_table_open(FILE *out, const char *caption, ...) __attribute__((format(printf, 2, 3)));
void html_table_column(FILE *out, bool number, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void html_table_body(FILE *out);
void html_table_close(FILE *out);

/* The columns and the body's begin: separated by '|', one that begins with '#' has numbers. */
void html_table_columns(FILE *out, const char *columns);

#endif
