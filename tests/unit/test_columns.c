// SPDX-License-Identifier: GPL-2.0-or-later
/* The column tables against the documented header lines. */
#include <ctype.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "columns.h"

static const char lock_header[] =
	"schema,run,kernel,experiment,arm,backend,lockpath,workload,ssds,"
	"threads,rep,interval,class,device,lock,confidence,acquired,contended,"
	"wait_total_ns,wait_min_ns,wait_p50_ns,wait_p90_ns,wait_p99_ns,"
	"wait_max_ns,hold_total_ns,hold_p50_ns,hold_p99_ns,hold_max_ns";
static const char metric_header[] =
	"schema,run,kernel,experiment,arm,backend,lockpath,workload,ssds,"
	"threads,rep,device,metric,unit,value";

static const char histogram_header[] =
	"schema,run,kernel,experiment,arm,backend,lockpath,workload,ssds,"
	"threads,rep,class,device,lock,figure,from_ns,to_ns,count";

/* Schema 1 may grow at its end, and nowhere else. */
static void assert_header(const struct column *columns, size_t n, const char *expected)
{
	char text[1024] = "";

	for (size_t i = 0; i < n; i++) {
		if (i)
			strcat(text, ",");
		assert_non_null(columns[i].name);
		strcat(text, columns[i].name);
	}
	assert_int_equal(strncmp(text, expected, strlen(expected)), 0);
	assert_true(strchr(",", text[strlen(expected)]) != NULL);
}

static void headers_are_schema_1(void **state)
{
	(void)state;
	assert_int_equal(CSV_SCHEMA, 1);
	assert_header(lock_columns, LOCK_COLUMNS, lock_header);
	assert_header(metric_columns, METRIC_COLUMNS, metric_header);
	assert_header(histogram_columns, HISTOGRAM_COLUMNS, histogram_header);
}

static void assert_described(const struct column *c)
{
	size_t len = strlen(c->name);

	assert_non_null(c->help);
	assert_true(c->help[0] != '\0');
	for (size_t i = 0; i < len; i++)
		assert_true(islower((unsigned char)c->name[i]) ||
			    isdigit((unsigned char)c->name[i]) || c->name[i] == '_');
	/* The unit is in the name, so that the file explains itself. */
	if (c->unit)
		assert_string_equal(c->name + len - strlen(c->unit), c->unit);
	if (c->merge != MERGE_KEY)
		assert_int_equal(c->align, COLUMN_RIGHT);
}

static void every_column_is_described(void **state)
{
	(void)state;
	for (size_t i = 0; i < LOCK_COLUMNS; i++)
		assert_described(&lock_columns[i]);
	for (size_t i = 0; i < METRIC_COLUMNS; i++)
		assert_described(&metric_columns[i]);
	for (size_t i = 0; i < HISTOGRAM_COLUMNS; i++)
		assert_described(&histogram_columns[i]);
}

static void names_are_unique_and_found(void **state)
{
	(void)state;
	for (int i = 0; i < LOCK_COLUMNS; i++)
		assert_int_equal(columns_find(lock_columns, LOCK_COLUMNS, lock_columns[i].name), i);
	for (int i = 0; i < METRIC_COLUMNS; i++)
		assert_int_equal(
			columns_find(metric_columns, METRIC_COLUMNS, metric_columns[i].name), i);
	assert_int_equal(columns_find(lock_columns, LOCK_COLUMNS, "arms"), -ENOENT);
}

static void percentiles_are_not_merged(void **state)
{
	(void)state;
	for (size_t i = 0; i < LOCK_COLUMNS; i++)
		if (strstr(lock_columns[i].name, "_p"))
			assert_int_equal(lock_columns[i].merge, MERGE_NONE);
	assert_int_equal(lock_columns[LOCK_CONTENDED].merge, MERGE_SUM);
	assert_int_equal(lock_columns[LOCK_WAIT_MAX].merge, MERGE_MAX);
	assert_int_equal(lock_columns[LOCK_WAIT_MIN].merge, MERGE_MIN);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(headers_are_schema_1),
		cmocka_unit_test(every_column_is_described),
		cmocka_unit_test(names_are_unique_and_found),
		cmocka_unit_test(percentiles_are_not_merged),
	};

	return cmocka_run_group_tests_name("columns", tests, NULL, NULL);
}
