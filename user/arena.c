// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdlib.h>

#include "arena.h"

struct arena_chunk {
	struct arena_chunk *before;
	size_t used, size;
	char bytes[];
};

enum { SMALLEST = 16 << 10, LARGEST = 1 << 20 };

/* Each twice as large as the one before, up to a bound: little is little, and much is few. */
static struct arena_chunk *add_chunk(struct arena *arena, size_t least)
{
	size_t size = arena->last ? 2 * arena->last->size : SMALLEST;
	struct arena_chunk *chunk;

	if (size > LARGEST)
		size = LARGEST;
	if (size < least)
		size = least;
	chunk = calloc(1, sizeof(*chunk) + size);
	if (!chunk)
		return NULL;
	chunk->size = size;
	chunk->before = arena->last;
	arena->last = chunk;
	return chunk;
}

void *arena__take(struct arena *arena, size_t size, size_t align)
{
	struct arena_chunk *chunk = arena->last;
	size_t at = chunk ? (chunk->used + align - 1) & ~(align - 1) : 0;

	if (!chunk || at > chunk->size || chunk->size - at < size) {
		chunk = add_chunk(arena, size);
		at = 0;
	}
	if (!chunk)
		return NULL;
	chunk->used = at + size;
	return chunk->bytes + at;
}

void arena__free(struct arena *arena)
{
	while (arena->last) {
		struct arena_chunk *chunk = arena->last;

		arena->last = chunk->before;
		free(chunk);
	}
}
