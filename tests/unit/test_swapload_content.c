// SPDX-License-Identifier: GPL-2.0-or-later
/* A page that is not what was last written to it is found out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <zlib.h>

#include "content.h"

enum { WORDS = 512, BYTES = WORDS * 8 };

static uint64_t page[WORDS], other[WORDS];

static struct content content_of(enum content_kind kind, double ratio)
{
	return (struct content){ .kind = kind,
				 .ratio = ratio,
				 .shape = { 2, 5 },
				 .run = 0x1234567890,
				 .words = WORDS,
				 .whole = true };
}

static const enum content_kind kinds[] = { CONTENT_RANDOM, CONTENT_RATIO, CONTENT_BETA,
					   CONTENT_ZERO };

enum { KINDS = sizeof(kinds) / sizeof(*kinds) };

static void fill(const struct content *c, uint64_t *p, uint64_t name)
{
	memset(p, 0, BYTES);
	content__fill(c, p, name);
}

static void rewrite(const struct content *c, uint64_t *p, uint64_t name, uint64_t generation)
{
	content__begin_write(c, p, generation);
	content__end_write(c, p, name, generation);
}

static bool right(const struct content *c, uint64_t name, uint64_t generation)
{
	struct corruption wrong;

	return content__verify(c, page, name, generation, false, &wrong);
}

static void what_was_written_is_right(void **state)
{
	struct corruption wrong;

	(void)state;
	for (int k = 0; k < KINDS; k++) {
		struct content c = content_of(kinds[k], 0.3);

		fill(&c, page, 7);
		assert_true(right(&c, 7, 1));
		content__begin_write(&c, page, 2);
		assert_true(content__verify(&c, page, 7, 1, true, &wrong));
		content__end_write(&c, page, 7, 2);
		assert_true(right(&c, 7, 2));
	}
}

/* Whatever bit it is, and the report names its word. */
static void each_flipped_bit_is_found(void **state)
{
	struct corruption wrong;

	(void)state;
	for (int k = 0; k < KINDS; k++) {
		struct content c = content_of(kinds[k], 0.3);

		fill(&c, page, 7);
		for (int bit = 0; bit < 8 * BYTES; bit++) {
			page[bit / 64] ^= 1ULL << bit % 64;
			assert_false(content__verify(&c, page, 7, 1, false, &wrong));
			assert_int_equal(wrong.word, bit / 64);
			assert_int_equal(wrong.found ^ wrong.expected, 1ULL << bit % 64);
			assert_int_equal(wrong.name, 7);
			page[bit / 64] ^= 1ULL << bit % 64;
		}
		assert_true(right(&c, 7, 1));
	}
}

static void another_page_is_wrong(void **state)
{
	(void)state;
	for (int whole = 0; whole < 2; whole++) {
		struct content c = content_of(CONTENT_RANDOM, 0);

		c.whole = whole;
		fill(&c, page, 8);
		assert_false(right(&c, 7, 1));
		fill(&c, page, page_name(1, 7));
		assert_false(right(&c, 7, 1));
	}
}

static void an_older_state_is_wrong(void **state)
{
	struct content c = content_of(CONTENT_RANDOM, 0);
	struct corruption wrong;

	(void)state;
	c.whole = false;
	fill(&c, page, 7);
	assert_false(right(&c, 7, 2));
	/* also when the write to come has hidden the old generation */
	content__begin_write(&c, page, 3);
	assert_false(content__verify(&c, page, 7, 2, true, &wrong));
}

/* The first half of one state, the second one of another. */
static void a_torn_page_is_wrong(void **state)
{
	struct content c = content_of(CONTENT_RANDOM, 0);

	(void)state;
	fill(&c, page, 7);
	memcpy(other, page, BYTES);
	rewrite(&c, page, 7, 2);
	memcpy(page + WORDS / 2, other + WORDS / 2, BYTES / 2);
	assert_false(right(&c, 7, 2));
	assert_false(right(&c, 7, 1));
}

static void a_page_of_zeroes_is_wrong(void **state)
{
	struct content c = content_of(CONTENT_RANDOM, 0);

	(void)state;
	c.whole = false;
	memset(page, 0, BYTES);
	assert_false(right(&c, 0, 1));
}

