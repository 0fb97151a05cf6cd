/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What zbud is to do, written down a second time: pages are looked at one after the other, and
 * instead of lists there are numbers that say which was put there last.
 */
#ifndef LOCKSTAT_SWAP_ZBUD_MODEL_H
#define LOCKSTAT_SWAP_ZBUD_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { MODEL_PAGES = 288, MODEL_NONE = -1 };
enum model_slot { MODEL_FIRST, MODEL_LAST };

enum model_count {
	MODEL_LRU_HEAD,
	MODEL_BEST_FIT,
	MODEL_NEW_PAGE,
	MODEL_FREED,
	MODEL_RECLAIMED,
	MODEL_PUT_BACK,
	MODEL_EVICTED,
	MODEL_REFUSED,
	MODEL_COUNTS,
};

struct model_page {
	bool live, under_reclaim;
	int chunks[2];
	uint64_t used, listed; /* when it came to the head of the LRU list, and of its other list */
	size_t number;	       /* of the true page */
};

struct model {
	bool lrufirst;
	struct model_page pages[MODEL_PAGES];
	size_t live, under_reclaim;
	uint64_t clock;
	unsigned long counts[MODEL_COUNTS];
};

/* The page that takes an allocation, or MODEL_NONE: a new one is needed. */
int model_find(const struct model *m, int chunks);

/* An empty page, or MODEL_NONE. */
int model_new_page(struct model *m);

enum model_slot model_place(struct model *m, int page, int chunks);
void model_free(struct model *m, int page, enum model_slot slot);

/* The page to be reclaimed next, which is under reclaim from now on, or MODEL_NONE. */
int model_reclaim(struct model *m);

/* Whether the page is free now: else it is back on the lists. */
bool model_reclaimed(struct model *m, int page);

#endif
