/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the tests of a report share: writing a directory of results, reading it. */
#ifndef TEST_REPORT_FILES_H
#define TEST_REPORT_FILES_H

#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "columns.h"
#include "report_data.h"

static char dir[32];
static FILE *out;
static struct report_data data;

static inline int setup(void **state)
{
	(void)state;
	strcpy(dir, "/tmp/test_report.XXXXXX");
	return mkdtemp(dir) ? 0 : -1;
}

static inline void remove_file(const char *name)
{
	char path[64];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	unlink(path);
}

static inline int teardown(void **state)
{
	(void)state;
	report_data_free(&data);
	remove_file("locks.csv");
	remove_file("metrics.csv");
	remove_file("histograms.csv");
	remove_file("run.json");
	return rmdir(dir);
}

static inline void begin(const char *name)
{
	char path[64];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	out = fopen(path, "w");
	assert_non_null(out);
}

static inline void begin_csv(const char *name, const struct column *columns, size_t n)
{
	begin(name);
	for (size_t i = 0; i < n; i++)
		fprintf(out, "%s%s", i ? "," : "", columns[i].name);
	fputc('\n', out);
}

static inline void end(void)
{
	assert_int_equal(fclose(out), 0);
}

static inline void lock(const char *arm, const char *ssds, int rep, const char *class,
			const char *figures)
{
	fprintf(out, "1,r,6.1,e,%s,lockdep,native,w,%s,4,%d,,%s,nvme0n1,l,symbol,%s,,,,,,,,,\n",
		arm, ssds, rep, class, figures);
}

static inline void metric(const char *arm, const char *backend, const char *ssds, int rep,
			  const char *rest)
{
	fprintf(out, "1,r,6.1,e,%s,%s,native,w,%s,4,%d,%s\n", arm, backend, ssds, rep, rest);
}

static inline void read_all(void)
{
	int err = report_data_read(&data, dir);

	if (err)
		fail_msg("%s", data.error);
}

static inline void rejected(const char *message)
{
	assert_int_not_equal(report_data_read(&data, dir), 0);
	if (!strstr(data.error, message))
		fail_msg("'%s' has no '%s'", data.error, message);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

#endif
