// SPDX-License-Identifier: GPL-2.0-or-later
/* The table: lines from the lines' data, in columns that the grouping and the backend choose. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cgroup.h"
#include "hist.h"
#include "rows.h"
#include "rows_lines.h"
#include "table.h"

enum {
	COL_CLASS,
	COL_DEVICE,
	COL_TASK,
	COL_PID,
	COL_TID,
	COL_CGROUP,
	COL_CONTENDED,
	COL_WAIT,
	COL_SHARE,
	COL_AVG,
	COL_P50,
	COL_P90,
	COL_P99,
	COL_MAX,
	COL_ACQUIRED,
	COL_HOLD,
	COL_HOLD_P99,
	COL_READ,
	COL_WRITTEN,
	COL_BUSY,
	COL_LOCK,
	COL_CONFIDENCE,
	NR_COLS
};

#define BY(grouping) (1 << (grouping))
enum {
	BY_ROWS = BY(BY_LOCK) | BY(BY_CLASS) | BY(BY_DEVICE), /* of which there are histograms */
	BY_ANY = BY_ROWS | BY(BY_TASK) | BY(BY_CGROUP),
};

enum {
	LOCKDEP = 1, /* measured by that backend alone */
	HOLD = 2,    /* there where any was measured */
	WIDE = 8,    /* left out where lines must fit */
	SPARE = 4,   /* cut first where they must */
};

static const struct {
	const char *name;
	enum column_align align;
	int by, flags;
} cols[NR_COLS] = {
	[COL_CLASS] = { "class", COLUMN_LEFT, BY(BY_LOCK) | BY(BY_CLASS), 0 },
	[COL_DEVICE] = { "device", COLUMN_LEFT, BY(BY_LOCK) | BY(BY_DEVICE), 0 },
	[COL_TASK] = { "task", COLUMN_LEFT, BY(BY_TASK), 0 },
	[COL_PID] = { "pid", COLUMN_RIGHT, BY(BY_TASK), 0 },
	[COL_TID] = { "tid", COLUMN_RIGHT, BY(BY_TASK), 0 },
	[COL_CGROUP] = { "cgroup", COLUMN_LEFT, BY(BY_CGROUP), SPARE },
	[COL_CONTENDED] = { "contended", COLUMN_RIGHT, BY_ANY, 0 },
	[COL_WAIT] = { "wait ms", COLUMN_RIGHT, BY_ANY, 0 },
	[COL_SHARE] = { "wall %", COLUMN_RIGHT, BY_ANY, 0 },
	[COL_AVG] = { "avg us", COLUMN_RIGHT, BY_ANY, 0 },
	[COL_P50] = { "p50 us", COLUMN_RIGHT, BY_ROWS, WIDE },
	[COL_P90] = { "p90 us", COLUMN_RIGHT, BY_ROWS, WIDE },
	[COL_P99] = { "p99 us", COLUMN_RIGHT, BY_ROWS, 0 },
	[COL_MAX] = { "max us", COLUMN_RIGHT, BY_ANY, 0 },
	[COL_ACQUIRED] = { "acquired", COLUMN_RIGHT, BY_ROWS, LOCKDEP },
	[COL_HOLD] = { "hold ms", COLUMN_RIGHT, BY_ROWS, HOLD },
	[COL_HOLD_P99] = { "hold p99 us", COLUMN_RIGHT, BY_ROWS, HOLD },
	[COL_READ] = { "in MB/s", COLUMN_RIGHT, BY(BY_LOCK) | BY(BY_DEVICE), SPARE },
	[COL_WRITTEN] = { "out MB/s", COLUMN_RIGHT, BY(BY_LOCK) | BY(BY_DEVICE), SPARE },
	[COL_BUSY] = { "busy %", COLUMN_RIGHT, BY(BY_LOCK) | BY(BY_DEVICE), SPARE },
	[COL_LOCK] = { "lock", COLUMN_LEFT, BY(BY_LOCK), SPARE },
	[COL_CONFIDENCE] = { "known by", COLUMN_LEFT, BY(BY_LOCK), SPARE },
};

