/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Times in a log-linear histogram of fixed size: 64 buckets an octave, so that
 * a bucket is at most 1/64 of its times wide.
 */
#ifndef SWAPLOAD_LATENCY_H
#define SWAPLOAD_LATENCY_H

#include <stdbool.h>
#include <stdint.h>

enum {
	LATENCY_SUB_BITS = 6,
	LATENCY_MAX_BITS = 42, /* 73 minutes; what is longer lies in the last bucket */
	LATENCY_BUCKETS = (LATENCY_MAX_BITS - LATENCY_SUB_BITS + 1) << LATENCY_SUB_BITS,
};

struct latency {
	uint64_t count;
	uint64_t total_ns;
	uint64_t min_ns; /* of no meaning while count is 0 */
	uint64_t max_ns;
	uint64_t buckets[LATENCY_BUCKETS];
};

void latency__add(struct latency *l, uint64_t ns);
void latency__merge(struct latency *sum, const struct latency *part);

/* The shortest time that is counted in @bucket; the longest is next to that of the one after it. */
uint64_t latency__from_ns(unsigned int bucket);

/* 0 if nothing was counted. */
double latency__mean_ns(const struct latency *l);

/*
 * The smallest time that the given share (0..1) of all does not exceed, off by
 * at most 1/64 of itself. False where there are too few times to tell: fewer
 * than one in all beyond it.
 */
bool latency__quantile(const struct latency *l, double share, uint64_t *ns);

#endif
