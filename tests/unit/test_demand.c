// SPDX-License-Identifier: GPL-2.0-or-later
/* From result files to models: each figure by hand; intervals of resampled repetitions. */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "columns.h"
#include "demand.h"
#include "scale.h"

struct files {
	char directory[32], locks[64], metrics[64], run[64];
	FILE *lock_rows, *metric_rows;
};

static void write_header(FILE *f, const struct column *columns, size_t n)
{
	for (size_t i = 0; i < n; i++)
		fprintf(f, "%s%s", columns[i].name, i + 1 < n ? "," : "\n");
}

static int make_files(void **state)
{
	struct files *f = calloc(1, sizeof(*f));

	*state = f;
	strcpy(f->directory, "/tmp/test_demand.XXXXXX");
	if (!mkdtemp(f->directory))
		return -1;
	sprintf(f->locks, "%s/locks.csv", f->directory);
	sprintf(f->metrics, "%s/metrics.csv", f->directory);
	sprintf(f->run, "%s/run.json", f->directory);
	f->lock_rows = fopen(f->locks, "w");
	f->metric_rows = fopen(f->metrics, "w");
	write_header(f->lock_rows, lock_columns, LOCK_COLUMNS);
	write_header(f->metric_rows, metric_columns, METRIC_COLUMNS);
	return 0;
}

static int remove_files(void **state)
{
	struct files *f = *state;

	unlink(f->locks);
	unlink(f->metrics);
	unlink(f->run);
	rmdir(f->directory);
	free(f);
	return 0;
}

/* Of two drives. Times in us. */
static void add_lock(struct files *f, const char *arm, unsigned int rep, const char *class,
		     const char *device, unsigned int acquired, unsigned int wait,
		     unsigned int hold)
{
	fprintf(f->lock_rows,
		"1,r,k,e,%s,lockdep,native,load,2,4,%u,,%s,%s,l,symbol,%u,%u,%u000,,,,,,%u000,,,\n",
		arm, rep, class, device, acquired, acquired / 10, wait, hold);
}

static void add_metric(struct files *f, const char *arm, const char *backend, unsigned int rep,
		       const char *metric, double value)
{
	fprintf(f->metric_rows, "1,r,k,e,%s,%s,native,load,2,4,%u,,%s,,%g\n", arm, backend, rep,
		metric, value);
}

/* 2 s, in which @cpu seconds went into 2 * (out + in) pages. */
static void add_cell(struct files *f, const char *arm, const char *backend, unsigned int rep,
		     double out, double in, double cpu)
{
	add_metric(f, arm, backend, rep, "window", 2);
	add_metric(f, arm, backend, rep, "swapout", out);
	add_metric(f, arm, backend, rep, "swapin", in);
	add_metric(f, arm, backend, rep, "cpu_user", cpu / 4);
	add_metric(f, arm, backend, rep, "cpu_sys", cpu * 3 / 4);
}

/*
 * 1,000 pages each. global: 4 acquisitions of 20 us, 5 us of wait a page; partition: as many on its
 * two drives, of 10 us, and no wait. 1 ms of CPU time a page with the tracer, 250 us without.
 */
static void add_two_arms(struct files *f, unsigned int rep)
{
	add_lock(f, "partition", rep, "swap_map", "nvme0n1", 1000, 0, 10000);
	add_lock(f, "partition", rep, "swap_map", "nvme1n1", 3000, 0, 30000);
	add_lock(f, "partition", rep, "cluster", "nvme0n1", 0, 0, 0);
	add_lock(f, "global", rep, "swap_map", "all", 4000, 5000, 80000);
	add_lock(f, "global", rep, "swap_avail", "all", 500, 0, 15000);
	add_lock(f, "global", rep, "lruvec", "", 999, 999, 999);
	add_cell(f, "partition", "lockdep", rep, 400, 100, 1);
	add_cell(f, "global", "lockdep", rep, 400, 100, 1);
	add_cell(f, "partition", "none", rep, 1500, 500, 1);
	add_cell(f, "global", "none", rep, 1500, 500, 1);
}

static void close_files(struct files *f)
{
	assert_int_equal(fclose(f->lock_rows), 0);
	assert_int_equal(fclose(f->metric_rows), 0);
}

