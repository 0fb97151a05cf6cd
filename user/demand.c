// SPDX-License-Identifier: GPL-2.0-or-later
/* From locks.csv, metrics.csv and run.json to measurements. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "csv.h"
#include "demand.h"
#include "metric_row.h"
#include "report_run.h"

const char *demand_class_name(enum demand_class class)
{
	static const char *const names[] = {
		[DEMAND_SWAP_MAP] = "swap_map",
		[DEMAND_SWAP_AVAIL] = "swap_avail",
		[DEMAND_CLUSTER] = "cluster",
	};

	return names[class];
}

double demand_pages(const struct demand_cell *cell)
{
	return cell->window * (cell->swapout + cell->swapin);
}

static bool same_cell(const struct demand_cell *a, const struct demand_cell *b)
{
	return a->traced == b->traced && a->ssds == b->ssds && a->rep == b->rep &&
	       !strcmp(a->arm, b->arm) && !strcmp(a->workload, b->workload);
}

/* What is being read. */
struct reading {
	struct demand *demand;
	struct csv_reader *r;
	struct demand_ceiling ceiling;
	bool untraced; /* it has such cells */
};

static struct demand_cell *known_cell(const struct demand *demand, const struct demand_cell *like)
{
	for (size_t i = 0; i < demand->n; i++)
		if (same_cell(&demand->cells[i], like))
			return &demand->cells[i];
	return NULL;
}

/* The cell like @like, made if there is none. */
static int find_cell(struct reading *reading, const struct demand_cell *like,
		     struct demand_cell **cell)
{
	struct demand *demand = reading->demand;
	struct demand_cell *cells;

	*cell = known_cell(demand, like);
	if (*cell && (*cell)->directory != demand->directories)
		return csv_reader_reject(reading->r,
					 "repetition %u of arm '%s' under %s with %u drives was "
					 "in an earlier directory",
					 like->rep, like->arm, like->workload, like->ssds);
	if (*cell)
		return 0;
	cells = reallocarray(demand->cells, demand->n + 1, sizeof(*cells));
	if (!cells)
		return -ENOMEM;
	demand->cells = cells;
	*cell = &cells[demand->n++];
	**cell = *like;
	(*cell)->directory = demand->directories;
	return 0;
}

/* Where the columns stand that say which cell a row is of; both files have them. */
struct key_columns {
	int backend, arm, workload, ssds, threads, rep;
};

static const struct key_columns lock_keys = { LOCK_BACKEND, LOCK_ARM,	  LOCK_WORKLOAD,
					      LOCK_SSDS,    LOCK_THREADS, LOCK_REP };
static const struct key_columns metric_keys = { METRIC_BACKEND, METRIC_ARM,	METRIC_WORKLOAD,
						METRIC_SSDS,	METRIC_THREADS, METRIC_REP };

static int read_name(struct csv_reader *r, int column, char *name, size_t size)
{
	int n = snprintf(name, size, "%s", csv_reader_str(r, column));

	return n >= 0 && (size_t)n < size
		       ? 0
		       : csv_reader_reject(r, "'%s' is too long", csv_reader_str(r, column));
}

/* 1, 0: not a cell of an arm, or a negative errno. */
static int read_key(struct csv_reader *r, const struct key_columns *keys, struct demand_cell *cell)
{
	const char *backend = csv_reader_str(r, keys->backend);
	uint64_t ssds = 0, threads = 0, rep = 0;
	int err;

	*cell = (struct demand_cell){ .traced = !strcmp(backend, "lockdep") };
	if ((!cell->traced && strcmp(backend, "none")) || !*csv_reader_str(r, keys->arm))
		return 0;
	err = read_name(r, keys->workload, cell->workload, sizeof(cell->workload));
	if (!err)
		err = read_name(r, keys->arm, cell->arm, sizeof(cell->arm));
	if (!err && csv_reader_u64(r, keys->ssds, &ssds) < 0)
		err = -EINVAL;
	if (!err && csv_reader_u64(r, keys->threads, &threads) < 0)
		err = -EINVAL;
	if (!err && csv_reader_u64(r, keys->rep, &rep) < 0)
		err = -EINVAL;
	cell->ssds = ssds;
	cell->threads = threads;
	cell->rep = rep;
	return err ? err : 1;
}

/* A lock that was not measured adds nothing. */
static int add_lock(struct csv_reader *r, struct demand_lock *lock)
{
	uint64_t acquired = 0, contended = 0, wait = 0, hold = 0;

	if (csv_reader_u64(r, LOCK_ACQUIRED, &acquired) < 0 ||
	    csv_reader_u64(r, LOCK_CONTENDED, &contended) < 0 ||
	    csv_reader_u64(r, LOCK_WAIT_TOTAL, &wait) < 0 ||
	    csv_reader_u64(r, LOCK_HOLD_TOTAL, &hold) < 0)
		return -EINVAL;
	lock->acquired += acquired;
	lock->contended += contended;
	lock->wait += wait * 1e-9;
	lock->hold += hold * 1e-9;
	lock->shared |= !strcmp(csv_reader_str(r, LOCK_DEVICE), "all");
	return 0;
}

static int read_lock_row(struct reading *reading)
{
	struct csv_reader *r = reading->r;
	struct demand_cell key, *cell;
	int n = read_key(r, &lock_keys, &key);

	if (n <= 0 || !key.traced || *csv_reader_str(r, LOCK_INTERVAL))
		return n < 0 ? n : 0;
	for (enum demand_class class = 0; class < DEMAND_CLASSES; class ++) {
		if (strcmp(csv_reader_str(r, LOCK_CLASS), demand_class_name(class)))
			continue;
		n = find_cell(reading, &key, &cell);
		return n ? n : add_lock(r, &cell->locks[class]);
	}
	return 0;
}

