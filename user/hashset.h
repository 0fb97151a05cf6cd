/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A set of pointers by what they point to; it does not own them. */
#ifndef LOCKSTAT_SWAP_HASHSET_H
#define LOCKSTAT_SWAP_HASHSET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct hashset {
	/* Of an item, and of what is looked for. */
	uint64_t (*hash)(const void *item);
	bool (*equal)(const void *item, const void *other);
	/* By slot: a hash, 0 in a free one, apart from the items: a search mostly needs no other.
	 */
	uint32_t *hashes;
	void **items;
	size_t size, n; /* size: 0 or a power of two */
};

/*
 * Where the item equal to @like is. NULL there: it is not in the set yet, and the caller
 * puts it there. NULL without memory. The place holds until the next call.
 */
void **hashset__place(struct hashset *set, const void *like);

/* The item equal to @like, or NULL. */
void *hashset__find(const struct hashset *set, const void *like);

/* Leaves it empty. */
void hashset__free(struct hashset *set);

/* Steps of a hash: of a string, and of one more number. */
uint64_t hash_text(const char *text);
uint64_t hash_number(uint64_t hash, uint64_t number);

#endif
