// SPDX-License-Identifier: GPL-2.0-or-later
/* The predictions as CSV and JSON. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include <json-c/json.h>

#include "csv.h"
#include "log.h"
#include "scale.h"

enum scale_column {
	SCALE_SCHEMA,
	SCALE_WORKLOAD,
	SCALE_SSDS,
	SCALE_CPUS,
	SCALE_ARM,
	SCALE_PAGES,
	SCALE_PAGES_LO,
	SCALE_PAGES_HI,
	SCALE_LIMIT,
	SCALE_USED,
	SCALE_CONTENDED,
	SCALE_RATIO,
	SCALE_RATIO_LO,
	SCALE_RATIO_HI,
	SCALE_SIMULATED,
	SCALE_IN_TURN,
	SCALE_COLUMNS,
};

static const struct column columns[SCALE_COLUMNS] = {
	[SCALE_SCHEMA] = { .name = "schema", .help = "version of this file's schema" },
	[SCALE_WORKLOAD] = { .name = "workload", .help = "whose demand it is" },
	[SCALE_SSDS] = { .name = "ssds", .align = COLUMN_RIGHT, .help = "number of drives" },
	[SCALE_CPUS] = { .name = "cpus", .align = COLUMN_RIGHT, .help = "number of CPUs" },
	[SCALE_ARM] = { .name = "arm", .help = "locking design" },
	[SCALE_PAGES] = { .name = "pages",
			  .unit = "1/s",
			  .align = COLUMN_RIGHT,
			  .help = "pages swapped out or in, a second" },
	[SCALE_PAGES_LO] = { .name = "pages_lo", .unit = "1/s", .align = COLUMN_RIGHT },
	[SCALE_PAGES_HI] = { .name = "pages_hi", .unit = "1/s", .align = COLUMN_RIGHT },
	[SCALE_LIMIT] = { .name = "limit", .help = "what is used most" },
	[SCALE_USED] = { .name = "used", .align = COLUMN_RIGHT, .help = "how much of it" },
	[SCALE_CONTENDED] = { .name = "contended",
			      .align = COLUMN_RIGHT,
			      .help = "share of the swap_map acquisitions that wait" },
	[SCALE_RATIO] = { .name = "ratio", .align = COLUMN_RIGHT, .help = "to the first arm" },
	[SCALE_RATIO_LO] = { .name = "ratio_lo", .align = COLUMN_RIGHT },
	[SCALE_RATIO_HI] = { .name = "ratio_hi", .align = COLUMN_RIGHT },
	[SCALE_SIMULATED] = { .name = "simulated", .unit = "1/s", .align = COLUMN_RIGHT },
	[SCALE_IN_TURN] = { .name = "simulated_in_turn", .unit = "1/s", .align = COLUMN_RIGHT },
};

/* A field is text, or a number; neither: empty. */
struct field {
	const char *text;
	double number;
};

static struct field field_of(const struct scale_case *of, const struct scale_row *row,
			     enum scale_column column)
{
	switch (column) {
	case SCALE_WORKLOAD:
		return (struct field){ .text = of->workload };
	case SCALE_ARM:
		return (struct field){ .text = row->arm->name };
	case SCALE_LIMIT:
		return (struct field){ .text = scale_limit_name(row->arm, &row->use) };
	case SCALE_SCHEMA:
		return (struct field){ .number = CSV_SCHEMA };
	case SCALE_SSDS:
		return (struct field){ .number = row->size.ssds };
	case SCALE_CPUS:
		return (struct field){ .number = row->size.cpus };
	case SCALE_PAGES:
		return (struct field){ .number = row->throughput.value };
	case SCALE_PAGES_LO:
		return (struct field){ .number = row->throughput.lo };
	case SCALE_PAGES_HI:
		return (struct field){ .number = row->throughput.hi };
	case SCALE_USED:
		return (struct field){ .number = row->use.used };
	case SCALE_CONTENDED:
		return (struct field){ .number = scale_contended(row) };
	case SCALE_RATIO:
		return (struct field){ .number = row->ratio.value };
	case SCALE_RATIO_LO:
		return (struct field){ .number = row->ratio.lo };
	case SCALE_RATIO_HI:
		return (struct field){ .number = row->ratio.hi };
	case SCALE_SIMULATED:
		return (struct field){ .number = row->simulated };
	case SCALE_IN_TURN:
		return (struct field){ .number = row->in_turn };
	default:
		return (struct field){ .number = NAN };
	}
}

static int write_field(struct csv_writer *csv, struct field field)
{
	if (field.text)
		return csv_writer_field_str(csv, field.text);
	if (isnan(field.number))
		return csv_writer_field_empty(csv);
	return csv_writer_field_double(csv, field.number);
}

/* The writer keeps its first error. */
static int write_case(struct csv_writer *csv, const struct scale_case *of)
{
	int err = 0;

	for (size_t i = 0; i < of->nrows && !err; i++) {
		for (enum scale_column c = 0; c < SCALE_COLUMNS; c++)
			write_field(csv, field_of(of, &of->rows[i], c));
		err = csv_writer_end_row(csv);
	}
	return err;
}

int scale_write_csv(const struct scale_case *cases, size_t n, const char *path)
{
	struct csv_writer *csv;
	int err = csv_writer_open(&csv, path), close_err;

	if (!err)
		err = csv_writer_begin(csv, columns, SCALE_COLUMNS);
	for (size_t i = 0; i < n && !err; i++)
		err = write_case(csv, &cases[i]);
	close_err = csv_writer_close(csv);
	if (!err)
		err = close_err;
	if (err)
		log_error("cannot write '%s': %s", path, strerror(-err));
	return err;
}