/* Half of the pages are read and half are written, as far as the ceiling is concerned. */
static void add_ceiling(struct demand_ceiling *ceiling, const char *metric, double value)
{
	if (!strcmp(metric, "randread_iops") || !strcmp(metric, "randwrite_iops")) {
		ceiling->rate_sum += 1 / value;
		ceiling->rate_n++;
	} else if (!strcmp(metric, "qd1_randread_lat_mean") ||
		   !strcmp(metric, "qd1_randwrite_lat_mean")) {
		ceiling->service_sum += value * 1e-9;
		ceiling->service_n++;
	}
}

/* What it is added to; NULL: no part of the demand. */
static double *metric_of(struct demand_cell *cell, const char *metric)
{
	if (!strcmp(metric, "window"))
		return &cell->window;
	if (!strcmp(metric, "swapout"))
		return &cell->swapout;
	if (!strcmp(metric, "swapin"))
		return &cell->swapin;
	if (!strcmp(metric, "cpu_user") || !strcmp(metric, "cpu_sys"))
		return &cell->cpu;
	return NULL;
}

static int add_metric(struct csv_reader *r, struct demand_cell *cell, const char *metric,
		      double value)
{
	double *sum = metric_of(cell, metric);

	if (!sum)
		return 0;
	if (value < 0)
		return csv_reader_reject(r, "%s: %g is less than nothing", metric, value);
	*sum += value;
	return 0;
}

static int read_metric_row(struct reading *reading)
{
	struct csv_reader *r = reading->r;
	const char *metric = csv_reader_str(r, METRIC_METRIC);
	struct demand_cell key, *cell;
	double value = 0;
	int n = metric_row_value(r, &value);

	if (n > 0 && value > 0 && !strcmp(csv_reader_str(r, METRIC_WORKLOAD), "ceiling"))
		add_ceiling(&reading->ceiling, metric, value);
	if (n <= 0 || *csv_reader_str(r, METRIC_DEVICE))
		return n < 0 ? n : 0;
	n = read_key(r, &metric_keys, &key);
	if (n <= 0)
		return n;
	reading->untraced |= !key.traced;
	n = find_cell(reading, &key, &cell);
	return n ? n : add_metric(r, cell, metric, value);
}

typedef int read_row_fn(struct reading *reading);

static int read_rows(struct reading *reading, const struct column *columns, size_t n,
		     read_row_fn *read_row)
{
	int err = csv_reader_bind(reading->r, columns, n);

	while (!err) {
		err = csv_reader_next(reading->r);
		if (err <= 0)
			break;
		err = read_row(reading);
	}
	return err;
}

static int fail(struct demand *demand, int err, const char *text)
{
	snprintf(demand->error, sizeof(demand->error), "%s", text);
	return err;
}

static int read_file(struct reading *reading, const char *directory, const char *name,
		     const struct column *columns, size_t n, read_row_fn *read_row)
{
	char *path;
	int err;

	if (asprintf(&path, "%s/%s", directory, name) < 0)
		return fail(reading->demand, -ENOMEM, "out of memory");
	err = csv_reader_open(&reading->r, path);
	if (!err)
		err = read_rows(reading, columns, n, read_row);
	if (err)
		fail(reading->demand, err,
		     err == -ENOMEM ? "out of memory" : csv_reader_error(reading->r));
	csv_reader_close(reading->r);
	reading->r = NULL;
	free(path);
	return err;
}

/* The first machine that run.json has: they are all alike. */
static size_t machine_cpus(struct json_object *run)
{
	struct json_object *guests, *cpus;

	if (!json_object_object_get_ex(run, "guest", &guests) ||
	    !json_object_is_type(guests, json_type_object))
		return 0;
	json_object_object_foreach(guests, name, guest)
	{
		(void)name;
		if (json_object_is_type(guest, json_type_object) &&
		    json_object_object_get_ex(guest, "cpus", &cpus))
			return json_object_get_int(cpus);
	}
	return 0;
}

/* Without it nothing is known of the machine, which the model can do without. */
static int read_run(struct demand *demand, const char *directory)
{
	struct json_object *run;
	size_t cpus = 0;
	int err = report_run_read(directory, &run, demand->error, sizeof(demand->error));

	if (err)
		return err;
	if (run)
		cpus = machine_cpus(run);
	json_object_put(run);
	if (demand->cpus && cpus && cpus != demand->cpus) {
		snprintf(demand->error, sizeof(demand->error),
			 "%s: measured on another number of CPUs than an earlier directory",
			 directory);
		return -EINVAL;
	}
	if (cpus)
		demand->cpus = cpus;
	return 0;
}

static void add_ceilings(struct demand_ceiling *sum, const struct demand_ceiling *ceiling)
{
	sum->rate_sum += ceiling->rate_sum;
	sum->rate_n += ceiling->rate_n;
	sum->service_sum += ceiling->service_sum;
	sum->service_n += ceiling->service_n;
}

int demand_read(struct demand *demand, const char *directory)
{
	struct reading reading = { .demand = demand };
	int err;

	demand->directories++;
	err = read_file(&reading, directory, "locks.csv", lock_columns, LOCK_COLUMNS,
			read_lock_row);
	if (!err)
		err = read_file(&reading, directory, "metrics.csv", metric_columns, METRIC_COLUMNS,
				read_metric_row);
	if (!err)
		err = read_run(demand, directory);
	/* The bench measures it where nothing traces, if the run has such a kernel. */
	add_ceilings(&demand->ceilings[!reading.untraced], &reading.ceiling);
	return err;
}

void demand_free(struct demand *demand)
{
	free(demand->cells);
}
