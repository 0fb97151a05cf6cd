/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Memory of many small things that are freed together. */
#ifndef LOCKSTAT_SWAP_ARENA_H
#define LOCKSTAT_SWAP_ARENA_H

#include <stddef.h>

struct arena {
	struct arena_chunk *last;
};

/* @size zeroed bytes at a multiple of @align, a power of two up to 8; NULL without memory. */
void *arena__take(struct arena *arena, size_t size, size_t align);

void arena__free(struct arena *arena);

#endif
