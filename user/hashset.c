// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>

#include "hashset.h"

/* FNV-1a */
uint64_t hash_text(const char *text)
{
	uint64_t hash = 0xcbf29ce484222325;

	for (; *text; text++)
		hash = (hash ^ (unsigned char)*text) * 0x100000001b3;
	return hash_number(hash, 0);
}

/* Addresses differ in few bits: all of them reach the lower half, of which slots are made. */
uint64_t hash_number(uint64_t hash, uint64_t number)
{
	hash = (hash ^ number) * 0x9e3779b97f4a7c15;
	return hash ^ hash >> 32;
}

static int grow(struct hashset *set)
{
	size_t size = set->size ? 2 * set->size : 64;
	struct hashset_slot *slots = calloc(size, sizeof(*slots));

	if (!slots)
		return -ENOMEM;
	for (size_t i = 0; i < set->size; i++) {
		size_t to = set->slots[i].hash & (size - 1);

		if (!set->slots[i].hash)
			continue;
		while (slots[to].hash)
			to = (to + 1) & (size - 1);
		slots[to] = set->slots[i];
	}
	free(set->slots);
	set->slots = slots;
	set->size = size;
	return 0;
}

static uint32_t slot_hash(const struct hashset *set, const void *like)
{
	uint32_t hash = set->hash(like);

	return hash ? hash : 1;
}

/* The slot of what is equal to @like, or else the free one where it belongs. */
static struct hashset_slot *find_slot(const struct hashset *set, const void *like, uint32_t hash)
{
	size_t i = hash & (set->size - 1);

	for (; set->slots[i].hash; i = (i + 1) & (set->size - 1))
		if (set->slots[i].hash == hash && set->equal(set->slots[i].item, like))
			break;
	return &set->slots[i];
}

struct hashset_slot *hashset__place(struct hashset *set, const void *like)
{
	uint32_t hash = slot_hash(set, like);
	struct hashset_slot *slot;

	if (4 * (set->n + 1) > 3 * set->size && grow(set))
		return NULL;
	slot = find_slot(set, like, hash);
	set->n += !slot->hash;
	slot->hash = hash;
	return slot;
}

void *hashset__find(const struct hashset *set, const void *like)
{
	return set->n ? find_slot(set, like, slot_hash(set, like))->item : NULL;
}

void hashset__free(struct hashset *set)
{
	free(set->slots);
	set->slots = NULL;
	set->size = set->n = 0;
}
