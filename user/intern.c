// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "intern.h"

static uint64_t hash(const void *text)
{
	return hash_text(text);
}

static bool equal(const void *text, const void *other)
{
	return !strcmp(text, other);
}

const char *intern__text(struct intern *texts, const char *text)
{
	size_t size = strlen(text) + 1;
	struct hashset_slot *slot;

	texts->set.hash = hash;
	texts->set.equal = equal;
	slot = hashset__place(&texts->set, text);
	if (!slot || slot->item)
		return slot ? slot->item : NULL;
	slot->item = arena__take(&texts->memory, size, 1);
	return slot->item ? memcpy(slot->item, text, size) : NULL;
}

void intern__free(struct intern *texts)
{
	hashset__free(&texts->set);
	arena__free(&texts->memory);
}
