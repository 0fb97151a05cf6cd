/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the parsers of import share. */
#ifndef LOCKSTAT_SWAP_IMPORT_INTERNAL_H
#define LOCKSTAT_SWAP_IMPORT_INTERNAL_H

#include "import.h"

void import_begin(struct import *im, FILE *file, const char *name);

/* Reads a line to im->text, its newline taken off: 1, 0 at the end, or a negative errno. */
int import_line(struct import *im);

/* Says what is wrong with the last line; returns -EINVAL. */
int import_reject(struct import *im, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* A new row for the lock called @lock, of class other. NULL without memory, which it says. */
struct imported_row *import_add(struct import *im, const char *lock);

void import_measure(struct imported_row *row, enum lock_column column, uint64_t value);

/* Names a lock that is a symbol of the kernel: there is one such lock. */
void import_name_symbol(struct imported_row *row, const char *symbol);

void import_classify(struct imported_row *row, enum lock_class class,
		     enum lock_confidence confidence);

/* The whole of @text is a number; -EINVAL. */
int import_number(const char *text, uint64_t *value);

#endif
