// SPDX-License-Identifier: GPL-2.0-or-later
#include "load.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ideal.h"

/* Operations after the first filling, by the objects it has. */
enum { ROUNDS = 5, STAMPS = (ROUNDS + 1) * MAX_OBJECTS + 1 };

struct object {
	int size;
	unsigned int stamp; /* the first to be stored has 1 */
	unsigned long handle;
};

static struct {
	const struct arm *arm;
	void *pool;
	const struct sizes *sizes;
	struct random sizes_from, choices_from;
	struct object live[2 * MAX_OBJECTS]; /* in no order, but that of storing where nothing was
						taken out */
	size_t nlive, wanted;
	size_t at[ARM_NUMBERS];			    /* in live, by the object's number */
	unsigned int stamps, live_by_stamp[STAMPS]; /* a Fenwick tree, of loads that evict */
	bool evicts;
	double ranks;
	size_t evicted;
	bool failed;
} l;

/* Adds @n at the stamp. */
static void count_stamp(unsigned int stamp, int n)
{
	for (; l.evicts && stamp < STAMPS; stamp += stamp & -stamp)
		l.live_by_stamp[stamp] += n;
}

/* Live objects with an older stamp. */
static size_t older_than(unsigned int stamp)
{
	size_t n = 0;

	for (stamp--; stamp; stamp -= stamp & -stamp)
		n += l.live_by_stamp[stamp];
	return n;
}

static void put_at(size_t i, struct object object)
{
	l.live[i] = object;
	if (l.arm->reclaims)
		l.at[l.arm->number(object.handle)] = i;
}

static struct object new_object(void)
{
	struct object object = { .size = sizes_draw(l.sizes, &l.sizes_from), .stamp = ++l.stamps };

	if (!l.arm->store(l.pool, object.size, &object.handle))
		l.failed = true;
	count_stamp(object.stamp, 1);
	return object;
}

static void store(void)
{
	struct object object = new_object();

	if (!l.failed)
		put_at(l.nlive++, object);
}

static void drop_only(const struct object *object)
{
	l.arm->drop(l.pool, object->handle);
	count_stamp(object->stamp, -1);
}

/* The last one takes its place. */
static void drop(size_t i)
{
	drop_only(&l.live[i]);
	if (i != --l.nlive)
		put_at(i, l.live[l.nlive]);
}

static void evict(unsigned long handle)
{
	size_t i = l.at[l.arm->number(handle)];

	l.ranks += (double)older_than(l.live[i].stamp) / (double)l.nlive;
	l.evicted++;
	drop(i);
}

static void fill(void)
{
}

static void churn(void)
{
	for (size_t i = 0; i < ROUNDS * l.wanted && !l.failed; i++) {
		drop(random_below(&l.choices_from, l.nlive));
		store();
	}
}

/* A ring: the new one takes the oldest one's place, which is dropped before. */
static void fifo(void)
{
	for (size_t i = 0; i < ROUNDS * l.wanted && !l.failed; i++) {
		size_t oldest = i % l.wanted;
		struct object object;

		drop_only(&l.live[oldest]);
		object = new_object();
		if (!l.failed)
			put_at(oldest, object);
	}
}

/* The youngest, up to a tenth of all at a time. */
static void lifo(void)
{
	for (size_t i = 0; i < ROUNDS * l.wanted && !l.failed;) {
		size_t n = 1 + random_below(&l.choices_from, l.wanted / 10);

		for (size_t j = 0; j < n; j++)
			drop(l.nlive - 1);
		for (size_t j = 0; j < n && !l.failed; j++)
			store();
		i += n;
	}
}

/*
 * zswap with a full pool, of six pages for ten objects: to store one, the page used longest ago
 * is written back. Meanwhile three of ten stored objects are read back in.
 */
static void aged(void)
{
	size_t limit = l.wanted * 6 / 10;

	for (size_t i = 0; i < ROUNDS * l.wanted && !l.failed; i++) {
		while (l.arm->pages(l.pool) >= limit && !l.failed)
			l.failed = !l.arm->reclaim(l.pool);
		store();
		if (random_below(&l.choices_from, 10) < 3)
			drop(random_below(&l.choices_from, l.nlive));
	}
}

const struct load loads[] = {
	{ "fill", "stores pages, and drops none", fill, false },
	{ "churn", "drops any page and stores another, five times as many", churn, false },
	{ "fifo", "drops the oldest page and stores another, five times as many", fifo, false },
	{ "lifo", "drops the youngest pages and stores others, five times as many", lifo, false },
	{ "aged", "stores pages into a full pool, which writes back those used longest ago", aged,
	  true },
};

const size_t nloads = sizeof(loads) / sizeof(*loads);

static void measure(struct density *d)
{
	size_t of[IDEAL_CHUNKS] = { 0 };
	double bytes = 0, pages = (double)l.arm->pages(l.pool), ideal;

	for (size_t i = 0; i < l.nlive; i++) {
		bytes += l.live[i].size;
		of[(l.live[i].size + ZSWAP_HEADER + 63) / 64]++;
	}
	ideal = (double)ideal_pages(of);
	d->objects = (double)l.nlive / pages;
	d->bytes = bytes / pages;
	d->ideal_objects = (double)l.nlive / ideal;
	d->ideal_bytes = bytes / ideal;
	d->evicted_rank = l.evicted ? l.ranks / (double)l.evicted : NAN;
}

static void begin(const struct load *load, const struct arm *arm, const struct sizes *sizes,
		  size_t objects, uint64_t seed)
{
	memset(&l, 0, sizeof(l));
	l.arm = arm;
	l.evicts = load->reclaims;
	l.sizes = sizes;
	l.wanted = objects;
	l.sizes_from.state = seed;
	l.choices_from.state = ~seed;
	l.pool = arm->create(evict);
	l.failed = !l.pool;
	while (l.nlive < objects && !l.failed)
		store();
}

bool load_run(const struct load *load, const struct arm *arm, const struct sizes *sizes,
	      size_t objects, uint64_t seed, struct density *density)
{
	begin(load, arm, sizes, objects, seed);
	if (!l.failed)
		load->run();
	if (l.failed)
		fprintf(stderr, "zbud-density: %s cannot store in %s\n", load->name, arm->name);
	else
		measure(density);
	for (size_t i = 0; l.pool && i < l.nlive; i++)
		l.arm->drop(l.pool, l.live[i].handle);
	if (l.pool)
		arm->destroy(l.pool);
	return !l.failed;
}
