// SPDX-License-Identifier: GPL-2.0-or-later
/* The steady state: accesses as fast as they go, or when they are due. */
#include <time.h>

#include "clock.h"
#include "run.h"
#include "schedule.h"

static bool over(const struct run *r)
{
	return stopped(r) || atomic_load_explicit(&r->slice->crew->next, memory_order_relaxed);
}

/* By pageout, what was touched goes out again before it gets more than a batch. */
static int leave_page(struct run *r, uint64_t page)
{
	uint64_t *recent = r->slice->worker->recent;
	int err = 0;

	if (r->options->by != BY_PAGEOUT)
		return 0;
	recent[r->nr_recent++] = page;
	if (r->nr_recent < r->options->batch)
		return 0;
	for (uint64_t i = 0; i < r->nr_recent && !err; i++)
		err = push_out(r, recent[i], 1);
	r->nr_recent = 0;
	return err;
}

/* In pieces, so that a stop is seen soon. */
static void sleep_until(const struct run *r, uint64_t ns)
{
	enum { PIECE_NS = 100000000 };
	uint64_t now = clock_ns();

	while (now < ns && !over(r)) {
		uint64_t until = ns - now < PIECE_NS ? ns : now + PIECE_NS;
		struct timespec t = { until / 1000000000, until % 1000000000 };

		clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL);
		now = clock_ns();
	}
}

/* The share of --operations of this worker, or what mixed:SEC or --duration allows. */
struct limit {
	uint64_t operations, end_ns;
};

static struct limit limit_of(const struct run *r)
{
	const struct options *o = r->options;
	const struct crew *crew = r->slice->crew;
	double seconds = o->phase_s[crew->phase];

	if (seconds || !o->operations)
		return (struct limit){
			UINT64_MAX,
			crew->start_ns + (seconds ?: o->duration_s) * 1e9,
		};
	return (struct limit){
		o->operations / o->workers + (r->slice->index < o->operations % o->workers),
		UINT64_MAX,
	};
}

static int access_next(struct run *r, uint64_t due_ns)
{
	uint64_t page = access_stream__next(&r->stream);

	int err;

	touch_page(r, page, wants_write(r), due_ns);
	err = leave_page(r, page);
	r->last_ns = clock_ns();
	return err;
}

static int closed_loop(struct run *r, struct limit limit)
{
	uint64_t think_ns = r->options->think_us * 1000;
	int err = 0;

	while (!err && r->tally->operations < limit.operations && r->last_ns < limit.end_ns &&
	       !over(r)) {
		err = access_next(r, 0);
		if (think_ns)
			sleep_until(r, clock_ns() + think_ns);
	}
	return err;
}

/* A sleeper wakes late: whoever can spare the CPU spins before. */
static void wait_until(const struct run *r, uint64_t due_ns)
{
	sleep_until(r, due_ns - (uint64_t)(r->options->spin_us * 1000));
	while (clock_ns() < due_ns && !over(r))
		;
}

static int open_loop(struct run *r, struct limit limit)
{
	const struct options *o = r->options;
	uint64_t start = r->slice->crew->start_ns, due;
	struct schedule s =
		schedule_of(o->rate, o->arrivals == ARRIVALS_POISSON, r->slice->index, o->workers,
			    rng_of(o->seed, r->slice->index, r->slice->crew->phase, 's'));
	int err = 0;

	due = start + schedule__next(&s);
	while (!err && r->tally->operations < limit.operations && due < limit.end_ns &&
	       r->last_ns < limit.end_ns) {
		wait_until(r, due);
		if (over(r))
			break;
		err = access_next(r, due);
		due = start + schedule__next(&s);
	}
	if (over(r))
		limit.end_ns = clock_ns();
	else if (limit.end_ns == UINT64_MAX)
		return err;
	/* Left out, these would be the longest waits of all. */
	for (; due < limit.end_ns; due = start + schedule__next(&s))
		r->tally->not_begun++;
	return err;
}

/* Begins when all were to begin, as the limit counts from there: a late waker had less time. */
int mixed(struct run *r)
{
	struct limit limit = limit_of(r);
	uint64_t start_ns = r->slice->crew->start_ns;

	sleep_until(r, start_ns);
	r->last_ns = clock_ns();
	r->tally->begin_ns = r->last_ns < start_ns ? r->last_ns : start_ns;
	return r->options->rate ? open_loop(r, limit) : closed_loop(r, limit);
}
