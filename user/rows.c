// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "hist.h"
#include "rows.h"

static bool is_number(const char *text)
{
	return *text && strspn(text, "0123456789") == strlen(text);
}

int row_identity__set(struct row_identity *identity, const char *name, const char *value)
{
	const struct {
		const char *name, **value;
		bool number;
	} settable[] = {
		{ "run", &identity->run, false },
		{ "kernel", &identity->kernel, false },
		{ "experiment", &identity->experiment, false },
		{ "arm", &identity->arm, false },
		{ "workload", &identity->workload, false },
		{ "ssds", &identity->ssds, true },
		{ "threads", &identity->threads, true },
		{ "rep", &identity->rep, true },
	};

	for (size_t i = 0; i < sizeof(settable) / sizeof(*settable); i++) {
		if (strcmp(settable[i].name, name))
			continue;
		if (settable[i].number && !is_number(value))
			return -EINVAL;
		*settable[i].value = value;
		return 0;
	}
	return -ENOENT;
}

/* Errors of single fields are kept by the writer and come out at the row's end. */
static void field_text(struct csv_writer *csv, const char *text)
{
	if (text && *text)
		csv_writer_field_str(csv, text);
	else
		csv_writer_field_empty(csv);
}

static void field_number(struct csv_writer *csv, __u64 value, bool measured)
{
	if (measured)
		csv_writer_field_u64(csv, value);
	else
		csv_writer_field_empty(csv);
}

static void fields_identity(struct csv_writer *csv, const struct row_identity *id)
{
	csv_writer_field_u64(csv, CSV_SCHEMA);
	field_text(csv, id->run);
	field_text(csv, id->kernel);
	field_text(csv, id->experiment);
	field_text(csv, id->arm);
	field_text(csv, id->backend);
	field_text(csv, id->lockpath);
	field_text(csv, id->workload);
	field_text(csv, id->ssds);
	field_text(csv, id->threads);
	field_text(csv, id->rep);
}

static void field_quantile(struct csv_writer *csv, const struct time_stats *stats, double share,
			   bool measured)
{
	measured = measured && stats->count;
	field_number(csv, measured ? time_stats__quantile(stats, share) : 0, measured);
}

static void fields_wait(struct csv_writer *csv, const struct time_stats *wait, bool timed)
{
	csv_writer_field_u64(csv, wait->count);
	field_number(csv, wait->total, timed);
	field_number(csv, wait->min, timed && wait->count);
	field_quantile(csv, wait, 0.5, timed);
	field_quantile(csv, wait, 0.9, timed);
	field_quantile(csv, wait, 0.99, timed);
	field_number(csv, wait->max, timed && wait->count);
}

static void fields_hold(struct csv_writer *csv, const struct time_stats *hold, bool timed)
{
	field_number(csv, hold->total, timed);
	field_quantile(csv, hold, 0.5, timed);
	field_quantile(csv, hold, 0.99, timed);
	field_number(csv, hold->max, timed && hold->count);
}

/* Its acquisitions are known to lockdep mode, unlike those of locks that it met by chance. */
static bool is_foreseen(const struct lock_set *locks, unsigned int row)
{
	return row >= SLOT_FIRST_NAMED && row < locks->nr_rows && !locks->rows[row].by_address;
}

bool rows__timed(const struct lock_set *locks, enum backend backend, unsigned int row)
{
	return backend != BACKEND_LOCKDEP || (is_foreseen(locks, row) && !locks->rows[row].counted);
}

bool rows__acquired(const struct lock_set *locks, enum backend backend, unsigned int row)
{
	return backend == BACKEND_LOCKDEP && is_foreseen(locks, row);
}

bool rows__held(const struct lock_set *locks, enum backend backend, unsigned int row,
		const struct lock_sample *sample)
{
	return backend == BACKEND_LOCKDEP ? rows__timed(locks, backend, row) : sample->hold.count;
}

bool rows__concern(const struct named_lock *lock, const struct row_filter *filter)
{
	if (filter->class && strcmp(lock_class_name(lock->class), filter->class))
		return false;
	return !filter->device || !*lock->device || !strcmp(lock->device, "all") ||
	       !strcmp(lock->device, filter->device);
}

bool rows__present(const struct window *window, unsigned int row)
{
	const struct lock_sample *sample = &window->samples[row];

	return !window->interval || sample->wait.count || sample->hold.count ||
	       !lock_set__is_gone(window->locks, row);
}

bool rows__used(enum backend backend, unsigned int row)
{
	return backend != BACKEND_LOCKDEP || row != SLOT_OTHER_SLEEP;
}

const char *rows__lock(const struct lock_set *locks, enum backend backend, unsigned int row)
{
	return backend == BACKEND_LOCKDEP && row == SLOT_OTHER_SPIN ? "any" : locks->rows[row].lock;
}