static void read_files(struct files *f, struct demand *demand)
{
	close_files(f);
	*demand = (struct demand){ 0 };
	if (demand_read(demand, f->directory))
		fail_msg("%s", demand->error);
}

static void assert_near(double a, double b, double relative)
{
	if (!(fabs(a - b) <= relative * fabs(b)))
		fail_msg("%.15g is not %.15g", a, b);
}

static void own_times_as_traced(void **state)
{
	struct demand_choice choice = { .workload = "load", .own = true, .traced = true };
	struct swap_model model;
	struct demand demand;

	add_two_arms(*state, 1);
	read_files(*state, &demand);
	choice.arm = "global";
	assert_int_equal(demand_fit(&demand, &choice, &model), 0);
	assert_int_equal(model.nlocks, 2);
	assert_string_equal(model.locks[0].name, "swap_map");
	assert_int_equal(model.locks[0].copies, LOCK_SHARED);
	assert_near(model.locks[0].visits, 4, 1e-9);
	assert_near(model.locks[0].hold, 20e-6, 1e-9);
	assert_string_equal(model.locks[1].name, "swap_avail");
	assert_near(model.locks[1].visits, 0.5, 1e-9);
	assert_near(model.locks[1].hold, 30e-6, 1e-9);
	/* 1 ms less 80 us and 15 us under the locks and 5 us of waiting */
	assert_near(model.work, 900e-6, 1e-9);
	assert_near(model.out, 0.8, 1e-9);
	assert_true(model.drive_time == 0);
	choice.arm = "partition";
	assert_int_equal(demand_fit(&demand, &choice, &model), 0);
	assert_int_equal(model.nlocks, 1);
	assert_int_equal(model.locks[0].copies, LOCK_PER_DRIVE);
	assert_near(model.locks[0].hold, 10e-6, 1e-9);
	assert_near(model.work, 960e-6, 1e-9);
	demand_free(&demand);
}

/* A quarter of the time without the tracer; times are the mean of both arms. */
static void times_together_without_the_tracer(void **state)
{
	struct demand_choice choice = { .workload = "load", .arm = "partition" };
	struct swap_model model;
	struct demand demand;

	add_two_arms(*state, 1);
	read_files(*state, &demand);
	assert_int_equal(demand_fit(&demand, &choice, &model), 0);
	assert_near(model.locks[0].visits, 4, 1e-9);
	assert_near(model.locks[0].hold, 15e-6 / 4, 1e-9);
	assert_near(model.work, 930e-6 / 4, 1e-9);
	demand_free(&demand);
}

static void weights(void **state)
{
	const unsigned int second[] = { 0, 0, 3 }, none[] = { 1 };
	struct demand_choice choice = {
		.workload = "load", .arm = "a", .traced = true, .weights = second, .nweights = 3
	};
	struct swap_model model;
	struct demand demand;

	add_lock(*state, "a", 1, "swap_map", "all", 1000, 0, 1000);
	add_lock(*state, "a", 2, "swap_map", "all", 1000, 0, 7000);
	add_cell(*state, "a", "lockdep", 1, 500, 0, 1);
	add_cell(*state, "a", "lockdep", 2, 500, 0, 1);
	read_files(*state, &demand);
	assert_int_equal(demand_fit(&demand, &choice, &model), 0);
	assert_near(model.locks[0].hold, 7e-6, 1e-9);
	choice.weights = NULL;
	assert_int_equal(demand_fit(&demand, &choice, &model), 0);
	assert_near(model.locks[0].hold, 4e-6, 1e-9);
	choice.weights = none;
	choice.nweights = 1;
	assert_int_equal(demand_fit(&demand, &choice, &model), -ENODATA);
	demand_free(&demand);
}

