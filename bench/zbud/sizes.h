/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How large compressed pages are: by a distribution, or as they were measured. */
#ifndef LOCKSTAT_SWAP_ZBUD_SIZES_H
#define LOCKSTAT_SWAP_ZBUD_SIZES_H

#include "random.h"

enum {
	ZSWAP_HEADER = 8, /* the swap entry that 6.1's zswap puts before what it stores in zbud */
	MAX_COMPRESSED = 3968 - ZSWAP_HEADER, /* what zbud still takes */
};

struct sizes;

/* Those of a beta distribution: thin, symmetric, uniform, fat, bimodal. NULL: there is none. */
struct sizes *sizes_named(const char *name);

/*
 * A file of lines "source,bytes,pages": those of that source. Pages that zbud refuses are left
 * out. NULL: it cannot be read, or has none; that has been said.
 */
struct sizes *sizes_measured(const char *path, const char *source);

int sizes_draw(const struct sizes *s, struct random *r);
void sizes_free(struct sizes *s);

#endif
