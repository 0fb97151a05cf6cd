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
	struct hashset_slot *slots;
	size_t size, n; /* size: 0 or a power of two */
};

/*
 * Side by side: of a million, what is looked at is in no cache, and one line of it is fetched
 * in place of two. Packed: a third more of them are in a line.
 */
struct __attribute__((packed)) hashset_slot {
	void *item;
	uint32_t hash; /* 0: it is free */
};

/*
 * The slot of the item equal to @like. No item there: it is not in the set yet, and the caller
 * puts it there. NULL without memory. The slot holds until the next call.
 */
struct hashset_slot *hashset__place(struct hashset *set, const void *like);

/* The item equal to @like, or NULL. */
void *hashset__find(const struct hashset *set, const void *like);

/* Leaves it empty. */
void hashset__free(struct hashset *set);

/* Steps of a hash: of a string, and of one more number. */
uint64_t hash_text(const char *text);
uint64_t hash_number(uint64_t hash, uint64_t number);

#endif
