// SPDX-License-Identifier: GPL-2.0-or-later
/* Mean value analysis against closed forms. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "mva.h"

#define N(array) (sizeof(array) / sizeof(*(array)))

enum { JOBS = 200 };

static void assert_near(double a, double b, double relative)
{
	if (!(fabs(a - b) <= relative * fabs(b)))
		fail_msg("%.17g is not %.17g", a, b);
}

/*
 * The birth-death chain of @jobs jobs, a delay and one station: the time with k at the station
 * is proportional to jobs! / (jobs - k)! / delay^k, times time[0] * ... * time[k - 1].
 */
static double birth_death(const struct mva_station *station, size_t jobs, double delay)
{
	long double weight = 1, all = 1, done = 0;

	for (size_t k = 1; k <= jobs; k++) {
		size_t level = k < station->levels ? k : station->levels;
		long double time = station->time[level - 1];

		weight *= (jobs - k + 1) / (long double)delay * time;
		all += weight;
		done += weight / time;
	}
	return done / all;
}

static void check_birth_death(const struct mva_station *station, double delay)
{
	double throughput[JOBS + 1];

	mva_delay(throughput, JOBS, delay);
	assert_int_equal(mva_add(throughput, JOBS, station, NULL), 0);
	for (size_t n = 1; n <= JOBS; n++)
		assert_near(throughput[n], birth_death(station, n, delay), 1e-12);
}

static void machine_repairman(void **state)
{
	const double time[] = { 1.5 };

	(void)state;
	check_birth_death(&(struct mva_station){ time, 1 }, 0.1);
	check_birth_death(&(struct mva_station){ time, 1 }, 30);
	check_birth_death(&(struct mva_station){ time, 1 }, 1000);
}

/* Of 16 servers; by taking p(0) as what is missing to 1 this one has no digit right. */
static void several_servers(void **state)
{
	double time[64];

	(void)state;
	for (size_t i = 0; i < N(time); i++)
		time[i] = 3.0 / (i + 1);
	check_birth_death(&(struct mva_station){ time, 16 }, 1);
	check_birth_death(&(struct mva_station){ time, 64 }, 1);
	check_birth_death(&(struct mva_station){ time, 64 }, 8);
}

/* The model of a ticket lock: s + ck/2 with k waiting. */
static void ticket_lock(void **state)
{
	double time[JOBS];

	(void)state;
	for (size_t i = 0; i < N(time); i++)
		time[i] = 0.4 + 0.1 * i / 2;
	check_birth_death(&(struct mva_station){ time, N(time) }, 20);
	check_birth_death(&(struct mva_station){ time, N(time) }, 2);
}

/* k stations of demand d, no delay: n / (d (n + k - 1)). */
static void balanced(void **state)
{
	const double time[] = { 0.25 };
	double throughput[JOBS + 1];

	(void)state;
	mva_delay(throughput, JOBS, 0);
	for (size_t k = 1; k <= 20; k++) {
		assert_int_equal(mva_add(throughput, JOBS, &(struct mva_station){ time, 1 }, NULL),
				 0);
		for (size_t n = 1; n <= JOBS; n++)
			assert_near(throughput[n], n / (0.25 * (n + k - 1)), 1e-12);
	}
}

/* Zahorjan, Sevcik, Eager and Galler (1982), without a delay. */
static void balanced_job_bounds(void **state)
{
	static const double demand[] = { 0.1, 0.7, 0.4, 0.65, 0.02 };
	double throughput[JOBS + 1], sum = 0;

	(void)state;
	mva_delay(throughput, JOBS, 0);
	for (size_t i = 0; i < N(demand); i++) {
		sum += demand[i];
		mva_add(throughput, JOBS, &(struct mva_station){ &demand[i], 1 }, NULL);
	}
	for (size_t n = 1; n <= JOBS; n++) {
		double mean = sum / N(demand);

		assert_true(throughput[n] >= n / (sum + (n - 1) * 0.7) * (1 - 1e-12));
		assert_true(throughput[n] <=
			    fmin(1 / 0.7, n / (sum + (n - 1) * mean)) * (1 + 1e-12));
	}
	/* and not just the bounds: far above the knee the slowest station is all that counts */
	assert_near(throughput[JOBS], 1 / 0.7, 1e-6);
}