struct printer {
	const struct view *view;
	struct table *table;
	size_t column[NR_COLS]; /* its place in the table */
	bool has[NR_COLS];
	double cpu_ns; /* that all CPUs had together in the window */
	struct metric metrics[MAX_METRICS];
	int nr_metrics;
};

static bool is_wanted(const struct view *view, int column, bool held)
{
	int flags = cols[column].flags;

	if (!(cols[column].by & BY(view->by)) || (flags & HOLD && !held))
		return false;
	return !(flags & LOCKDEP && view->backend != BACKEND_LOCKDEP) &&
	       !(flags & WIDE && view->lines);
}

static bool any_hold(const struct printer *p, const struct lines *lines)
{
	bool any = p->view->backend == BACKEND_LOCKDEP;

	for (size_t i = 0; i < lines->n; i++)
		any |= lines->list[i].sample && lines->list[i].sample->hold.count;
	return any;
}

static int add_columns(struct printer *p, bool held)
{
	size_t place = 0;
	int err = 0;

	for (int c = 0; c < NR_COLS && !err; c++) {
		p->has[c] = is_wanted(p->view, c, held);
		if (!p->has[c])
			continue;
		p->column[c] = place++;
		err = table_add_column(p->table, cols[c].name, cols[c].align,
				       cols[c].flags & SPARE);
	}
	return err;
}

static void set_text(struct printer *p, int column, const char *text)
{
	if (p->has[column])
		table_set(p->table, p->column[column], "%s", text);
}

static void set_count(struct printer *p, int column, __u64 count)
{
	if (p->has[column])
		table_set(p->table, p->column[column], "%llu", count);
}

static void set_figure(struct printer *p, int column, double figure)
{
	if (p->has[column])
		table_set(p->table, p->column[column], "%.2f", figure);
}

static void set_quantiles(struct printer *p, const struct time_stats *wait)
{
	set_figure(p, COL_P50, time_stats__quantile(wait, 0.5) / 1e3);
	set_figure(p, COL_P90, time_stats__quantile(wait, 0.9) / 1e3);
	set_figure(p, COL_P99, time_stats__quantile(wait, 0.99) / 1e3);
}

/* No time was measured, or there was none: the cells stay empty. */
static void set_wait(struct printer *p, __u64 count, __u64 total, __u64 max)
{
	set_count(p, COL_CONTENDED, count);
	if (!total)
		return;
	set_figure(p, COL_WAIT, total / 1e6);
	set_figure(p, COL_SHARE, 100 * total / p->cpu_ns);
	set_figure(p, COL_AVG, total / 1e3 / count);
	set_figure(p, COL_MAX, max / 1e3);
}

/* The same of holds; without an acquisition that cell is empty, too. */
static void set_hold(struct printer *p, const struct time_stats *hold)
{
	if (hold->count)
		set_count(p, COL_ACQUIRED, hold->count);
	if (!hold->total)
		return;
	set_figure(p, COL_HOLD, hold->total / 1e6);
	set_figure(p, COL_HOLD_P99, time_stats__quantile(hold, 0.99) / 1e3);
}

static void set_device_io(struct printer *p, const char *device)
{
	static const struct {
		const char *metric;
		int column;
		double unit;
	} figures[] = {
		{ "read", COL_READ, 1e6 },
		{ "written", COL_WRITTEN, 1e6 },
		{ "busy", COL_BUSY, 0.01 },
	};

	for (int i = 0; i < p->nr_metrics && *device; i++) {
		if (strcmp(p->metrics[i].device, device))
			continue;
		for (size_t f = 0; f < sizeof(figures) / sizeof(*figures); f++)
			if (!strcmp(p->metrics[i].name, figures[f].metric))
				set_figure(p, figures[f].column,
					   p->metrics[i].value / figures[f].unit);
	}
}

