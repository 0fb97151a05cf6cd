/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the tests of compare share: writing small files, comparing them. */
#ifndef TEST_COMPARE_FILES_H
#define TEST_COMPARE_FILES_H

#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "columns.h"
#include "compare_groups.h"

/* Two files, the second for what concerns more than one. */
static char paths[2][32];
static FILE *out;
static struct compare_set *set;
static struct compare_result result;
static const struct compare_row *rows;
static size_t nrows;

static inline int setup(void **state)
{
	(void)state;
	for (int i = 0; i < 2; i++) {
		int fd;

		strcpy(paths[i], "/tmp/test_compare.XXXXXX");
		fd = mkstemp(paths[i]);
		if (fd < 0 || close(fd))
			return -1;
	}
	return 0;
}

static inline int teardown(void **state)
{
	(void)state;
	compare_set_free(set);
	set = NULL;
	return unlink(paths[0]) | unlink(paths[1]);
}

static inline void begin(int file, const struct column *columns, size_t n)
{
	out = fopen(paths[file], "w");
	assert_non_null(out);
	for (size_t i = 0; i < n; i++)
		fprintf(out, "%s%s", i ? "," : "", columns[i].name);
	fputc('\n', out);
}

static inline void begin_locks(int file)
{
	begin(file, lock_columns, LOCK_COLUMNS);
}

static inline void begin_metrics(int file)
{
	begin(file, metric_columns, METRIC_COLUMNS);
}

static inline void end(void)
{
	assert_int_equal(fclose(out), 0);
}

/* What a row of locks.csv is about; the rest is the same in all tests. */
struct lock_row {
	const char *run, *kernel, *arm, *backend, *lockpath, *ssds, *rep, *interval, *class,
		*device;
	const char *contended, *wait_total, *wait_min, *wait_p99, *wait_max;
};

static const char *given(const char *text, const char *standard)
{
	return text ? text : standard;
}

static inline void lock_row(struct lock_row r)
{
	fprintf(out, "1,%s,%s,swap,%s,%s,%s,stress,%s,2,%s,%s,%s,%s,lock,symbol,",
		given(r.run, "r1"), given(r.kernel, "6.1"), given(r.arm, "global"),
		given(r.backend, "lockdep"), given(r.lockpath, "native"), given(r.ssds, "1"),
		given(r.rep, "1"), given(r.interval, ""), given(r.class, "swap_map"),
		given(r.device, "nvme0n1"));
	fprintf(out, "1000,%s,%s,%s,,,%s,%s,,,,\n", given(r.contended, "0"),
		given(r.wait_total, "0"), given(r.wait_min, ""), given(r.wait_p99, ""),
		given(r.wait_max, ""));
}

/* One swap_map row for each repetition: contentions @first, @first + 1, ... */
static inline void lock_reps(const char *arm, const char *ssds, int first, int n)
{
	for (int i = 0; i < n; i++) {
		char rep[12], contended[12];

		snprintf(rep, sizeof(rep), "%d", i + 1);
		snprintf(contended, sizeof(contended), "%d", first + i);
		lock_row((struct lock_row){
			.arm = arm, .ssds = ssds, .rep = rep, .contended = contended });
	}
}

/* The same in each repetition. */
static inline void one_value(const char *arm, const char *ssds, int n)
{
	for (int i = 0; i < n; i++) {
		char rep[12];

		snprintf(rep, sizeof(rep), "%d", i + 1);
		lock_row((struct lock_row){
			.arm = arm, .ssds = ssds, .rep = rep, .contended = "77" });
	}
}

static inline void metric_row(const char *arm, const char *rep, const char *device,
			      const char *metric, const char *value)
{
	fprintf(out, "1,r1,6.1,swap,%s,none,native,stress,1,2,%s,%s,%s,unit,%s\n", arm, rep, device,
		metric, value);
}

static inline int run(const struct compare_query *query, int files)
{
	int err = 0;

	set = compare_set_new(query);
	assert_non_null(set);
	for (int i = 0; i < files && !err; i++)
		err = compare_set_read(set, paths[i]);
	if (!err)
		err = compare_set_finish(set, &result);
	rows = result.rows;
	nrows = result.nrows;
	return err;
}

static const char *const contended[] = { "contended" };
__attribute__((unused)) static const char *const swap_map[] = { "swap_map" };

static const struct compare_query by_arm = {
	.by = "arm", .base = "global", .metrics = contended, .nmetrics = 1
};

/* The one row of this class, SSD count and value; "" is any. */
static inline const struct compare_row *row(const char *class, const char *ssds, const char *value)
{
	const struct compare_row *found = NULL;

	for (size_t i = 0; i < nrows; i++) {
		if ((*class && strcmp(rows[i].key[KEY_CLASS], class)) ||
		    (*ssds && strcmp(rows[i].key[KEY_SSDS], ssds)) ||
		    (*value && strcmp(rows[i].value, value)))
			continue;
		assert_null(found);
		found = &rows[i];
	}
	assert_non_null(found);
	return found;
}

static inline void refused(const struct compare_query *query, int files, int err,
			   const char *message)
{
	assert_int_equal(run(query, files), err);
	if (!strstr(compare_set_error(set), message))
		fail_msg("'%s' has no '%s'", compare_set_error(set), message);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

#endif
