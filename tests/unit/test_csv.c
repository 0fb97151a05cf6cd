// SPDX-License-Identifier: GPL-2.0-or-later
/* CSV files: what is written reads back, and what is malformed is refused. */
#include <errno.h>
#include <fcntl.h>
#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "csv.h"

static const struct column two[] = {
	{ .name = "name" },
	{ .name = "value" },
};

static const struct column versioned[] = {
	{ .name = "schema" },
	{ .name = "value" },
};

static char path[64];

static int setup(void **state)
{
	int fd;

	(void)state;
	strcpy(path, "/tmp/test_csv.XXXXXX");
	fd = mkstemp(path);
	return fd < 0 ? -1 : close(fd);
}

static int teardown(void **state)
{
	(void)state;
	return unlink(path);
}

static void put(const char *text, size_t len)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_int_equal(fwrite(text, 1, len, f), len);
	assert_int_equal(fclose(f), 0);
}

static void assert_file(const char *expected)
{
	char text[4096];
	FILE *f = fopen(path, "r");
	size_t n;

	assert_non_null(f);
	n = fread(text, 1, sizeof(text) - 1, f);
	text[n] = '\0';
	fclose(f);
	assert_string_equal(text, expected);
}

/* Reads the whole file bound to @columns; the error is that of the reader. */
static int read_all(const struct column *columns, size_t n, char *error, size_t size)
{
	struct csv_reader *r;
	int err = csv_reader_open(&r, path);

	if (!err)
		err = csv_reader_bind(r, columns, n);
	while (!err) {
		double value;

		err = csv_reader_next(r);
		if (err <= 0)
			break;
		err = csv_reader_double(r, 1, &value);
		if (err > 0)
			err = 0;
	}
	snprintf(error, size, "%s", csv_reader_error(r));
	csv_reader_close(r);
	return err;
}

/* @text is refused, with @reason after the file's name. */
static void refused_n(const struct column *columns, const char *text, size_t len,
		      const char *reason)
{
	char error[512], expected[512];

	put(text, len);
	assert_int_equal(read_all(columns, 2, error, sizeof(error)), -EINVAL);
	snprintf(expected, sizeof(expected), "%s%s", path, reason);
	assert_string_equal(error, expected);
}

static void refused(const char *text, const char *reason)
{
	refused_n(two, text, strlen(text), reason);
}

static int begin(struct csv_writer **w, const char *name)
{
	int err = csv_writer_open(w, name);

	if (err)
		return err;
	err = csv_writer_begin(*w, two, 2);
	if (err) {
		csv_writer_close(*w);
		*w = NULL;
	}
	return err;
}

static void opening_alone_loses_nothing(void **state)
{
	struct csv_writer *w;
	char text[32] = "";
	FILE *file = fopen(path, "w");

	(void)state;
	fputs("precious", file);
	fclose(file);
	assert_int_equal(csv_writer_open(&w, path), 0);
	assert_int_equal(csv_writer_close(w), 0);
	file = fopen(path, "r");
	assert_non_null(fgets(text, sizeof(text), file));
	fclose(file);
	assert_string_equal(text, "precious");
}

static void write_quotes_as_rfc_4180(void **state)
{
	struct csv_writer *w;

	(void)state;
	assert_int_equal(begin(&w, path), 0);
	csv_writer_field_str(w, "a,b");
	csv_writer_field_str(w, "say \"hi\"");
	assert_int_equal(csv_writer_end_row(w), 0);
	csv_writer_field_str(w, "two\nlines");
	csv_writer_field_str(w, "plain text");
	assert_int_equal(csv_writer_end_row(w), 0);
	csv_writer_field_empty(w);
	csv_writer_field_u64(w, UINT64_MAX);
	assert_int_equal(csv_writer_end_row(w), 0);
	assert_int_equal(csv_writer_close(w), 0);
	assert_file("name,value\n\"a,b\",\"say \"\"hi\"\"\"\n"
		    "\"two\nlines\",plain text\n,18446744073709551615\n");
}

static void row_is_in_the_file_before_close(void **state)
{
	struct csv_writer *w;

	(void)state;
	assert_int_equal(begin(&w, path), 0);
	assert_file("name,value\n");
	csv_writer_field_str(w, "x");
	csv_writer_field_u64(w, 1);
	assert_int_equal(csv_writer_end_row(w), 0);
	assert_file("name,value\nx,1\n");
	assert_int_equal(csv_writer_close(w), 0);
}

