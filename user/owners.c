// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "owners.h"

/* Where the entry of this ID and slot is, or belongs. */
static size_t place_of(const struct owners *owners, __u64 id, unsigned int slot)
{
	size_t low = 0, high = owners->n;

	while (low < high) {
		size_t middle = (low + high) / 2;
		const struct owner *o = &owners->list[middle];

		if (o->id < id || (o->id == id && o->slot < slot))
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static int make_room(struct owners *owners)
{
	size_t room = owners->room ? 2 * owners->room : 64;
	struct owner *list;

	if (owners->n < owners->room)
		return 0;
	list = reallocarray(owners->list, room, sizeof(*list));
	if (!list)
		return -ENOMEM;
	owners->list = list;
	owners->room = room;
	return 0;
}

static void merge_stats(struct owner_stats *sum, const struct owner_stats *part)
{
	if (!part->count)
		return;
	if (!sum->count || part->min < sum->min)
		sum->min = part->min;
	if (part->max > sum->max)
		sum->max = part->max;
	sum->count += part->count;
	sum->total += part->total;
	/* a task may take another name; the last one seen is what it is called now */
	memcpy(sum->comm, part->comm, sizeof(sum->comm));
}

int owners__add(struct owners *owners, __u64 id, unsigned int slot, const struct owner_stats *stats)
{
	size_t at = place_of(owners, id, slot);
	struct owner *o;

	if (at == owners->n || owners->list[at].id != id || owners->list[at].slot != slot) {
		if (make_room(owners))
			return -ENOMEM;
		o = &owners->list[at];
		memmove(o + 1, o, (owners->n++ - at) * sizeof(*o));
		*o = (struct owner){ .id = id, .slot = slot };
	}
	merge_stats(&owners->list[at].stats, stats);
	return 0;
}

int owners__merge(struct owners *sum, const struct owners *part)
{
	int err = 0;

	for (size_t i = 0; i < part->n && !err; i++)
		err = owners__add(sum, part->list[i].id, part->list[i].slot, &part->list[i].stats);
	return err;
}

void owners__clear(struct owners *owners)
{
	owners->n = 0;
}

void owners__free(struct owners *owners)
{
	free(owners->list);
	*owners = (struct owners){};
}
