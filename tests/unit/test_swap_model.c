// SPDX-License-Identifier: GPL-2.0-or-later
/* The model against closed forms, and against a simulation that knows none of its algebra. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "mva.h"
#include "queue_sim.h"
#include "swap_model.h"

#define N(array) (sizeof(array) / sizeof(*(array)))

enum { MAP, AVAIL };

static void assert_near(double a, double b, double relative)
{
	if (!(fabs(a - b) <= relative * fabs(b)))
		fail_msg("%.17g is not %.17g", a, b);
}

/* 10 us of work and 1.25 us under locks; drives of 100,000 pages/s. */
static struct swap_model model_of(enum lock_copies copies)
{
	return (struct swap_model){
		.work = 10e-6,
		.locks = { [MAP] = { "swap_map", copies, 4, 0.25e-6 },
			   [AVAIL] = { "swap_avail", LOCK_SHARED, 0.5, 0.5e-6 } },
		.nlocks = 2,
		.drive_time = 80e-6,
		.drive_channels = 8,
		.inflight = 1,
	};
}

static struct swap_model without_drives(enum lock_copies copies)
{
	struct swap_model model = model_of(copies);

	model.drive_time = 0;
	return model;
}

static double throughput(const struct swap_model *model, size_t cpus, size_t ssds)
{
	double value;

	assert_int_equal(model_throughput(model, (struct model_size){ cpus, ssds }, &value), 0);
	return value;
}

static void alone_nothing_waits(void **state)
{
	struct swap_model model = without_drives(LOCK_SHARED);

	(void)state;
	assert_near(throughput(&model, 1, 1), 1 / 11.25e-6, 1e-12);
	model.handover = 1;
	model.handover_each = 1;
	assert_near(throughput(&model, 1, 1), 1 / 11.25e-6, 1e-12);
	model = model_of(LOCK_SHARED);
	assert_near(throughput(&model, 1, 1), 1 / (11.25e-6 + 80e-6), 1e-12);
}

/* Where all pages may have a CPU, the two steps are one network, exactly. */
static void one_network(void **state)
{
	const double map[] = { 1e-6 / 3, 1.6e-6 / 3 }, avail[] = { 0.25e-6, 0.325e-6 };
	struct swap_model model = model_of(LOCK_PER_DRIVE);
	double flat[65], drive[8];

	(void)state;
	model.handover = 0.15e-6;
	for (size_t i = 0; i < N(drive); i++)
		drive[i] = 80e-6 / 3 / (i + 1);
	mva_delay(flat, 64, model.work);
	mva_add(flat, 64, &(struct mva_station){ avail, 2 }, NULL);
	for (size_t i = 0; i < 3; i++) {
		mva_add(flat, 64, &(struct mva_station){ map, 2 }, NULL);
		mva_add(flat, 64, &(struct mva_station){ drive, N(drive) }, NULL);
	}
	for (size_t cpus = 1; cpus <= 64; cpus++)
		assert_near(throughput(&model, cpus, 3), flat[cpus], 1e-11);
}

static void what_bounds_it(void **state)
{
	struct swap_model model = model_of(LOCK_SHARED);
	struct model_use use;

	(void)state;
	model.inflight = 32;
	assert_int_equal(model_solve(&model, (struct model_size){ 1, 8 }, &use), 0);
	assert_int_equal(use.limit, LIMIT_CPU);
	assert_near(use.throughput, 1 / 11.25e-6, 1e-3);
	assert_int_equal(model_solve(&model, (struct model_size){ 64, 2 }, &use), 0);
	assert_int_equal(use.limit, LIMIT_DRIVES);
	assert_near(use.throughput, 200000, 1e-3);
	/* 1 us a page under one lock */
	assert_int_equal(model_solve(&model, (struct model_size){ 64, 32 }, &use), 0);
	assert_int_equal(use.limit, LIMIT_LOCK + MAP);
	assert_near(use.throughput, 1e6, 1e-3);
	model.inflight = 1;
	assert_int_equal(model_solve(&model, (struct model_size){ 2, 8 }, &use), 0);
	assert_int_equal(use.limit, LIMIT_LATENCY);
}

static void knee(void **state)
{
	struct swap_model model = without_drives(LOCK_SHARED);

	(void)state;
	assert_near(model_knee(&model, 3), 11.25, 1e-12);
	model.handover = 0.25e-6;
	assert_near(model_knee(&model, 3), 11.25 / 2, 1e-12);
	model = without_drives(LOCK_PER_DRIVE);
	assert_near(model_knee(&model, 3), 3 * 11.25, 1e-12);
	/* with more drives it is swap_avail, 0.25 us a page */
	assert_near(model_knee(&model, 8), 4 * 11.25, 1e-12);
	model = model_of(LOCK_PER_DRIVE);
	assert_near(model_knee(&model, 3), 0.3 * 91.25, 1e-12);
	model = (struct swap_model){ .work = 1, .inflight = 1 };
	assert_true(isinf(model_knee(&model, 1)));
}

