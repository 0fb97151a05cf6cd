// SPDX-License-Identifier: GPL-2.0-or-later
/* CSV files: the reader. */
#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "csv.h"
#include "csv_record.h"

struct csv_reader {
	struct csv_record record;
	char **header;
	size_t width;
	size_t *map; /* bound column -> field */
	const struct column *columns;
	long schema; /* field of that name, or -1 */
};

int csv_reader_reject(struct csv_reader *r, const char *format, ...)
{
	va_list args;
	int err;

	va_start(args, format);
	err = csv_record__vreject(&r->record, format, args);
	va_end(args);
	return err;
}

static int no_memory(struct csv_reader *r)
{
	return csv_record__fail(&r->record, -ENOMEM);
}

static int read_header(struct csv_reader *r)
{
	int n = csv_record__next(&r->record);

	if (n < 0)
		return n;
	if (!n)
		return csv_reader_reject(r, "empty file, no header line");
	r->header = calloc(r->record.nfields, sizeof(*r->header));
	if (!r->header)
		return no_memory(r);
	for (; r->width < r->record.nfields; r->width++) {
		const char *name = r->record.fields[r->width];

		if (csv_reader_has(r, name))
			return csv_reader_reject(r, "column '%s' twice", name);
		if (!strcmp(name, "schema"))
			r->schema = r->width;
		r->header[r->width] = strdup(name);
		if (!r->header[r->width])
			return no_memory(r);
	}
	return 0;
}

int csv_reader_open(struct csv_reader **reader, const char *path)
{
	struct csv_reader *r = calloc(1, sizeof(*r));
	int err;

	*reader = r;
	if (!r)
		return -ENOMEM;
	r->schema = -1;
	err = csv_record__open(&r->record, path);
	return err ? err : read_header(r);
}

static long find_field(const struct csv_reader *r, const char *name)
{
	for (size_t i = 0; i < r->width; i++)
		if (!strcmp(r->header[i], name))
			return i;
	return -1;
}

bool csv_reader_has(const struct csv_reader *r, const char *name)
{
	return find_field(r, name) >= 0;
}

int csv_reader_bind(struct csv_reader *r, const struct column *columns, size_t n)
{
	size_t *map = reallocarray(r->map, n, sizeof(*map));

	if (!map)
		return no_memory(r);
	r->map = map;
	r->columns = columns;
	for (size_t i = 0; i < n; i++) {
		long field = find_field(r, columns[i].name);

		if (field < 0)
			return csv_reader_reject(r, "no column '%s'", columns[i].name);
		map[i] = field;
	}
	return 0;
}

#define TEXT_OF(number) #number
#define TEXT(number)	TEXT_OF(number)
#define KNOWN_SCHEMA	TEXT(CSV_SCHEMA)

static int check_schema(struct csv_reader *r)
{
	const char *text = r->schema < 0 ? NULL : r->record.fields[r->schema];

	if (text && strcmp(text, KNOWN_SCHEMA))
		return csv_reader_reject(r, "unknown schema '%s', expected " KNOWN_SCHEMA, text);
	return 0;
}

int csv_reader_next(struct csv_reader *r)
{
	int n = csv_record__next(&r->record);

	if (n <= 0)
		return n;
	if (!r->record.len)
		return csv_reader_reject(r, "empty line");
	if (r->record.nfields != r->width)
		return csv_reader_reject(r, "%zu fields, the header has %zu", r->record.nfields,
					 r->width);
	n = check_schema(r);
	return n ? n : 1;
}

const char *csv_reader_str(const struct csv_reader *r, size_t column)
{
	return r->record.fields[r->map[column]];
}

/* Not strtoull(), which takes more than belongs in a file: blanks, signs. */
static bool parse_u64(const char *text, uint64_t *value)
{
	for (*value = 0; *text; text++) {
		if (*text < '0' || *text > '9' || __builtin_mul_overflow(*value, 10, value) ||
		    __builtin_add_overflow(*value, (uint64_t)(*text - '0'), value))
			return false;
	}
	return true;
}

int csv_reader_u64(struct csv_reader *r, size_t column, uint64_t *value)
{
	const char *text = csv_reader_str(r, column);
	uint64_t number;

	if (!*text)
		return 0;
	if (!parse_u64(text, &number))
		return csv_reader_reject(r, "%s: '%s' is not a whole number",
					 r->columns[column].name, text);
	*value = number;
	return 1;
}

/* As many digits, and so small a power of ten, are exact: then so is their quotient's rounding. */
enum { EXACT_DIGITS = 15 };

/* The usual spelling, without strtod(): digits, and a point among them. */
static bool parse_plain(const char *text, double *value)
{
	static const double power[EXACT_DIGITS + 1] = {
		1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15
	};
	const char *p = text + (*text == '-'), *point = NULL;
	size_t digits = 0, decimals = 0;
	uint64_t number = 0;

	for (; *p; p++) {
		if (*p == '.' && !point) {
			point = p;
			continue;
		}
		if (*p < '0' || *p > '9' || ++digits > EXACT_DIGITS)
			return false;
		number = 10 * number + (*p - '0');
		decimals += point != NULL;
	}
	*value = (*text == '-' ? -1.0 : 1.0) * number / power[decimals];
	return digits > 0;
}

/* strtod() takes hexadecimal and "inf", too: only text made of @allowed reaches it. */
static bool spelled_with(const char *text, const char *allowed)
{
	return !text[strspn(text, allowed)];
}

int csv_reader_double(struct csv_reader *r, size_t column, double *value)
{
	const char *text = csv_reader_str(r, column);
	char *end;

	if (!*text)
		return 0;
	if (parse_plain(text, value))
		return 1;
	errno = 0;
	*value = strtod(text, &end);
	if (*end || !spelled_with(text, "0123456789+-.eE"))
		return csv_reader_reject(r, "%s: '%s' is not a number", r->columns[column].name,
					 text);
	/* ERANGE is also of what is nearly too small: only overflow, and what became 0, count. */
	if (!isfinite(*value) || (errno == ERANGE && *value == 0))
		return csv_reader_reject(r, "%s: '%s' is too %s", r->columns[column].name, text,
					 *value == 0 ? "small to tell from 0" : "large");
	return 1;
}

const char *csv_reader_error(const struct csv_reader *r)
{
	return r ? r->record.error : strerror(ENOMEM);
}

void csv_reader_close(struct csv_reader *r)
{
	if (!r)
		return;
	for (size_t i = 0; r->header && i < r->width; i++)
		free(r->header[i]);
	free(r->header);
	free(r->map);
	csv_record__close(&r->record);
	free(r);
}
