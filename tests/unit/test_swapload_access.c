// SPDX-License-Identifier: GPL-2.0-or-later
/* Which page comes next: random numbers, the permutation, Zipf's law, repeatability. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "access.h"

/*
 * Of chi-square with @freedom degrees, what is exceeded with probability 1e-4
 * (Wilson and Hilferty 1931): the seeds are fixed, so that a test passes always or never.
 */
static double chi_square_bound(double freedom)
{
	const double normal_quantile = 3.719;
	double part = 2 / (9 * freedom);

	return freedom * pow(1 - part + normal_quantile * sqrt(part), 3);
}

/* Cells of too small an expectation are taken together in the last one. */
static double chi_square(const uint64_t *seen, const double *expected, int n, int *freedom)
{
	double sum = 0, rest_expected = 0, rest_seen = 0;

	*freedom = -1;
	for (int i = 0; i < n; i++) {
		if (expected[i] < 10) {
			rest_expected += expected[i];
			rest_seen += seen[i];
			continue;
		}
		sum += (seen[i] - expected[i]) * (seen[i] - expected[i]) / expected[i];
		++*freedom;
	}
	if (rest_expected < 10)
		return sum;
	++*freedom;
	return sum + (rest_seen - rest_expected) * (rest_seen - rest_expected) / rest_expected;
}

/* Of @draws ranks drawn by @theta, how far they are from the law @law. */
static double zipf_distance(int n, double theta, double law, int draws, int *freedom)
{
	uint64_t *seen = calloc(n, sizeof(*seen));
	double *expected = calloc(n, sizeof(*expected)), norm = 0, distance;
	struct zipf z = zipf_of(n, theta);
	struct rng rng = rng_of(42, 0, 0, 0);

	for (int i = 0; i < n; i++)
		norm += pow(i + 1, -law);
	for (int i = 0; i < n; i++)
		expected[i] = draws * pow(i + 1, -law) / norm;
	for (int i = 0; i < draws; i++) {
		uint64_t rank = zipf__draw(&z, &rng);

		assert_in_range(rank, 1, n);
		seen[rank - 1]++;
	}
	distance = chi_square(seen, expected, n, freedom);
	free(seen);
	free(expected);
	return distance;
}

static void zipf_is_the_law(void **state)
{
	const double thetas[] = { 0.01, 0.5, 0.99, 1, 1.2, 2, 5 };
	const int sizes[] = { 2, 10, 1000, 20000 };

	(void)state;
	for (size_t t = 0; t < sizeof(thetas) / sizeof(*thetas); t++)
		for (size_t s = 0; s < sizeof(sizes) / sizeof(*sizes); s++) {
			int freedom;
			double d = zipf_distance(sizes[s], thetas[t], thetas[t], 500000, &freedom);

			assert_true(freedom >= 1 && d < chi_square_bound(freedom));
		}
}

/* The test above would see a theta that is off by a hundredth. */
static void another_law_is_seen(void **state)
{
	int freedom;

	(void)state;
	assert_true(zipf_distance(1000, 0.99, 1, 500000, &freedom) > chi_square_bound(freedom));
}

static void one_page_is_always_the_first(void **state)
{
	struct zipf z = zipf_of(1, 0.99);
	struct rng rng = rng_of(1, 0, 0, 0);

	(void)state;
	for (int i = 0; i < 1000; i++)
		assert_int_equal(zipf__draw(&z, &rng), 1);
}

/* The law's mean over more pages than any table could hold, near what integrals give. */
static void zipf_of_a_huge_set_stays_within_it(void **state)
{
	const uint64_t n = 1ULL << 36;
	struct zipf z = zipf_of(n, 0.99);
	struct rng rng = rng_of(7, 0, 0, 0);
	uint64_t first = 0;
	const int draws = 1000000;
	/* the harmonic sum: its integral and what Euler and Maclaurin add to it */
	double norm = (pow(n, 0.01) - 1) / 0.01 + 0.5772 + 0.5;
	double share;

	(void)state;
	for (int i = 0; i < draws; i++) {
		uint64_t rank = zipf__draw(&z, &rng);

		assert_in_range(rank, 1, n);
		first += rank == 1;
	}
	share = (double)first / draws;
	assert_true(fabs(share * norm - 1) < 0.05);
}

