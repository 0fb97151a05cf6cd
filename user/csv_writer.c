// SPDX-License-Identifier: GPL-2.0-or-later
/* CSV files: the writer. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "csv.h"

struct csv_writer {
	int fd;
	int err;       /* the first error, or 0 */
	bool regular;  /* a partly written row can be cut off */
	size_t width;  /* fields a row must have */
	size_t fields; /* fields of the row under construction */
	char *row;
	size_t len, cap;
};

static int writer_fail(struct csv_writer *w, int err)
{
	if (!w->err)
		w->err = err;
	return w->err;
}

static void writer_putc(struct csv_writer *w, char c)
{
	if (w->len == w->cap) {
		size_t cap = w->cap ? w->cap * 2 : 512;
		char *row = realloc(w->row, cap);

		if (!row) {
			writer_fail(w, -ENOMEM);
			return;
		}
		w->row = row;
		w->cap = cap;
	}
	w->row[w->len++] = c;
}

int csv_writer_field_str(struct csv_writer *w, const char *value)
{
	bool quote = strpbrk(value, ",\"\r\n") != NULL;

	if (w->err)
		return w->err;
	if (w->fields++)
		writer_putc(w, ',');
	if (quote)
		writer_putc(w, '"');
	for (; *value; value++) {
		if (*value == '"')
			writer_putc(w, '"');
		writer_putc(w, *value);
	}
	if (quote)
		writer_putc(w, '"');
	return w->err;
}

int csv_writer_field_empty(struct csv_writer *w)
{
	return csv_writer_field_str(w, "");
}

int csv_writer_field_u64(struct csv_writer *w, uint64_t value)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRIu64, value);
	return csv_writer_field_str(w, text);
}

int csv_writer_field_double(struct csv_writer *w, double value)
{
	char text[32];

	if (!isfinite(value))
		return writer_fail(w, -EDOM);
	for (int digits = 15; digits <= 17; digits++) {
		snprintf(text, sizeof(text), "%.*g", digits, value);
		if (strtod(text, NULL) == value)
			break;
	}
	return csv_writer_field_str(w, text);
}

static int write_all(int fd, const char *data, size_t len, size_t *done)
{
	for (*done = 0; *done < len;) {
		ssize_t n = write(fd, data + *done, len - *done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		*done += n;
	}
	return 0;
}

/* Leaves a file that a reader accepts: what fitted of the row is cut off. */
static void writer_cut(struct csv_writer *w, size_t part)
{
	off_t end = w->regular && part ? lseek(w->fd, 0, SEEK_CUR) : -1;

	/* The error that brought us here is the one to report. */
	if (end >= (off_t)part && !ftruncate(w->fd, end - part))
		lseek(w->fd, end - part, SEEK_SET);
}

int csv_writer_end_row(struct csv_writer *w)
{
	size_t done;
	int err;

	if (w->err)
		return w->err;
	if (w->fields != w->width)
		return writer_fail(w, -EINVAL);
	writer_putc(w, '\n');
	if (w->err)
		return w->err;
	err = write_all(w->fd, w->row, w->len, &done);
	if (err) {
		writer_cut(w, done);
		return writer_fail(w, err);
	}
	w->len = 0;
	w->fields = 0;
	return 0;
}

/*
 * The file gets its own name at once, not on close: an unfinished recording
 * is to be found where it was asked for, and @path may be a pipe or a device,
 * which a rename would replace.
 */
static int writer_open_fd(const char *path)
{
	int fd;

	if (!strcmp(path, "-"))
		return STDOUT_FILENO;
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
	return fd < 0 ? -errno : fd;
}

int csv_writer_open(struct csv_writer **writer, const char *path)
{
	struct csv_writer *w = calloc(1, sizeof(*w));
	struct stat st;
	int err;

	*writer = NULL;
	if (!w)
		return -ENOMEM;
	w->fd = writer_open_fd(path);
	if (w->fd < 0) {
		err = w->fd;
		free(w);
		return err;
	}
	w->regular = !fstat(w->fd, &st) && S_ISREG(st.st_mode);
	*writer = w;
	return 0;
}

int csv_writer_begin(struct csv_writer *w, const struct column *columns, size_t n)
{
	/* Standard output may stand in the middle of a file that is not ours. */
	if (w->regular && w->fd != STDOUT_FILENO && ftruncate(w->fd, 0))
		return writer_fail(w, -errno);
	w->width = n;
	for (size_t i = 0; i < n; i++)
		csv_writer_field_str(w, columns[i].name);
	return csv_writer_end_row(w);
}

int csv_writer_close(struct csv_writer *w)
{
	int err;

	if (!w)
		return 0;
	if (w->fields)
		writer_fail(w, -EINVAL);
	if (w->fd != STDOUT_FILENO && close(w->fd))
		writer_fail(w, -errno);
	err = w->err;
	free(w->row);
	free(w);
	return err;
}
