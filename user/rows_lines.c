// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "hist.h"
#include "rows_lines.h"

const char *grouping_name(enum grouping by)
{
	static const char *const names[NR_GROUPINGS] = {
		[BY_LOCK] = "lock", [BY_CLASS] = "class",   [BY_DEVICE] = "device",
		[BY_TASK] = "task", [BY_CGROUP] = "cgroup",
	};

	return names[by];
}

enum owner_kind grouping_owners(enum grouping by)
{
	switch (by) {
	case BY_TASK:
		return OWNER_TASK;
	case BY_CGROUP:
		return OWNER_CGROUP;
	default:
		return OWNER_NONE;
	}
}

static int by_cost(const void *left, const void *right)
{
	const struct line *a = left, *b = right;

	if (a->wait != b->wait)
		return a->wait < b->wait ? 1 : -1;
	if (a->contended != b->contended)
		return a->contended < b->contended ? 1 : -1;
	if (a->owner)
		return (a->owner->id > b->owner->id) - (a->owner->id < b->owner->id);
	return a->lock && b->lock ? (a->lock > b->lock) - (a->lock < b->lock)
				  : strcmp(a->key, b->key);
}

static bool is_shown(const struct view *view, const struct window *w, unsigned int row)
{
	const struct lock_sample *s = &w->samples[row];

	if (!rows__used(view->backend, row) || !rows__concern(&w->locks->rows[row], view->filter))
		return false;
	return view->filter->all || s->wait.count || s->hold.count;
}

static void collect_locks(struct lines *lines, const struct view *view, const struct window *w)
{
	for (unsigned int row = 0; row < w->locks->nr_rows; row++) {
		const struct named_lock *lock = &w->locks->rows[row];

		if (!is_shown(view, w, row))
			continue;
		lines->list[lines->n++] = (struct line){
			.key = lock_class_name(lock->class),
			.lock = lock,
			.expression = rows__lock(w->locks, view->backend, row),
			.sample = &w->samples[row],
		};
	}
}

static const char *group_key(enum grouping by, const struct named_lock *lock)
{
	if (by == BY_CLASS)
		return lock_class_name(lock->class);
	return *lock->device ? lock->device : "none";
}

/* The sum of the group called @key, which is new where it has none. */
static struct lock_sample *group_sum(struct lines *lines, const char *key)
{
	size_t i = 0;

	while (i < lines->n && strcmp(lines->list[i].key, key))
		i++;
	if (i == lines->n)
		lines->list[lines->n++] = (struct line){ .key = key, .sample = &lines->sums[i] };
	return &lines->sums[i];
}

static void collect_groups(struct lines *lines, const struct view *view, const struct window *w)
{
	for (unsigned int row = 0; row < w->locks->nr_rows; row++) {
		struct lock_sample *sum;

		if (!is_shown(view, w, row))
			continue;
		sum = group_sum(lines, group_key(view->by, &w->locks->rows[row]));
		time_stats__merge(&sum->wait, &w->samples[row].wait);
		time_stats__merge(&sum->hold, &w->samples[row].hold);
	}
}

static void add_total(struct owner *total, const struct owner *owner)
{
	if (!total->stats.count) {
		*total = *owner;
		return;
	}
	if (owner->stats.max > total->stats.max)
		total->stats.max = owner->stats.max;
	total->stats.count += owner->stats.count;
	total->stats.total += owner->stats.total;
}

/* Entries of one owner lie side by side. */
static void collect_owners(struct lines *lines, const struct view *view, const struct window *w)
{
	struct owner *total = lines->totals;

	for (size_t i = 0; i < w->owners->n; i++) {
		const struct owner *owner = &w->owners->list[i];

		if (!rows__concern(&w->locks->rows[owner->row], view->filter))
			continue;
		if (total->stats.count && total->id != owner->id)
			total++;
		add_total(total, owner);
	}
	lines->n = total - lines->totals + (total->stats.count != 0);
	for (size_t i = 0; i < lines->n; i++)
		lines->list[i] = (struct line){ .owner = &lines->totals[i] };
}

static void sort_lines(struct lines *lines)
{
	for (size_t i = 0; i < lines->n; i++) {
		struct line *line = &lines->list[i];

		line->wait = line->owner ? line->owner->stats.total : line->sample->wait.total;
		line->contended = line->owner ? line->owner->stats.count : line->sample->wait.count;
	}
	qsort(lines->list, lines->n, sizeof(*lines->list), by_cost);
}

int lines__collect(struct lines *lines, const struct view *view, const struct window *w)
{
	bool of_owners = grouping_owners(view->by) != OWNER_NONE;
	size_t most = of_owners ? w->owners->n + 1 : w->locks->nr_rows;

	lines->list = calloc(most, sizeof(*lines->list));
	lines->totals = of_owners ? calloc(most, sizeof(*lines->totals)) : NULL;
	lines->sums = of_owners ? NULL : calloc(most, sizeof(*lines->sums));
	if (!lines->list || (!lines->totals && !lines->sums))
		return -ENOMEM;
	if (of_owners)
		collect_owners(lines, view, w);
	else if (view->by == BY_LOCK)
		collect_locks(lines, view, w);
	else
		collect_groups(lines, view, w);
	sort_lines(lines);
	return 0;
}

void lines__free(struct lines *lines)
{
	free(lines->list);
	free(lines->totals);
	free(lines->sums);
}
