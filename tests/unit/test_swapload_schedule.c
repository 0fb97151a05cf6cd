// SPDX-License-Identifier: GPL-2.0-or-later
/* When accesses of an open loop are due. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "schedule.h"

static int by_value(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/* The times of all workers together, in order. */
static void draw(uint64_t *due, int n, unsigned int workers, double rate, bool poisson)
{
	for (unsigned int w = 0; w < workers; w++) {
		struct schedule s = schedule_of(rate, poisson, w, workers, rng_of(1, w, 0, 's'));

		for (int i = 0; i < n; i++)
			due[w * n + i] = schedule__next(&s);
	}
	qsort(due, n * workers, sizeof(*due), by_value);
}

static void constant_workers_take_turns(void **state)
{
	enum { N = 1000, WORKERS = 4 };
	static uint64_t due[N * WORKERS];

	(void)state;
	draw(due, N, WORKERS, 1e6, false);
	for (int i = 0; i < N * WORKERS; i++)
		assert_true(llabs((int64_t)due[i] - 1000 * i) <= 1);
}

/* A thousandth of a ns more an access would be a second in 12 days. */
static void constant_does_not_drift(void **state)
{
	struct schedule s = schedule_of(3, false, 0, 1, rng_of(1, 0, 0, 's'));

	(void)state;
	s.issued = 3000000;
	assert_int_equal(schedule__next(&s), 1000000000000000);
}

static void poisson_has_the_rate(void **state)
{
	enum { N = 100000, WORKERS = 2 };
	static uint64_t due[N * WORKERS];
	double mean, rate = 5000;

	(void)state;
	draw(due, N, WORKERS, rate, true);
	/* both end at about the same time, N / (rate / WORKERS) */
	mean = (double)due[N * WORKERS / 2] / (N * WORKERS / 2);
	assert_true(fabs(mean * rate / 1e9 - 1) < 0.01);
}

/* Of an exponential law: as much deviation as mean, and exp(-1) beyond the mean. */
static void poisson_gaps_are_exponential(void **state)
{
	enum { N = 200000 };
	struct schedule s = schedule_of(1000, true, 0, 1, rng_of(2, 0, 0, 's'));
	double sum = 0, squares = 0, mean;
	uint64_t last = 0;
	int longer = 0;

	(void)state;
	for (int i = 0; i < N; i++) {
		uint64_t due = schedule__next(&s);
		double gap = due - last;

		assert_true(due >= last);
		sum += gap;
		squares += gap * gap;
		longer += gap > 1e6;
		last = due;
	}
	mean = sum / N;
	assert_true(fabs(mean / 1e6 - 1) < 0.01);
	assert_true(fabs(sqrt(squares / N - mean * mean) / mean - 1) < 0.02);
	assert_true(fabs((double)longer / N - exp(-1)) < 0.005);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(constant_workers_take_turns),
		cmocka_unit_test(constant_does_not_drift),
		cmocka_unit_test(poisson_has_the_rate),
		cmocka_unit_test(poisson_gaps_are_exponential),
	};

	return cmocka_run_group_tests_name("swapload_schedule", tests, NULL, NULL);
}