static void below_is_uniform(void **state)
{
	enum { N = 1000, DRAWS = 1000000 };
	static uint64_t seen[N];
	static double expected[N];
	struct rng rng = rng_of(3, 0, 0, 0);
	int freedom;

	(void)state;
	for (int i = 0; i < DRAWS; i++)
		seen[rng__below(&rng, N)]++;
	for (int i = 0; i < N; i++)
		expected[i] = (double)DRAWS / N;
	assert_true(chi_square(seen, expected, N, &freedom) < chi_square_bound(freedom));
	assert_int_equal(freedom, N - 1);
}

/* 3/4 of 2^64: a remainder would give the lower third twice as often. */
static void below_has_no_bias(void **state)
{
	const uint64_t n = 3ULL << 62;
	struct rng rng = rng_of(5, 0, 0, 0);
	int lower = 0;

	(void)state;
	for (int i = 0; i < 30000; i++) {
		uint64_t drawn = rng__below(&rng, n);

		assert_true(drawn < n);
		lower += drawn < n / 3;
	}
	assert_in_range(lower, 10000 - 400, 10000 + 400);
}

static void unit_is_in_its_interval(void **state)
{
	struct rng rng = rng_of(9, 0, 0, 0);
	double sum = 0;

	(void)state;
	for (int i = 0; i < 100000; i++) {
		double u = rng__unit(&rng);

		assert_true(u >= 0 && u < 1);
		sum += u;
	}
	assert_true(fabs(sum / 100000 - 0.5) < 0.005);
}

static void permutation_is_a_bijection(void **state)
{
	const uint64_t sizes[] = { 1, 2, 3, 4, 5, 16, 17, 1000, 65536, 65537, 300000 };

	(void)state;
	for (size_t s = 0; s < sizeof(sizes) / sizeof(*sizes); s++) {
		uint64_t n = sizes[s];
		struct permutation p = permutation_of(n, 11, s);
		unsigned char *met = calloc(n, 1);

		for (uint64_t i = 0; i < n; i++) {
			uint64_t to = permutation__at(&p, i);

			assert_true(to < n && !met[to]);
			met[to] = 1;
		}
		free(met);
	}
}

/* Where neighbours go to is as far apart as any two pages are: a third of the set. */
static void neighbours_are_scattered(void **state)
{
	enum { N = 100000 };
	struct permutation p = permutation_of(N, 1, 0);
	double apart = 0;

	(void)state;
	for (uint64_t i = 1; i < N; i++)
		apart += fabs((double)permutation__at(&p, i) - (double)permutation__at(&p, i - 1));
	assert_true(fabs(apart / N / N - 1.0 / 3) < 0.01);
}

static bool same_addresses(uint64_t seed, uint64_t worker, uint64_t phase)
{
	const struct access_pattern zipf = { ACCESS_ZIPF, 0.99 };
	struct access_stream a = access_stream_of(zipf, 10000, 1, 0, 0);
	struct access_stream b = access_stream_of(zipf, 10000, seed, worker, phase);
	int differ = 0;

	for (int i = 0; i < 1000; i++)
		differ += access_stream__next(&a) != access_stream__next(&b);
	return !differ;
}

static void the_seed_decides(void **state)
{
	(void)state;
	assert_true(same_addresses(1, 0, 0));
	assert_false(same_addresses(2, 0, 0));
	assert_false(same_addresses(1, 1, 0));
	assert_false(same_addresses(1, 0, 1));
}

static void sequence_goes_round(void **state)
{
	struct access_stream s = access_stream_of((struct access_pattern){}, 3, 1, 0, 0);

	(void)state;
	for (uint64_t i = 0; i < 7; i++)
		assert_int_equal(access_stream__next(&s), i % 3);
	assert_int_equal(access_stream__visit(&s, 2), 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(zipf_is_the_law),
		cmocka_unit_test(another_law_is_seen),
		cmocka_unit_test(one_page_is_always_the_first),
		cmocka_unit_test(zipf_of_a_huge_set_stays_within_it),
		cmocka_unit_test(below_is_uniform),
		cmocka_unit_test(below_has_no_bias),
		cmocka_unit_test(unit_is_in_its_interval),
		cmocka_unit_test(permutation_is_a_bijection),
		cmocka_unit_test(neighbours_are_scattered),
		cmocka_unit_test(the_seed_decides),
		cmocka_unit_test(sequence_goes_round),
	};

	return cmocka_run_group_tests_name("swapload_access", tests, NULL, NULL);
}
