// SPDX-License-Identifier: GPL-2.0-or-later
/* Figures of the kernel's counters: what is not known has none. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "sysmetrics.h"

static struct sysmetrics from, to;

static int parse(int (*parser)(struct sysmetrics *now, FILE *file), struct sysmetrics *now,
		 const char *text)
{
	FILE *file = fmemopen((void *)text, strlen(text), "r");
	int err = parser(now, file);

	fclose(file);
	return err;
}

static void parse_moment(struct sysmetrics *now, double seconds, const char *vmstat,
			 const char *stat, const char *diskstats)
{
	*now = (struct sysmetrics){
		.seconds = seconds,
		.devices = { { .name = "zram0" } },
		.nr_devices = 1,
	};
	assert_int_equal(parse(sysmetrics__parse_vmstat, now, vmstat), 0);
	assert_int_equal(parse(sysmetrics__parse_stat, now, stat), 0);
	assert_int_equal(parse(sysmetrics__parse_diskstats, now, diskstats), 0);
}

/* The figure @name between the two moments; NULL: there is none. */
static const double *figure(const char *device, const char *name)
{
	static struct metric metrics[MAX_METRICS];
	int n = sysmetrics__between(&from, &to, metrics);

	for (int i = 0; i < n; i++)
		if (!strcmp(metrics[i].device, device) && !strcmp(metrics[i].name, name))
			return &metrics[i].value;
	return NULL;
}

static int setup(void **state)
{
	(void)state;
	parse_moment(&from, 1, "pswpin 1\npswpout 2\npgmajfault 3\n", "cpu  1 2 3 4 500 6 7 0 0\n",
		     " 252 0 zram0 1 0 8 1 2 0 16 2 0 100 3 0 0 0 0 0 0\n");
	return 0;
}

static void changes_are_by_second(void **state)
{
	(void)state;
	parse_moment(&to, 3, "pswpin 11\npswpout 42\npgmajfault 3\n", "cpu  9 9 9 9 500 9 9 0 0\n",
		     " 252 0 zram0 2 0 24 2 3 0 16 3 0 1100 4 0 0 0 0 0 0\n");
	assert_float_equal(*figure("", "swapin"), 5, 1e-9);
	assert_float_equal(*figure("", "swapout"), 20, 1e-9);
	assert_float_equal(*figure("", "majfault"), 0, 1e-9);
	assert_float_equal(*figure("", "cpu_iowait"), 0, 1e-9);
	assert_float_equal(*figure("zram0", "read"), 4096, 1e-9);
	assert_float_equal(*figure("zram0", "written"), 0, 1e-9);
	assert_float_equal(*figure("zram0", "busy"), 0.5, 1e-9);
}

/* Documentation/filesystems/proc.rst: iowait decreases in certain conditions. */
static void iowait_that_went_back_is_no_figure(void **state)
{
	(void)state;
	parse_moment(&to, 2, "pswpin 1\npswpout 2\npgmajfault 3\n", "cpu  9 9 9 9 499 9 9 0 0\n",
		     "");
	assert_null(figure("", "cpu_iowait"));
	assert_non_null(figure("", "cpu_sys"));
}

static void a_counter_that_is_not_there_is_no_zero(void **state)
{
	(void)state;
	parse_moment(&to, 2, "pswpin 1\n", "cpu  9 9 9 9 500 9 9 0 0\n", "");
	assert_non_null(figure("", "swapin"));
	assert_null(figure("", "swapout"));
}

/* As /dev/mapper/swap is where no udev made it a link to dm-0. */
static void a_device_without_a_line_is_not_idle(void **state)
{
	(void)state;
	parse_moment(&from, 1, "", "cpu  1 2 3 4 5 6 7 0 0\n", " 253 0 dm-0 1 0 8 1 2 0 16 2 0 0");
	parse_moment(&to, 2, "", "cpu  1 2 3 4 5 6 7 0 0\n", " 253 0 dm-0 1 0 8 1 2 0 16 2 0 0");
	assert_null(figure("zram0", "read"));
}

static void a_device_that_was_reset_has_no_figure(void **state)
{
	(void)state;
	parse_moment(&to, 2, "", "cpu  1 2 3 4 5 6 7 0 0\n",
		     " 252 0 zram0 1 0 0 1 2 0 16 2 0 100 3 0 0 0 0 0 0\n");
	assert_null(figure("zram0", "written"));
}

static void another_file_is_refused(void **state)
{
	(void)state;
	assert_int_equal(parse(sysmetrics__parse_stat, &to, "cpux 1 2\n"), -EPROTO);
	assert_int_equal(parse(sysmetrics__parse_stat, &to, "cpu 1 2 3\n"), -EPROTO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(changes_are_by_second, setup),
		cmocka_unit_test_setup(iowait_that_went_back_is_no_figure, setup),
		cmocka_unit_test_setup(a_counter_that_is_not_there_is_no_zero, setup),
		cmocka_unit_test_setup(a_device_without_a_line_is_not_idle, setup),
		cmocka_unit_test_setup(a_device_that_was_reset_has_no_figure, setup),
		cmocka_unit_test_setup(another_file_is_refused, setup),
	};

	return cmocka_run_group_tests_name("sysmetrics", tests, NULL, NULL);
}
