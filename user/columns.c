// SPDX-License-Identifier: GPL-2.0-or-later
/* The column tables: order and names are the files' schema. */
#include <errno.h>
#include <string.h>

#include "columns.h"

#define KEY(name, align, help)                                                                     \
	{                                                                                          \
		name, NULL, help, align, MERGE_KEY                                                 \
	}
#define COUNT(name, help)                                                                          \
	{                                                                                          \
		name, NULL, help, COLUMN_RIGHT, MERGE_SUM                                          \
	}
#define TIME(name, merge, help)                                                                    \
	{                                                                                          \
		name, "ns", help, COLUMN_RIGHT, merge                                              \
	}

/* What both files say of where a row comes from. */
#define HELP_SCHEMA	"version of this file's schema"
#define HELP_RUN	"name of the run"
#define HELP_KERNEL	"kernel release and build"
#define HELP_EXPERIMENT "name of the experiment"
#define HELP_ARM	"locking design under test"
#define HELP_BACKEND	"who counted: contention, lockdep, none, perf or lock_stat"
#define HELP_LOCKPATH	"spinlock slow path: native, pv or tas"
#define HELP_WORKLOAD	"load that ran"
#define HELP_SSDS	"number of swap devices"
#define HELP_THREADS	"number of threads of the load"
#define HELP_REP	"repetition, counted from 1"

#define HELP_CLASS  "what the lock guards: swap_map, cluster, swap_lock, ..."
#define HELP_DEVICE "swap device of the lock, 'all' where all share it"
#define HELP_LOCK   "name or address of the lock"

const struct column lock_columns[LOCK_COLUMNS] = {
	[LOCK_SCHEMA] = KEY("schema", COLUMN_RIGHT, HELP_SCHEMA),
	[LOCK_RUN] = KEY("run", COLUMN_LEFT, HELP_RUN),
	[LOCK_KERNEL] = KEY("kernel", COLUMN_LEFT, HELP_KERNEL),
	[LOCK_EXPERIMENT] = KEY("experiment", COLUMN_LEFT, HELP_EXPERIMENT),
	[LOCK_ARM] = KEY("arm", COLUMN_LEFT, HELP_ARM),
	[LOCK_BACKEND] = KEY("backend", COLUMN_LEFT, HELP_BACKEND),
	[LOCK_LOCKPATH] = KEY("lockpath", COLUMN_LEFT, HELP_LOCKPATH),
	[LOCK_WORKLOAD] = KEY("workload", COLUMN_LEFT, HELP_WORKLOAD),
	[LOCK_SSDS] = KEY("ssds", COLUMN_RIGHT, HELP_SSDS),
	[LOCK_THREADS] = KEY("threads", COLUMN_RIGHT, HELP_THREADS),
	[LOCK_REP] = KEY("rep", COLUMN_RIGHT, HELP_REP),
	[LOCK_INTERVAL] =
		KEY("interval", COLUMN_RIGHT, "interval within the recording, empty for the whole"),
	[LOCK_CLASS] = KEY("class", COLUMN_LEFT, HELP_CLASS),
	[LOCK_DEVICE] = KEY("device", COLUMN_LEFT, HELP_DEVICE),
	[LOCK_LOCK] = KEY("lock", COLUMN_LEFT, HELP_LOCK),
	[LOCK_CONFIDENCE] =
		KEY("confidence", COLUMN_LEFT, "how it was named: symbol, structural or caller"),
	[LOCK_ACQUIRED] = COUNT("acquired", "times the lock was taken"),
	[LOCK_CONTENDED] = COUNT("contended", "times a taker had to wait"),
	[LOCK_WAIT_TOTAL] =
		TIME("wait_total_ns", MERGE_SUM, "time spent waiting, all waiters together"),
	[LOCK_WAIT_MIN] = TIME("wait_min_ns", MERGE_MIN, "shortest wait"),
	[LOCK_WAIT_P50] = TIME("wait_p50_ns", MERGE_NONE, "median wait"),
	[LOCK_WAIT_P90] =
		TIME("wait_p90_ns", MERGE_NONE, "wait that 90% of the waits do not exceed"),
	[LOCK_WAIT_P99] =
		TIME("wait_p99_ns", MERGE_NONE, "wait that 99% of the waits do not exceed"),
	[LOCK_WAIT_MAX] = TIME("wait_max_ns", MERGE_MAX, "longest wait"),
	[LOCK_HOLD_TOTAL] = TIME("hold_total_ns", MERGE_SUM, "time the lock was held"),
	[LOCK_HOLD_P50] = TIME("hold_p50_ns", MERGE_NONE, "median hold time"),
	[LOCK_HOLD_P99] =
		TIME("hold_p99_ns", MERGE_NONE, "hold time that 99% of the holds do not exceed"),
	[LOCK_HOLD_MAX] = TIME("hold_max_ns", MERGE_MAX, "longest hold time"),
};