int rows__write_locks(struct csv_writer *csv, const struct row_identity *identity,
		      enum backend backend, const struct row_filter *filter,
		      const struct window *window)
{
	const struct lock_sample *samples = window->samples;
	const struct lock_set *locks = window->locks;

	for (unsigned int row = 0; row < locks->nr_rows; row++) {
		const struct named_lock *lock = &locks->rows[row];
		bool timed = rows__timed(locks, backend, row);
		bool acquired = rows__acquired(locks, backend, row);
		bool held = rows__held(locks, backend, row, &samples[row]);
		int err;

		if (!rows__used(backend, row) || !rows__concern(lock, filter) ||
		    !rows__present(window, row))
			continue;
		fields_identity(csv, identity);
		field_number(csv, window->interval, window->interval);
		field_text(csv, lock_class_name(lock->class));
		field_text(csv, lock->device);
		field_text(csv, rows__lock(locks, backend, row));
		field_text(csv, lock_confidence_name(lock->confidence));
		field_number(csv, samples[row].hold.count, acquired);
		fields_wait(csv, &samples[row].wait, timed);
		fields_hold(csv, &samples[row].hold, held);
		err = csv_writer_end_row(csv);
		if (err)
			return err;
	}
	return 0;
}

/* Not the last: times beyond all others have no end. */
static void field_bucket_end(struct csv_writer *csv, int bucket)
{
	bool ends = bucket + 1 < HIST_BUCKETS;

	field_number(csv, ends ? time_stats__bucket_start(bucket + 1) : 0, ends);
}

static int write_histogram(struct csv_writer *csv, const struct row_identity *identity,
			   const struct named_lock *lock, const char *name, const char *figure,
			   const struct time_stats *stats)
{
	int err = 0;

	for (int i = 0; i < HIST_BUCKETS && !err; i++) {
		if (!stats->hist[i])
			continue;
		fields_identity(csv, identity);
		field_text(csv, lock_class_name(lock->class));
		field_text(csv, lock->device);
		field_text(csv, name);
		csv_writer_field_str(csv, figure);
		csv_writer_field_u64(csv, time_stats__bucket_start(i));
		field_bucket_end(csv, i);
		csv_writer_field_u64(csv, stats->hist[i]);
		err = csv_writer_end_row(csv);
	}
	return err;
}

int rows__write_histograms(struct csv_writer *csv, const struct row_identity *identity,
			   enum backend backend, const struct row_filter *filter,
			   const struct window *window)
{
	const struct lock_set *locks = window->locks;
	int err = 0;

	for (unsigned int row = 0; row < locks->nr_rows && !err; row++) {
		const struct lock_sample *sample = &window->samples[row];
		const struct named_lock *lock = &locks->rows[row];
		const char *name = rows__lock(locks, backend, row);

		if (!rows__used(backend, row) || !rows__concern(lock, filter))
			continue;
		if (rows__timed(locks, backend, row))
			err = write_histogram(csv, identity, lock, name, "wait", &sample->wait);
		if (!err && rows__held(locks, backend, row, sample))
			err = write_histogram(csv, identity, lock, name, "hold", &sample->hold);
	}
	return err;
}

int rows__write_imported(struct csv_writer *csv, const struct row_identity *identity,
			 const struct imported_row *row)
{
	fields_identity(csv, identity);
	csv_writer_field_empty(csv); /* of the whole recording */
	field_text(csv, lock_class_name(row->class));
	csv_writer_field_empty(csv); /* no other tool knows of devices */
	field_text(csv, row->lock);
	field_text(csv, lock_confidence_name(row->confidence));
	for (int c = LOCK_ACQUIRED; c < LOCK_COLUMNS; c++)
		field_number(csv, row->figures[c], row->measured[c]);
	return csv_writer_end_row(csv);
}

int rows__write_metrics(struct csv_writer *csv, const struct row_identity *identity,
			const struct metric *metrics, int n)
{
	for (int i = 0; i < n; i++) {
		int err;

		fields_identity(csv, identity);
		field_text(csv, metrics[i].device);
		csv_writer_field_str(csv, metrics[i].name);
		csv_writer_field_str(csv, metrics[i].unit);
		csv_writer_field_double(csv, metrics[i].value);
		err = csv_writer_end_row(csv);
		if (err)
			return err;
	}
	return 0;
}

int rows__write_ledger(struct csv_writer *csv, const struct row_identity *identity,
		       const struct ledger *ledger)
{
	struct ledger_figure figures[LEDGER_FIGURES];
	struct metric rows[LEDGER_FIGURES];
	char names[LEDGER_FIGURES][32];

	ledger__figures(ledger, figures);
	for (int i = 0; i < LEDGER_FIGURES; i++) {
		snprintf(names[i], sizeof(names[i]), LEDGER_PREFIX "%s", figures[i].name);
		rows[i] = (struct metric){ "", names[i], "events", figures[i].value };
	}
	return rows__write_metrics(csv, identity, rows, LEDGER_FIGURES);
}
