// SPDX-License-Identifier: GPL-2.0-or-later
/* compare, of any file: by the usual figures and by one that cannot be added up. */
#include <string.h>

#include "compare_groups.h"
#include "fuzz.h"

static void compare(const char *path, const struct compare_query *query)
{
	struct compare_set *set = compare_set_new(query);
	const struct compare_row *rows;
	size_t n;
	int err;

	fuzz_check(set != NULL, "no set");
	err = compare_set_read(set, path);
	if (!err)
		err = compare_set_finish(set, &rows, &n);
	fuzz_check(!err || strlen(compare_set_error(set)), "a failure without a reason");
	for (size_t i = 0; !err && i < n; i++)
		for (int key = 0; key < COMPARE_KEYS; key++)
			fuzz_check(rows[i].key[key] != NULL, "a row without a key");
	compare_set_free(set);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const p99[] = { "wait_p99_ns" };
	static const struct compare_query queries[] = {
		{ .by = "arm", .base = "global" },
		{ .by = "ssds", .base = "" },
		{ .by = "arm", .base = "global", .metrics = p99, .nmetrics = 1 },
	};
	const char *path = fuzz_file(data, size);

	for (size_t i = 0; i < sizeof(queries) / sizeof(*queries); i++)
		compare(path, &queries[i]);
	return 0;
}