static void another_run_is_wrong(void **state)
{
	struct content mine = content_of(CONTENT_RANDOM, 0), theirs = mine;

	(void)state;
	theirs.run++;
	fill(&theirs, page, 7);
	assert_false(right(&mine, 7, 1));
}

/* What zlib makes of a page, as a share of it. */
static double compressed_page(const struct content *c, uint64_t name)
{
	unsigned char out[2 * BYTES];
	uLongf bytes = sizeof(out);

	fill(c, page, name);
	assert_int_equal(compress(out, &bytes, (unsigned char *)page, BYTES), Z_OK);
	return (double)bytes / BYTES;
}

static double compressed(enum content_kind kind, double ratio)
{
	struct content c = content_of(kind, ratio);

	return compressed_page(&c, 7);
}

static void content_compresses_as_asked_for(void **state)
{
	(void)state;
	assert_true(compressed(CONTENT_RANDOM, 0) >= 1);
	assert_true(compressed(CONTENT_ZERO, 0) < 0.02);
	for (int tenths = 1; tenths < 10; tenths++) {
		double share = compressed(CONTENT_RATIO, tenths / 10.0);

		assert_true(share > tenths / 10.0 - 0.03 && share < tenths / 10.0 + 0.03);
	}
}

/* Mean and variance of the beta distribution of a and b, as zlib sees the pages. */
static void shares_are_of_their_distribution(const unsigned int *shape)
{
	enum { PAGES = 4000 };
	double a = shape[0], b = shape[1], n = a + b, sum = 0, squares = 0;
	struct content c = content_of(CONTENT_BETA, 0.9);

	memcpy(c.shape, shape, sizeof(c.shape));
	for (int i = 0; i < PAGES; i++) {
		double share = compressed_page(&c, i);

		sum += share;
		squares += share * share;
	}
	sum /= PAGES;
	squares = squares / PAGES - sum * sum;
	assert_true(sum > 0.9 * a / n - 0.01 && sum < 0.9 * a / n + 0.03);
	assert_true(squares / (0.81 * a * b / (n * n * (n + 1))) > 0.9);
	assert_true(squares / (0.81 * a * b / (n * n * (n + 1))) < 1.1);
}

static void pages_of_beta_compress_each_its_own_way(void **state)
{
	(void)state;
	shares_are_of_their_distribution((unsigned int[]){ 2, 5 });
	shares_are_of_their_distribution((unsigned int[]){ 1, 1 });
	shares_are_of_their_distribution((unsigned int[]){ 5, 2 });
	shares_are_of_their_distribution((unsigned int[]){ MAX_SHAPE, MAX_SHAPE });
}

static void another_run_with_the_seed_compresses_as_well(void **state)
{
	struct content mine = content_of(CONTENT_BETA, 0.9), theirs = mine, other_seed = mine;
	int same = 0;

	(void)state;
	theirs.run++;
	other_seed.seed++;
	for (int i = 0; i < 100; i++) {
		double share = compressed_page(&mine, i);

		assert_true(share - compressed_page(&theirs, i) < 0.02);
		assert_true(share - compressed_page(&theirs, i) > -0.02);
		same += share == compressed_page(&other_seed, i);
	}
	assert_true(same < 20);
}

/* A kernel that looks for pages of one repeated word must not find one. */
static void only_zero_pages_are_of_one_word(void **state)
{
	struct content c = content_of(CONTENT_RATIO, 0);
	bool same = true;

	(void)state;
	fill(&c, page, 7);
	for (int i = 1; i < WORDS; i++)
		same &= page[i] == page[0];
	assert_false(same);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_written_is_right),
		cmocka_unit_test(each_flipped_bit_is_found),
		cmocka_unit_test(another_page_is_wrong),
		cmocka_unit_test(an_older_state_is_wrong),
		cmocka_unit_test(a_torn_page_is_wrong),
		cmocka_unit_test(a_page_of_zeroes_is_wrong),
		cmocka_unit_test(another_run_is_wrong),
		cmocka_unit_test(content_compresses_as_asked_for),
		cmocka_unit_test(pages_of_beta_compress_each_its_own_way),
		cmocka_unit_test(another_run_with_the_seed_compresses_as_well),
		cmocka_unit_test(only_zero_pages_are_of_one_word),
	};

	return cmocka_run_group_tests_name("swapload_content", tests, NULL, NULL);
}