/* One drive: a lock for each is one for all. */
static void arms_are_equal_on_one_drive(void **state)
{
	struct swap_model global = model_of(LOCK_SHARED), partition = model_of(LOCK_PER_DRIVE);

	(void)state;
	for (size_t cpus = 1; cpus <= 64; cpus *= 2) {
		assert_near(throughput(&partition, cpus, 1), throughput(&global, cpus, 1), 1e-12);
		assert_true(throughput(&partition, cpus, 2) >= throughput(&global, cpus, 2));
	}
}

/* What a lock alone gives: one waits only if the lock was found taken, and as long as by Little. */
static void use_of_a_lock(void **state)
{
	struct swap_model model = without_drives(LOCK_SHARED);
	struct model_use use;

	(void)state;
	model.nlocks = 1;
	assert_int_equal(model_solve(&model, (struct model_size){ 1, 1 }, &use), 0);
	assert_true(use.locks[MAP].contended == 0);
	assert_true(use.locks[MAP].wait < 1e-18);
	assert_int_equal(model_solve(&model, (struct model_size){ 16, 1 }, &use), 0);
	assert_near(use.locks[MAP].busy, use.throughput * 1e-6, 1e-9);
	assert_near(16 / use.throughput, 11e-6 + use.locks[MAP].wait, 1e-9);
}

/* Nobody waits, one does, four do. */
static void lock_time(void **state)
{
	struct swap_model model = { .handover = 30, .handover_each = 20 };
	const struct model_lock lock = { .hold = 1000 };

	(void)state;
	assert_near(model_lock_time(&model, &lock, 1), 1000, 1e-15);
	assert_near(model_lock_time(&model, &lock, 2), 1040, 1e-15);
	assert_near(model_lock_time(&model, &lock, 5), 1070, 1e-15);
}

/* The rate is kept, the time only as far as whole channels allow. */
static void drives(void **state)
{
	struct swap_model model = { 0 };

	(void)state;
	model_set_drive(&model, 100000, 80e-6);
	assert_int_equal(model.drive_channels, 8);
	assert_near(model.drive_time, 80e-6, 1e-15);
	model_set_drive(&model, 100000, 1e-6);
	assert_int_equal(model.drive_channels, 1);
	assert_near(model.drive_time, 10e-6, 1e-15);
}

/* With queued hand-over one drive more never hurts; with tickets it may. */
static void only_tickets_get_slower(void **state)
{
	struct swap_model model = model_of(LOCK_SHARED);

	(void)state;
	model.inflight = 32;
	model.drive_channels = 32;
	model.handover = 0.1e-6;
	for (size_t ssds = 1; ssds < 8; ssds++)
		assert_true(throughput(&model, 24, ssds + 1) >=
			    throughput(&model, 24, ssds) * (1 - 1e-9));
	model.handover_each = 0.2e-6;
	assert_true(throughput(&model, 32, 4) < 0.99 * throughput(&model, 16, 4));
}

static void check_simulation(const struct swap_model *model, struct model_size size)
{
	const struct queue_sim_plan plan = { .pages = 60000, .seed = 7 };
	struct queue_sim_result sim;
	struct model_use use;

	assert_int_equal(model_solve(model, size, &use), 0);
	assert_int_equal(queue_sim(model, size, &plan, &sim), 0);
	if (!(fabs(sim.throughput / use.throughput - 1) < 0.02))
		fail_msg("%zu CPUs, %zu drives: %g simulated, %g by the model", size.cpus,
			 size.ssds, sim.throughput, use.throughput);
	for (size_t i = 0; i < model->nlocks; i++)
		if (!(fabs(sim.contended[i] - use.locks[i].contended) < 0.02))
			fail_msg("%zu CPUs, %zu drives, %s: %g contended, %g by the model",
				 size.cpus, size.ssds, model->locks[i].name, sim.contended[i],
				 use.locks[i].contended);
}

static void check_grid(const struct swap_model *model)
{
	for (size_t cpus = 1; cpus <= 64; cpus *= 4)
		for (size_t ssds = 1; ssds <= 4; ssds += 3)
			check_simulation(model, (struct model_size){ cpus, ssds });
}

static void simulation_one_page_a_cpu(void **state)
{
	struct swap_model model;

	(void)state;
	for (enum lock_copies copies = LOCK_SHARED; copies <= LOCK_PER_CLUSTER; copies++) {
		model = model_of(copies);
		check_grid(&model);
		model.drive_time = 0;
		check_grid(&model);
	}
}

static void simulation_many_pages_a_cpu(void **state)
{
	struct swap_model model;

	(void)state;
	for (enum lock_copies copies = LOCK_SHARED; copies <= LOCK_PER_DRIVE; copies++) {
		model = model_of(copies);
		model.inflight = 16;
		model.drive_channels = 30;
		check_grid(&model);
	}
}

static void simulation_handover(void **state)
{
	struct swap_model model = without_drives(LOCK_SHARED);

	(void)state;
	model.handover = 0.2e-6;
	check_grid(&model);
	model = model_of(LOCK_PER_DRIVE);
	model.handover_each = 0.1e-6;
	check_grid(&model);
}