/* Solved by hand for two jobs: delay 2, stations of 1 and 0.5; R&L's recursion. */
static void by_hand(void **state)
{
	const double one = 1, half = 0.5;
	double throughput[3];

	(void)state;
	mva_delay(throughput, 2, 2);
	mva_add(throughput, 2, &(struct mva_station){ &one, 1 }, NULL);
	mva_add(throughput, 2, &(struct mva_station){ &half, 1 }, NULL);
	assert_near(throughput[1], 1 / 3.5, 1e-14);
	assert_near(throughput[2], 2 / (2 + 1 * (1 + 1 / 3.5) + 0.5 * (1 + 0.5 / 3.5)), 1e-14);
}

static void a_delay_is_a_station_with_a_server_for_each(void **state)
{
	double servers[JOBS], delayed[JOBS + 1], served[JOBS + 1];
	const double time[] = { 0.3, 0.2 };
	const struct mva_station lock = { time, 2 };

	(void)state;
	for (size_t i = 0; i < JOBS; i++)
		servers[i] = 7.0 / (i + 1);
	mva_delay(delayed, JOBS, 7);
	mva_add(delayed, JOBS, &lock, NULL);
	mva_delay(served, JOBS, 0);
	mva_add(served, JOBS, &lock, NULL);
	mva_add(served, JOBS, &(struct mva_station){ servers, JOBS }, NULL);
	for (size_t n = 1; n <= JOBS; n++)
		assert_near(served[n], delayed[n], 1e-12);
}

/* Little's law over all the network; the utilization law; the probabilities' sum and mean. */
static void what_is_seen_of_a_station(void **state)
{
	const double time[] = { 1, 1, 1 }, delay = 12;
	double throughput[JOBS + 1], empty[JOBS + 1], mean[JOBS + 1], present[4];
	const struct mva_station_view view = { empty, mean, present };

	(void)state;
	mva_delay(throughput, JOBS, delay);
	/* three levels of the same speed are one */
	mva_add(throughput, JOBS, &(struct mva_station){ time, 3 }, &view);
	assert_true(empty[0] == 1 && mean[0] == 0);
	for (size_t n = 1; n <= JOBS; n++) {
		assert_near(mean[n] + throughput[n] * delay, n, 1e-12);
		assert_near(1 - empty[n], throughput[n] * time[0], 1e-12);
	}
	assert_near(present[0] + present[1] + present[2] + present[3], 1, 1e-12);
	assert_near(present[0], empty[JOBS], 1e-12);
}

/* Where a job that comes finds the station as it is with one job less. */
static void arrival_theorem(void **state)
{
	const double time[] = { 1 };
	double throughput[JOBS + 1], mean[JOBS + 1];
	const struct mva_station_view view = { .mean = mean };

	(void)state;
	mva_delay(throughput, JOBS, 40);
	mva_add(throughput, JOBS, &(struct mva_station){ time, 1 }, &view);
	for (size_t n = 1; n <= JOBS; n++)
		assert_near(mean[n] / throughput[n], 1 + mean[n - 1], 1e-12);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(machine_repairman),
		cmocka_unit_test(several_servers),
		cmocka_unit_test(ticket_lock),
		cmocka_unit_test(balanced),
		cmocka_unit_test(balanced_job_bounds),
		cmocka_unit_test(by_hand),
		cmocka_unit_test(a_delay_is_a_station_with_a_server_for_each),
		cmocka_unit_test(what_is_seen_of_a_station),
		cmocka_unit_test(arrival_theorem),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
