/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A phase under way in one worker: what phases.c, touch.c and mixed.c share. */
#ifndef SWAPLOAD_RUN_H
#define SWAPLOAD_RUN_H

#include "access.h"
#include "faults.h"
#include "phases.h"

struct run {
	struct slice *slice;
	const struct options *options;
	struct tally *tally;
	struct faults faults; /* when last asked */
	struct access_stream stream;
	struct rng shares; /* read or write */
	uint64_t nr_recent;
	uint64_t last_ns; /* when the worker was last done with an access and what follows it */
};

static inline uint64_t *page_at(const struct run *r, uint64_t page)
{
	return (uint64_t *)(r->slice->worker->memory + page * r->slice->crew->page_size);
}

static inline bool stopped(const struct run *r)
{
	return atomic_load_explicit(&r->slice->crew->stop, memory_order_relaxed);
}

static inline void count_operations(struct run *r, uint64_t n)
{
	r->tally->operations += n;
	atomic_store_explicit(&r->slice->worker->done, r->tally->operations, memory_order_relaxed);
}

/* Times the first touch of a page, and fills it. */
void touch_new(struct run *r, uint64_t page);

/*
 * Reads or writes a page and verifies it. With @due_ns the time is reckoned from then
 * (open loop); 0 in a closed loop.
 */
void touch_page(struct run *r, uint64_t page, bool write, uint64_t due_ns);

/* Reads or writes by --read-share. */
bool wants_write(struct run *r);

/* MADV_PAGEOUT; 0 or a negative errno. */
int push_out(struct run *r, uint64_t page, uint64_t pages);

/* The steady state. */
int mixed(struct run *r);

#endif
