// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The kernel's mm/zbud.c under random operations: each does what the model says, in the build
 * without patches and in both policies of the patched one. Set OPERATIONS to run more of them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "history.h"
#include "random.h"

enum { HISTORY_BYTES = 1 << 16 };

static unsigned long operations_wanted(void)
{
	const char *text = getenv("OPERATIONS");

	return text ? strtoul(text, NULL, 10) : 700000;
}

static void fill_randomly(uint8_t *bytes, uint64_t seed)
{
	struct random random = { .state = seed };

	for (size_t i = 0; i < HISTORY_BYTES; i++)
		bytes[i] = random_next(&random);
}

/* Histories until there were that many operations. */
static struct history_totals run(const struct zbud_build *build, const char *policy)
{
	static uint8_t bytes[HISTORY_BYTES];
	struct history_totals sum = { 0 }, one;

	for (uint64_t seed = 1; sum.operations < operations_wanted(); seed++) {
		fill_randomly(bytes, seed);
		history_run(build, policy, bytes, sizeof(bytes), &one);
		sum.operations += one.operations;
		sum.nested += one.nested;
		sum.stale_evictions += one.stale_evictions;
		sum.trace = sum.trace * 31 + one.trace;
		for (int i = 0; i < MODEL_COUNTS; i++)
			sum.counts[i] += one.counts[i];
	}
	return sum;
}

/* A history in which something never happens proves nothing about it. */
static void everything_happened(const struct history_totals *sum, bool lrufirst)
{
	for (int i = 0; i < MODEL_COUNTS; i++)
		if (i != MODEL_LRU_HEAD)
			assert_true(sum->counts[i] > sum->operations / 1000);
	assert_true(lrufirst ? sum->counts[MODEL_LRU_HEAD] > sum->operations / 100
			     : !sum->counts[MODEL_LRU_HEAD]);
	assert_true(sum->nested > sum->operations / 100);
	assert_true(sum->stale_evictions > sum->operations / 10000);
}

static struct history_totals unpatched;

static void the_kernels_own_does_what_the_model_says(void **state)
{
	(void)state;
	unpatched = run(&zbud_base, NULL);
	everything_happened(&unpatched, false);
}

static void bestfit_is_the_kernels_own(void **state)
{
	struct history_totals sum = run(&zbud_patched, "bestfit");

	(void)state;
	everything_happened(&sum, false);
	assert_int_equal(sum.operations, unpatched.operations);
	assert_true(sum.trace == unpatched.trace);
}

static void lrufirst_does_what_the_model_says(void **state)
{
	struct history_totals sum = run(&zbud_patched, "lrufirst");

	(void)state;
	everything_happened(&sum, true);
	assert_true(sum.trace != unpatched.trace);
}

static int set_up(void **state)
{
	(void)state;
	return zbud_base.init() || zbud_patched.init();
}

static int tear_down(void **state)
{
	(void)state;
	zbud_base.exit();
	zbud_patched.exit();
	return shim_debugfs_entries() || shim_live_pages();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_kernels_own_does_what_the_model_says),
		cmocka_unit_test(bestfit_is_the_kernels_own),
		cmocka_unit_test(lrufirst_does_what_the_model_says),
	};

	return cmocka_run_group_tests_name("zbud histories", tests, set_up, tear_down);
}