/* 20,000 and 30,000 a second make 24,000 of both in turn; 400 us at a time, so 10 at once. */
static void ceiling(void **state)
{
	static const struct {
		const char *metric;
		double value;
	} rows[] = {
		{ "randread_iops", 20000 },
		{ "randwrite_iops", 30000 },
		{ "qd1_randread_lat_mean", 300e3 },
		{ "qd1_randwrite_lat_mean", 500e3 },
		{ "seqread_bw", 1e9 },
		{ "randread_lat_mean", 1e9 },
	};
	const struct demand_choice choice = { .workload = "load", .arm = "global" };
	struct files *f = *state;
	struct swap_model model;
	struct demand demand;

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		fprintf(f->metric_rows, "1,r,k,e,,none,,ceiling,2,1,,nvme0n1,%s,,%g\n",
			rows[i].metric, rows[i].value);
	add_two_arms(f, 1);
	read_files(f, &demand);
	assert_int_equal(demand_fit(&demand, &choice, &model), 0);
	assert_int_equal(model.drive_channels, 10);
	assert_near(model.drive_channels / model.drive_time, 24000, 1e-9);
	demand_free(&demand);
}

static void write_run(const struct files *f, unsigned int cpus)
{
	FILE *run = fopen(f->run, "w");

	fprintf(run, "{\"guest\": {\"lockstat\": {\"cpus\": %u}}}", cpus);
	fclose(run);
}

static void the_machine(void **state)
{
	struct files *f = *state;
	struct demand demand;

	write_run(f, 12);
	read_files(f, &demand);
	assert_int_equal(demand.cpus, 12);
	demand_free(&demand);
}

static void no_time_left_for_work(void **state)
{
	const struct demand_choice choice = { .workload = "load", .arm = "a" };
	struct swap_model model;
	struct demand demand;

	add_lock(*state, "a", 1, "swap_map", "all", 1000, 600000, 500000);
	add_cell(*state, "a", "lockdep", 1, 500, 0, 1);
	read_files(*state, &demand);
	assert_int_equal(demand_fit(&demand, &choice, &model), -ERANGE);
	demand_free(&demand);
}

static void rejected(struct files *f, const char *where)
{
	struct demand demand = { 0 };

	close_files(f);
	assert_int_equal(demand_read(&demand, f->directory), -EINVAL);
	assert_non_null(strstr(demand.error, where));
	demand_free(&demand);
}

static void malformed(void **state)
{
	struct files *f = *state;

	fputs("1,r,k,e,a,lockdep,native,load,2,4,1,,swap_map,all,l,symbol,many,,,,,,,,,,,\n",
	      f->lock_rows);
	rejected(f, "locks.csv:2");
}

static void less_than_nothing(void **state)
{
	add_metric(*state, "a", "lockdep", 1, "window", 2);
	add_metric(*state, "a", "lockdep", 1, "swapout", -400);
	rejected(*state, "metrics.csv:3: swapout: -400 is less than nothing");
}

static void a_machine_cut_off(void **state)
{
	struct files *f = *state;
	FILE *run = fopen(f->run, "w");

	fputs("{\"guest\":\n", run);
	fclose(run);
	rejected(f, "run.json:2: ");
}

static void make_cases(struct files *f, const struct scale_choice *choice,
		       struct scale_case **cases)
{
	struct demand demand;
	size_t n;

	read_files(f, &demand);
	if (scale_cases(&demand, choice, cases, &n))
		fail_msg("%s", demand.error);
	assert_int_equal(n, 1);
	demand_free(&demand);
}

static const struct scale_grid grid = {
	.cpus = { 16 }, .ncpus = 1, .ssds = { 2 }, .nssds = 1, .gain = 0.05
};

/* The arm with one lock for all drives is the base, wherever it stands. */
static void cases(void **state)
{
	const struct scale_choice choice = { .seed = 1 };
	struct scale_case *of;

	for (unsigned int rep = 1; rep <= 4; rep++)
		add_two_arms(*state, rep);
	make_cases(*state, &choice, &of);
	assert_string_equal(of->workload, "load");
	assert_int_equal(of->narms, 2);
	assert_string_equal(of->arms[0].name, "global");
	assert_int_equal(scale_predict(of, &grid), 0);
	/* repetitions that are all alike */
	assert_true(of->nresampled > 0);
	assert_near(of->rows[1].throughput.lo, of->rows[1].throughput.value, 1e-9);
	assert_near(of->rows[1].ratio.hi, of->rows[1].ratio.value, 1e-9);
	assert_true(of->rows[1].ratio.value > 1);
	scale_case_free(of);
	free(of);
}

