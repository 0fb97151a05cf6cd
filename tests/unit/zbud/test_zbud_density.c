// SPDX-License-Identifier: GPL-2.0-or-later
/* What zbud is measured against: the best packing, zsmalloc's model, and the sizes drawn. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "ideal.h"
#include "sizes.h"
#include "zsmalloc.h"

enum { FEW = 8 };

/* All ways: the first one alone, or with any of the others. */
static size_t fewest_pages(const int *chunks, int n)
{
	int rest[FEW];
	size_t best;

	if (!n)
		return 0;
	best = 1 + fewest_pages(chunks + 1, n - 1);
	for (int i = 1; i < n; i++) {
		size_t pages;

		if (chunks[0] + chunks[i] > IDEAL_CHUNKS)
			continue;
		memcpy(rest, chunks + 1, sizeof(*rest) * (n - 1));
		rest[i - 1] = rest[0];
		pages = 1 + fewest_pages(rest + 1, n - 2);
		best = pages < best ? pages : best;
	}
	return best;
}

static void no_packing_beats_the_ideal(void **state)
{
	struct random random = { .state = 1 };

	(void)state;
	for (int i = 0; i < 3000; i++) {
		size_t of[IDEAL_CHUNKS] = { 0 };
		int chunks[FEW], n = (int)random_below(&random, FEW + 1);

		for (int j = 0; j < n; j++) {
			chunks[j] = 1 + (int)random_below(&random, IDEAL_CHUNKS - 1);
			of[chunks[j]]++;
		}
		assert_int_equal(ideal_pages(of), fewest_pages(chunks, n));
	}
}

static void expect_class(const struct zsmalloc *z, int size, int object, int pages)
{
	int is_object, is_objects, is_pages;

	zsmalloc_class(z, size, &is_object, &is_objects, &is_pages);
	assert_int_equal(is_object, object);
	assert_int_equal(is_pages, pages);
	assert_int_equal(is_objects, pages * 4096 / object);
}

/* Those of the table in the kernel's Documentation/mm/zsmalloc.rst, and the ends. */
static void zsmalloc_has_the_kernels_classes(void **state)
{
	struct zsmalloc *z = zsmalloc_new();

	(void)state;
	assert_non_null(z);
	expect_class(z, 176 - 8, 176, 4);
	expect_class(z, 192 - 8, 192, 3);
	expect_class(z, 208 - 8, 208, 2);
	expect_class(z, 224 - 8, 224, 4);
	expect_class(z, 224 - 8 - 15, 224, 4);
	expect_class(z, 224 - 8 - 16, 208, 2);
	expect_class(z, 1, 32, 1);
	/* 3264: five of them in four pages; above, an object has a page of its own. */
	expect_class(z, 3264 - 8, 3264, 4);
	expect_class(z, 3264 - 7, 4096, 1);
	expect_class(z, 4096, 4096, 1);
	zsmalloc_free(z);
}

static void zsmalloc_fills_a_zspage_before_the_next(void **state)
{
	struct zsmalloc *z = zsmalloc_new();
	unsigned long handles[64];

	(void)state;
	for (int i = 0; i < 64; i++) {
		assert_true(zsmalloc_store(z, 192 - 8, &handles[i]));
		assert_int_equal(zsmalloc_pages(z), 3);
	}
	for (int i = 0; i < 64; i++) {
		assert_int_equal(zsmalloc_pages(z), 3);
		zsmalloc_drop(z, handles[i]);
	}
	assert_int_equal(zsmalloc_pages(z), 0);
	zsmalloc_free(z);
}

/* Three quarters full or more come first: so the emptier ones run empty. */
static void zsmalloc_prefers_the_fuller_zspage(void **state)
{
	struct zsmalloc *z = zsmalloc_new();
	unsigned long handles[128], handle;

	(void)state;
	for (int i = 0; i < 128; i++)
		assert_true(zsmalloc_store(z, 192 - 8, &handles[i]));
	for (int i = 0; i < 63; i++)
		zsmalloc_drop(z, handles[i]);
	zsmalloc_drop(z, handles[64]);
	assert_true(zsmalloc_store(z, 192 - 8, &handle));
	assert_int_equal(handle, handles[65]);
	zsmalloc_free(z);
}

static void zsmalloc_takes_up_to_a_page(void **state)
{
	struct zsmalloc *z = zsmalloc_new();
	unsigned long handle;

	(void)state;
	assert_false(zsmalloc_store(z, 0, &handle));
	assert_false(zsmalloc_store(z, 4097, &handle));
	assert_true(zsmalloc_store(z, 4096, &handle));
	zsmalloc_free(z);
}

/* A beta distribution's mean is a / (a + b); of many samples it is met within a percent of a page.
 */
static void sizes_have_the_means_of_their_distributions(void **state)
{
	static const struct {
		const char *name;
		double mean;
	} expected[] = { { "thin", 2.0 / 7 },
			 { "symmetric", .5 },
			 { "uniform", .5 },
			 { "fat", 5.0 / 7 },
			 { "bimodal", .5 } };

	(void)state;
	for (size_t i = 0; i < sizeof(expected) / sizeof(*expected); i++) {
		struct sizes *s = sizes_named(expected[i].name);
		struct random random = { .state = 1 };
		double sum = 0;

		assert_non_null(s);
		for (int j = 0; j < 20000; j++) {
			int size = sizes_draw(s, &random);

			assert_in_range(size, 1, MAX_COMPRESSED);
			sum += size;
		}
		assert_true(fabs(sum / 20000 / MAX_COMPRESSED - expected[i].mean) < .01);
		sizes_free(s);
	}
	assert_null(sizes_named("thick"));
}

static struct sizes *measured(const char *text, const char *source)
{
	char path[] = "/tmp/zbud-sizes.XXXXXX";
	int fd = mkstemp(path);
	struct sizes *s;

	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	s = sizes_measured(path, source);
	close(fd);
	unlink(path);
	return s;
}

/* Same-filled pages have no size, and those that zbud refuses are nobody's. */
static void measured_sizes_come_as_often_as_they_were(void **state)
{
	struct sizes *s = measured(
		"source,bytes,pages\na,0,50\na,100,30\na,3960,10\na,3961,900\nb,7,99\n", "a");
	struct random random = { .state = 1 };
	int small = 0;

	(void)state;
	assert_non_null(s);
	for (int i = 0; i < 4000; i++) {
		int size = sizes_draw(s, &random);

		assert_true(size == 100 || size == 3960);
		small += size == 100;
	}
	assert_in_range(small, 2900, 3100);
	sizes_free(s);
	assert_null(measured("a,0,50\na,3961,900\n", "a"));
	assert_null(measured("b,7,99\n", "a"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_packing_beats_the_ideal),
		cmocka_unit_test(zsmalloc_has_the_kernels_classes),
		cmocka_unit_test(zsmalloc_fills_a_zspage_before_the_next),
		cmocka_unit_test(zsmalloc_prefers_the_fuller_zspage),
		cmocka_unit_test(zsmalloc_takes_up_to_a_page),
		cmocka_unit_test(sizes_have_the_means_of_their_distributions),
		cmocka_unit_test(measured_sizes_come_as_often_as_they_were),
	};

	return cmocka_run_group_tests_name("zbud density", tests, NULL, NULL);
}
