// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "columns.h"
#include "csv.h"
#include "metric_row.h"
#include "report_data.h"

/* All three files begin with the schema and then with these. */
_Static_assert(LOCK_RUN == 1 && (int)LOCK_REP == (int)CELL_COLUMNS, "the keys of locks.csv");
_Static_assert(METRIC_RUN == 1 && (int)METRIC_REP == (int)CELL_COLUMNS, "the keys of metrics.csv");
_Static_assert(HISTOGRAM_RUN == 1 && (int)HISTOGRAM_REP == (int)CELL_COLUMNS,
	       "the keys of histograms.csv");

static const int sum_columns[LOCK_SUMS] = {
	[SUM_ACQUIRED] = LOCK_ACQUIRED, [SUM_CONTENDED] = LOCK_CONTENDED,
	[SUM_WAIT] = LOCK_WAIT_TOTAL,	[MAX_WAIT] = LOCK_WAIT_MAX,
	[SUM_HOLD] = LOCK_HOLD_TOTAL,	[MAX_HOLD] = LOCK_HOLD_MAX,
};

static int fail(struct report_data *data, int err, const char *text)
{
	snprintf(data->error, sizeof(data->error), "%s", text);
	return err;
}

static int no_memory(struct report_data *data)
{
	return fail(data, -ENOMEM, "out of memory");
}

const char *report_data_intern(struct report_data *data, const char *text)
{
	return intern__text(&data->texts, text);
}

/* Room for one more in the array at @at. */
static bool grow(void *at, struct report_rows *rows, size_t bytes)
{
	void **array = at;
	size_t room = rows->room ? rows->room * 2 : 256;
	void *more;

	if (rows->n < rows->room)
		return true;
	more = reallocarray(*array, room, bytes);
	if (!more)
		return false;
	*array = more;
	rows->room = room;
	return true;
}

static bool same_cell(const struct report_cell *cell, const char *const key[CELL_COLUMNS])
{
	return !memcmp(cell->key, key, sizeof(cell->key));
}

/* Rows of one cell mostly follow each other: the last one is looked at first. */
static long find_cell(const struct report_data *data, const char *const key[CELL_COLUMNS])
{
	for (size_t i = data->ncells.n; i; i--)
		if (same_cell(&data->cells[i - 1], key))
			return i - 1;
	return REPORT_NONE;
}

static int add_cell(struct report_data *data, const char *const key[CELL_COLUMNS], size_t *cell)
{
	struct report_cell new = { .first_lock = REPORT_NONE,
				   .first_metric = REPORT_NONE,
				   .last_lock = REPORT_NONE,
				   .last_metric = REPORT_NONE };

	if (!grow(&data->cells, &data->ncells, sizeof(*data->cells)))
		return no_memory(data);
	memcpy(new.key, key, sizeof(new.key));
	*cell = data->ncells.n++;
	data->cells[*cell] = new;
	return 0;
}

static int read_cell(struct report_data *data, struct csv_reader *r, size_t *cell)
{
	static const enum cell_column numbers[] = { CELL_SSDS, CELL_THREADS, CELL_REP };
	const char *key[CELL_COLUMNS];
	uint64_t number;
	long found;

	for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++)
		if (csv_reader_u64(r, 1 + numbers[i], &number) < 0)
			return -EINVAL;
	for (int i = 0; i < CELL_COLUMNS; i++) {
		key[i] = report_data_intern(data, csv_reader_str(r, 1 + i));
		if (!key[i])
			return no_memory(data);
	}
	found = find_cell(data, key);
	if (found < 0)
		return add_cell(data, key, cell);
	*cell = found;
	return 0;
}

/* Interns the fields of @columns into @to, in that order; false without memory. */
static bool read_texts(struct report_data *data, const struct csv_reader *r, const int *columns,
		       size_t n, const char **const *to)
{
	for (size_t i = 0; i < n; i++) {
		*to[i] = report_data_intern(data, csv_reader_str(r, columns[i]));
		if (!*to[i])
			return false;
	}
	return true;
}