static void add_unlike_reps(struct files *f)
{
	for (unsigned int rep = 1; rep <= 5; rep++) {
		add_lock(f, "a", rep, "swap_map", "all", 1000, 0, 50000 + 20000 * rep);
		add_cell(f, "a", "lockdep", rep, 500, 0, 1);
	}
}

/* 110 us under the lock in the mean, 70 to 150 in each: the ends are hardly ever all that is drawn.
 */
static void intervals(void **state)
{
	const struct scale_choice choice = { .seed = 1 };
	const struct scale_row *row;
	struct scale_case *of;

	add_unlike_reps(*state);
	make_cases(*state, &choice, &of);
	assert_int_equal(scale_predict(of, &grid), 0);
	row = of->rows;
	assert_true(row->throughput.lo < row->throughput.value);
	assert_true(row->throughput.hi > row->throughput.value);
	assert_true(row->throughput.lo > 1 / 150e-6 && row->throughput.hi < 1 / 70e-6);
	scale_case_free(of);
	free(of);
}

/*
 * One CPU: nobody waits, and a page takes 250 us without the tracer. Two: the other one is at one
 * of the two locks of arm partition for 60 of 990 us.
 */
static void checks_of_other_machines(void **state)
{
	const struct scale_choice choice = { .seed = 1 };
	const struct scale_check *check;
	struct scale_case *of;
	struct demand demand;
	size_t n;

	for (unsigned int rep = 1; rep <= 3; rep++)
		add_two_arms(*state, rep);
	write_run(*state, 1);
	read_files(*state, &demand);
	assert_int_equal(scale_cases(&demand, &choice, &of, &n), 0);
	assert_int_equal(scale_check(of, &demand, "one", &grid), 0);
	demand.cpus = 2;
	assert_int_equal(scale_check(of, &demand, "two", &grid), 0);
	assert_int_equal(of->nchecks, 4);
	/* four threads */
	assert_int_equal(of->arms[0].used.model.inflight, 4);
	check = &of->checks[0];
	assert_string_equal(check->arm->name, "global");
	assert_int_equal(check->size.cpus, 1);
	assert_int_equal(check->size.ssds, 2);
	assert_int_equal(check->reps, 3);
	assert_near(check->contended.hi, 0.1, 1e-9);
	assert_true(check->model_contended.value == 0);
	assert_near(check->throughput.value, 2000, 1e-9);
	assert_near(check->model_throughput.value, 4000, 0.02);
	assert_near(check->model_throughput.lo, check->model_throughput.value, 1e-9);
	check = &of->checks[3];
	assert_string_equal(check->run, "two");
	assert_string_equal(check->arm->name, "partition");
	assert_near(check->at_random, 60e-6 / 990e-6 / 2, 1e-2);
	assert_near(check->model_contended.value,
		    check->at_random * model_meetings(&check->arm->used.model, 1, 2), 1e-9);
	assert_true(isnan(check->simulated));
	scale_case_free(of);
	free(of);
	demand_free(&demand);
}

static void too_few_for_intervals(void **state)
{
	const struct scale_choice choice = { .seed = 1 };
	struct scale_case *of;

	add_two_arms(*state, 1);
	add_two_arms(*state, 2);
	make_cases(*state, &choice, &of);
	assert_int_equal(scale_predict(of, &grid), 0);
	assert_int_equal(of->nresampled, 0);
	assert_true(isnan(of->rows[0].throughput.lo) && !isnan(of->rows[0].throughput.value));
	scale_case_free(of);
	free(of);
}

#define WITH_FILES(test) cmocka_unit_test_setup_teardown(test, make_files, remove_files)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_FILES(own_times_as_traced),
		WITH_FILES(times_together_without_the_tracer),
		WITH_FILES(weights),
		WITH_FILES(ceiling),
		WITH_FILES(the_machine),
		WITH_FILES(no_time_left_for_work),
		WITH_FILES(malformed),
		WITH_FILES(less_than_nothing),
		WITH_FILES(a_machine_cut_off),
		WITH_FILES(cases),
		WITH_FILES(intervals),
		WITH_FILES(checks_of_other_machines),
		WITH_FILES(too_few_for_intervals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
