// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * compare, of any file: by the usual figures and by one that cannot be added up, with
 * conditions, and as the run.json of a directory.
 */
#include <math.h>
#include <string.h>

#include "compare_context.h"
#include "compare_groups.h"
#include "fuzz.h"

/* What holds of each row, and what the verdicts promise. */
static void check_row(const struct compare_row *row)
{
	for (int key = 0; key < COMPARE_KEYS; key++)
		fuzz_check(row->key[key] != NULL, "a row without a key");
	fuzz_check(isnan(row->p) || (row->p >= 0 && row->p <= 1), "p is no probability");
	fuzz_check(!(row->p_holm < row->p), "corrected downwards");
	fuzz_check(!(row->ratio.lo > row->ratio.estimate) && !(row->ratio.estimate > row->ratio.hi),
		   "a ratio outside its interval");
	fuzz_check(row->verdict != VERDICT_REFUSED || (row->reason && isnan(row->p)),
		   "refused without a reason, or not at all");
	fuzz_check(row->verdict == VERDICT_REFUSED || row->verdict == VERDICT_MISSING ||
			   row->verdict == VERDICT_NOT_MEASURED || !row->bars || row->reason,
		   "a bar without a reason");
	fuzz_check(row->base.n >= row->pairs && row->other.n >= row->pairs, "too many pairs");
}

static void compare(const char *path, const struct compare_query *query)
{
	struct compare_set *set = compare_set_new(query);
	struct compare_result result;
	int err;

	fuzz_check(set != NULL, "no set");
	err = compare_set_read(set, path);
	if (!err)
		err = compare_set_finish(set, &result);
	fuzz_check(!err || strlen(compare_set_error(set)), "a failure without a reason");
	for (size_t i = 0; !err && i < result.nrows; i++)
		check_row(&result.rows[i]);
	for (size_t i = 0; !err && i < result.nchecks; i++)
		fuzz_check(!result.checks[i].met || !result.checks[i].undecided,
			   "met, and cannot be judged");
	compare_set_free(set);
}

static void read_context(const char *path)
{
	struct compare_context *context;
	char error[256] = "", text[256];
	int err = compare_context_read(&context, path, error, sizeof(error));

	fuzz_check(!err == !*error, "a failure without a reason");
	if (!err) {
		compare_context_flavour(context, "6.1");
		compare_context_config(context, "6.1");
		fuzz_check(!compare_context_difference(context, context, text, sizeof(text)),
			   "a run differs from itself");
	}
	compare_context_free(context);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const p99[] = { "wait_p99_ns" };
	static const struct compare_condition conditions[] = {
		{ "contended>1.1", "contended", true, 1.1 },
		{ "iops<0.9", "iops", false, 0.9 },
	};
	static const struct compare_query queries[] = {
		{ .by = "arm", .base = "global" },
		{ .by = "ssds", .base = "", .pairing = PAIRING_ALWAYS },
		{ .by = "backend", .base = "lockdep", .despite = ~0U },
		{ .by = "arm", .base = "global", .metrics = p99, .nmetrics = 1 },
		{ .by = "run", .base = "r1", .conditions = conditions, .nconditions = 1 },
		{ .by = "arm", .base = "global", .conditions = conditions + 1, .nconditions = 1 },
	};
	const char *path = fuzz_file(data, size);

	for (size_t i = 0; i < sizeof(queries) / sizeof(*queries); i++)
		compare(path, &queries[i]);
	read_context(path);
	return 0;
}
