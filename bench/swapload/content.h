/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is in a page, and whether it still is.
 *
 * The first word names the page, the second and the last one its generation, the
 * number of times it was written; in between the content that was asked for, which
 * depends on the page's name and on the run, but not on the generation. So a write
 * costs two stores, and yet no page passes for another one, for an older state of
 * itself, for a mixture of two states, or for what another run left on the device.
 * Pages of zeroes are zero throughout.
 *
 * How well a page of CONTENT_BETA compresses depends on its name and the seed alone, so
 * that another run's pages of these names compress as well.
 */
#ifndef SWAPLOAD_CONTENT_H
#define SWAPLOAD_CONTENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum content_kind { CONTENT_RANDOM, CONTENT_RATIO, CONTENT_BETA, CONTENT_ZERO };

enum { MAX_SHAPE = 16 };

struct content {
	enum content_kind kind;
	double ratio;	       /* the share that is random; of CONTENT_BETA the largest */
	unsigned int shape[2]; /* CONTENT_BETA: a and b, from 1 to MAX_SHAPE */
	uint64_t seed;	       /* CONTENT_BETA */
	uint64_t run;	       /* tells the pages of this run from another's */
	size_t words;	       /* of a page */
	bool whole;	       /* verify each word, not just name and generation */
};

/* The name of a page: which one of which worker. */
static inline uint64_t page_name(uint64_t worker, uint64_t page)
{
	return worker << 40 | page;
}

/* What a page held that it should not: @word is the first wrong one. */
struct corruption {
	uint64_t name;
	uint64_t generation;
	size_t word;
	uint64_t expected, found;
};

/* Writes the whole page as generation 1. */
void content__fill(const struct content *c, uint64_t *page, uint64_t name);

/* The store that a write begins with, and what makes it whole. */
void content__begin_write(const struct content *c, volatile uint64_t *page, uint64_t generation);
void content__end_write(const struct content *c, uint64_t *page, uint64_t name,
			uint64_t generation);

/*
 * Whether @page is as the given generation left it; else @wrong is filled. With
 * @begun its next generation's write has begun.
 */
bool content__verify(const struct content *c, const uint64_t *page, uint64_t name,
		     uint64_t generation, bool begun, struct corruption *wrong);

#endif