static void double_reads_back_equal(void **state)
{
	static const double values[] = {
		0.1, 1.0 / 3, 1e300, DBL_MIN, DBL_MAX, -2.5, 123456789012345678.0
	};
	struct csv_writer *w;
	struct csv_reader *r;
	double value;

	(void)state;
	assert_int_equal(begin(&w, path), 0);
	for (size_t i = 0; i < sizeof(values) / sizeof(*values); i++) {
		csv_writer_field_empty(w);
		csv_writer_field_double(w, values[i]);
		assert_int_equal(csv_writer_end_row(w), 0);
	}
	assert_int_equal(csv_writer_close(w), 0);
	assert_int_equal(csv_reader_open(&r, path), 0);
	assert_int_equal(csv_reader_bind(r, two, 2), 0);
	for (size_t i = 0; i < sizeof(values) / sizeof(*values); i++) {
		assert_int_equal(csv_reader_next(r), 1);
		assert_int_equal(csv_reader_double(r, 1, &value), 1);
		assert_true(value == values[i]);
	}
	assert_int_equal(csv_reader_next(r), 0);
	csv_reader_close(r);
}

static void writer_refuses_nan_and_wrong_width(void **state)
{
	struct csv_writer *w;

	(void)state;
	assert_int_equal(begin(&w, path), 0);
	csv_writer_field_str(w, "x");
	assert_int_equal(csv_writer_field_double(w, NAN), -EDOM);
	assert_int_equal(csv_writer_end_row(w), -EDOM);
	assert_int_equal(csv_writer_close(w), -EDOM);

	assert_int_equal(begin(&w, path), 0);
	csv_writer_field_str(w, "x");
	assert_int_equal(csv_writer_end_row(w), -EINVAL);
	assert_int_equal(csv_writer_close(w), -EINVAL);

	assert_int_equal(begin(&w, path), 0);
	csv_writer_field_str(w, "unfinished");
	assert_int_equal(csv_writer_close(w), -EINVAL);
	assert_file("name,value\n");
}

static void writer_reports_full_disk(void **state)
{
	struct csv_writer *w;

	(void)state;
	assert_int_equal(begin(&w, "/dev/full"), -ENOSPC);
	assert_null(w);
	assert_int_equal(csv_writer_open(&w, "/nonexistent/x.csv"), -ENOENT);
	assert_int_equal(csv_writer_open(&w, "/"), -EISDIR);
}

/* A limit on the file's size stands in for a disk that fills up in a row. */
static void partly_written_row_is_cut_off(void **state)
{
	struct rlimit old, small;
	struct csv_writer *w;

	(void)state;
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	small = old;
	small.rlim_cur = strlen("name,value\nx,1\n") + 3;
	assert_int_equal(begin(&w, path), 0);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	csv_writer_field_str(w, "x");
	csv_writer_field_u64(w, 1);
	assert_int_equal(csv_writer_end_row(w), 0);
	csv_writer_field_str(w, "longer");
	csv_writer_field_u64(w, 2);
	assert_int_equal(csv_writer_end_row(w), -EFBIG);
	assert_int_equal(csv_writer_field_u64(w, 3), -EFBIG);
	assert_int_equal(csv_writer_close(w), -EFBIG);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
	assert_file("name,value\nx,1\n");
}

static void columns_are_found_by_name(void **state)
{
	static const char text[] = "extra,value,name,more\r\n"
				   "e,7,\"a \"\"b\"\"\",m\r\n"
				   "e,,\"two\nlines\",m\n";
	struct csv_reader *r;
	uint64_t value = 0;

	(void)state;
	put(text, strlen(text));
	assert_int_equal(csv_reader_open(&r, path), 0);
	assert_true(csv_reader_has(r, "more"));
	assert_false(csv_reader_has(r, "schema"));
	assert_int_equal(csv_reader_bind(r, two, 2), 0);
	assert_int_equal(csv_reader_next(r), 1);
	assert_string_equal(csv_reader_str(r, 0), "a \"b\"");
	assert_int_equal(csv_reader_u64(r, 1, &value), 1);
	assert_int_equal(value, 7);
	assert_int_equal(csv_reader_next(r), 1);
	assert_string_equal(csv_reader_str(r, 0), "two\nlines");
	assert_int_equal(csv_reader_u64(r, 1, &value), 0);
	assert_int_equal(csv_reader_next(r), 0);
	csv_reader_close(r);
}

