// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "balance.h"
#include "functions.h"
#include "symbols.h"
#include "table.h"

struct line {
	struct imbalance_key key;
	struct imbalance imbalance;
};

struct balance {
	FILE *kallsyms, *lockdep;
	struct functions sites;
	struct line *lines;
	size_t n, room;
};

static const char *const kinds[] = {
	[IMBALANCE_NOT_RELEASED] = "not released",
	[IMBALANCE_NOT_HELD] = "not acquired",
	[IMBALANCE_STILL_HELD] = "held at the end",
};

bool balance__lockdep_is_off(struct balance *b)
{
	int on = 1;
	char line[128];

	rewind(b->lockdep);
	while (fgets(line, sizeof(line), b->lockdep))
		if (sscanf(line, " debug_locks: %d", &on) == 1)
			break;
	return !on;
}

int balance__open(struct balance **balance)
{
	struct balance *b = calloc(1, sizeof(*b));

	*balance = b;
	if (!b)
		return -ENOMEM;
	if (!symbols_shown())
		return -EACCES;
	b->kallsyms = fopen("/proc/kallsyms", "re");
	if (!b->kallsyms)
		return -errno;
	b->lockdep = fopen("/proc/lockdep_stats", "re");
	if (!b->lockdep)
		return -errno;
	return balance__lockdep_is_off(b) ? -ENOTSUP : 0;
}

static int make_room(struct balance *b)
{
	size_t room = b->room ? 2 * b->room : 64;
	struct line *lines;

	if (b->n < b->room)
		return 0;
	lines = reallocarray(b->lines, room, sizeof(*lines));
	if (!lines)
		return -ENOMEM;
	b->lines = lines;
	b->room = room;
	return 0;
}

int balance__add(struct balance *b, const struct imbalance_key *key,
		 const struct imbalance *imbalance)
{
	int err = make_room(b);

	if (err)
		return err;
	b->lines[b->n++] = (struct line){ *key, *imbalance };
	return functions__add(&b->sites, key->site);
}

/* What is wrong first, and of that what is so most often. */
static int compare_lines(const void *left, const void *right)
{
	const struct line *a = left, *b = right;

	if (a->key.kind != b->key.kind)
		return (a->key.kind > b->key.kind) - (a->key.kind < b->key.kind);
	if (a->imbalance.count != b->imbalance.count)
		return (a->imbalance.count < b->imbalance.count) -
		       (a->imbalance.count > b->imbalance.count);
	return (a->key.tid > b->key.tid) - (a->key.tid < b->key.tid);
}

static int put_line(struct table *t, const struct balance *b, const struct line *line)
{
	const char *site = functions__at(&b->sites, line->key.site);
	int err = table_add_row(t);

	if (!err)
		err = table_set(t, 0, "%s", kinds[line->key.kind]);
	if (!err)
		err = table_set(t, 1, "%s",
				*line->imbalance.class ? line->imbalance.class : "unknown");
	if (!err)
		err = table_set(t, 2, "%s", line->imbalance.comm);
	if (!err)
		err = table_set(t, 3, "%u", line->key.tid);
	if (!err)
		err = table_set(t, 4, "%llu", line->imbalance.count);
	return err ? err : table_set(t, 5, "%s", site ? site : "unknown");
}

static int put_table(const struct balance *b, FILE *out)
{
	static const struct {
		const char *name;
		enum column_align align;
	} columns[] = {
		{ "balance", COLUMN_LEFT }, { "lock class", COLUMN_LEFT },
		{ "task", COLUMN_LEFT },    { "tid", COLUMN_RIGHT },
		{ "count", COLUMN_RIGHT },  { "call site", COLUMN_LEFT },
	};
	struct table *t = table_new(out, false);
	int err = t ? 0 : -ENOMEM;

	for (size_t i = 0; i < sizeof(columns) / sizeof(*columns) && !err; i++)
		err = table_add_column(t, columns[i].name, columns[i].align, false);
	for (size_t i = 0; i < b->n && !err; i++)
		err = put_line(t, b, &b->lines[i]);
	if (!err)
		err = table_print(t);
	table_free(t);
	return err;
}

static void put_counts(const struct balance_counts *counts, FILE *out)
{
	const __u64 *n = counts->counts;

	fprintf(out,
		"balance: %llu acquired = %llu released + %llu never released + %llu held at the "
		"end"
		" + %lld unexplained; %llu released but not acquired; %llu of tasks that held locks"
		" before, %llu dropped, %llu imbalances dropped\n",
		n[BALANCE_TAKEN], n[BALANCE_LET_GO], counts->kept + n[BALANCE_LEFT], counts->held,
		(long long)(n[BALANCE_TAKEN] - n[BALANCE_LET_GO] - n[BALANCE_LEFT] - counts->kept -
			    counts->held),
		n[BALANCE_NOT_HELD], n[BALANCE_UNFOLLOWED], n[BALANCE_DROPPED], n[BALANCE_UNTOLD]);
}

int balance__print(struct balance *b, const struct balance_counts *counts, FILE *out)
{
	int err = functions__resolve(&b->sites, b->kallsyms);

	if (err)
		return err;
	if (b->n) {
		qsort(b->lines, b->n, sizeof(*b->lines), compare_lines);
		err = put_table(b, out);
	}
	put_counts(counts, out);
	return err;
}

void balance__close(struct balance *b)
{
	if (!b)
		return;
	if (b->kallsyms)
		fclose(b->kallsyms);
	if (b->lockdep)
		fclose(b->lockdep);
	functions__free(&b->sites);
	free(b->lines);
	free(b);
}
