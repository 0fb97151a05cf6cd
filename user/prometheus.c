// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "context.h"
#include "prometheus.h"
#include "replace.h"

struct exposition {
	FILE *out;
	enum backend backend;
	const struct row_filter *filter;
	const struct lock_set *locks;
	const struct lock_sample *samples;
};

/* The text format's escapes, as its specification has them. */
static void put_label(FILE *out, const char *name, const char *value)
{
	fprintf(out, "%s=\"", name);
	for (; *value; value++) {
		if (*value == '\n')
			fputs("\\n", out);
		else if (*value == '"' || *value == '\\')
			fprintf(out, "\\%c", *value);
		else
			fputc(*value, out);
	}
	fputc('"', out);
}

static void put_head(FILE *out, const char *name, const char *type, const char *help)
{
	fprintf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void put_lock_labels(const struct exposition *e, unsigned int row)
{
	const struct named_lock *lock = &e->locks->rows[row];

	fputc('{', e->out);
	put_label(e->out, "class", lock_class_name(lock->class));
	fputc(',', e->out);
	put_label(e->out, "device", lock->device);
	fputc(',', e->out);
	put_label(e->out, "lock", rows__lock(e->locks, e->backend, row));
	fputc(',', e->out);
	put_label(e->out, "confidence", lock_confidence_name(lock->confidence));
	fputs("} ", e->out);
}

/* A family: the figure of every lock for which it was measured. */
enum figure { CONTENDED, WAIT, WAIT_MAX, ACQUIRED, HOLD, NR_FIGURES };

static const struct {
	const char *name, *type, *help;
} families[NR_FIGURES] = {
	[CONTENDED] = { "lockstat_swap_lock_contended_total", "counter",
			"Times a taker of the lock had to wait." },
	[WAIT] = { "lockstat_swap_lock_wait_seconds_total", "counter",
		   "Time spent waiting for the lock, all waiters together." },
	[WAIT_MAX] = { "lockstat_swap_lock_wait_max_seconds", "gauge",
		       "Longest wait since the recording began." },
	[ACQUIRED] = { "lockstat_swap_lock_acquired_total", "counter",
		       "Times the lock was taken." },
	[HOLD] = { "lockstat_swap_lock_hold_seconds_total", "counter", "Time the lock was held." },
};

static bool is_measured(const struct exposition *e, enum figure figure, unsigned int row)
{
	switch (figure) {
	case CONTENDED:
		return true;
	case WAIT:
	case WAIT_MAX:
		return rows__timed(e->locks, e->backend, row);
	case ACQUIRED:
		return rows__acquired(e->locks, e->backend, row);
	default:
		return rows__held(e->locks, e->backend, row, &e->samples[row]);
	}
}

static void put_value(FILE *out, const struct lock_sample *sample, enum figure figure)
{
	switch (figure) {
	case CONTENDED:
		fprintf(out, "%llu\n", sample->wait.count);
		break;
	case WAIT:
		fprintf(out, "%.9f\n", sample->wait.total / 1e9);
		break;
	case WAIT_MAX:
		fprintf(out, "%.9f\n", sample->wait.max / 1e9);
		break;
	case ACQUIRED:
		fprintf(out, "%llu\n", sample->hold.count);
		break;
	default:
		fprintf(out, "%.9f\n", sample->hold.total / 1e9);
	}
}

static void put_family(const struct exposition *e, enum figure figure)
{
	bool headed = false;

	for (unsigned int row = 0; row < e->locks->nr_rows; row++) {
		if (!rows__used(e->backend, row) || !is_measured(e, figure, row) ||
		    !rows__concern(&e->locks->rows[row], e->filter))
			continue;
		if (!headed)
			put_head(e->out, families[figure].name, families[figure].type,
				 families[figure].help);
		headed = true;
		fputs(families[figure].name, e->out);
		put_lock_labels(e, row);
		put_value(e->out, &e->samples[row], figure);
	}
}

static void put_ledger(FILE *out, const struct ledger *ledger)
{
	const struct {
		const char *fate;
		__u64 events;
	} fates[] = {
		{ "begun", ledger->counts[LEDGER_BEGINS] },
		{ "ended", ledger->counts[LEDGER_ENDS] },
		{ "repeated", ledger->counts[LEDGER_REPEATED] },
		{ "mismatched", ledger->counts[LEDGER_MISMATCHED] },
		{ "dropped", ledger->counts[LEDGER_DROPPED] },
		{ "brief", ledger->counts[LEDGER_BRIEF] },
		{ "stray", ledger->counts[LEDGER_STRAY_ENDS] },
		{ "missed", ledger->missed },
	};

	put_head(out, "lockstat_swap_events_total", "counter",
		 "Lock events by what became of them.");
	for (size_t i = 0; i < sizeof(fates) / sizeof(*fates); i++)
		fprintf(out, "lockstat_swap_events_total{fate=\"%s\"} %llu\n", fates[i].fate,
			fates[i].events);
}

static void put_info(FILE *out, const struct row_identity *identity, double seconds)
{
	put_head(out, "lockstat_swap_info", "gauge", "What was recorded, and by which version.");
	fputs("lockstat_swap_info{", out);
	put_label(out, "version", TOOL_VERSION);
	fputc(',', out);
	put_label(out, "kernel", identity->kernel);
	fputc(',', out);
	put_label(out, "backend", identity->backend);
	fputc(',', out);
	put_label(out, "lockpath", identity->lockpath);
	fputs("} 1\n", out);
	put_head(out, "lockstat_swap_recorded_seconds_total", "counter", "Time recorded.");
	fprintf(out, "lockstat_swap_recorded_seconds_total %.3f\n", seconds);
}

int prometheus_write(const char *path, const struct row_identity *identity, enum backend backend,
		     const struct row_filter *filter, const struct lock_set *locks,
		     const struct lock_sample *samples, const struct ledger *ledger, double seconds)
{
	struct exposition e = { NULL, backend, filter, locks, samples };
	struct replacement file;
	int err = replace__begin(&file, path);

	if (err)
		return err;
	e.out = file.out;
	put_info(e.out, identity, seconds);
	for (enum figure figure = 0; figure < NR_FIGURES; figure++)
		put_family(&e, figure);
	put_ledger(e.out, ledger);
	return replace__end(&file, path);
}
