// SPDX-License-Identifier: GPL-2.0-or-later
/* CSV files: the reader. */
#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "csv.h"

struct csv_reader {
	FILE *file;
	char *name;	     /* for messages */
	unsigned long line;  /* lines read */
	unsigned long start; /* line where the current record starts */
	char *buf;	     /* the current record, cut into fields */
	size_t len, cap;
	char *part; /* getline's buffer */
	size_t part_cap;
	char **fields;
	size_t nfields, fields_cap;
	char **header;
	size_t width;
	size_t *map; /* bound column -> field */
	const struct column *columns;
	long schema; /* field of that name, or -1 */
	char error[512];
};

static void vreject(struct csv_reader *r, const char *format, va_list args)
{
	int n = snprintf(r->error, sizeof(r->error), "%s:%lu: ", r->name, r->start);

	if (n >= 0 && (size_t)n < sizeof(r->error))
		vsnprintf(r->error + n, sizeof(r->error) - n, format, args);
}

int csv_reader_reject(struct csv_reader *r, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vreject(r, format, args);
	va_end(args);
	return -EINVAL;
}

/* A failure that belongs to the file, not to one of its lines. */
static int reader_fail(struct csv_reader *r, int err)
{
	snprintf(r->error, sizeof(r->error), "%s: %s", r->name, strerror(-err));
	return err;
}

static int append(struct csv_reader *r, const char *text, size_t len)
{
	if (r->len + len + 1 > r->cap) {
		size_t cap = (r->len + len + 1) * 2;
		char *buf = realloc(r->buf, cap);

		if (!buf)
			return reader_fail(r, -ENOMEM);
		r->buf = buf;
		r->cap = cap;
	}
	memcpy(r->buf + r->len, text, len + 1);
	r->len += len;
	return 0;
}

/* One line, newline taken off: 1, 0 at the end of the file, or an errno. */
static int read_line(struct csv_reader *r, bool *quoted)
{
	ssize_t n;
	int err;

	errno = 0;
	n = getline(&r->part, &r->part_cap, r->file);
	if (n < 0 && !feof(r->file))
		return reader_fail(r, errno ? -errno : -EIO);
	if (n < 0)
		return 0;
	r->line++;
	if (memchr(r->part, '\0', n))
		return csv_reader_reject(r, "NUL byte");
	for (const char *q = r->part; (q = memchr(q, '"', r->part + n - q)); q++)
		*quoted = !*quoted;
	if (r->part[n - 1] != '\n')
		return csv_reader_reject(r, *quoted ? "unterminated quote"
						    : "truncated: the last line has no newline");
	err = append(r, r->part, n);
	return err ? err : 1;
}

/* One record: a quoted field may run over several lines. */
static int read_record(struct csv_reader *r)
{
	bool quoted = false;
	int n;

	r->len = 0;
	r->start = r->line + 1;
	do {
		n = read_line(r, &quoted);
		if (n < 0)
			return n;
		if (!n && quoted)
			return csv_reader_reject(r, "unterminated quote");
		if (!n)
			return 0;
	} while (quoted);
	r->buf[--r->len] = '\0';
	if (r->len && r->buf[r->len - 1] == '\r')
		r->buf[--r->len] = '\0';
	return 1;
}

static int push_field(struct csv_reader *r, char *field)
{
	if (r->nfields == r->fields_cap) {
		size_t cap = r->fields_cap ? r->fields_cap * 2 : 32;
		char **fields = reallocarray(r->fields, cap, sizeof(*fields));

		if (!fields)
			return reader_fail(r, -ENOMEM);
		r->fields = fields;
		r->fields_cap = cap;
	}
	r->fields[r->nfields++] = field;
	return 0;
}

/* Unquotes the field at @p in place; returns what ends it, or NULL. */
static char *cut_quoted(char *p)
{
	char *out = p++;

	for (; *p; p++) {
		if (*p == '"' && *++p != '"')
			break;
		*out++ = *p;
	}
	if (*p && *p != ',')
		return NULL;
	/* Never past the closing quote, so *p stays. */
	*out = '\0';
	return p;
}

