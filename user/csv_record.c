// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "csv_record.h"

enum { BLOCK = 64 << 10 };

int csv_record__vreject(struct csv_record *r, const char *format, va_list args)
{
	int n = snprintf(r->error, sizeof(r->error), "%s:%lu: ", r->name, r->start);

	if (n >= 0 && (size_t)n < sizeof(r->error))
		vsnprintf(r->error + n, sizeof(r->error) - n, format, args);
	return -EINVAL;
}

static int reject(struct csv_record *r, const char *format, ...)
{
	va_list args;
	int err;

	va_start(args, format);
	err = csv_record__vreject(r, format, args);
	va_end(args);
	return err;
}

/* A failure that belongs to the file, not to one of its lines. */
int csv_record__fail(struct csv_record *r, int err)
{
	snprintf(r->error, sizeof(r->error), "%s: %s", r->name, strerror(-err));
	return err;
}

static int grow_buffer(struct csv_record *r, size_t cap)
{
	char *buf = realloc(r->buf, cap);

	if (!buf)
		return csv_record__fail(r, -ENOMEM);
	r->buf = buf;
	r->cap = cap;
	return 0;
}

/* What is still to be taken moves to the front. Returns 1, 0 at the end of the file, or an errno.
 */
static int read_more(struct csv_record *r)
{
	size_t left = r->end - r->at, n;

	if (left + BLOCK >= r->cap) {
		int err = grow_buffer(r, 2 * (left + BLOCK));

		if (err)
			return err;
	}
	memmove(r->buf, r->buf + r->at, left);
	errno = 0;
	n = fread(r->buf + left, 1, r->cap - left - 1, r->file);
	if (!n && ferror(r->file))
		return csv_record__fail(r, errno ? -errno : -EIO);
	r->at = 0;
	r->end = left + n;
	r->buf[r->end] = '\0';
	return n > 0;
}

static int push_field(struct csv_record *r, char *field)
{
	if (r->nfields == r->fields_cap) {
		size_t cap = r->fields_cap ? r->fields_cap * 2 : 32;
		char **fields = reallocarray(r->fields, cap, sizeof(*fields));

		if (!fields)
			return csv_record__fail(r, -ENOMEM);
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

static int split_record(struct csv_record *r, char *p)
{
	for (r->nfields = 0;; p++) {
		char *field = p, *end;
		int err;

		end = *p == '"' ? cut_quoted(p) : cut_plain(p);
		if (!end)
			return reject(r, "misplaced quote");
		err = push_field(r, field);
		if (err)
			return err;
		p = end;
		if (!*p)
			return 1;
		*p = '\0';
	}
}

/* Ends the record at its newline, @end, and passes over it. */
static void take_record(struct csv_record *r, char *end)
{
	char *record = r->buf + r->at;

	r->len = end - record;
	r->at += r->len + 1;
	r->line++;
	if (r->len && end[-1] == '\r')
		r->len--;
	record[r->len] = '\0';
}

/* What stands where a record is not over: 0 at the end of what was read. */
static int stopped_at(struct csv_record *r, const char *p)
{
	return p == r->buf + r->end ? 0 : reject(r, "NUL byte");
}

/* A record with quotes: a quoted field may run over several lines. As cut_record(). */
static int cut_quoted_record(struct csv_record *r)
{
	char *record = r->buf + r->at, *p;
	unsigned long lines = 0;
	bool quoted = false;

	for (p = record; quoted || *p != '\n'; p++) {
		if (!*p)
			return stopped_at(r, p);
		quoted ^= *p == '"';
		lines += *p == '\n';
	}
	take_record(r, p);
	r->line += lines;
	return split_record(r, record);
}

/*
 * Cuts the record that is due into fields: 1, 0 if it was not read to its end, in which case
 * nothing was changed, or an errno.
 */
static int cut_record(struct csv_record *r)
{
	static const bool special[256] = {
		['\0'] = true, ['\n'] = true, [','] = true, ['"'] = true
	};
	char *p = r->buf + r->at;
	int err = 0;

	r->nfields = 0;
	for (err = push_field(r, p); !err; err = push_field(r, ++p)) {
		while (!special[(unsigned char)*p])
			p++;
		if (*p != ',')
			break;
	}
	if (err)
		return err;
	if (*p == '"')
		return cut_quoted_record(r);
	if (!*p)
		return stopped_at(r, p);
	take_record(r, p);
	for (size_t i = 1; i < r->nfields; i++)
		r->fields[i][-1] = '\0';
	return 1;
}

/* Whether what is left has a quote that is not closed. */
static bool quote_is_open(const struct csv_record *r)
{
	const char *p = r->buf + r->at;
	bool open = false;

	for (; (p = strchr(p, '"')); p++)
		open = !open;
	return open;
}

int csv_record__next(struct csv_record *r)
{
	int n;

	r->start = r->line + 1;
	while (!(n = cut_record(r))) {
		n = read_more(r);
		if (n < 0)
			return n;
		if (!n && r->at == r->end)
			return 0;
		if (!n)
			return reject(r, quote_is_open(r)
						 ? "unterminated quote"
						 : "truncated: the last line has no newline");
	}
	return n;
}

int csv_record__open(struct csv_record *r, const char *path)
{
	bool input = !strcmp(path, "-");
	int n;

	r->name = strdup(input ? "standard input" : path);
	if (!r->name) {
		snprintf(r->error, sizeof(r->error), "%s", strerror(ENOMEM));
		return -ENOMEM;
	}
	r->file = input ? stdin : fopen(path, "re");
	if (!r->file)
		return csv_record__fail(r, -errno);
	n = read_more(r);
	/* A spreadsheet may have put a byte order mark there. */
	if (n > 0 && !strncmp(r->buf, "\xef\xbb\xbf", 3))
		r->at = 3;
	return n < 0 ? n : 0;
}

void csv_record__close(struct csv_record *r)
{
	if (r->file && r->file != stdin)
		fclose(r->file);
	free(r->fields);
	free(r->buf);
	free(r->name);
}
