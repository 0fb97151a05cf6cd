/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Swapping as a closed queueing network: what a page needs of CPUs, locks and drives, and
 * what follows for other numbers of them. docs/scale.md has the model. Pure functions; times
 * are in seconds. A page is one that goes out or comes in.
 */
#ifndef LOCKSTAT_SWAP_SWAP_MODEL_H
#define LOCKSTAT_SWAP_SWAP_MODEL_H

#include <stddef.h>

/* Far above any machine; they bound time and memory. */
enum {
	MODEL_MAX_CPUS = 512,
	MODEL_MAX_SSDS = 64,
	MODEL_MAX_INFLIGHT = 256,
	MODEL_MAX_CHANNELS = 1024
};

enum { MODEL_LOCKS = 4 };

enum lock_copies {
	LOCK_SHARED,
	LOCK_PER_DRIVE,
	LOCK_PER_CLUSTER,
};

struct model_lock {
	const char *name;
	enum lock_copies copies;
	double visits; /* a page */
	double hold;   /* each time */
};

struct swap_model {
	double work; /* of a CPU for a page, outside of the locks */
	struct model_lock locks[MODEL_LOCKS];
	size_t nlocks;
	double handover;      /* a hold is longer by this where somebody waits, */
	double handover_each; /* and by half of this for each who does */
	double drive_time;    /* one page on a drive; 0: no drive ever makes wait */
	size_t drive_channels;
	size_t inflight; /* pages under way for each CPU: on a drive, or on it */
	double out;	 /* share of the pages that go out, which take the drives in turn */
};

struct model_size {
	size_t cpus, ssds;
};

struct lock_use {
	double busy;	  /* share of the time that one lock of these is held or handed over */
	double contended; /* share of the acquisitions that have to wait, with drives in turn */
	double at_random; /* the same if all pages took any drive; this one is exact */
	double wait;	  /* a page, for all of these locks, likewise at random */
};

enum model_limit {
	LIMIT_CPU,     /* all CPUs do what is not waiting */
	LIMIT_LATENCY, /* all pages under way are on their way, without queueing */
	LIMIT_DRIVES,
	LIMIT_LOCK, /* and so on: of lock 1, ... */
};

struct model_use {
	double throughput; /* pages a second */
	struct lock_use locks[MODEL_LOCKS];
	enum model_limit limit; /* what is used most, */
	double used;		/* and how much of it */
};

/*
 * Drives of @rate pages a second, with @service for each on an idle drive: as many channels as
 * that takes, in whole numbers. The rate is what limits, so it is kept, not the time.
 */
void model_set_drive(struct swap_model *model, double rate, double service);

/*
 * How often two pages on a CPU are on the same drive, in relation to drives taken at random: one
 * page and @others.
 */
double model_meetings(const struct swap_model *model, size_t others, size_t ssds);

/* How many locks of this kind there are, between which pages choose evenly. */
size_t model_copies(const struct model_lock *lock, size_t ssds);

/* How long one of them is busy with an acquisition while @present hold it or wait for it. */
double model_lock_time(const struct swap_model *model, const struct model_lock *lock,
		       size_t present);

/* What a page takes of a CPU while nobody waits. */
double model_cpu_time(const struct swap_model *model);

/* Exact mean value analysis. Both return 0 or -ENOMEM. */
int model_throughput(const struct swap_model *model, struct model_size size, double *throughput);
int model_solve(const struct swap_model *model, struct model_size size, struct model_use *use);

/*
 * The knee: the number of CPUs at which these could do, without queueing, what the slowest
 * lock or the drives can do at best (asymptotic bounds). INFINITY if nothing bounds them.
 */
double model_knee(const struct swap_model *model, size_t ssds);

#endif
