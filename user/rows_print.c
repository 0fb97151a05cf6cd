// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>

#include "hist.h"
#include "rows.h"
#include "table.h"

enum {
	COL_CLASS,
	COL_DEVICE,
	COL_CONTENDED,
	COL_WAIT,
	COL_AVG,
	COL_P99,
	COL_MAX,
	COL_ACQUIRED,
	COL_HOLD,
	COL_HOLD_P99,
	COL_LOCK,
	COL_CONFIDENCE,
	NR_COLS
};

static const struct {
	const char *name;
	enum column_align align;
	bool lockdep; /* measured by that backend alone */
} cols[NR_COLS] = {
	[COL_CLASS] = { "class", COLUMN_LEFT, false },
	[COL_DEVICE] = { "device", COLUMN_LEFT, false },
	[COL_CONTENDED] = { "contended", COLUMN_RIGHT, false },
	[COL_WAIT] = { "wait ms", COLUMN_RIGHT, false },
	[COL_AVG] = { "avg us", COLUMN_RIGHT, false },
	[COL_P99] = { "p99 us", COLUMN_RIGHT, false },
	[COL_MAX] = { "max us", COLUMN_RIGHT, false },
	[COL_ACQUIRED] = { "acquired", COLUMN_RIGHT, true },
	[COL_HOLD] = { "hold ms", COLUMN_RIGHT, true },
	[COL_HOLD_P99] = { "hold p99 us", COLUMN_RIGHT, true },
	[COL_LOCK] = { "lock", COLUMN_LEFT, false },
	[COL_CONFIDENCE] = { "known by", COLUMN_LEFT, false },
};

/* A row and its place: sorted by what it cost. */
struct ranked {
	unsigned int row;
	__u64 wait, contended;
};

static int by_cost(const void *left, const void *right)
{
	const struct ranked *a = left, *b = right;

	if (a->wait != b->wait)
		return a->wait < b->wait ? 1 : -1;
	if (a->contended != b->contended)
		return a->contended < b->contended ? 1 : -1;
	return (a->row > b->row) - (a->row < b->row);
}

static int rank_rows(const struct lock_set *locks, const struct lock_sample *samples,
		     const struct row_filter *filter, struct ranked *ranked)
{
	int n = 0;

	for (unsigned int row = 0; row < locks->nr_rows; row++) {
		const struct lock_sample *s = &samples[row];

		if (!rows__concern(&locks->rows[row], filter))
			continue;
		if (!filter->all && !s->wait.count && !s->hold.count)
			continue;
		ranked[n++] = (struct ranked){ row, s->wait.total, s->wait.count };
	}
	qsort(ranked, n, sizeof(*ranked), by_cost);
	return n;
}

struct printer {
	struct table *table;
	size_t column[NR_COLS]; /* its place in the table */
	bool lockdep;
};

static int add_columns(struct printer *p)
{
	size_t place = 0;
	int err = 0;

	for (int c = 0; c < NR_COLS && !err; c++) {
		if (cols[c].lockdep && !p->lockdep)
			continue;
		p->column[c] = place++;
		err = table_add_column(p->table, cols[c].name, cols[c].align,
				       c == COL_LOCK || c == COL_CONFIDENCE);
	}
	return err;
}

static void set_wait(struct printer *p, const struct time_stats *wait)
{
	/* No time was measured, or there was none: the cells stay empty. */
	if (!wait->total)
		return;
	table_set(p->table, p->column[COL_WAIT], "%.2f", wait->total / 1e6);
	table_set(p->table, p->column[COL_AVG], "%.2f", wait->total / 1e3 / wait->count);
	table_set(p->table, p->column[COL_P99], "%.2f", time_stats__quantile(wait, 0.99) / 1e3);
	table_set(p->table, p->column[COL_MAX], "%.2f", wait->max / 1e3);
}

static void set_hold(struct printer *p, const struct time_stats *hold)
{
	if (!p->lockdep || !hold->count)
		return;
	table_set(p->table, p->column[COL_ACQUIRED], "%llu", hold->count);
	table_set(p->table, p->column[COL_HOLD], "%.2f", hold->total / 1e6);
	table_set(p->table, p->column[COL_HOLD_P99], "%.2f",
		  time_stats__quantile(hold, 0.99) / 1e3);
}

static int add_row(struct printer *p, const struct named_lock *lock, const char *expression,
		   const struct lock_sample *sample)
{
	int err = table_add_row(p->table);

	if (err)
		return err;
	table_set(p->table, p->column[COL_CLASS], "%s", lock_class_name(lock->class));
	table_set(p->table, p->column[COL_DEVICE], "%s", lock->device);
	table_set(p->table, p->column[COL_CONTENDED], "%llu", sample->wait.count);
	set_wait(p, &sample->wait);
	set_hold(p, &sample->hold);
	table_set(p->table, p->column[COL_LOCK], "%s", expression);
	table_set(p->table, p->column[COL_CONFIDENCE], "%s",
		  lock_confidence_name(lock->confidence));
	return 0;
}

int rows__print(FILE *out, unsigned int lines, enum backend backend,
		const struct row_filter *filter, const struct lock_set *locks,
		const struct lock_sample *samples)
{
	struct printer p = { .table = table_new(out, lines > 0),
			     .lockdep = backend == BACKEND_LOCKDEP };
	struct ranked ranked[MAX_SLOTS] = {};
	int n = rank_rows(locks, samples, filter, ranked);
	int err = p.table ? add_columns(&p) : -ENOMEM;

	if (lines && n > (int)lines)
		n = lines;
	for (int i = 0; i < n && !err; i++) {
		unsigned int row = ranked[i].row;

		if (rows__used(backend, row))
			err = add_row(&p, &locks->rows[row], rows__lock(locks, backend, row),
				      &samples[row]);
	}
	if (!err && !n)
		err = fprintf(out, "no contention seen\n") < 0 ? -EIO : 0;
	else if (!err)
		err = table_print(p.table);
	table_free(p.table);
	return err;
}

/* lockdep times only the locks it follows, so there contentions stand for time. */
void rows__print_share(FILE *out, enum backend backend, const struct lock_set *locks,
		       const struct lock_sample *samples)
{
	bool timed = backend == BACKEND_CONTENTION;
	double named = 0, all;

	for (unsigned int row = SLOT_FIRST_NAMED; row < locks->nr_rows; row++)
		if (lock_class_is_swaps_own(locks->rows[row].class))
			named += timed ? samples[row].wait.total : samples[row].wait.count;
	all = named +
	      (timed ? samples[SLOT_OTHER_SWAP].wait.total : samples[SLOT_OTHER_SWAP].wait.count);
	if (all)
		fprintf(out, "named: %.2f%% of the %s for the swap path's own locks\n",
			100 * named / all, timed ? "wait" : "contentions");
}

void rows__print_ledger(FILE *out, const struct ledger *ledger)
{
	const __u64 *n = ledger->counts;

	fprintf(out,
		"ledger: %llu begun = %llu ended + %llu in flight + %llu repeated"
		" + %llu mismatched + %llu dropped + %lld unexplained;"
		" %llu nested, %llu brief, %llu stray ends, %llu missed\n",
		n[LEDGER_BEGINS], n[LEDGER_ENDS], ledger->in_flight, n[LEDGER_REPEATED],
		n[LEDGER_MISMATCHED], n[LEDGER_DROPPED], ledger->residual, n[LEDGER_NESTED],
		n[LEDGER_BRIEF], n[LEDGER_STRAY_ENDS], ledger->missed);
}
