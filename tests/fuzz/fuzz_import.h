/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What an importer accepts, its file must hold: written as CSV, it reads back. */
#ifndef LOCKSTAT_SWAP_FUZZ_IMPORT_H
#define LOCKSTAT_SWAP_FUZZ_IMPORT_H

#include <string.h>

#include "fuzz.h"
#include "import.h"

static inline void write_rows(const struct import *im, const char *path)
{
	static const struct row_identity identity = { .backend = "fuzz" };
	struct csv_writer *csv;
	int err = csv_writer_open(&csv, path);

	if (!err)
		err = csv_writer_begin(csv, lock_columns, LOCK_COLUMNS);
	for (size_t i = 0; i < im->n && !err; i++)
		err = rows__write_imported(csv, &identity, &im->rows[i]);
	fuzz_check(!err && !csv_writer_close(csv), "rows that cannot be written");
}

static inline void read_rows(const struct import *im, const char *path)
{
	struct csv_reader *r;
	int err = csv_reader_open(&r, path);
	size_t n = 0;

	if (!err)
		err = csv_reader_bind(r, lock_columns, LOCK_COLUMNS);
	fuzz_check(!err, "a header that does not read back");
	while ((err = csv_reader_next(r)) > 0) {
		fuzz_check(!strcmp(csv_reader_str(r, LOCK_LOCK), im->rows[n].lock),
			   "a name that reads back as another");
		n++;
	}
	fuzz_check(!err && n == im->n, "rows that do not read back");
	csv_reader_close(r);
}

static inline int fuzz_import(int (*parse)(struct import *im, FILE *file, const char *name),
			      const uint8_t *data, size_t size)
{
	struct import im = { 0 };
	FILE *file = fuzz_stream(data, size);
	int err = parse(&im, file, "input");

	fclose(file);
	fuzz_check(!err || strlen(im.error), "a failure without a reason");
	if (!err) {
		const char *path = fuzz_file(NULL, 0);

		write_rows(&im, path);
		read_rows(&im, path);
	}
	import_free(&im);
	return 0;
}

#endif
