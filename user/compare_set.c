// SPDX-License-Identifier: GPL-2.0-or-later
/* The set of samples: strings, cells, groups, samples, and what belongs to none of them. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compare_internal.h"

bool compare_listed(const char *const *list, size_t n, const char *text)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(list[i], text))
			return true;
	return false;
}

int compare_set_fail(struct compare_set *set, int err, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(set->error, sizeof(set->error), format, args);
	va_end(args);
	return err;
}

int compare_set_no_memory(struct compare_set *set)
{
	return compare_set_fail(set, -ENOMEM, "out of memory");
}

const char *compare_set_error(const struct compare_set *set)
{
	return set->error;
}

static uint64_t hash_string(const void *item)
{
	return hash_text(item);
}

static bool same_string(const void *item, const void *other)
{
	return !strcmp(item, other);
}

static uint64_t hash_pointers(uint64_t hash, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		hash = hash_number(hash, (uintptr_t)list[i]);
	return hash;
}

static uint64_t hash_cell(const void *item)
{
	const struct cell *c = item;

	return hash_pointers((uintptr_t)c->own, c->column, CELL_COLUMNS);
}

static bool same_cell(const void *item, const void *other)
{
	const struct cell *a = item, *b = other;

	return a->own == b->own && !memcmp(a->column, b->column, sizeof(a->column));
}

static uint64_t hash_repetition(const void *item)
{
	const struct repetition *r = item;

	return hash_number((uintptr_t)r->run, (uintptr_t)r->rep);
}

static bool same_repetition(const void *item, const void *other)
{
	const struct repetition *a = item, *b = other;

	return a->run == b->run && a->rep == b->rep;
}

static uint64_t hash_group(const void *item)
{
	const struct group *g = item;

	return hash_pointers(g->input, g->key, COMPARE_KEYS);
}

static bool same_group(const void *item, const void *other)
{
	const struct group *a = item, *b = other;

	return a->input == b->input && !memcmp(a->key, b->key, sizeof(a->key));
}

static uint64_t hash_sample(const void *item)
{
	const struct sample *s = item;

	return hash_number(hash_number((uintptr_t)s->group, (uintptr_t)s->by), (uintptr_t)s->cell);
}

static bool same_sample(const void *item, const void *other)
{
	const struct sample *a = item, *b = other;

	return a->group == b->group && a->by == b->by && a->cell == b->cell;
}

/* What is equal to @like, else a copy of its @size bytes with @room; NULL without memory. */
static void *find_or_add(struct compare_set *set, struct hashset *in, const void *like, size_t size,
			 size_t room, size_t align)
{
	void **place = hashset__place(in, like);

	if (!place || *place)
		return place ? *place : NULL;
	*place = arena__take(&set->memory, room, align);
	if (*place)
		memcpy(*place, like, size);
	return *place;
}

const char *compare_intern(struct compare_set *set, const char *text)
{
	size_t size = strlen(text) + 1;

	return find_or_add(set, &set->strings, text, size, size, 1);
}

size_t compare_repetition(struct compare_set *set, const char *run, const char *rep)
{
	struct repetition like = { .run = run, .rep = rep }, *r;

	r = find_or_add(set, &set->repetitions, &like, sizeof(like), sizeof(like),
			_Alignof(struct repetition));
	if (r && !r->number)
		r->number = set->repetitions.n;
	return r ? r->number : 0;
}

struct cell *compare_cell(struct compare_set *set, const struct cell *like)
{
	return find_or_add(set, &set->cells, like, sizeof(*like), sizeof(*like),
			   _Alignof(struct cell));
}

struct group *compare_group(struct compare_set *set, const struct group *like)
{
	struct group *g = find_or_add(set, &set->groups, like, sizeof(*like), sizeof(*like),
				      _Alignof(struct group));

	if (g && !g->serial)
		g->serial = set->groups.n;
	return g;
}

/* In the order in which they are met: what stands together in the files does so here. */
static int remember(struct compare_set *set, struct sample *s)
{
	if (set->nsorted == set->sorted_room) {
		size_t room = set->sorted_room ? 2 * set->sorted_room : 256;
		struct sample **sorted = reallocarray(set->sorted, room, sizeof(*sorted));

		if (!sorted)
			return -ENOMEM;
		set->sorted = sorted;
		set->sorted_room = room;
	}
	set->sorted[set->nsorted++] = s;
	s->serial = set->nsorted;
	return 0;
}

struct sample *compare_sample(struct compare_set *set, const struct sample *like, bool *found)
{
	size_t tallies = compare_figures(set, like->group->input) * sizeof(*like->tally);
	struct sample *s = find_or_add(set, &set->samples, like, sizeof(*like),
				       sizeof(*like) + tallies, _Alignof(struct sample));

	*found = s && s->serial;
	return s && !*found && remember(set, s) ? NULL : s;
}

size_t compare_figures(const struct compare_set *set, enum compare_input input)
{
	return input == INPUT_LOCKS ? set->nfigures : 1;
}

struct compare_set *compare_set_new(const struct compare_query *query)
{
	struct compare_set *set = calloc(1, sizeof(*set));

	if (!set)
		return NULL;
	set->query = query;
	set->strings = (struct hashset){ .hash = hash_string, .equal = same_string };
	set->repetitions = (struct hashset){ .hash = hash_repetition, .equal = same_repetition };
	set->cells = (struct hashset){ .hash = hash_cell, .equal = same_cell };
	set->groups = (struct hashset){ .hash = hash_group, .equal = same_group };
	set->samples = (struct hashset){ .hash = hash_sample, .equal = same_sample };
	return set;
}

void compare_set_free(struct compare_set *set)
{
	if (!set)
		return;
	hashset__free(&set->samples);
	hashset__free(&set->groups);
	hashset__free(&set->cells);
	hashset__free(&set->repetitions);
	hashset__free(&set->strings);
	for (size_t i = 0; i < set->nsources; i++)
		compare_context_free(set->sources[i]->context);
	free(set->sources);
	arena__free(&set->memory);
	for (int i = 0; i < COMPARE_INPUTS; i++)
		free(set->inputs[i].where);
	free(set->metric_names);
	free(set->figures);
	free(set->sorted);
	free(set->partner);
	free(set->rows);
	free(set->checks);
	free(set);
}
