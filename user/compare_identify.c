// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Where a row belongs: its cell and its group. Most fields are those of the row before, which
 * is looked at first: there are a million rows.
 */
#include <errno.h>
#include <string.h>

#include "compare_reading.h"

static bool is_setting(const struct reading *r, const struct setting *setting)
{
	if (!setting)
		return false;
	for (int i = 0; i < CELL_REP; i++)
		if (strcmp(setting->column[i], compare_field(r, r->in->cell[i])))
			return false;
	return true;
}

static const char *intern_field(const struct reading *r, int column, const char *last)
{
	const char *text = compare_field(r, column);

	return last && !strcmp(last, text) ? last : compare_intern(r->set, text);
}

static struct setting *look_up_setting(const struct reading *r)
{
	const struct setting *last = r->set->last_setting;
	struct setting s = {};

	for (int i = 0; i < CELL_REP; i++) {
		s.column[i] = intern_field(r, r->in->cell[i], last ? last->column[i] : NULL);
		if (!s.column[i])
			return NULL;
	}
	return compare_setting(r->set, &s);
}

static struct setting *find_setting(const struct reading *r)
{
	struct setting *last = r->set->last_setting, *setting;

	if (is_setting(r, last))
		return last;
	if (last && last->steady && is_setting(r, last->following))
		return last->following;
	setting = look_up_setting(r);
	if (last) {
		last->steady = last->following == setting;
		last->following = setting;
	}
	return setting;
}

static struct repetition *find_repetition(const struct reading *r, const struct setting *setting)
{
	const struct cell *last = r->set->last_cell;
	struct repetition like = { .run = setting->column[CELL_RUN],
				   .rep = compare_field(r, r->in->cell[CELL_REP]) };

	if (r->set->by_file || (!*like.run && !*like.rep))
		like.own = r->source;
	if (last && last->repetition->run == like.run && last->repetition->own == like.own &&
	    !strcmp(last->repetition->rep, like.rep))
		return last->repetition;
	return compare_repetition(r->set, &like);
}

struct cell *compare_find_cell(const struct reading *r)
{
	struct compare_set *set = r->set;
	struct setting *setting = find_setting(r);
	struct cell c = { .setting = setting, .source = r->source };

	if (setting)
		c.repetition = find_repetition(r, setting);
	if (!c.repetition)
		return NULL;
	set->last_setting = setting;
	set->last_cell = compare_cell(set, &c);
	return set->last_cell;
}

const char *compare_by_value(const struct reading *r, const struct cell *cell)
{
	if (r->set->by_file)
		return r->source->name;
	if (r->set->by_cell >= 0)
		return cell->setting->column[r->set->by_cell];
	return compare_intern(r->set, compare_field(r, r->in->by));
}

/* Keys that are no columns of such files, and the compared one, are "" in all groups. */
static bool is_group(const struct reading *r, const struct cell *cell, const struct group *g)
{
	if (!g || g->input != r->input)
		return false;
	for (int i = 0; i < COMPARE_KEYS; i++) {
		int of_cell = r->in->key_cell[i], column = r->in->key_column[i];

		if (of_cell >= 0 && g->key[i] != cell->setting->column[of_cell])
			return false;
		if (column >= 0 && strcmp(g->key[i], compare_field(r, column)))
			return false;
	}
	return true;
}

/* The sum belongs to a selection that has one of its parts. */
static bool sum_wanted(const struct compare_query *q)
{
	return !q->nclasses || compare_listed(q->classes, q->nclasses, "swap_map") ||
	       compare_listed(q->classes, q->nclasses, "cluster") ||
	       compare_listed(q->classes, q->nclasses, COMPARE_SUM_CLASS);
}

/*
 * Figures about the measurement, not of what is measured: each line costs the others power. What
 * ends in _ begins their names.
 */
static bool is_usual(const char *metric)
{
	static const char *const others[] = { LEDGER_PREFIX, "asked_", "window", "warmup",
					      "steady" };

	for (size_t i = 0; i < COMPARE_COUNT(others); i++) {
		size_t length = strlen(others[i]);
		bool prefix = others[i][length - 1] == '_';

		if (!strncmp(metric, others[i], length) && (prefix || !metric[length]))
			return false;
	}
	return true;
}

static bool metric_wanted(const struct compare_query *q, const char *metric)
{
	if (q->nmetrics)
		return compare_listed(q->metrics, q->nmetrics, metric);
	return !q->nclasses && is_usual(metric);
}

static bool in_sum_class(const char *class)
{
	return !strcmp(class, "swap_map") || !strcmp(class, "cluster");
}

/* What is known of a group when it is first met. */
static int describe_group(struct compare_set *set, struct group *g)
{
	struct group sum = { .input = g->input };
	bool found;

	g->wanted = g->input == INPUT_LOCKS || metric_wanted(set->query, g->key[KEY_METRIC]);
	if (g->input == INPUT_METRICS)
		return compare_metric_order(set, g->key[KEY_METRIC], &g->order);
	if (!in_sum_class(g->key[KEY_CLASS]) || !sum_wanted(set->query))
		return 0;
	memcpy(sum.key, g->key, sizeof(sum.key));
	sum.key[KEY_CLASS] = compare_intern(set, COMPARE_SUM_CLASS);
	g->sum = sum.key[KEY_CLASS] ? compare_group(set, &sum, &found) : NULL;
	return g->sum ? 0 : -ENOMEM;
}

static struct group *look_up_group(const struct reading *r, const struct cell *cell)
{
	struct group like = { .input = r->input }, *group;
	bool found;

	for (int i = 0; i < COMPARE_KEYS; i++) {
		int of_cell = r->in->key_cell[i], column = r->in->key_column[i];

		if (of_cell >= 0)
			like.key[i] = cell->setting->column[of_cell];
		else if (column >= 0)
			like.key[i] = compare_intern(r->set, compare_field(r, column));
		else
			like.key[i] = r->set->none;
		if (!like.key[i])
			return NULL;
	}
	group = compare_group(r->set, &like, &found);
	return group && !found && describe_group(r->set, group) ? NULL : group;
}

/* Behind another one of the setting mostly comes the one that did so before. */
static struct group *next_group(const struct reading *r, const struct cell *cell,
				struct group *last)
{
	struct group *group;

	if (last->steady && is_group(r, cell, last->following))
		return last->following;
	group = look_up_group(r, cell);
	last->steady = last->following == group;
	last->following = group;
	return group;
}

struct group *compare_find_group(const struct reading *r, const struct cell *cell)
{
	struct compare_set *set = r->set;
	struct setting *setting = cell->setting;
	bool first = setting != set->last_group_setting;
	struct group *group = first ? setting->group : set->last_group;

	if (!is_group(r, cell, group))
		group = first || !group ? look_up_group(r, cell) : next_group(r, cell, group);
	if (first)
		setting->group = group;
	set->last_group_setting = setting;
	return set->last_group = group;
}