/* By hand: two CPUs, whose pages end in any order, meet at one of 2^n - 1 turns. */
static void meetings(void **state)
{
	struct swap_model model = { .out = 1 };

	(void)state;
	for (size_t ssds = 1; ssds <= 8; ssds++)
		assert_near(model_meetings(&model, 1, ssds), ssds / (exp2(ssds) - 1), 1e-12);
	assert_near(model_meetings(&model, 511, 2), 1, 1e-3);
	/* one page in two out: 1/3 of those still there, so 1/8 in turn with two drives */
	model.out = 0.5;
	assert_near(model_meetings(&model, 1, 2), 0.75 + 0.25 * 2 / (0.5 * 8), 1e-12);
	model.out = 0;
	assert_near(model_meetings(&model, 1, 8), 1, 1e-15);
}

static double simulated_in_turn(const struct swap_model *model, struct model_size size)
{
	const struct queue_sim_plan plan = { .pages = 50000, .seed = 3, .in_turn = true };
	struct queue_sim_result sim;

	assert_int_equal(queue_sim(model, size, &plan, &sim), 0);
	return sim.contended[MAP];
}

/* An approximation, so that the bound is wider: a tenth, or 0.03 of all where most wait. */
static void check_in_turn(const struct swap_model *model, struct model_size size)
{
	double simulated = simulated_in_turn(model, size);
	struct model_use use;

	assert_int_equal(model_solve(model, size, &use), 0);
	if (!(fabs(simulated - use.locks[MAP].contended) < fmax(0.03, simulated / 10)))
		fail_msg("%zu CPUs, %zu drives, %g out: %g contended in turn, %g by the model",
			 size.cpus, size.ssds, model->out, simulated, use.locks[MAP].contended);
}

static void simulation_in_turn(void **state)
{
	struct swap_model model = model_of(LOCK_PER_DRIVE);

	(void)state;
	for (model.out = 0.5; model.out <= 1; model.out += 0.5)
		for (size_t cpus = 2; cpus <= 64; cpus *= 2)
			for (size_t ssds = 1; ssds <= 4; ssds++) {
				model.drive_time = 80e-6;
				check_in_turn(&model, (struct model_size){ cpus, ssds });
				model.drive_time = 0;
				check_in_turn(&model, (struct model_size){ cpus, ssds });
			}
}

/* Where hardly anybody waits nothing is approximated but the time that a page takes. */
static void simulation_of_two_cpus_in_turn(void **state)
{
	struct swap_model model = without_drives(LOCK_PER_DRIVE);
	struct model_use use;

	(void)state;
	for (model.out = 0.5; model.out <= 1; model.out += 0.5)
		for (size_t ssds = 2; ssds <= 4; ssds++) {
			const struct model_size size = { 2, ssds };

			assert_int_equal(model_solve(&model, size, &use), 0);
			assert_near(simulated_in_turn(&model, size), use.locks[MAP].contended, 0.1);
		}
}

/*
 * Model and simulation take the number of clusters from one place, so that they agree with any.
 * By hand, as docs/scale.md has it: of two CPUs, one finds the other at its cluster of 64 a drive.
 */
static void clusters_of_a_drive(void **state)
{
	const struct swap_model model = {
		.work = 9e-6,
		.locks = { { "cluster", LOCK_PER_CLUSTER, 2, 0.5e-6 } },
		.nlocks = 1,
	};
	struct model_use use;

	(void)state;
	for (size_t ssds = 1; ssds <= 3; ssds++) {
		assert_int_equal(model_solve(&model, (struct model_size){ 2, ssds }, &use), 0);
		assert_near(use.locks[0].at_random, 0.1 / (64 * ssds), 1e-9);
	}
}

static void simulation_is_repeatable(void **state)
{
	struct swap_model model = model_of(LOCK_SHARED);
	const struct model_size size = { 8, 2 };
	const struct queue_sim_plan plan = { .pages = 5000, .seed = 1 };
	const struct queue_sim_plan other_plan = { .pages = 5000, .seed = 2 };
	struct queue_sim_result one, same, other;

	(void)state;
	assert_int_equal(queue_sim(&model, size, &plan, &one), 0);
	assert_int_equal(queue_sim(&model, size, &plan, &same), 0);
	assert_int_equal(queue_sim(&model, size, &other_plan, &other), 0);
	assert_true(one.throughput == same.throughput);
	assert_true(one.throughput != other.throughput);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(alone_nothing_waits),
		cmocka_unit_test(one_network),
		cmocka_unit_test(what_bounds_it),
		cmocka_unit_test(knee),
		cmocka_unit_test(arms_are_equal_on_one_drive),
		cmocka_unit_test(use_of_a_lock),
		cmocka_unit_test(lock_time),
		cmocka_unit_test(drives),
		cmocka_unit_test(only_tickets_get_slower),
		cmocka_unit_test(simulation_one_page_a_cpu),
		cmocka_unit_test(simulation_many_pages_a_cpu),
		cmocka_unit_test(simulation_handover),
		cmocka_unit_test(meetings),
		cmocka_unit_test(simulation_in_turn),
		cmocka_unit_test(simulation_of_two_cpus_in_turn),
		cmocka_unit_test(clusters_of_a_drive),
		cmocka_unit_test(simulation_is_repeatable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
