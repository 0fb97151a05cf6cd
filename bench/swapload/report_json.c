// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <json-c/json.h>

#include "report.h"

enum { JSON_SCHEMA = 1 };

static void add(struct json_object *object, const char *key, struct json_object *value)
{
	json_object_object_add(object, key, value);
}

static void add_text(struct json_object *object, const char *key, const char *text)
{
	add(object, key, json_object_new_string(text));
}

static void add_count(struct json_object *object, const char *key, uint64_t value)
{
	add(object, key, json_object_new_uint64(value));
}

static void add_flag(struct json_object *object, const char *key, bool value)
{
	add(object, key, json_object_new_boolean(value));
}

/* Fifteen digits: the shortest that any text of as many comes back from. */
static struct json_object *number(double value)
{
	struct json_object *object = json_object_new_double(value);

	json_object_set_serializer(object, json_object_double_to_json_string, "%.15g", NULL);
	return object;
}

/* Where the kernel did not tell: null, not 0. */
static void add_pages(struct json_object *object, const char *key, int64_t pages)
{
	add(object, key, pages < 0 ? NULL : json_object_new_int64(pages));
}

/* Of each bucket that is not empty: from which time on, how many */
static struct json_object *histogram_list(const struct latency *l)
{
	struct json_object *list = json_object_new_array();

	for (unsigned int i = 0; i < LATENCY_BUCKETS; i++) {
		struct json_object *pair;

		if (!l->buckets[i])
			continue;
		pair = json_object_new_array();
		json_object_array_add(pair, json_object_new_uint64(latency__from_ns(i)));
		json_object_array_add(pair, json_object_new_uint64(l->buckets[i]));
		json_object_array_add(list, pair);
	}
	return list;
}

static struct json_object *latency_object(const struct latency *l)
{
	struct json_object *object = json_object_new_object();
	uint64_t ns;
	char key[16];

	add_count(object, "count", l->count);
	if (!l->count)
		return object;
	add(object, "mean_ns", number(latency__mean_ns(l)));
	add_count(object, "min_ns", l->min_ns);
	for (int i = 0; i < NR_QUANTILES; i++) {
		bool known = latency__quantile(l, quantiles[i].share, &ns);

		snprintf(key, sizeof(key), "%s_ns", quantiles[i].name);
		for (char *dot = key; (dot = strchr(dot, '.'));)
			*dot = '_';
		add(object, key, known ? json_object_new_uint64(ns) : NULL);
	}
	add_count(object, "max_ns", l->max_ns);
	add(object, "histogram_ns_count", histogram_list(l));
	return object;
}

static struct json_object *latencies_object(const struct options *o, const struct result *r)
{
	static const char *const names[NR_TIMED] = {
		[TIMED_MAJOR] = "major_fault",	 [TIMED_MINOR] = "minor_fault",
		[TIMED_NONE] = "no_fault",	 [TIMED_SERVICE] = "service",
		[TIMED_LATE] = "generator_late",
	};
	struct json_object *object = json_object_new_object();

	for (int t = 0; t < NR_TIMED; t++)
		if (r->sum.timed[t].count)
			add(object, names[t] ?: report_call_name(o, r->phase),
			    latency_object(&r->sum.timed[t]));
	return object;
}

static struct json_object *fairness_object(const struct fairness *f)
{
	struct json_object *object = json_object_new_object();

	add(object, "min_operations_per_s", number(f->min));
	add(object, "median_operations_per_s", number(f->median));
	add(object, "max_operations_per_s", number(f->max));
	add(object, "jain_index_ratio", number(f->jain));
	return object;
}

static struct json_object *vmstat_object(const struct vmstat *v)
{
	struct json_object *object = json_object_new_object();
	char key[VMSTAT_NAME + 8];

	for (int i = 0; i < v->n; i++) {
		snprintf(key, sizeof(key), "%s_count", v->counters[i].name);
		add_count(object, key, v->counters[i].value);
	}
	return object;
}

static struct json_object *checks_object(const struct result *r)
{
	struct json_object *object = json_object_new_object();

	for (int i = 0; i < NR_CHECKS; i++) {
		const struct check *check = &r->checks[i];
		struct json_object *one = json_object_new_object();

		add_count(one, "own_count", check->own);
		add_count(one, "kernel_count", check->kernel);
		add(one, "explained_percent", number(check__explained_percent(check)));
		add_text(one, "verdict", check__verdict(check));
		add(object, check->name, one);
	}
	return object;
}

static struct json_object *open_loop_object(const struct options *o, const struct result *r)
{
	struct json_object *object = json_object_new_object();

	add(object, "asked_operations_per_s", number(o->rate));
	add_text(object, "arrivals", arrivals_names[o->arrivals]);
	add_count(object, "queued_count", r->sum.queued);
	add_count(object, "not_begun_count", r->sum.not_begun);
	return object;
}

