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

/* The mixing of splitmix64: addresses differ in few bits. */
uint64_t hash_number(uint64_t hash, uint64_t number)
{
	uint64_t z = (hash ^ number) + 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

static int grow(struct hashset *set)
{
	size_t size = set->size ? 2 * set->size : 64;
	struct hashset_slot *old = set->slots, *slots = calloc(size, sizeof(*slots));

	if (!slots)
		return -ENOMEM;
	for (size_t i = 0; i < set->size; i++) {
		size_t to = old[i].hash & (size - 1);

		while (old[i].item && slots[to].item)
			to = (to + 1) & (size - 1);
		if (old[i].item)
			slots[to] = old[i];
	}
	free(old);
	set->slots = slots;
	set->size = size;
	return 0;
}

void **hashset__place(struct hashset *set, const void *like)
{
	uint64_t hash = set->hash(like);
	size_t i;

	if (4 * (set->n + 1) > 3 * set->size && grow(set))
		return NULL;
	for (i = hash & (set->size - 1); set->slots[i].item; i = (i + 1) & (set->size - 1))
		if (set->slots[i].hash == hash && set->equal(set->slots[i].item, like))
			return &set->slots[i].item;
	set->slots[i].hash = hash;
	set->n++;
	return &set->slots[i].item;
}

void hashset__free(struct hashset *set)
{
	free(set->slots);
	set->slots = NULL;
	set->size = set->n = 0;
}
