// SPDX-License-Identifier: GPL-2.0-or-later
#include "access.h"
#include "content.h"

enum { NAME, GENERATION, BODY }; /* words of a page; the last one is the generation's seal */

static const uint64_t filler = 0x5a5a5a5a5a5a5a5a; /* not zero: kernels keep zero pages apart */

/* Never 0, so that a page of zeroes is never right. */
static uint64_t named_word(const struct content *c, uint64_t name)
{
	return name | (c->run | 1) << 56;
}

static uint64_t generation_word(const struct content *c, uint64_t generation)
{
	return (uint32_t)generation | c->run << 32;
}

static uint64_t seal(const struct content *c, uint64_t name, uint64_t generation)
{
	return mix(named_word(c, name) ^ mix(generation_word(c, generation)));
}

/* Takes its place among the @n smaller and larger ones. */
static void insert(uint64_t *sorted, unsigned int n, uint64_t value)
{
	for (; n && sorted[n - 1] > value; n--)
		sorted[n] = sorted[n - 1];
	sorted[n] = value;
}

/* Of a + b - 1 uniform variables the a-th smallest has the beta distribution of a and b. */
static double draw_beta(const struct content *c, uint64_t name)
{
	uint64_t sorted[2 * MAX_SHAPE - 1] = { 0 }, base = mix(name ^ mix(c->seed + 1));

	for (unsigned int i = 0; i < c->shape[0] + c->shape[1] - 1; i++)
		insert(sorted, i, mix(base + i * 0x9e3779b97f4a7c15));
	return sorted[c->shape[0] - 1] * 0x1p-64;
}

/* Words before this one are random, those behind it the filler. */
static size_t random_words(const struct content *c, uint64_t name)
{
	switch (c->kind) {
	case CONTENT_RATIO:
		return c->ratio * c->words + 0.5;
	case CONTENT_BETA:
		return draw_beta(c, name) * c->ratio * c->words + 0.5;
	default:
		return c->words;
	}
}

static uint64_t body_word(uint64_t base, size_t i)
{
	return mix(base + i * 0x9e3779b97f4a7c15);
}

static uint64_t body_base(const struct content *c, uint64_t name)
{
	return mix(name ^ mix(c->run));
}

void content__fill(const struct content *c, uint64_t *page, uint64_t name)
{
	uint64_t base = body_base(c, name);
	size_t random = random_words(c, name);

	if (c->kind == CONTENT_ZERO)
		return;
	for (size_t i = BODY; i < c->words - 1; i++)
		page[i] = i < random ? body_word(base, i) : filler;
	page[NAME] = named_word(c, name);
	content__begin_write(c, page, 1);
	content__end_write(c, page, name, 1);
}

void content__begin_write(const struct content *c, volatile uint64_t *page, uint64_t generation)
{
	page[GENERATION] = c->kind == CONTENT_ZERO ? 0 : generation_word(c, generation);
}

void content__end_write(const struct content *c, uint64_t *page, uint64_t name, uint64_t generation)
{
	if (c->kind != CONTENT_ZERO)
		page[c->words - 1] = seal(c, name, generation);
}

static uint64_t expected_word(const struct content *c, uint64_t name, uint64_t generation, size_t i)
{
	if (c->kind == CONTENT_ZERO)
		return 0;
	if (i == NAME)
		return named_word(c, name);
	if (i == GENERATION)
		return generation_word(c, generation);
	if (i == c->words - 1)
		return seal(c, name, generation);
	return i < random_words(c, name) ? body_word(body_base(c, name), i) : filler;
}

/* Without a branch a word, so that the compiler can take several at once. */
static uint64_t body_difference(const struct content *c, const uint64_t *page, uint64_t name)
{
	uint64_t base = body_base(c, name), difference = 0;
	size_t last = c->words - 1, i = BODY, random = random_words(c, name);

	if (c->kind == CONTENT_ZERO)
		for (; i < last; i++)
			difference |= page[i];
	for (; i < random && i < last; i++)
		difference |= page[i] ^ body_word(base, i);
	for (; i < last; i++)
		difference |= page[i] ^ filler;
	return difference;
}

static bool is_right(const struct content *c, const uint64_t *page, uint64_t name,
		     uint64_t generation, bool begun)
{
	size_t last = c->words - 1;

	return page[NAME] == expected_word(c, name, generation, NAME) &&
	       page[GENERATION] == expected_word(c, name, generation + begun, GENERATION) &&
	       page[last] == expected_word(c, name, generation, last) &&
	       (!c->whole || !body_difference(c, page, name));
}

static void find_wrong(const struct content *c, const uint64_t *page, uint64_t name,
		       uint64_t generation, bool begun, struct corruption *wrong)
{
	*wrong = (struct corruption){ .name = name, .generation = generation };
	for (size_t i = 0; i < c->words; i++) {
		wrong->word = i;
		wrong->expected =
			expected_word(c, name, generation + (begun && i == GENERATION), i);
		wrong->found = page[i];
		if (wrong->found != wrong->expected)
			return;
	}
}

bool content__verify(const struct content *c, const uint64_t *page, uint64_t name,
		     uint64_t generation, bool begun, struct corruption *wrong)
{
	if (is_right(c, page, name, generation, begun))
		return true;
	find_wrong(c, page, name, generation, begun, wrong);
	return false;
}
