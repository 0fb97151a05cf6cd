/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The records of a CSV file, one after the other, cut into fields. */
#ifndef LOCKSTAT_SWAP_CSV_RECORD_H
#define LOCKSTAT_SWAP_CSV_RECORD_H

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

struct csv_record {
	char **fields; /* valid until the next record */
	size_t nfields;
	size_t len;	     /* of the record's text: 0 is an empty line */
	unsigned long start; /* line where it starts */
	char error[512];     /* "file:line: reason" of the last failure */
	/* Of the file itself. */
	FILE *file;
	char *name;
	unsigned long line; /* lines taken */
	char *buf;	    /* what was read: taken up to @at; behind @end is a NUL */
	size_t at, end, cap, fields_cap;
};

/* Of a zeroed @r. "-": stdin. Returns 0 or a negative errno; close it in either case. */
int csv_record__open(struct csv_record *r, const char *path);

/* Returns 1, 0 at the end of the file, or a negative errno: -EINVAL is a malformed file. */
int csv_record__next(struct csv_record *r);

/* Says what is wrong with the record; returns -EINVAL. */
int csv_record__vreject(struct csv_record *r, const char *format, va_list args);

/* A failure that belongs to the file, not to one of its lines; returns @err. */
int csv_record__fail(struct csv_record *r, int err);

void csv_record__close(struct csv_record *r);

#endif