enum { MANY = 20000, LONG = 300000 };

/* Of all lengths up to 100, some quoted: each begins and ends somewhere else in what is read. */
static void print_row(FILE *f, int i)
{
	static const char *const value[] = { "%d,%.*s\n", "%d,\"%.*s,\"\n", "%d,\"%.*s\n\"\n" };
	char text[101];

	memset(text, 'x', sizeof(text));
	fprintf(f, value[i % 3], i, i % 101, text);
}

static void rows_are_whole_wherever_a_block_ends(void **state)
{
	char *text = malloc(LONG + 1);
	struct csv_reader *r;
	FILE *f = fopen(path, "w");
	uint64_t number;

	(void)state;
	memset(text, 'y', LONG);
	text[LONG] = '\0';
	fputs("value,name\n", f);
	for (int i = 0; i < MANY; i++)
		print_row(f, i);
	fprintf(f, "%d,\"%s\"\n%d,%s\n", MANY, text, MANY, text);
	fclose(f);
	assert_int_equal(csv_reader_open(&r, path), 0);
	assert_int_equal(csv_reader_bind(r, two, 2), 0);
	for (int i = 0; i < MANY + 2; i++) {
		assert_int_equal(csv_reader_next(r), 1);
		assert_int_equal(csv_reader_u64(r, 1, &number), 1);
		assert_int_equal(number, i < MANY ? i : MANY);
		assert_int_equal(strlen(csv_reader_str(r, 0)),
				 i < MANY ? i % 101 + (i % 3 > 0) : LONG);
	}
	assert_int_equal(csv_reader_next(r), 0);
	csv_reader_close(r);
	free(text);
}

static void print_twice(FILE *f, double value, int decimals)
{
	fprintf(f, "%.*f,%.*f\n", decimals, value, decimals, value);
}

/* To the last bit, however many digits there are and wherever their point is. */
static void numbers_are_those_of_strtod(void **state)
{
	static const char *const texts[] = { "0",
					     "-0",
					     "+1",
					     "5.",
					     ".5",
					     "-.25",
					     "007.50",
					     "1e3",
					     "1.5E-3",
					     "999999999999999",
					     "9007199254740993",
					     "0.1",
					     "0.000000000000001",
					     "0.3000000000000000444",
					     "123456789.012345",
					     "179769313486231570000000000000000000000" };
	struct csv_reader *r;
	FILE *f = fopen(path, "w");
	double value, expected;
	size_t rows = 0;

	(void)state;
	fputs("name,value\n", f);
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		fprintf(f, "%s,%s\n", texts[i], texts[i]);
	for (int i = 0; i < MANY; i++)
		print_twice(f, pow(1.37, i % 100) * i / 7, i % 18);
	fclose(f);
	assert_int_equal(csv_reader_open(&r, path), 0);
	assert_int_equal(csv_reader_bind(r, two, 2), 0);
	for (; csv_reader_next(r) == 1; rows++) {
		expected = strtod(csv_reader_str(r, 0), NULL);
		assert_int_equal(csv_reader_double(r, 1, &value), 1);
		assert_memory_equal(&value, &expected, sizeof(value));
	}
	assert_int_equal(rows, sizeof(texts) / sizeof(*texts) + MANY);
	csv_reader_close(r);
}

static void byte_order_mark_is_passed_over(void **state)
{
	char error[512];

	(void)state;
	put("\xef\xbb\xbfname,value\nx,1\n", 18);
	assert_int_equal(read_all(two, 2, error, sizeof(error)), 0);
	put("\xef\xbb\xbf\"name\",value\nx,1\n", 20);
	assert_int_equal(read_all(two, 2, error, sizeof(error)), 0);
}

static void malformed_is_refused(void **state)
{
	(void)state;
	refused("", ":1: empty file, no header line");
	refused("name\nx\n", ":1: no column 'value'");
	refused("name,value,name\n", ":1: column 'name' twice");
	refused("name,value\nx\n", ":2: 1 fields, the header has 2");
	refused("name,value\nx,1\nx,1,2\n", ":3: 3 fields, the header has 2");
	refused("name,value\nx,1\n\nx,1\n", ":3: empty line");
	refused("name,value\nx,1\n\"x,1\ny,2\n", ":3: unterminated quote");
	refused("name,value\nx,1\n\"x,1", ":3: unterminated quote");
	refused("name,value\na\"b\",1\n", ":2: misplaced quote");
	refused("name,value\n\"a\"b,1\n", ":2: misplaced quote");
	refused_n(two, "name,value\nx\0,1\n", 16, ":2: NUL byte");
}

