// SPDX-License-Identifier: GPL-2.0-or-later
/* What the system says: limits of made-up cgroups, counters of a made-up /proc/vmstat. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "experiment.h"
#include "memlimit.h"

static char root[32];

/* The directories above @path, too. */
static void write_file(const char *path, const char *text)
{
	char name[512];
	FILE *file;

	snprintf(name, sizeof(name), "%s%s", root, path);
	for (char *slash = name + strlen(root); (slash = strchr(slash + 1, '/'));) {
		*slash = '\0';
		mkdir(name, 0700);
		*slash = '/';
	}
	file = fopen(name, "w");
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static int make_root(void **state)
{
	(void)state;
	strcpy(root, "/tmp/test_swapload.XXXXXX");
	return mkdtemp(root) ? 0 : -1;
}

static int remove_root(void **state)
{
	char command[64];

	(void)state;
	snprintf(command, sizeof(command), "rm -r -- %s", root);
	return system(command);
}

static const char v2_mount[] =
	"22 1 0:20 / /proc rw shared:1 - proc proc rw\n"
	"30 1 0:26 / /sys/fs/cgroup rw shared:4 - cgroup2 cgroup2 rw,nsdelegate\n";
static const char v1_mounts[] =
	"33 32 0:30 / /cg/cpu rw,relatime shared:9 master:2 - cgroup cgroup rw,cpu,cpuacct\n"
	"34 32 0:31 / /cg/memory rw,relatime - cgroup cgroup rw,memory\n";

static void without_cgroups_there_is_no_limit(void **state)
{
	(void)state;
	assert_int_equal(memlimit_cgroup(root), UINT64_MAX);
}

static void v2_takes_the_least_on_the_way_up(void **state)
{
	(void)state;
	write_file("/proc/self/cgroup", "0::/user.slice/job\n");
	write_file("/proc/self/mountinfo", v2_mount);
	write_file("/sys/fs/cgroup/user.slice/memory.max", "1000000\n");
	write_file("/sys/fs/cgroup/user.slice/job/memory.max", "max\n");
	assert_int_equal(memlimit_cgroup(root), 1000000);
	write_file("/sys/fs/cgroup/user.slice/job/memory.max", "500000\n");
	assert_int_equal(memlimit_cgroup(root), 500000);
	/* where the kernel begins to reclaim */
	write_file("/sys/fs/cgroup/user.slice/memory.high", "400000\n");
	assert_int_equal(memlimit_cgroup(root), 400000);
}

static void v2_of_a_container(void **state)
{
	(void)state;
	write_file("/proc/self/cgroup", "0::/\n");
	write_file("/proc/self/mountinfo", v2_mount);
	write_file("/sys/fs/cgroup/memory.max", "3000000\n");
	assert_int_equal(memlimit_cgroup(root), 3000000);
	/* one without a namespace of its own: it sees the whole path, and a part of the tree */
	write_file("/proc/self/cgroup", "0::/docker/abc/job\n");
	write_file("/proc/self/mountinfo",
		   "30 1 0:26 /docker/abc /sys/fs/cgroup ro - cgroup2 cgroup rw\n");
	write_file("/sys/fs/cgroup/job/memory.max", "2000000\n");
	assert_int_equal(memlimit_cgroup(root), 2000000);
	write_file("/sys/fs/cgroup/job/memory.max", "5000000\n");
	assert_int_equal(memlimit_cgroup(root), 3000000);
}

static void v1_is_found_by_its_controller(void **state)
{
	(void)state;
	write_file("/proc/self/cgroup", "5:cpu,cpuacct:/other\n4:memory:/jobs/a\n0::/\n");
	write_file("/proc/self/mountinfo", v1_mounts);
	write_file("/cg/cpu/other/memory.limit_in_bytes", "1\n");
	write_file("/cg/memory/memory.limit_in_bytes", "9223372036854771712\n");
	write_file("/cg/memory/jobs/memory.limit_in_bytes", "700000\n");
	write_file("/cg/memory/jobs/a/memory.limit_in_bytes", "800000\n");
	assert_int_equal(memlimit_cgroup(root), 700000);
}

/* Memory may be v1's while the rest is v2's, or the other way round. */
static void of_both_the_lesser_counts(void **state)
{
	char mounts[1024];

	(void)state;
	snprintf(mounts, sizeof(mounts), "%s%s", v1_mounts, v2_mount);
	write_file("/proc/self/cgroup", "4:memory:/a\n0::/b\n");
	write_file("/proc/self/mountinfo", mounts);
	write_file("/cg/memory/a/memory.limit_in_bytes", "600000\n");
	assert_int_equal(memlimit_cgroup(root), 600000);
	write_file("/sys/fs/cgroup/b/memory.max", "100000\n");
	assert_int_equal(memlimit_cgroup(root), 100000);
}

static struct vmstat scan(const char *text)
{
	FILE *file = fmemopen((char *)text, strlen(text), "r");
	struct vmstat v;

	assert_non_null(file);
	vmstat__scan(&v, file);
	fclose(file);
	return v;
}

static void counters_of_swap_are_taken(void **state)
{
	struct vmstat before = scan("nr_free_pages 5\npswpin 10\nswap_ra 2\nswap_ra_hit 1\n");
	struct vmstat after = scan("nr_free_pages 4\npswpin 17\nswap_ra 4\nswap_ra_hit 2\n");

	(void)state;
	assert_int_equal(after.n, 3);
	vmstat__since(&after, &before);
	assert_int_equal(vmstat__get(&after, "pswpin"), 7);
	assert_int_equal(vmstat__get(&after, "swap_ra_hit"), 1);
	assert_int_equal(vmstat__get(&after, "zswpin"), 0);
}

/* Of 100 pages read 30 were read ahead; zswap and known zeroes are not the device's. */
static void checks_count_what_the_kernel_counts(void **state)
{
	struct vmstat v = scan("pswpin 100\npswpout 50\npgmajfault 90\nswap_ra 30\n"
			       "swpin_zero 5\nswpout_zero 7\nzswpin 15\nzswpout 20\nzswpwb 4\n");
	struct check checks[NR_CHECKS];

	(void)state;
	vmstat__check(&v, 90, -17, checks);
	assert_string_equal(checks[0].name, "major_faults");
	assert_int_equal(checks[0].kernel, 90);
	assert_int_equal(checks[1].kernel, 100 + 15 + 5 - 30);
	assert_int_equal(checks[1].own, 90);
	assert_int_equal(checks[2].kernel, 50 + 20 + 7 - 4);
	assert_int_equal(checks[2].own, 90 - 17);
	for (int i = 0; i < NR_CHECKS; i++)
		assert_string_equal(check__verdict(&checks[i]), "agrees");
}

static void freeing_swaps_nothing_out(void **state)
{
	struct vmstat v = scan("pswpout 0\n");
	struct check checks[NR_CHECKS];

	(void)state;
	vmstat__check(&v, 0, -1000, checks);
	assert_int_equal(checks[2].own, 0);
	assert_string_equal(check__verdict(&checks[2]), "none");
}

static void disagreement_is_named(void **state)
{
	const struct check others = { "x", 50, 100 }, more = { "x", 100, 50 };
	const struct check unseen = { "x", 1, 0 }, near = { "x", 96, 100 };

	(void)state;
	assert_string_equal(check__verdict(&others), "others swapped, too");
	assert_string_equal(check__verdict(&more), "more than the kernel counted");
	assert_string_equal(check__verdict(&unseen), "more than the kernel counted");
	assert_string_equal(check__verdict(&near), "agrees");
	assert_true(check__explained_percent(&others) == 50);
}

static void fairness(void **state)
{
	double even[] = { 5, 5, 5, 5 }, one[] = { 0, 8, 0, 0 }, odd[] = { 3, 1, 2 };
	struct fairness f = fairness_of(even, 4);

	(void)state;
	assert_true(f.jain == 1 && f.min == 5 && f.median == 5 && f.max == 5);
	f = fairness_of(one, 4);
	assert_true(f.jain == 0.25 && f.min == 0 && f.median == 0 && f.max == 8);
	f = fairness_of(odd, 3);
	assert_true(f.median == 2 && fabs(f.jain - 36.0 / 42) < 1e-12);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(without_cgroups_there_is_no_limit, make_root,
						remove_root),
		cmocka_unit_test_setup_teardown(v2_takes_the_least_on_the_way_up, make_root,
						remove_root),
		cmocka_unit_test_setup_teardown(v2_of_a_container, make_root, remove_root),
		cmocka_unit_test_setup_teardown(v1_is_found_by_its_controller, make_root,
						remove_root),
		cmocka_unit_test_setup_teardown(of_both_the_lesser_counts, make_root, remove_root),
		cmocka_unit_test(counters_of_swap_are_taken),
		cmocka_unit_test(checks_count_what_the_kernel_counts),
		cmocka_unit_test(freeing_swaps_nothing_out),
		cmocka_unit_test(disagreement_is_named),
		cmocka_unit_test(fairness),
	};

	return cmocka_run_group_tests_name("swapload_system", tests, NULL, NULL);
}
