// SPDX-License-Identifier: GPL-2.0-or-later
/* For programs: CSV and JSON, of one table of columns. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "columns.h"
#include "compare_output_internal.h"
#include "compare_words.h"
#include "csv.h"
#include "utf8.h"

enum {
	OUT_BY = COMPARE_KEYS,
	OUT_BASE,
	OUT_OTHER,
	OUT_BASE_N,
	OUT_OTHER_N,
	OUT_PAIRS,
	OUT_BASE_MEDIAN,
	OUT_OTHER_MEDIAN,
	OUT_RATIO,
	OUT_RATIO_LO,
	OUT_RATIO_HI,
	OUT_P,
	OUT_P_HOLM,
	OUT_DETECTABLE,
	OUT_VERDICT,
	OUT_REASON,
	OUT_UNKNOWN,
	NR_OUT
};

/* The first ones are the keys, by their own names. */
static const char *const names[NR_OUT] = {
	[OUT_BY] = "by",
	[OUT_BASE] = "base",
	[OUT_OTHER] = "other",
	[OUT_BASE_N] = "base_n",
	[OUT_OTHER_N] = "other_n",
	[OUT_PAIRS] = "pairs",
	[OUT_BASE_MEDIAN] = "base_median",
	[OUT_OTHER_MEDIAN] = "other_median",
	[OUT_RATIO] = "ratio",
	[OUT_RATIO_LO] = "ratio_lo",
	[OUT_RATIO_HI] = "ratio_hi",
	[OUT_P] = "p",
	[OUT_P_HOLM] = "p_holm",
	[OUT_DETECTABLE] = "detectable",
	[OUT_VERDICT] = "verdict",
	[OUT_REASON] = "reason",
	[OUT_UNKNOWN] = "unknown",
};

static const char *name_of(int column)
{
	return names[column] ? names[column] : compare_key_name(column);
}

/* NULL: it is a number. */
static const char *text_of(const struct compare_row *row, const struct compare_query *query,
			   int column)
{
	if (column < COMPARE_KEYS)
		return row->key[column];
	switch (column) {
	case OUT_BY:
		return query->by;
	case OUT_BASE:
		return query->base;
	case OUT_OTHER:
		return row->value;
	case OUT_VERDICT:
		return compare_verdict_name(row);
	case OUT_REASON:
		return row->reason ? row->reason : "";
	case OUT_UNKNOWN:
		return compare_unknown(row);
	default:
		return NULL;
	}
}

/* NaN: there is none. */
static double number_of(const struct compare_row *row, int column)
{
	switch (column) {
	case OUT_BASE_N:
		return row->base.n;
	case OUT_OTHER_N:
		return row->other.n;
	case OUT_PAIRS:
		return row->pairs;
	case OUT_BASE_MEDIAN:
		return row->base.median;
	case OUT_OTHER_MEDIAN:
		return row->other.median;
	case OUT_RATIO:
		return row->ratio.estimate;
	case OUT_RATIO_LO:
		return row->ratio.lo;
	case OUT_RATIO_HI:
		return row->ratio.hi;
	case OUT_P:
		return row->p;
	case OUT_P_HOLM:
		return row->p_holm;
	default:
		return row->detectable;
	}
}

static void write_csv_row(struct csv_writer *csv, const struct compare_row *row,
			  const struct compare_query *query)
{
	for (int c = 0; c < NR_OUT; c++) {
		const char *text = text_of(row, query, c);
		double number = text ? NAN : number_of(row, c);

		if (text)
			csv_writer_field_str(csv, text);
		else if (isfinite(number))
			csv_writer_field_double(csv, number);
		else
			csv_writer_field_empty(csv);
	}
	csv_writer_end_row(csv);
}

static int print_csv(const struct compare_result *result, const struct compare_query *query)
{
	struct column columns[NR_OUT] = {};
	struct csv_writer *csv;
	int err = csv_writer_open(&csv, "-");

	if (err)
		return err;
	for (int c = 0; c < NR_OUT; c++)
		columns[c].name = name_of(c);
	csv_writer_begin(csv, columns, NR_OUT);
	for (size_t i = 0; i < result->nrows; i++)
		write_csv_row(csv, &result->rows[i], query);
	return csv_writer_close(csv);
}

/* Files and arms may be called by any bytes, JSON is UTF-8. */
static void add_text(struct json_object *object, const char *key, const char *text)
{
	char *repaired = strdup(text);

	if (!repaired)
		return;
	utf8_repair(repaired);
	json_object_object_add(object, key, json_object_new_string(repaired));
	free(repaired);
}

/* Counts are whole; what there is not is not there. */
static void add_number(struct json_object *object, const char *key, double number)
{
	if (!isfinite(number))
		return;
	json_object_object_add(object, key,
			       number == floor(number) && fabs(number) < 1e15
				       ? json_object_new_int64(number)
				       : json_object_new_double(number));
}

static struct json_object *row_object(const struct compare_row *row,
				      const struct compare_query *query)
{
	struct json_object *object = json_object_new_object();

	for (int c = 0; c < NR_OUT; c++) {
		const char *text = text_of(row, query, c);

		if (!text)
			add_number(object, name_of(c), number_of(row, c));
		else if (*text)
			add_text(object, name_of(c), text);
	}
	return object;
}

static struct json_object *check_object(const struct compare_result *result,
					const struct compare_check *check)
{
	struct json_object *object = json_object_new_object();

	add_text(object, "condition", check->condition->text);
	add_number(object, "line", check->row - result->rows);
	add_number(object, "p_holm", check->p_holm);
	json_object_object_add(object, "met", json_object_new_boolean(check->met));
	json_object_object_add(object, "undecided", json_object_new_boolean(check->undecided));
	return object;
}

static int print_json(const struct compare_result *result, const struct compare_query *query)
{
	struct json_object *object = json_object_new_object();
	struct json_object *lines = json_object_new_array();
	struct json_object *conditions = json_object_new_array();

	for (size_t i = 0; i < result->nrows; i++)
		json_object_array_add(lines, row_object(&result->rows[i], query));
	for (size_t i = 0; i < result->nchecks; i++)
		json_object_array_add(conditions, check_object(result, &result->checks[i]));
	json_object_object_add(object, "schema", json_object_new_int(CSV_SCHEMA));
	add_number(object, "tested", result->tested);
	add_number(object, "refused", result->refused);
	json_object_object_add(object, "lines", lines);
	json_object_object_add(object, "conditions", conditions);
	puts(json_object_to_json_string_ext(object, JSON_C_TO_STRING_PRETTY |
							    JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(object);
	return 0;
}

int compare_print(const struct compare_result *result, const struct compare_query *query,
		  enum compare_format format)
{
	static int (*const printers[])(const struct compare_result *,
				       const struct compare_query *) = {
		[FORMAT_TABLE] = compare_print_table,
		[FORMAT_MARKDOWN] = compare_print_markdown,
		[FORMAT_CSV] = print_csv,
		[FORMAT_JSON] = print_json,
	};
	int err = printers[format](result, query);

	if (!err && (fflush(stdout) || ferror(stdout)))
		err = errno ? -errno : -EIO;
	return err;
}
