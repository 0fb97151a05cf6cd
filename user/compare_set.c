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

static uint64_t hash_pointers(uint64_t hash, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		hash = hash_number(hash, (uintptr_t)list[i]);
	return hash;
}

static uint64_t hash_setting(const void *item)
{
	const struct setting *s = item;

	return hash_pointers(0, s->column, CELL_REP);
}

static bool same_setting(const void *item, const void *other)
{
	const struct setting *a = item, *b = other;

	return !memcmp(a->column, b->column, sizeof(a->column));
}

static uint64_t hash_repetition(const void *item)
{
	const struct repetition *r = item;

	return hash_number(hash_number(hash_text(r->rep), (uintptr_t)r->run), (uintptr_t)r->own);
}

static bool same_repetition(const void *item, const void *other)
{
	const struct repetition *a = item, *b = other;

	return a->run == b->run && a->own == b->own && !strcmp(a->rep, b->rep);
}

/* The name of a metric is one of the set's strings. */
struct metric {
	const char *name;
	/* What identifies it ends here. */
	size_t order;
};

static uint64_t hash_metric(const void *item)
{
	const struct metric *m = item;

	return hash_number(0, (uintptr_t)m->name);
}

static bool same_metric(const void *item, const void *other)
{
	const struct metric *a = item, *b = other;

	return a->name == b->name;
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

static uint64_t hash_series(const void *item)
{
	const struct series *s = item;

	return hash_number(hash_number(0, (uintptr_t)s->group), (uintptr_t)s->by);
}

static bool same_series(const void *item, const void *other)
{
	const struct series *a = item, *b = other;

	return a->group == b->group && a->by == b->by;
}

enum { ALIGN = 8 }; /* of all that is kept here */

/* What is equal to @like, else a copy of its @size bytes with @room; NULL without memory. */
static void *find_or_add(struct compare_set *set, struct hashset *in, const void *like, size_t size,
			 size_t room, bool *found)
{
	struct hashset_slot *slot = hashset__place(in, like);

	*found = slot && slot->item;
	if (!slot || slot->item)
		return slot ? slot->item : NULL;
	slot->item = arena__take(&set->memory, room, ALIGN);
	if (slot->item)
		memcpy(slot->item, like, size);
	return slot->item;
}

const char *compare_intern(struct compare_set *set, const char *text)
{
	return intern__text(&set->texts, text);
}

struct setting *compare_setting(struct compare_set *set, const struct setting *like)
{
	bool found;

	return find_or_add(set, &set->settings, like, sizeof(*like), sizeof(*like), &found);
}

/* Its text is not interned: there may be as many as rows. */
struct repetition *compare_repetition(struct compare_set *set, const struct repetition *like)
{
	size_t length = strlen(like->rep) + 1;
	struct repetition *r;
	bool found;

	r = find_or_add(set, &set->repetitions, like, sizeof(*like), sizeof(*like) + length,
			&found);
	if (!r || found)
		return r;
	r->rep = memcpy(r + 1, like->rep, length);
	r->number = set->repetitions.n;
	return r;
}

bool compare_is_numbered(const struct repetition *repetition)
{
	return *repetition->run && *repetition->rep;
}

int compare_metric_order(struct compare_set *set, const char *name, size_t *order)
{
	struct metric like = { .name = name, .order = set->metrics.n }, *m;
	bool found;

	m = find_or_add(set, &set->metrics, &like, sizeof(like), sizeof(like), &found);
	if (!m)
		return -ENOMEM;
	*order = m->order;
	return 0;
}

struct group *compare_group(struct compare_set *set, const struct group *like, bool *found)
{
	struct group *g = find_or_add(set, &set->groups, like, sizeof(*like), sizeof(*like), found);

	if (!g || *found)
		return g;
	*set->next_group = g;
	set->next_group = &g->next;
	return g;
}

static struct series *look_up_series(struct compare_set *set, struct group *group, const char *by)
{
	struct series like = { .group = group, .by = by }, *s;
	bool found;

	s = find_or_add(set, &set->series, &like, sizeof(like), sizeof(like), &found);
	if (!s || found)
		return s;
	s->next = group->series;
	group->series = s;
	return s;
}

/* Mostly that of the row before, or, where rows take turns, the next one. */
struct series *compare_series(struct compare_set *set, struct group *group, const char *by)
{
	struct series *recent = group->recent;

	if (recent && recent->by != by)
		recent = recent->next ? recent->next : group->series;
	if (!recent || recent->by != by)
		recent = look_up_series(set, group, by);
	return group->recent = recent;
}

struct series *compare_find_series(const struct compare_set *set, struct group *group,
				   const char *by)
{
	struct series like = { .group = group, .by = by };

	return hashset__find(&set->series, &like);
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
	set->next_group = &set->first_group;
	set->settings = (struct hashset){ .hash = hash_setting, .equal = same_setting };
	set->repetitions = (struct hashset){ .hash = hash_repetition, .equal = same_repetition };
	set->metrics = (struct hashset){ .hash = hash_metric, .equal = same_metric };
	set->groups = (struct hashset){ .hash = hash_group, .equal = same_group };
	set->series = (struct hashset){ .hash = hash_series, .equal = same_series };
	set->none = compare_intern(set, "");
	if (set->none)
		return set;
	compare_set_free(set);
	return NULL;
}

void compare_set_free(struct compare_set *set)
{
	if (!set)
		return;
	hashset__free(&set->samples);
	hashset__free(&set->series);
	hashset__free(&set->groups);
	hashset__free(&set->metrics);
	hashset__free(&set->cells);
	hashset__free(&set->repetitions);
	hashset__free(&set->settings);
	intern__free(&set->texts);
	for (size_t i = 0; i < set->nsources; i++)
		compare_context_free(set->sources[i]->context);
	free(set->sources);
	arena__free(&set->memory);
	for (int i = 0; i < COMPARE_INPUTS; i++)
		free(set->inputs[i].where);
	free(set->files);
	free(set->figures);
	free(set->rows);
	free(set->checks);
	free(set);
}