/* JSON knows no infinity; what there is none of has no member. */
static void add_number(struct json_object *object, const char *key, double value)
{
	if (isfinite(value))
		json_object_object_add(object, key, json_object_new_double(value));
}

static void add_string(struct json_object *object, const char *key, const char *value)
{
	json_object_object_add(object, key, json_object_new_string(value));
}

static struct json_object *row_object(const struct scale_case *of, const struct scale_row *row)
{
	struct json_object *object = json_object_new_object();

	for (enum scale_column c = SCALE_WORKLOAD; c < SCALE_COLUMNS; c++) {
		struct field field = field_of(of, row, c);

		if (field.text)
			add_string(object, columns[c].name, field.text);
		else
			add_number(object, columns[c].name, field.number);
	}
	return object;
}

static struct json_object *lock_object(const struct model_lock *lock)
{
	static const char *const copies[] = {
		[LOCK_SHARED] = "shared",
		[LOCK_PER_DRIVE] = "drive",
		[LOCK_PER_CLUSTER] = "cluster",
	};
	struct json_object *object = json_object_new_object();

	add_string(object, "class", lock->name);
	add_string(object, "one_for", copies[lock->copies]);
	add_number(object, "hold_ns", lock->hold * 1e9);
	add_number(object, "times", lock->visits);
	return object;
}

static struct json_object *model_object(const struct scale_case *of, const struct scale_arm *arm)
{
	const struct swap_model *model = &arm->used.model;
	struct json_object *object = json_object_new_object(), *locks = json_object_new_array();

	add_string(object, "workload", of->workload);
	add_string(object, "arm", arm->name);
	add_number(object, "work_ns", model->work * 1e9);
	for (size_t i = 0; i < model->nlocks; i++)
		json_object_array_add(locks, lock_object(&model->locks[i]));
	json_object_object_add(object, "locks", locks);
	add_number(object, "handover_ns", model->handover * 1e9);
	add_number(object, "handover_each_ns", model->handover_each * 1e9);
	add_number(object, "drive_ns", model->drive_time * 1e9);
	add_number(object, "drive_channels", model->drive_channels);
	add_number(object, "inflight", model->inflight);
	add_number(object, "swapout_share", model->out);
	return object;
}

static void add_interval(struct json_object *object, const char *key,
			 const struct scale_interval *interval)
{
	char lo[32], hi[32];

	snprintf(lo, sizeof(lo), "%s_lo", key);
	snprintf(hi, sizeof(hi), "%s_hi", key);
	add_number(object, key, interval->value);
	add_number(object, lo, interval->lo);
	add_number(object, hi, interval->hi);
}

static struct json_object *summary_object(const struct scale_case *of,
					  const struct scale_summary *s)
{
	struct json_object *object = json_object_new_object();

	add_string(object, "workload", of->workload);
	add_string(object, "arm", s->arm->name);
	add_number(object, "ssds", s->ssds);
	add_interval(object, "knee_cpus", &s->knee);
	add_interval(object, "pays_from_cpus", &s->pays);
	if (!s->best)
		return object;
	add_interval(object, "best_ratio", &s->best->ratio);
	add_number(object, "best_cpus", s->best->size.cpus);
	return object;
}

static struct json_object *check_object(const struct scale_case *of,
					const struct scale_check *check)
{
	struct json_object *object = json_object_new_object();

	add_string(object, "workload", of->workload);
	add_string(object, "run", check->run);
	add_string(object, "arm", check->arm->name);
	add_number(object, "ssds", check->size.ssds);
	add_number(object, "cpus", check->size.cpus);
	add_number(object, "repetitions", check->reps);
	add_interval(object, "contended", &check->contended);
	add_interval(object, "model_contended", &check->model_contended);
	add_number(object, "model_contended_at_random", check->at_random);
	add_number(object, "simulated_contended_in_turn", check->simulated);
	add_interval(object, "pages", &check->throughput);
	add_interval(object, "model_pages", &check->model_throughput);
	return object;
}

static struct json_object *add_array(struct json_object *object, const char *key)
{
	struct json_object *array = json_object_new_array();

	json_object_object_add(object, key, array);
	return array;
}

static struct json_object *result_object(const struct scale_case *cases, size_t n)
{
	struct json_object *object = json_object_new_object();
	struct json_object *models, *rows, *summaries, *checks;

	json_object_object_add(object, "schema", json_object_new_int(CSV_SCHEMA));
	models = add_array(object, "models");
	rows = add_array(object, "rows");
	summaries = add_array(object, "summaries");
	checks = add_array(object, "checks");
	for (const struct scale_case *of = cases; of < cases + n; of++) {
		for (size_t i = 0; i < of->narms; i++)
			json_object_array_add(models, model_object(of, &of->arms[i]));
		for (size_t i = 0; i < of->nrows; i++)
			json_object_array_add(rows, row_object(of, &of->rows[i]));
		for (size_t i = 0; i < of->nsummaries; i++)
			json_object_array_add(summaries, summary_object(of, &of->summaries[i]));
		for (size_t i = 0; i < of->nchecks; i++)
			json_object_array_add(checks, check_object(of, &of->checks[i]));
	}
	return object;
}

int scale_write_json(const struct scale_case *cases, size_t n, const char *path)
{
	struct json_object *object = result_object(cases, n);
	const char *text = json_object_to_json_string_ext(
		object, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE);
	FILE *file = strcmp(path, "-") ? fopen(path, "we") : stdout;
	int err = file ? 0 : -errno;

	if (!err && (fprintf(file, "%s\n", text) < 0 || fflush(file)))
		err = errno ? -errno : -EIO;
	if (file && file != stdout && fclose(file) && !err)
		err = -errno;
	if (err)
		log_error("cannot write '%s': %s", path, strerror(-err));
	json_object_put(object);
	return err;
}
