// SPDX-License-Identifier: GPL-2.0-or-later
/* Rows as JSON: an object a window, a line each. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "cgroup.h"
#include "columns.h"
#include "hist.h"
#include "rows.h"
#include "utf8.h"

/* A task or a cgroup may be called by any bytes, JSON is UTF-8. */
static void add_text(struct json_object *object, const char *key, const char *text)
{
	char *name = text && *text ? strdup(text) : NULL;

	if (!name)
		return;
	utf8_repair(name);
	json_object_object_add(object, key, json_object_new_string(name));
	free(name);
}

static void add_number(struct json_object *object, const char *key, __u64 value)
{
	json_object_object_add(object, key, json_object_new_uint64(value));
}

/* As in the CSV files, what was not measured is not there. */
static void add_times(struct json_object *object, const char *what, const struct time_stats *stats)
{
	static const struct {
		const char *name;
		double share;
	} quantiles[] = { { "p50", 0.5 }, { "p90", 0.9 }, { "p99", 0.99 } };
	struct json_object *times = json_object_new_object();

	json_object_object_add(object, what, times);
	add_number(times, "total", stats->total);
	if (!stats->count)
		return;
	add_number(times, "min", stats->min);
	for (size_t i = 0; i < sizeof(quantiles) / sizeof(*quantiles); i++)
		add_number(times, quantiles[i].name,
			   time_stats__quantile(stats, quantiles[i].share));
	add_number(times, "max", stats->max);
}

static struct json_object *lock_object(const struct lock_set *locks, enum backend backend,
				       unsigned int row, const struct lock_sample *sample)
{
	const struct named_lock *lock = &locks->rows[row];
	struct json_object *object = json_object_new_object();

	add_text(object, "class", lock_class_name(lock->class));
	add_text(object, "device", lock->device);
	add_text(object, "lock", rows__lock(locks, backend, row));
	add_text(object, "confidence", lock_confidence_name(lock->confidence));
	add_number(object, "contended", sample->wait.count);
	if (rows__timed(locks, backend, row))
		add_times(object, "wait_ns", &sample->wait);
	if (rows__acquired(locks, backend, row))
		add_number(object, "acquired", sample->hold.count);
	if (rows__held(locks, backend, row, sample))
		add_times(object, "hold_ns", &sample->hold);
	return object;
}

static struct json_object *lock_list(enum backend backend, const struct row_filter *filter,
				     const struct window *w)
{
	struct json_object *list = json_object_new_array();

	for (unsigned int row = 0; row < w->locks->nr_rows; row++)
		if (rows__used(backend, row) && rows__concern(&w->locks->rows[row], filter) &&
		    rows__present(w, row))
			json_object_array_add(list, lock_object(w->locks, backend, row,
								&w->samples[row]));
	return list;
}

/* Fifteen digits: the shortest that any text of as many comes back from. */
static struct json_object *double_object(double value)
{
	struct json_object *object = json_object_new_double(value);

	json_object_set_serializer(object, json_object_double_to_json_string, "%.15g", NULL);
	return object;
}

static struct json_object *metric_list(const struct metric *metrics, int n)
{
	struct json_object *list = json_object_new_array();

	for (int i = 0; i < n; i++) {
		struct json_object *object = json_object_new_object();

		add_text(object, "device", metrics[i].device);
		add_text(object, "metric", metrics[i].name);
		add_text(object, "unit", metrics[i].unit);
		json_object_object_add(object, "value", double_object(metrics[i].value));
		json_object_array_add(list, object);
	}
	return list;
}

/* Waits of tasks and cgroups have no histogram, so no percentiles. */
static struct json_object *owner_wait(const struct owner_stats *stats)
{
	struct json_object *times = json_object_new_object();

	add_number(times, "total", stats->total);
	add_number(times, "min", stats->min);
	add_number(times, "max", stats->max);
	return times;
}

static void add_owner_name(struct json_object *object, enum grouping by, const struct owner *owner)
{
	const char *path;

	if (by == BY_TASK) {
		add_text(object, "task", owner->stats.comm);
		add_number(object, "pid", owner->id >> 32);
		add_number(object, "tid", owner->id & 0xffffffff);
		return;
	}
	path = cgroup_path(owner->id);
	add_number(object, "cgroup_id", owner->id);
	add_text(object, "cgroup", path);
}

static struct json_object *owner_list(enum grouping by, const struct row_filter *filter,
				      const struct window *window)
{
	struct json_object *list = json_object_new_array();

	for (size_t i = 0; i < window->owners->n; i++) {
		const struct owner *owner = &window->owners->list[i];
		const struct named_lock *lock = &window->locks->rows[owner->row];
		struct json_object *object;

		if (!rows__concern(lock, filter))
			continue;
		object = json_object_new_object();
		add_owner_name(object, by, owner);
		add_text(object, "class", lock_class_name(lock->class));
		add_text(object, "device", lock->device);
		add_number(object, "contended", owner->stats.count);
		json_object_object_add(object, "wait_ns", owner_wait(&owner->stats));
		json_object_array_add(list, object);
	}
	return list;
}

int rows__write_json(FILE *out, const struct row_identity *identity, enum backend backend,
		     const struct row_filter *filter, enum grouping by, const struct window *window)
{
	struct json_object *object = json_object_new_object();
	struct metric metrics[MAX_METRICS];
	int n = sysmetrics__between(window->from, window->to, metrics);
	int err;

	add_number(object, "schema", CSV_SCHEMA);
	add_text(object, "kernel", identity->kernel);
	add_text(object, "backend", identity->backend);
	add_text(object, "lockpath", identity->lockpath);
	if (window->interval)
		add_number(object, "interval", window->interval);
	if (backend != BACKEND_NONE)
		json_object_object_add(object, "locks", lock_list(backend, filter, window));
	if (grouping_owners(by) != OWNER_NONE)
		json_object_object_add(object, "owners", owner_list(by, filter, window));
	json_object_object_add(object, "metrics", metric_list(metrics, n));
	err = fprintf(out, "%s\n", json_object_to_json_string_ext(object, JSON_C_TO_STRING_PLAIN)) <
				      0 ||
			      fflush(out)
		      ? -errno
		      : 0;
	json_object_put(object);
	return err;
}
