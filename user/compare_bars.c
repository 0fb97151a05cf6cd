// SPDX-License-Identifier: GPL-2.0-or-later
/* What must not be compared, and why. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compare_internal.h"

static const char *const bar_names[COMPARE_BARS] = {
	[BAR_LOCKPATH] = "lockpath", [BAR_BACKEND] = "backend", [BAR_KERNEL] = "kernel",
	[BAR_CONFIG] = "config",     [BAR_MACHINE] = "machine", [BAR_LOSSES] = "losses",
};

const char *compare_bar_name(enum compare_bar bar)
{
	return bar_names[bar];
}

/* The reason that is kept is one that holds, if there is one. */
__attribute__((format(printf, 4, 5))) static int add_bar(struct compare_set *set,
							 struct compare_row *row,
							 enum compare_bar bar, const char *format,
							 ...)
{
	unsigned int bit = 1U << bar, despite = set->query->despite;
	bool holds_already = row->bars & ~despite;
	char text[512];
	va_list args;

	row->bars |= bit;
	if (row->reason && (holds_already || despite & bit))
		return 0;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	row->reason = compare_intern(set, text);
	return row->reason ? 0 : compare_set_no_memory(set);
}

static const char *known(const char *text)
{
	return *text ? text : "unknown";
}

/* The keys in which strangers may differ. */
static const struct {
	enum compare_key key;
	enum compare_bar bar;
} strange[] = {
	{ KEY_LOCKPATH, BAR_LOCKPATH },
	{ KEY_BACKEND, BAR_BACKEND },
	{ KEY_KERNEL, BAR_KERNEL },
};

/* Who differs least is joined first. */
static const unsigned int masks[] = {
	1 << KEY_LOCKPATH,
	1 << KEY_BACKEND,
	1 << KEY_LOCKPATH | 1 << KEY_BACKEND,
	1 << KEY_KERNEL,
	1 << KEY_KERNEL | 1 << KEY_LOCKPATH | 1 << KEY_BACKEND,
};

/* A row with one side, as qsort() sees it. */
struct half {
	struct compare_row *row;
	unsigned int mask; /* keys that do not count */
};

static int by_rest(const void *left, const void *right)
{
	const struct half *a = left, *b = right;

	for (int i = 0; i < COMPARE_KEYS; i++) {
		const char *x = a->row->key[i], *y = b->row->key[i];

		if (x != y && !(a->mask & 1U << i))
			return x < y ? -1 : 1;
	}
	if (a->row->value != b->row->value)
		return a->row->value < b->row->value ? -1 : 1;
	return 0;
}

static bool is_half(const struct compare_row *row)
{
	return row->base.present != row->other.present;
}

static int join(struct compare_set *set, struct compare_row *base, struct compare_row *other)
{
	int err = 0;

	base->other = other->other;
	other->other.present = false;
	for (size_t i = 0; i < COMPARE_COUNT(strange) && !err; i++) {
		enum compare_key key = strange[i].key;

		if (base->key[key] != other->key[key])
			err = add_bar(set, base, strange[i].bar, "%s %s against %s",
				      compare_key_name(key), known(base->key[key]),
				      known(other->key[key]));
	}
	return err;
}

/* One of each side, and there is no doubt which belong together. */
static int join_pair(struct compare_set *set, struct half *from, size_t n)
{
	struct compare_row *a = from[0].row, *b = from[n - 1].row;

	if (n != 2 || a->base.present == b->base.present)
		return 0;
	return a->base.present ? join(set, a, b) : join(set, b, a);
}

static int join_halves(struct compare_set *set, struct half *halves, unsigned int mask)
{
	size_t n = 0, end;
	int err = 0;

	for (size_t i = 0; i < set->nrows; i++)
		if (is_half(&set->rows[i]))
			halves[n++] = (struct half){ &set->rows[i], mask };
	qsort(halves, n, sizeof(*halves), by_rest);
	for (size_t i = 0; i < n && !err; i = end) {
		for (end = i + 1; end < n && !by_rest(&halves[i], &halves[end]); end++)
			;
		err = join_pair(set, &halves[i], end - i);
	}
	return err;
}

/* Those that gave their side to another row. */
static void drop_empty_rows(struct compare_set *set)
{
	size_t kept = 0;

	for (size_t i = 0; i < set->nrows; i++)
		if (set->rows[i].base.present || set->rows[i].other.present)
			set->rows[kept++] = set->rows[i];
	set->nrows = kept;
}

