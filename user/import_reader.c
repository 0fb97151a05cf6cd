// SPDX-License-Identifier: GPL-2.0-or-later
/* What the parsers of import share: lines, rows, numbers. */
#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "import_internal.h"

void import_begin(struct import *im, FILE *file, const char *name)
{
	im->file = file;
	im->name = name;
}

static int fail(struct import *im, int err)
{
	snprintf(im->error, sizeof(im->error), "%s: %s", im->name, strerror(-err));
	return err;
}

int import_reject(struct import *im, const char *format, ...)
{
	int n = snprintf(im->error, sizeof(im->error), "%s:%lu: ", im->name,
			 im->line ? im->line : 1);
	va_list args;

	va_start(args, format);
	if (n >= 0 && (size_t)n < sizeof(im->error))
		vsnprintf(im->error + n, sizeof(im->error) - n, format, args);
	va_end(args);
	return -EINVAL;
}

int import_line(struct import *im)
{
	ssize_t n;

	errno = 0;
	n = getline(&im->text, &im->text_room, im->file);
	if (n < 0 && !feof(im->file))
		return fail(im, errno ? -errno : -EIO);
	if (n < 0)
		return im->line ? 0 : import_reject(im, "empty file");
	im->line++;
	if (memchr(im->text, '\0', n))
		return import_reject(im, "NUL byte");
	if (im->text[n - 1] != '\n')
		return import_reject(im, "truncated: the last line has no newline");
	im->text[n - 1] = '\0';
	return 1;
}

struct imported_row *import_add(struct import *im, const char *lock)
{
	struct imported_row *row;

	if (im->n == im->room) {
		size_t room = im->room ? 2 * im->room : 64;
		struct imported_row *rows = reallocarray(im->rows, room, sizeof(*rows));

		if (!rows) {
			fail(im, -ENOMEM);
			return NULL;
		}
		im->rows = rows;
		im->room = room;
	}
	row = &im->rows[im->n];
	*row = (struct imported_row){ .class = CLASS_OTHER, .lock = strdup(lock) };
	if (!row->lock) {
		fail(im, -ENOMEM);
		return NULL;
	}
	im->n++;
	return row;
}

void import_measure(struct imported_row *row, enum lock_column column, uint64_t value)
{
	row->figures[column] = value;
	row->measured[column] = true;
}

void import_classify(struct imported_row *row, enum lock_class class,
		     enum lock_confidence confidence)
{
	row->class = class;
	row->confidence = confidence;
}

void import_name_symbol(struct imported_row *row, const char *symbol)
{
	static const struct {
		const char *symbol;
		enum lock_class class;
	} known[] = {
		{ "swap_lock", CLASS_SWAP_LOCK },
		{ "swap_avail_lock", CLASS_SWAP_AVAIL },
		{ "swap_map_lock", CLASS_SWAP_MAP },
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (!strcmp(known[i].symbol, symbol))
			import_classify(row, known[i].class, CONFIDENCE_SYMBOL);
}

/* strtoull() alone takes blanks and signs, too. */
int import_number(const char *text, uint64_t *value)
{
	char *end;

	errno = 0;
	*value = strtoull(text, &end, 10);
	return errno || *end || !isdigit((unsigned char)*text) ? -EINVAL : 0;
}

void import_free(struct import *im)
{
	for (size_t i = 0; i < im->n; i++)
		free(im->rows[i].lock);
	free(im->rows);
	free(im->text);
}
