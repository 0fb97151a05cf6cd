/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Operations on a pool, made up from bytes: random ones in the tests, a fuzzer's elsewhere.
 * Where zbud lets go of its lock (a page is asked for, a handle is to be evicted) other
 * operations come in between, as they could from other CPUs. After each one the pool is what
 * the model says; whatever is not ends the program.
 */
#ifndef LOCKSTAT_SWAP_ZBUD_HISTORY_H
#define LOCKSTAT_SWAP_ZBUD_HISTORY_H

#include "build.h"
#include "model.h"

struct history_totals {
	unsigned long operations, allocations, nested, stale_evictions;
	uint64_t trace; /* a hash of what each operation did, and where */
	unsigned long counts[MODEL_COUNTS];
};

/*
 * Runs until the bytes are used up, then destroys the pool: whatever is still allocated is
 * freed before. The policy is that of the pool created; NULL: the build has none.
 */
void history_run(const struct zbud_build *build, const char *policy, const uint8_t *bytes, size_t n,
		 struct history_totals *totals);

/* zbud.policy=, or ends the program. */
void history_set_policy(const struct zbud_build *build, const char *policy);

#endif