static void truncated_last_line_is_refused(void **state)
{
	static const char reason[] = ":2: truncated: the last line has no newline";

	(void)state;
	/* The number may have lost digits, though the fields are all there. */
	refused("name,value\nx,12", reason);
	refused("name,value\nx", reason);
	refused("name,value", ":1: truncated: the last line has no newline");
}

static void line_number_counts_lines_not_records(void **state)
{
	(void)state;
	refused("name,value\n\"a\nb\nc\",1\nx,y\n", ":5: value: 'y' is not a number");
}

static void non_numbers_are_refused(void **state)
{
	static const char *const bad[] = { "x",	  "1x",	 " 1", "1 ", "0x10", "nan",   "inf",
					   "1,5", "--1", "e",  "-",  ".",    "1.2.3", "1-" };
	char text[64], reason[96];

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		snprintf(text, sizeof(text), "name,value\nx,\"%s\"\n", bad[i]);
		snprintf(reason, sizeof(reason), ":2: value: '%s' is not a number", bad[i]);
		refused(text, reason);
	}
}

static void what_no_double_holds_is_refused(void **state)
{
	(void)state;
	refused("name,value\nx,1e999\n", ":2: value: '1e999' is too large");
	refused("name,value\nx,-1e999\n", ":2: value: '-1e999' is too large");
	refused("name,value\nx,1e-400\n", ":2: value: '1e-400' is too small to tell from 0");
	refused("name,value\nx,-1e-400\n", ":2: value: '-1e-400' is too small to tell from 0");
}

static void u64_is_strict(void **state)
{
	static const char *const bad[] = { "-1", "+1", "1.0", " 1", "0x1", "18446744073709551616" };
	struct csv_reader *r;
	char text[64];
	uint64_t value;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		snprintf(text, sizeof(text), "name,value\nx,%s\n", bad[i]);
		put(text, strlen(text));
		assert_int_equal(csv_reader_open(&r, path), 0);
		assert_int_equal(csv_reader_bind(r, two, 2), 0);
		assert_int_equal(csv_reader_next(r), 1);
		assert_int_equal(csv_reader_u64(r, 1, &value), -EINVAL);
		assert_non_null(strstr(csv_reader_error(r), "is not a whole number"));
		csv_reader_close(r);
	}
}

static void unknown_schema_is_refused(void **state)
{
	static const char future[] = "schema,value\n1,5\n2,5\n";
	static const char again[] = "schema,value\n1,5\nschema,value\n";

	(void)state;
	refused_n(versioned, future, strlen(future), ":3: unknown schema '2', expected 1");
	/* Files concatenated with their header lines. */
	refused_n(versioned, again, strlen(again), ":3: unknown schema 'schema', expected 1");
	refused_n(versioned, "schema,value\n,5\n", 16, ":2: unknown schema '', expected 1");
}

static void unreadable_files_are_reported(void **state)
{
	struct csv_reader *r;

	(void)state;
	assert_int_equal(csv_reader_open(&r, "/nonexistent.csv"), -ENOENT);
	assert_string_equal(csv_reader_error(r), "/nonexistent.csv: No such file or directory");
	csv_reader_close(r);
	assert_int_equal(csv_reader_open(&r, "/"), -EISDIR);
	assert_string_equal(csv_reader_error(r), "/: Is a directory");
	csv_reader_close(r);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		T(opening_alone_loses_nothing),
		T(write_quotes_as_rfc_4180),
		T(row_is_in_the_file_before_close),
		T(double_reads_back_equal),
		T(writer_refuses_nan_and_wrong_width),
		T(writer_reports_full_disk),
		T(partly_written_row_is_cut_off),
		T(columns_are_found_by_name),
		T(rows_are_whole_wherever_a_block_ends),
		T(numbers_are_those_of_strtod),
		T(byte_order_mark_is_passed_over),
		T(malformed_is_refused),
		T(truncated_last_line_is_refused),
		T(line_number_counts_lines_not_records),
		T(non_numbers_are_refused),
		T(what_no_double_holds_is_refused),
		T(u64_is_strict),
		T(unknown_schema_is_refused),
		T(unreadable_files_are_reported),
	};

	return cmocka_run_group_tests_name("csv", tests, NULL, NULL);
}
