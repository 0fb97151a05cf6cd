// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "owners.h"

static bool is_before(const struct owner *o, __u64 id, unsigned int row)
{
	return o->id < id || (o->id == id && o->row < row);
}

/* Where the entry of this ID and row is, or belongs. */
static size_t place_of(const struct owners *owners, __u64 id, unsigned int row)
{
	size_t low = 0, high = owners->n;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (is_before(&owners->list[middle], id, row))
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

int owners__add(struct owners *owners, __u64 id, unsigned int row, const struct owner_stats *stats)
{
	size_t at = place_of(owners, id, row);
	struct owner *o;

	if (at == owners->n || owners->list[at].id != id || owners->list[at].row != row) {
		if (make_room(owners))
			return -ENOMEM;
		o = &owners->list[at];
		memmove(o + 1, o, (owners->n++ - at) * sizeof(*o));
		*o = (struct owner){ .id = id, .row = row };
	}
	merge_stats(&owners->list[at].stats, stats);
	return 0;
}

static void append(struct owners *owners, const struct owner *o)
{
	struct owner *last = owners->n ? &owners->list[owners->n - 1] : NULL;

	if (last && last->id == o->id && last->row == o->row)
		merge_stats(&last->stats, &o->stats);
	else if (owners->n < MAX_OWNER_ENTRIES)
		owners->list[owners->n++] = *o;
	else
		owners->left_out += o->stats.count;
}

/* Both are sorted, and may be long: one pass over the two. */
int owners__merge(struct owners *sum, const struct owners *part)
{
	struct owners merged = {
		.room = sum->n + part->n,
		.left_out = sum->left_out + part->left_out,
	};
	size_t s = 0, p = 0;

	if (!part->n && !part->left_out)
		return 0;
	merged.list = calloc(merged.room, sizeof(*merged.list));
	if (!merged.list)
		return -ENOMEM;
	while (s < sum->n || p < part->n) {
		if (p == part->n ||
		    (s < sum->n && !is_before(&part->list[p], sum->list[s].id, sum->list[s].row)))
			append(&merged, &sum->list[s++]);
		else
			append(&merged, &part->list[p++]);
	}
	free(sum->list);
	*sum = merged;
	return 0;
}

void owners__clear(struct owners *owners)
{
	owners->n = 0;
	owners->left_out = 0;
}

void owners__free(struct owners *owners)
{
	free(owners->list);
	*owners = (struct owners){};
}
