// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A page holds a CPU while it works, waits for locks and holds them, and none while it is on a
 * drive. So the network is solved in two steps (Lazowska et al., "Quantitative System
 * Performance", 1984, chapters 8 and 9): the CPUs' part with 1 to all CPUs in use gives a station
 * whose speed depends on the number of pages there (a flow-equivalent server; Chandy, Herzog and
 * Woo 1975), and that one is put together with the drives.
 */
#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "mva.h"
#include "swap_model.h"

/* Of a drive: at 256 pages each, many more than there are CPUs. */
#define CLUSTERS 64

void model_set_drive(struct swap_model *model, double rate, double service)
{
	model->drive_channels = fmin(fmax(1, round(rate * service)), MODEL_MAX_CHANNELS);
	model->drive_time = model->drive_channels / rate;
}

/*
 * Of the others, x are pages out in the mean. The one that began k turns before me is still
 * there with probability (x / (1 + x))^k, and on my drive if k is a multiple of the drives; all
 * these add up to 1 / ((1 + 1 / x)^drives - 1), where at random it were x / drives.
 */
double model_meetings(const struct swap_model *model, size_t others, size_t ssds)
{
	double x = model->out * others, in_turn;

	if (!(x > 0))
		return 1;
	in_turn = ssds / (x * (pow(1 + 1 / x, ssds) - 1));
	return 1 - model->out * model->out * (1 - in_turn);
}

size_t model_copies(const struct model_lock *lock, size_t ssds)
{
	switch (lock->copies) {
	case LOCK_PER_DRIVE:
		return ssds;
	case LOCK_PER_CLUSTER:
		return ssds * CLUSTERS;
	default:
		return 1;
	}
}

/*
 * With k waiting, a ticket lock takes ck/2 longer to change hands (Boyd-Wickizer et al.,
 * "Non-scalable locks are dangerous", 2012), and a queued one a constant time.
 */
double model_lock_time(const struct swap_model *model, const struct model_lock *lock,
		       size_t present)
{
	if (present < 2)
		return lock->hold;
	return lock->hold + model->handover + model->handover_each * (present - 1) / 2;
}

double model_cpu_time(const struct swap_model *model)
{
	double time = model->work;

	for (size_t i = 0; i < model->nlocks; i++)
		time += model->locks[i].visits * model->locks[i].hold;
	return time;
}

static size_t lock_levels(const struct swap_model *model, size_t cpus)
{
	return model->handover_each > 0 ? cpus : 2;
}

/* Adds @copies of the lock; @view, if any, is of the last one. */
static int add_lock(const struct swap_model *model, const struct model_lock *lock,
		    struct model_size size, size_t copies, double *throughput,
		    const struct mva_station_view *view)
{
	struct mva_station station = { .levels = lock_levels(model, size.cpus) };
	double *time = calloc(station.levels, sizeof(*time));
	int err = 0;

	if (!time)
		return -ENOMEM;
	for (size_t i = 0; i < station.levels; i++)
		time[i] = lock->visits / model_copies(lock, size.ssds) *
			  model_lock_time(model, lock, i + 1);
	station.time = time;
	for (size_t i = 0; i < copies && !err; i++)
		err = mva_add(throughput, size.cpus, &station, i + 1 < copies ? NULL : view);
	free(time);
	return err;
}

static bool is_used(const struct model_lock *lock)
{
	return lock->visits > 0 && lock->hold > 0;
}

/*
 * The CPUs' part: throughput[n] with n of them in use. With @viewed, one of these locks is added
 * last, to be looked at.
 */
static int solve_cpus(const struct swap_model *model, struct model_size size,
		      const struct model_lock *viewed, double *throughput,
		      const struct mva_station_view *view)
{
	int err = 0;

	mva_delay(throughput, size.cpus, model->work);
	for (size_t i = 0; i < model->nlocks && !err; i++) {
		const struct model_lock *lock = &model->locks[i];

		if (is_used(lock))
			err = add_lock(model, lock, size,
				       model_copies(lock, size.ssds) - (lock == viewed), throughput,
				       NULL);
	}
	if (viewed && !err)
		err = add_lock(model, viewed, size, 1, throughput, view);
	return err;
}

/* The drives alone: throughput[n] with n pages on them. */
static int solve_drives(const struct swap_model *model, size_t ssds, double *throughput,
			size_t pages)
{
	struct mva_station station = { .levels = model->drive_channels };
	double *time = calloc(station.levels, sizeof(*time));
	int err = 0;

	if (!time)
		return -ENOMEM;
	for (size_t i = 0; i < station.levels; i++)
		time[i] = model->drive_time / ssds / (i + 1);
	station.time = time;
	mva_delay(throughput, pages, 0);
	for (size_t i = 0; i < ssds && !err; i++)
		err = mva_add(throughput, pages, &station, NULL);
	free(time);
	return err;
}

/* A solution: what the CPUs' part does by itself, and how many of its CPUs the whole uses. */
struct solution {
	double cpus[MODEL_MAX_CPUS + 1];   /* throughput with n in use */
	double in_use[MODEL_MAX_CPUS + 1]; /* probability of n in use */
	double throughput;
};

static int join_drives(const struct swap_model *model, struct model_size size, struct solution *s)
{
	size_t pages = size.cpus * model->inflight;
	double *all = calloc(pages + 1, sizeof(*all)), time[MODEL_MAX_CPUS];
	struct mva_station station = { .time = time, .levels = size.cpus };
	struct mva_station_view view = { .present = s->in_use };
	int err = all ? solve_drives(model, size.ssds, all, pages) : -ENOMEM;

	for (size_t i = 0; i < size.cpus; i++)
		time[i] = 1 / s->cpus[i + 1];
	if (!err)
		err = mva_add(all, pages, &station, &view);
	if (!err)
		s->throughput = all[pages];
	free(all);
	return err;
}

static int solve(const struct swap_model *model, struct model_size size, struct solution *s)
{
	int err = solve_cpus(model, size, NULL, s->cpus, NULL);

	if (err || model->drive_time > 0)
		return err ? err : join_drives(model, size, s);
	memset(s->in_use, 0, sizeof(s->in_use));
	s->in_use[size.cpus] = 1;
	s->throughput = s->cpus[size.cpus];
	return 0;
}

int model_throughput(const struct swap_model *model, struct model_size size, double *throughput)
{
	struct solution s;
	int err = solve(model, size, &s);

	*throughput = s.throughput;
	return err;
}

/* As model_meetings() has it, where the drives make a difference to who meets at the lock. */
static double meetings(const struct swap_model *model, const struct model_lock *lock, size_t others,
		       size_t ssds)
{
	return lock->copies == LOCK_SHARED ? 1 : model_meetings(model, others, ssds);
}

/*
 * A page that comes to a lock finds it as it is with one page less on the CPUs
 * (the arrival theorem).
 */
static int use_lock(const struct swap_model *model, const struct model_lock *lock,
		    struct model_size size, const struct solution *s, struct lock_use *use)
{
	double throughput[MODEL_MAX_CPUS + 1], empty[MODEL_MAX_CPUS + 1], mean[MODEL_MAX_CPUS + 1];
	struct mva_station_view view = { .empty = empty, .mean = mean };
	int err = solve_cpus(model, size, lock, throughput, &view);
	double arrivals = 0, jobs = 0, waits;

	*use = (struct lock_use){ 0 };
	for (size_t n = 1; n <= size.cpus && !err; n++) {
		arrivals += s->in_use[n] * s->cpus[n];
		jobs += s->in_use[n] * mean[n];
		use->busy += s->in_use[n] * (1 - empty[n]);
		waits = s->in_use[n] * s->cpus[n] * (1 - empty[n - 1]);
		use->at_random += waits;
		use->contended += waits * meetings(model, lock, n - 1, size.ssds);
	}
	use->at_random /= arrivals;
	use->contended /= arrivals;
	use->wait = fmax(0, jobs * model_copies(lock, size.ssds) / arrivals -
				    lock->visits * lock->hold);
	return err;
}

static void most_used(struct model_use *use, enum model_limit limit, double used)
{
	if (used <= use->used)
		return;
	use->limit = limit;
	use->used = used;
}

/* By the utilization law: work done is throughput times demand. */
static void find_limit(const struct swap_model *model, struct model_size size,
		       struct model_use *use)
{
	double cpu = model_cpu_time(model), x = use->throughput;
	size_t pages = model->drive_time > 0 ? size.cpus * model->inflight : size.cpus;

	use->used = 0;
	most_used(use, LIMIT_CPU, x * cpu / size.cpus);
	most_used(use, LIMIT_LATENCY, x * (cpu + model->drive_time) / pages);
	most_used(use, LIMIT_DRIVES, x * model->drive_time / (size.ssds * model->drive_channels));
	for (size_t i = 0; i < model->nlocks; i++)
		most_used(use, LIMIT_LOCK + i, use->locks[i].busy);
}

int model_solve(const struct swap_model *model, struct model_size size, struct model_use *use)
{
	struct solution s;
	int err = solve(model, size, &s);

	*use = (struct model_use){ .throughput = s.throughput };
	for (size_t i = 0; i < model->nlocks && !err; i++)
		if (is_used(&model->locks[i]))
			err = use_lock(model, &model->locks[i], size, &s, &use->locks[i]);
	if (!err)
		find_limit(model, size, use);
	return err;
}

double model_knee(const struct swap_model *model, size_t ssds)
{
	double cpu = model_cpu_time(model), most = INFINITY, each;

	each = fmin(1 / cpu, model->inflight / (cpu + model->drive_time));
	if (model->drive_time > 0)
		most = ssds * model->drive_channels / model->drive_time;
	for (size_t i = 0; i < model->nlocks; i++) {
		const struct model_lock *lock = &model->locks[i];
		double time = lock->visits * model_lock_time(model, lock, 2);

		if (time > 0)
			most = fmin(most, model_copies(lock, ssds) / time);
	}
	return most / each;
}