/* What ends the field at @p, or NULL. */
static char *cut_plain(char *p)
{
	char *end = strchrnul(p, ',');

	return memchr(p, '"', end - p) ? NULL : end;
}

static int split_record(struct csv_reader *r)
{
	char *p = r->buf;

	for (r->nfields = 0;; p++) {
		char *field = p, *end;
		int err;

		end = *p == '"' ? cut_quoted(p) : cut_plain(p);
		if (!end)
			return csv_reader_reject(r, "misplaced quote");
		err = push_field(r, field);
		if (err)
			return err;
		p = end;
		if (!*p)
			return 0;
		*p = '\0';
	}
}

static int read_header(struct csv_reader *r)
{
	int n = read_record(r);

	if (n < 0)
		return n;
	r->start = 1;
	if (!n)
		return csv_reader_reject(r, "empty file, no header line");
	/* A spreadsheet may have put a byte order mark before it. */
	if (!strncmp(r->buf, "\xef\xbb\xbf", 3))
		memmove(r->buf, r->buf + 3, strlen(r->buf + 3) + 1);
	n = split_record(r);
	if (n)
		return n;
	r->header = calloc(r->nfields, sizeof(*r->header));
	if (!r->header)
		return reader_fail(r, -ENOMEM);
	for (; r->width < r->nfields; r->width++) {
		const char *name = r->fields[r->width];

		if (csv_reader_has(r, name))
			return csv_reader_reject(r, "column '%s' twice", name);
		if (!strcmp(name, "schema"))
			r->schema = r->width;
		r->header[r->width] = strdup(name);
		if (!r->header[r->width])
			return reader_fail(r, -ENOMEM);
	}
	return 0;
}

int csv_reader_open(struct csv_reader **reader, const char *path)
{
	struct csv_reader *r = calloc(1, sizeof(*r));
	bool input = !strcmp(path, "-");

	*reader = r;
	if (!r)
		return -ENOMEM;
	r->schema = -1;
	r->name = strdup(input ? "standard input" : path);
	if (!r->name) {
		snprintf(r->error, sizeof(r->error), "%s", strerror(ENOMEM));
		return -ENOMEM;
	}
	r->file = input ? stdin : fopen(path, "re");
	if (!r->file)
		return reader_fail(r, -errno);
	return read_header(r);
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
		return reader_fail(r, -ENOMEM);
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
	const char *text = r->schema < 0 ? NULL : r->fields[r->schema];

	if (text && strcmp(text, KNOWN_SCHEMA))
		return csv_reader_reject(r, "unknown schema '%s', expected " KNOWN_SCHEMA, text);
	return 0;
}

int csv_reader_next(struct csv_reader *r)
{
	int n = read_record(r);

	if (n <= 0)
		return n;
	if (!r->len)
		return csv_reader_reject(r, "empty line");
	n = split_record(r);
	if (n)
		return n;
	if (r->nfields != r->width)
		return csv_reader_reject(r, "%zu fields, the header has %zu", r->nfields, r->width);
	n = check_schema(r);
	return n ? n : 1;
}

const char *csv_reader_str(const struct csv_reader *r, size_t column)
{
	return r->fields[r->map[column]];
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
	*value = strtod(text, &end);
	/* Underflow sets ERANGE too and does no harm: only overflow counts. */
	if (*end || !spelled_with(text, "0123456789+-.eE") || !isfinite(*value))
		return csv_reader_reject(r, "%s: '%s' is not a number", r->columns[column].name,
					 text);
	return 1;
}

const char *csv_reader_error(const struct csv_reader *r)
{
	return r ? r->error : strerror(ENOMEM);
}

void csv_reader_close(struct csv_reader *r)
{
	if (!r)
		return;
	if (r->file && r->file != stdin)
		fclose(r->file);
	for (size_t i = 0; r->header && i < r->width; i++)
		free(r->header[i]);
	free(r->header);
	free(r->map);
	free(r->fields);
	free(r->part);
	free(r->buf);
	free(r->name);
	free(r);
}
