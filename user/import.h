/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What other tools counted, as rows of locks.csv: from a stream to rows in
 * memory, so that a file which is malformed at its end has written nothing.
 */
#ifndef LOCKSTAT_SWAP_IMPORT_H
#define LOCKSTAT_SWAP_IMPORT_H

#include <stdio.h>

#include "rows.h"

/* Begins zeroed; import_free() whatever was returned. */
struct import {
	struct imported_row *rows;
	size_t n, room;
	char warning[128]; /* what the file says against itself; empty: nothing */
	char error[512];   /* "file:line: reason" of what failed */

	FILE *file;
	const char *name;   /* for messages */
	unsigned long line; /* lines read */
	char *text;	    /* the last one */
	size_t text_room;
};

/*
 * Read @file, called @name in messages, to its end. Return 0 or a negative
 * errno; -EINVAL is a file that is malformed, cut off or another one.
 */
int import_perf(struct import *im, FILE *file, const char *name);
int import_lock_stat(struct import *im, FILE *file, const char *name);

void import_free(struct import *im);

#endif