const struct column metric_columns[METRIC_COLUMNS] = {
	[METRIC_SCHEMA] = KEY("schema", COLUMN_RIGHT, HELP_SCHEMA),
	[METRIC_RUN] = KEY("run", COLUMN_LEFT, HELP_RUN),
	[METRIC_KERNEL] = KEY("kernel", COLUMN_LEFT, HELP_KERNEL),
	[METRIC_EXPERIMENT] = KEY("experiment", COLUMN_LEFT, HELP_EXPERIMENT),
	[METRIC_ARM] = KEY("arm", COLUMN_LEFT, HELP_ARM),
	[METRIC_BACKEND] = KEY("backend", COLUMN_LEFT, HELP_BACKEND),
	[METRIC_LOCKPATH] = KEY("lockpath", COLUMN_LEFT, HELP_LOCKPATH),
	[METRIC_WORKLOAD] = KEY("workload", COLUMN_LEFT, HELP_WORKLOAD),
	[METRIC_SSDS] = KEY("ssds", COLUMN_RIGHT, HELP_SSDS),
	[METRIC_THREADS] = KEY("threads", COLUMN_RIGHT, HELP_THREADS),
	[METRIC_REP] = KEY("rep", COLUMN_RIGHT, HELP_REP),
	[METRIC_DEVICE] =
		KEY("device", COLUMN_LEFT, "device measured, empty for the whole machine"),
	[METRIC_METRIC] = KEY("metric", COLUMN_LEFT, "what was measured"),
	[METRIC_UNIT] = KEY("unit", COLUMN_LEFT, "unit of the value"),
	[METRIC_VALUE] = { "value", NULL, "the figure", COLUMN_RIGHT, MERGE_NONE },
};

const struct column histogram_columns[HISTOGRAM_COLUMNS] = {
	[HISTOGRAM_SCHEMA] = KEY("schema", COLUMN_RIGHT, HELP_SCHEMA),
	[HISTOGRAM_RUN] = KEY("run", COLUMN_LEFT, HELP_RUN),
	[HISTOGRAM_KERNEL] = KEY("kernel", COLUMN_LEFT, HELP_KERNEL),
	[HISTOGRAM_EXPERIMENT] = KEY("experiment", COLUMN_LEFT, HELP_EXPERIMENT),
	[HISTOGRAM_ARM] = KEY("arm", COLUMN_LEFT, HELP_ARM),
	[HISTOGRAM_BACKEND] = KEY("backend", COLUMN_LEFT, HELP_BACKEND),
	[HISTOGRAM_LOCKPATH] = KEY("lockpath", COLUMN_LEFT, HELP_LOCKPATH),
	[HISTOGRAM_WORKLOAD] = KEY("workload", COLUMN_LEFT, HELP_WORKLOAD),
	[HISTOGRAM_SSDS] = KEY("ssds", COLUMN_RIGHT, HELP_SSDS),
	[HISTOGRAM_THREADS] = KEY("threads", COLUMN_RIGHT, HELP_THREADS),
	[HISTOGRAM_REP] = KEY("rep", COLUMN_RIGHT, HELP_REP),
	[HISTOGRAM_CLASS] = KEY("class", COLUMN_LEFT, HELP_CLASS),
	[HISTOGRAM_DEVICE] = KEY("device", COLUMN_LEFT, HELP_DEVICE),
	[HISTOGRAM_LOCK] = KEY("lock", COLUMN_LEFT, HELP_LOCK),
	[HISTOGRAM_FIGURE] = KEY("figure", COLUMN_LEFT, "what took this long: wait or hold"),
	[HISTOGRAM_FROM] = TIME("from_ns", MERGE_KEY, "shortest time of the bucket"),
	[HISTOGRAM_TO] = TIME("to_ns", MERGE_KEY, "the next bucket's; empty: it has no end"),
	[HISTOGRAM_COUNT] = COUNT("count", "times of that length"),
};

int columns_find(const struct column *columns, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(columns[i].name, name))
			return i;
	return -ENOENT;
}
