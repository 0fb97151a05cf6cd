/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the tests of both importers share: parsing a text, looking at its rows. */
#ifndef TEST_IMPORT_ROWS_H
#define TEST_IMPORT_ROWS_H

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "import.h"

#define FIXTURES "tests/fixtures/"

typedef int (*parser)(struct import *im, FILE *file, const char *name);

static struct import im;

static inline int setup(void **state)
{
	(void)state;
	memset(&im, 0, sizeof(im));
	return 0;
}

static inline int teardown(void **state)
{
	(void)state;
	import_free(&im);
	return 0;
}

static inline int parse(parser parser, const char *text, size_t length)
{
	FILE *file = length ? fmemopen((void *)text, length, "r") : fopen("/dev/null", "r");
	int err = parser(&im, file, "file");

	fclose(file);
	return err;
}

static inline void accepted(parser parser, const char *text, size_t rows)
{
	if (parse(parser, text, strlen(text)))
		fail_msg("%s", im.error);
	assert_int_equal(im.n, rows);
}

static inline void refused(parser parser, const char *text, const char *error)
{
	assert_int_equal(parse(parser, text, strlen(text)), -EINVAL);
	assert_string_equal(im.error, error);
	import_free(&im);
	memset(&im, 0, sizeof(im));
}

static inline void captured(parser parser, const char *path)
{
	FILE *file = fopen(path, "r");

	assert_non_null(file);
	if (parser(&im, file, path))
		fail_msg("%s", im.error);
	fclose(file);
}

static inline const struct imported_row *row(const char *lock)
{
	for (size_t i = 0; i < im.n; i++)
		if (!strcmp(im.rows[i].lock, lock))
			return &im.rows[i];
	fail_msg("no row of '%s'", lock);
	return NULL;
}

static inline void is(const char *lock, enum lock_class class, enum lock_confidence confidence)
{
	assert_int_equal(row(lock)->class, class);
	assert_int_equal(row(lock)->confidence, confidence);
}

static inline void measured(const struct imported_row *row, enum lock_column column, uint64_t value)
{
	assert_true(row->measured[column]);
	assert_int_equal(row->figures[column], value);
}

static inline size_t nr_measured(const struct imported_row *row)
{
	size_t n = 0;

	for (int c = 0; c < LOCK_COLUMNS; c++)
		n += row->measured[c];
	return n;
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

#endif