static void set_rows(struct printer *p, const struct line *line)
{
	const struct time_stats *wait = &line->sample->wait;

	set_text(p, p->view->by == BY_DEVICE ? COL_DEVICE : COL_CLASS, line->key);
	set_wait(p, wait->count, wait->total, wait->max);
	if (wait->total)
		set_quantiles(p, wait);
	set_hold(p, &line->sample->hold);
	if (p->view->by == BY_DEVICE)
		set_device_io(p, line->key);
	if (p->view->by != BY_LOCK)
		return;
	set_text(p, COL_DEVICE, line->lock->device);
	set_device_io(p, line->lock->device);
	set_text(p, COL_LOCK, line->expression);
	set_text(p, COL_CONFIDENCE, lock_confidence_name(line->lock->confidence));
}

static void set_owner(struct printer *p, const struct owner *owner)
{
	const char *path = p->view->by == BY_CGROUP ? cgroup_path(owner->id) : NULL;

	set_wait(p, owner->stats.count, owner->stats.total, owner->stats.max);
	if (p->view->by == BY_TASK) {
		set_text(p, COL_TASK, owner->stats.comm);
		set_count(p, COL_PID, owner->id >> 32);
		set_count(p, COL_TID, owner->id & 0xffffffff);
	} else if (path) {
		set_text(p, COL_CGROUP, path);
	} else {
		table_set(p->table, p->column[COL_CGROUP], "(gone) %llu", owner->id);
	}
}

static int add_line(struct printer *p, const struct line *line)
{
	int err = table_add_row(p->table);

	if (err)
		return err;
	if (line->owner)
		set_owner(p, line->owner);
	else
		set_rows(p, line);
	return 0;
}

static int print_lines(struct printer *p, FILE *out, const struct lines *lines)
{
	size_t n = lines->n;
	int err = add_columns(p, any_hold(p, lines));

	if (p->view->lines && n > p->view->lines)
		n = p->view->lines;
	for (size_t i = 0; i < n && !err; i++)
		err = add_line(p, &lines->list[i]);
	if (!err && !n)
		return fprintf(out, "no contention seen\n") < 0 ? -errno : 0;
	return err ? err : table_print(p->table);
}

int rows__print(FILE *out, const struct view *view, const struct window *w)
{
	struct printer p = {
		.view = view,
		.table = table_new(out, view->lines > 0),
		.cpu_ns = (w->to->seconds - w->from->seconds) * 1e9 * sysconf(_SC_NPROCESSORS_ONLN),
	};
	struct lines lines = {};
	int err = p.table ? lines__collect(&lines, view, w) : -ENOMEM;

	p.nr_metrics = sysmetrics__between(w->from, w->to, p.metrics);
	if (!err)
		err = print_lines(&p, out, &lines);
	lines__free(&lines);
	table_free(p.table);
	return err;
}

static double share_of(const struct lock_sample *samples, unsigned int row, bool timed)
{
	return timed ? samples[row].wait.total : samples[row].wait.count;
}

/* lockdep times only the locks it follows, so there contentions stand for time. */
void rows__print_share(FILE *out, enum backend backend, const struct lock_set *locks,
		       const struct lock_sample *samples)
{
	bool timed = backend == BACKEND_CONTENTION;
	double named = 0, unnamed, unseen;

	for (unsigned int row = SLOT_FIRST_NAMED; row < locks->nr_rows; row++)
		if (lock_class_is_swaps_own(locks->rows[row].class))
			named += share_of(samples, row, timed);
	unnamed = share_of(samples, SLOT_OTHER_SWAP, timed);
	unseen = share_of(samples, SLOT_NOT_SEEN, timed);
	if (!named && !unnamed)
		return;
	fprintf(out, "named: %.2f%% of the %s for the swap path's own locks",
		100 * named / (named + unnamed), timed ? "wait" : "contentions");
	if (unseen)
		fprintf(out, "; %.2f%% if all that was not looked at were theirs",
			100 * named / (named + unnamed + unseen));
	fputc('\n', out);
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