static int read_number(struct csv_reader *r, int column, double *value)
{
	uint64_t number;
	int n = csv_reader_u64(r, column, &number);

	*value = n > 0 ? (double)number : NAN; /* NAN alone would make a float of it */
	return n < 0 ? n : 0;
}

static void link_lock(struct report_data *data, size_t cell, long row)
{
	struct report_cell *c = &data->cells[cell];

	if (c->last_lock < 0)
		c->first_lock = row;
	else
		data->locks[c->last_lock].next = row;
	c->last_lock = row;
}

static void link_metric(struct report_data *data, size_t cell, long row)
{
	struct report_cell *c = &data->cells[cell];

	if (c->last_metric < 0)
		c->first_metric = row;
	else
		data->metrics[c->last_metric].next = row;
	c->last_metric = row;
}

/* Intervals add up to the whole recording: both together would count twice. */
static int check_intervals(struct report_data *data, struct csv_reader *r,
			   const struct report_lock *lock)
{
	long first = data->cells[lock->cell].first_lock;

	if (first >= 0 && !*data->locks[first].interval != !*lock->interval)
		return csv_reader_reject(
			r, "rows of intervals and of the whole recording in one repetition");
	return 0;
}

static int read_lock(struct report_data *data, struct csv_reader *r)
{
	static const int columns[] = { LOCK_INTERVAL, LOCK_CLASS, LOCK_DEVICE, LOCK_LOCK,
				       LOCK_CONFIDENCE };
	struct report_lock lock = { .next = REPORT_NONE };
	const char **const to[] = { &lock.interval, &lock.class, &lock.device, &lock.lock,
				    &lock.confidence };
	int err = read_cell(data, r, &lock.cell);

	if (!err && !read_texts(data, r, columns, sizeof(columns) / sizeof(*columns), to))
		err = no_memory(data);
	for (int i = 0; !err && i < LOCK_SUMS; i++)
		err = read_number(r, sum_columns[i], &lock.sums[i]);
	if (!err)
		err = check_intervals(data, r, &lock);
	if (err)
		return err;
	if (!grow(&data->locks, &data->nlocks, sizeof(*data->locks)))
		return no_memory(data);
	data->locks[data->nlocks.n] = lock;
	link_lock(data, lock.cell, data->nlocks.n++);
	return 0;
}

static int read_metric(struct report_data *data, struct csv_reader *r)
{
	static const int columns[] = { METRIC_DEVICE, METRIC_METRIC, METRIC_UNIT };
	struct report_metric metric = { .next = REPORT_NONE };
	const char **const to[] = { &metric.device, &metric.metric, &metric.unit };
	int err = read_cell(data, r, &metric.cell);

	if (!err && !read_texts(data, r, columns, sizeof(columns) / sizeof(*columns), to))
		err = no_memory(data);
	if (!err)
		err = metric_row_value(r, &metric.value);
	if (err < 0)
		return err;
	if (!err)
		metric.value = NAN;
	if (!grow(&data->metrics, &data->nmetrics, sizeof(*data->metrics)))
		return no_memory(data);
	data->metrics[data->nmetrics.n] = metric;
	link_metric(data, metric.cell, data->nmetrics.n++);
	return 0;
}

static int read_bucket(struct report_data *data, struct csv_reader *r)
{
	static const int columns[] = { HISTOGRAM_CLASS, HISTOGRAM_DEVICE, HISTOGRAM_LOCK,
				       HISTOGRAM_FIGURE };
	struct report_bucket bucket = { 0 };
	const char **const to[] = { &bucket.class, &bucket.device, &bucket.lock, &bucket.figure };
	int err = read_cell(data, r, &bucket.cell);

	if (!err && !read_texts(data, r, columns, sizeof(columns) / sizeof(*columns), to))
		err = no_memory(data);
	if (!err)
		err = read_number(r, HISTOGRAM_FROM, &bucket.from);
	if (!err)
		err = read_number(r, HISTOGRAM_TO, &bucket.to);
	if (!err)
		err = read_number(r, HISTOGRAM_COUNT, &bucket.count);
	if (err)
		return err;
	if (isnan(bucket.from) || isnan(bucket.count) || bucket.to <= bucket.from)
		return csv_reader_reject(
			r, "no bucket: it needs from_ns, count, and to_ns above from_ns");
	if (!grow(&data->buckets, &data->nbuckets, sizeof(*data->buckets)))
		return no_memory(data);
	data->buckets[data->nbuckets.n++] = bucket;
	return 0;
}

