// SPDX-License-Identifier: GPL-2.0-or-later
/* Quantiles of the histogram against those of the sorted times. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "access.h"
#include "latency.h"

enum { N = 100000 };

static const double shares[] = { 0.001, 0.1, 0.5, 0.9, 0.99, 0.999, 0.9999 };

static int by_value(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static void is_within_the_bound(uint64_t *times, size_t n)
{
	static struct latency l;

	memset(&l, 0, sizeof(l));
	for (size_t i = 0; i < n; i++)
		latency__add(&l, times[i]);
	qsort(times, n, sizeof(*times), by_value);
	for (size_t s = 0; s < sizeof(shares) / sizeof(*shares); s++) {
		double right = times[(size_t)ceil(shares[s] * n - 1e-9) - 1];
		uint64_t got;

		assert_true(latency__quantile(&l, shares[s], &got));
		assert_true(fabs(got - right) <= right / 64);
	}
	assert_int_equal(l.min_ns, times[0]);
	assert_int_equal(l.max_ns, times[n - 1]);
}

static void uniform_times(void **state)
{
	static uint64_t times[N];
	struct rng rng = rng_of(1, 0, 0, 0);

	(void)state;
	for (int i = 0; i < N; i++)
		times[i] = rng__below(&rng, 1000000);
	is_within_the_bound(times, N);
}

/* From 1 ns to an hour. */
static void times_of_all_sizes(void **state)
{
	static uint64_t times[N];
	struct rng rng = rng_of(2, 0, 0, 0);

	(void)state;
	for (int i = 0; i < N; i++)
		times[i] = exp(rng__unit(&rng) * log(3.6e12));
	is_within_the_bound(times, N);
}

/* Each start and end of an octave is where an index is easily off by one. */
static void each_time_is_near_itself(void **state)
{
	(void)state;
	for (int bit = 0; bit < LATENCY_MAX_BITS; bit++)
		for (int64_t off = -2; off <= 2; off++) {
			int64_t time = (1LL << bit) + off;
			static struct latency l;
			uint64_t got;

			if (time < 0 || time >> LATENCY_MAX_BITS)
				continue;
			memset(&l, 0, sizeof(l));
			latency__add(&l, 0);
			latency__add(&l, time);
			latency__add(&l, UINT64_MAX);
			assert_true(latency__quantile(&l, 0.6, &got));
			assert_true(fabs((double)got - time) <= time / 64.0);
		}
}

static void too_few_give_no_quantile(void **state)
{
	static struct latency l;
	uint64_t got;

	(void)state;
	assert_false(latency__quantile(&l, 0.5, &got));
	for (int i = 0; i < 99; i++)
		latency__add(&l, 5);
	assert_true(latency__quantile(&l, 0.9, &got));
	assert_false(latency__quantile(&l, 0.99, &got));
	latency__add(&l, 5);
	assert_true(latency__quantile(&l, 0.99, &got));
	assert_false(latency__quantile(&l, 0.999, &got));
}

static void what_is_too_long_is_the_maximum(void **state)
{
	static struct latency l;
	uint64_t got;

	(void)state;
	for (int i = 0; i < 10; i++)
		latency__add(&l, 1ULL << 50);
	assert_true(latency__quantile(&l, 0.5, &got));
	assert_int_equal(got, 1ULL << 50);
}

static void merging_is_as_counting_together(void **state)
{
	static struct latency a, b, both, nothing;

	(void)state;
	for (int i = 1; i < 1000; i++) {
		latency__add(i % 3 ? &a : &b, i * 17);
		latency__add(&both, i * 17);
	}
	latency__merge(&a, &nothing);
	latency__merge(&a, &b);
	assert_memory_equal(&a, &both, sizeof(a));
	assert_true(latency__mean_ns(&a) == 17 * 500);
	latency__merge(&nothing, &a);
	assert_int_equal(nothing.min_ns, 17);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(uniform_times),
		cmocka_unit_test(times_of_all_sizes),
		cmocka_unit_test(each_time_is_near_itself),
		cmocka_unit_test(too_few_give_no_quantile),
		cmocka_unit_test(what_is_too_long_is_the_maximum),
		cmocka_unit_test(merging_is_as_counting_together),
	};

	return cmocka_run_group_tests_name("swapload_latency", tests, NULL, NULL);
}
