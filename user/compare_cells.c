// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Cells and samples, of which there may be as many as rows. Rows mostly go on to later
 * repetitions, and then what they are of cannot have been met before: it is looked up only once
 * a file goes back.
 */
#include <errno.h>

#include "compare_internal.h"

static uint64_t hash_cell(const void *item)
{
	const struct cell *c = item;

	return hash_number(hash_number(0, (uintptr_t)c->setting), (uintptr_t)c->repetition);
}

static bool same_cell(const void *item, const void *other)
{
	const struct cell *a = item, *b = other;

	return a->setting == b->setting && a->repetition == b->repetition;
}

static uint64_t hash_sample(const void *item)
{
	const struct sample *s = item;

	return hash_number(hash_number(0, (uintptr_t)s->series), (uintptr_t)s->cell);
}

static bool same_sample(const void *item, const void *other)
{
	const struct sample *a = item, *b = other;

	return a->series == b->series && a->cell == b->cell;
}

/* Puts @item, which is not in it, into @index. */
static int index_item(struct hashset *index, void *item)
{
	struct hashset_slot *slot = hashset__place(index, item);

	if (!slot)
		return -ENOMEM;
	slot->item = item;
	return 0;
}

static int index_cells(struct compare_set *set)
{
	int err = 0;

	set->cells = (struct hashset){ .hash = hash_cell, .equal = same_cell };
	for (struct cell *c = set->first_cell; c && !err; c = c->next)
		err = index_item(&set->cells, c);
	return err;
}

static uint64_t repetition_bit(const struct repetition *r)
{
	return 1ULL << r->number % 64;
}

static struct cell *add_cell(struct compare_set *set, const struct cell *like)
{
	struct cell *c = arena__take(&set->memory, sizeof(*c), _Alignof(struct cell));

	if (!c)
		return NULL;
	*c = *like;
	c->number = ++set->ncells;
	c->setting->repetitions |= repetition_bit(c->repetition);
	c->next = set->first_cell;
	set->first_cell = c;
	return set->cells.n && index_item(&set->cells, c) ? NULL : c;
}

/*
 * Rows mostly go on to later repetitions. One that was first met after all that the setting
 * has is a new cell of it, as is one of whose bit it has none, in whatever order the rows are;
 * only once there is another are cells looked up.
 */
struct cell *compare_cell(struct compare_set *set, const struct cell *like)
{
	struct setting *setting = like->setting;
	size_t repetition = like->repetition->number;
	struct cell *found;

	if (setting->latest && setting->latest_repetition == repetition)
		return setting->latest;
	if (!setting->latest || setting->latest_repetition < repetition) {
		setting->latest_repetition = repetition;
		return setting->latest = add_cell(set, like);
	}
	if (!(setting->repetitions & repetition_bit(like->repetition)))
		return add_cell(set, like);
	if (!set->cells.n && index_cells(set))
		return NULL;
	found = hashset__find(&set->cells, like);
	return found ? found : add_cell(set, like);
}

static int index_samples(struct compare_set *set)
{
	int err = 0;

	set->samples = (struct hashset){ .hash = hash_sample, .equal = same_sample };
	for (const struct group *g = set->first_group; g; g = g->next)
		for (const struct series *series = g->series; series; series = series->next)
			for (struct sample *s = series->first; s && !err; s = s->next)
				err = index_item(&set->samples, s);
	return err;
}

static struct sample *add_sample(struct compare_set *set, const struct sample *like)
{
	struct series *series = like->series;
	size_t values = series->group->input == INPUT_LOCKS ? set->ntaken : 1;
	struct sample *s = arena__take(&set->memory, sizeof(*s) + values * sizeof(*s->value),
				       _Alignof(struct sample));

	if (!s)
		return NULL;
	*s = *like;
	s->next = series->first;
	series->first = s;
	series->n++;
	s->cell->sampled = true;
	return set->samples.n && index_item(&set->samples, s) ? NULL : s;
}

/* As compare_cell(): later cells than all that the series has, or without any, are new in it. */
struct sample *compare_sample(struct compare_set *set, struct group *group, const char *by,
			      const struct sample *like, bool *found)
{
	struct series *series = compare_series(set, group, by);
	struct sample new = *like, *s;
	size_t cell = like->cell->number;

	if (!series)
		return NULL;
	new.series = series;
	*found = series->latest && series->latest_cell == cell;
	if (*found)
		return series->latest;
	if (!series->latest || series->latest_cell < cell) {
		series->latest_cell = cell;
		return series->latest = add_sample(set, &new);
	}
	if (!like->cell->sampled)
		return add_sample(set, &new);
	if (!set->samples.n && index_samples(set))
		return NULL;
	s = hashset__find(&set->samples, &new);
	*found = s;
	return s ? s : add_sample(set, &new);
}