struct report_file {
	const char *name;
	const struct column *columns;
	size_t ncolumns;
	int (*read_row)(struct report_data *data, struct csv_reader *r);
	bool *is_there;
};

static int read_rows(struct report_data *data, struct csv_reader *r, const struct report_file *file)
{
	int err = csv_reader_bind(r, file->columns, file->ncolumns);

	while (!err) {
		err = csv_reader_next(r);
		if (err <= 0)
			break;
		err = file->read_row(data, r);
	}
	return err;
}

static int read_file(struct report_data *data, const char *dir, const struct report_file *file)
{
	struct csv_reader *r = NULL;
	char *path;
	int err;

	if (asprintf(&path, "%s/%s", dir, file->name) < 0)
		return no_memory(data);
	/* One that may not be looked at is there, and its opening will say why not. */
	*file->is_there = !access(path, F_OK) || errno != ENOENT;
	if (!*file->is_there) {
		free(path);
		return 0;
	}
	err = csv_reader_open(&r, path);
	if (!err)
		err = read_rows(data, r, file);
	if (err && !*data->error)
		fail(data, err, csv_reader_error(r));
	csv_reader_close(r);
	free(path);
	return err;
}

int report_data_read(struct report_data *data, const char *dir)
{
	const struct report_file files[] = {
		{ "locks.csv", lock_columns, LOCK_COLUMNS, read_lock, &data->has_locks },
		{ "metrics.csv", metric_columns, METRIC_COLUMNS, read_metric, &data->has_metrics },
		{ "histograms.csv", histogram_columns, HISTOGRAM_COLUMNS, read_bucket,
		  &data->has_histograms },
	};
	int err = 0;

	for (size_t i = 0; !err && i < sizeof(files) / sizeof(*files); i++)
		err = read_file(data, dir, &files[i]);
	return err;
}

double report_data_metric(const struct report_data *data, const struct report_cell *cell,
			  const char *metric)
{
	for (long i = cell->first_metric; i >= 0; i = data->metrics[i].next)
		if (!*data->metrics[i].device && !strcmp(data->metrics[i].metric, metric))
			return data->metrics[i].value;
	return NAN;
}

static bool guards_map(const char *class)
{
	return !strcmp(class, "swap_map") || !strcmp(class, "cluster");
}

double report_data_map_sum(const struct report_data *data, const struct report_cell *cell,
			   enum lock_sum sum)
{
	double total = NAN;

	for (long i = cell->first_lock; i >= 0; i = data->locks[i].next) {
		if (!guards_map(data->locks[i].class))
			continue;
		total = (isnan(total) ? 0 : total) + data->locks[i].sums[sum];
		if (isnan(total))
			return NAN;
	}
	return total;
}

bool report_data_has_metric(const struct report_data *data, const char *metric)
{
	for (size_t i = 0; i < data->nmetrics.n; i++)
		if (!strcmp(data->metrics[i].metric, metric))
			return true;
	return false;
}

bool report_cell_traced(const struct report_cell *cell)
{
	const char *backend = cell->key[CELL_BACKEND];

	return *backend && strcmp(backend, "none");
}

int report_cell_key(const char *name)
{
	int key = columns_find(lock_columns, LOCK_COLUMNS, name) - 1;

	return key >= 0 && key < CELL_COLUMNS ? key : -ENOENT;
}

void report_data_free(struct report_data *data)
{
	intern__free(&data->texts);
	free(data->cells);
	free(data->locks);
	free(data->metrics);
	free(data->buckets);
	memset(data, 0, sizeof(*data));
}
