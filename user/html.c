// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "html.h"
#include "utf8.h"

static void put_character(FILE *out, unsigned char c)
{
	switch (c) {
	case '&':
		fputs("&amp;", out);
		break;
	case '<':
		fputs("&lt;", out);
		break;
	case '>':
		fputs("&gt;", out);
		break;
	case '"':
		fputs("&quot;", out);
		break;
	case '\'':
		fputs("&#39;", out);
		break;
	default:
		fputc((c < ' ' && c != '\n' && c != '\t') || c == 0x7f ? '?' : c, out);
	}
}

void html_text(FILE *out, const char *text)
{
	char *copy = strdup(text);

	if (!copy)
		return;
	utf8_repair(copy);
	for (char *p = copy; *p; p++)
		put_character(out, *p);
	free(copy);
}

static void print(FILE *out, const char *format, va_list args)
{
	char *text;

	if (vasprintf(&text, format, args) < 0)
		return;
	html_text(out, text);
	free(text);
}

void html_print(FILE *out, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	print(out, format, args);
	va_end(args);
}

void html_element(FILE *out, const char *tag, const char *format, ...)
{
	va_list args;

	fprintf(out, "<%s>", tag);
	va_start(args, format);
	print(out, format, args);
	va_end(args);
	fprintf(out, "</%.*s>\n", (int)strcspn(tag, " "), tag);
}

void html_table_open(FILE *out, const char *caption, ...)
{
	va_list args;

	fputs("<div class='scroll' tabindex='0'><table>\n<caption>", out);
	va_start(args, caption);
	print(out, caption, args);
	va_end(args);
	fputs("</caption>\n<thead><tr>", out);
}

void html_table_column(FILE *out, bool number, const char *format, ...)
{
	va_list args;

	fprintf(out, "<th scope='col'%s>", number ? " class='n'" : "");
	va_start(args, format);
	print(out, format, args);
	va_end(args);
	fputs("</th>", out);
}

void html_table_body(FILE *out)
{
	fputs("</tr></thead>\n<tbody>\n", out);
}

void html_table_close(FILE *out)
{
	fputs("</tbody></table></div>\n", out);
}

void html_table_columns(FILE *out, const char *columns)
{
	while (*columns) {
		int length = strcspn(columns, "|"), number = *columns == '#';

		html_table_column(out, number, "%.*s", length - number, columns + number);
		columns += length;
		columns += *columns == '|';
	}
	html_table_body(out);
}