int compare_join_strangers(struct compare_set *set)
{
	bool kernels = set->by_file || set->by_cell == CELL_RUN;
	struct half *halves = calloc(set->nrows + 1, sizeof(*halves));
	int err = halves ? 0 : compare_set_no_memory(set);

	for (size_t i = 0; i < COMPARE_COUNT(masks) && !err; i++)
		if (kernels || !(masks[i] & 1U << KEY_KERNEL))
			err = join_halves(set, halves, masks[i]);
	free(halves);
	drop_empty_rows(set);
	return err;
}

static bool differ(const char *a, const char *b)
{
	return a && b && strcmp(a, b);
}

static int bar_config(struct compare_set *set, struct compare_row *row, const struct cell *a,
		      const struct cell *b)
{
	const char *kernel = a->setting->column[CELL_KERNEL];
	const char *other = b->setting->column[CELL_KERNEL];
	const struct compare_context *x = a->source->context, *y = b->source->context;
	const char *flavours[] = { compare_context_flavour(x, kernel),
				   compare_context_flavour(y, other) };
	const char *configs[] = { compare_context_config(x, kernel),
				  compare_context_config(y, other) };
	const char *compilers[] = { compare_context_compiler(x, kernel),
				    compare_context_compiler(y, other) };

	if (differ(flavours[0], flavours[1]))
		return add_bar(set, row, BAR_CONFIG, "kernel flavour %s against %s", flavours[0],
			       flavours[1]);
	/* Another version cannot have the same configuration to the letter. */
	if (kernel != other)
		return 0;
	if (differ(configs[0], configs[1]))
		return add_bar(set, row, BAR_CONFIG, "kernel configuration %.12s against %.12s",
			       configs[0], configs[1]);
	row->config_unknown |= !configs[0] || !configs[1];
	if (differ(compilers[0], compilers[1]))
		return add_bar(set, row, BAR_CONFIG, "kernel compiler '%s' against '%s'",
			       compilers[0], compilers[1]);
	return 0;
}

static bool same_origin(const struct cell *a, const struct cell *b)
{
	return a->source == b->source &&
	       a->setting->column[CELL_KERNEL] == b->setting->column[CELL_KERNEL];
}

static int bar_contexts(struct compare_set *set, struct compare_row *row, const struct cell *a,
			const struct cell *b)
{
	char text[256];
	int err = 0;

	if (!(row->bars & 1U << BAR_CONFIG))
		err = bar_config(set, row, a, b);
	if (!err && !(row->bars & 1U << BAR_MACHINE) &&
	    compare_context_difference(a->source->context, b->source->context, text, sizeof(text)))
		err = add_bar(set, row, BAR_MACHINE, "machine: %s", text);
	return err;
}

static int bar_losses(struct compare_set *set, struct compare_row *row, const struct sample *s)
{
	const struct cell *c = s->cell;
	double loss =
		c->ledger && s->series->group->input == INPUT_LOCKS ? ledger__loss(c->ledger) : 0;

	if (loss <= LEDGER_LOSS_THRESHOLD || row->bars & 1U << BAR_LOSSES)
		return 0;
	return add_bar(set, row, BAR_LOSSES, "%.1f%% of the events lost, %s '%s' repetition '%s'",
		       100 * loss, set->query->by, s->series->by, c->repetition->rep);
}

static int bar_side(struct compare_set *set, struct compare_row *row,
		    const struct compare_side *side)
{
	const struct cell *first = row->base.series->first->cell, *last = first;
	int err = 0;

	for (const struct sample *s = side->series->first; s && !err; s = s->next) {
		if (!same_origin(first, s->cell) && !same_origin(last, s->cell))
			err = bar_contexts(set, row, first, s->cell);
		if (!err)
			err = bar_losses(set, row, s);
		last = s->cell;
	}
	return err;
}

int compare_bar_row(struct compare_set *set, struct compare_row *row)
{
	const struct compare_query *q = set->query;
	int err = 0;

	if (set->by_cell == CELL_LOCKPATH || set->by_cell == CELL_BACKEND)
		err = add_bar(set, row, set->by_cell == CELL_BACKEND ? BAR_BACKEND : BAR_LOCKPATH,
			      "%s %s against %s", q->by, known(q->base), known(row->value));
	if (!err)
		err = bar_side(set, row, &row->base);
	if (!err)
		err = bar_side(set, row, &row->other);
	return err;
}