static struct json_object *workers_list(const struct result *r, unsigned int n)
{
	struct json_object *list = json_object_new_array();

	for (unsigned int i = 0; i < n; i++)
		json_object_array_add(list, json_object_new_uint64(r->operations[i]));
	return list;
}

static struct json_object *result_object(const struct options *o, const struct result *r)
{
	struct json_object *object = json_object_new_object();

	add_text(object, "phase", phase_names[r->phase]);
	add_count(object, "operations_count", r->sum.operations);
	add_count(object, "reads_count", r->sum.reads);
	add(object, "wall_s", number(result__seconds(r)));
	add(object, "rate_operations_per_s", number(result__rate(r)));
	add(object, "timed_share_ratio", number(result__timed_share(r)));
	add_count(object, "major_faults_count", r->sum.major);
	add_count(object, "minor_faults_count", r->sum.minor);
	add_count(object, "stray_faults_count", result__stray_faults(r));
	add_pages(object, "swapped_before_pages", r->swapped_before);
	add_pages(object, "swapped_after_pages", r->swapped_after);
	add_count(object, "verified_count", r->sum.verified);
	add_count(object, "corrupt_count", r->sum.corrupt);
	add_count(object, "addresses_hash", r->sum.address_hash);
	add(object, "latency", latencies_object(o, r));
	add(object, "fairness", fairness_object(&r->fairness));
	add(object, "operations_of_workers_count", workers_list(r, o->workers));
	if (o->rate && r->phase == PHASE_MIXED)
		add(object, "open_loop", open_loop_object(o, r));
	add(object, "vmstat", vmstat_object(&r->vmstat));
	add(object, "checks", checks_object(r));
	return object;
}

static struct json_object *command_list(const struct options *o)
{
	struct json_object *list = json_object_new_array();

	for (int i = 0; i < o->argc; i++)
		json_object_array_add(list, json_object_new_string(o->argv[i]));
	return list;
}

static void add_load(struct json_object *object, const struct experiment *e)
{
	const struct options *o = e->options;

	add(object, "command", command_list(o));
	add_count(object, "seed", o->seed);
	add_text(object, "workers_kind", o->processes ? "processes" : "threads");
	add_count(object, "workers_count", o->workers);
	add_count(object, "set_bytes", e->pages * e->page_size);
	add_count(object, "page_size_bytes", e->page_size);
	add_text(object, "by", by_names[o->by]);
	add_count(object, "batch_pages", o->batch);
	add(object, "read_share_ratio", number(o->read_share));
	add_text(object, "free_by", free_by_names[o->free_by]);
	add_text(object, "classify", classify_names[o->classify]);
}

static void add_machine(struct json_object *object, const struct experiment *e)
{
	struct utsname name;

	uname(&name);
	add_text(object, "kernel", name.release);
	add_text(object, "kernel_build", name.version);
	add_text(object, "machine", name.machine);
	add_count(object, "cpus_count", sysconf(_SC_NPROCESSORS_ONLN));
	add_count(object, "memory_bytes", e->memory);
	add_count(object, "swap_total_bytes", e->swap_total);
	add_flag(object, "own_memory_locked", e->locked);
	add_count(object, "own_memory_bytes", e->own_bytes);
	add_count(object, "clock_overhead_ns", e->clock_ns);
	add_count(object, "fault_threshold_ns", e->fault_ns);
}

static struct json_object *experiment_object(const struct experiment *e)
{
	struct json_object *object = json_object_new_object();
	struct json_object *list = json_object_new_array();

	add_count(object, "schema", JSON_SCHEMA);
	add_text(object, "tool", "swapload");
	add_text(object, "tool_version", SWAPLOAD_VERSION);
	add_load(object, e);
	add_machine(object, e);
	add_flag(object, "complete", !e->stop && !e->err);
	add(object, "signal_number", e->stop ? json_object_new_int(e->stop) : NULL);
	add_count(object, "corrupt_count", e->corrupt);
	for (unsigned int i = 0; i < e->nr_results; i++)
		json_object_array_add(list, result_object(e->options, e->results[i]));
	add(object, "phases", list);
	return object;
}

int report_write_json(const char *path, const struct experiment *e)
{
	struct json_object *object = experiment_object(e);
	const char *text = json_object_to_json_string_ext(object, JSON_C_TO_STRING_PRETTY);
	FILE *out = strcmp(path, "-") ? fopen(path, "we") : stdout;
	int err = 0;

	if (!out || fprintf(out, "%s\n", text) < 0 || fflush(out))
		err = -errno;
	if (out && out != stdout && fclose(out) && !err)
		err = -errno;
	json_object_put(object);
	return err;
}
