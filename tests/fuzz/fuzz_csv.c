// SPDX-License-Identifier: GPL-2.0-or-later
/* The CSV reader with the columns of both files. */
#include <string.h>

#include "csv.h"
#include "fuzz.h"

static void read_fields(struct csv_reader *r, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		uint64_t number;
		double value;

		fuzz_check(csv_reader_str(r, i) != NULL, "a field without text");
		csv_reader_u64(r, i, &number);
		csv_reader_double(r, i, &value);
	}
}

static void read_file(const char *path, const struct column *columns, size_t n)
{
	struct csv_reader *r;
	int err = csv_reader_open(&r, path);

	if (!err)
		err = csv_reader_bind(r, columns, n);
	while (!err) {
		err = csv_reader_next(r);
		if (err <= 0)
			break;
		read_fields(r, n);
		err = 0;
	}
	fuzz_check(!err || strlen(csv_reader_error(r)), "a failure without a reason");
	csv_reader_close(r);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *path = fuzz_file(data, size);

	read_file(path, lock_columns, LOCK_COLUMNS);
	read_file(path, metric_columns, METRIC_COLUMNS);
	return 0;
}
