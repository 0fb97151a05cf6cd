// SPDX-License-Identifier: GPL-2.0-or-later
#include <math.h>

#include "latency.h"

static unsigned int bucket_of(uint64_t ns)
{
	unsigned int shift;

	if (ns >> LATENCY_MAX_BITS)
		return LATENCY_BUCKETS - 1;
	if (!(ns >> LATENCY_SUB_BITS))
		return ns;
	shift = 63 - __builtin_clzll(ns) - LATENCY_SUB_BITS;
	return (shift << LATENCY_SUB_BITS) + (ns >> shift);
}

static unsigned int shift_of(unsigned int bucket)
{
	unsigned int octave = bucket >> LATENCY_SUB_BITS;

	return octave ? octave - 1 : 0;
}

uint64_t latency__from_ns(unsigned int bucket)
{
	unsigned int shift = shift_of(bucket);

	return (uint64_t)(bucket - (shift << LATENCY_SUB_BITS)) << shift;
}

/* The middle of what bucket_of() maps to @bucket. */
static uint64_t time_of(unsigned int bucket)
{
	return latency__from_ns(bucket) + ((1ULL << shift_of(bucket)) - 1) / 2;
}

void latency__add(struct latency *l, uint64_t ns)
{
	if (!l->count || ns < l->min_ns)
		l->min_ns = ns;
	if (ns > l->max_ns)
		l->max_ns = ns;
	l->count++;
	l->total_ns += ns;
	l->buckets[bucket_of(ns)]++;
}

void latency__merge(struct latency *sum, const struct latency *part)
{
	if (!part->count)
		return;
	if (!sum->count || part->min_ns < sum->min_ns)
		sum->min_ns = part->min_ns;
	if (part->max_ns > sum->max_ns)
		sum->max_ns = part->max_ns;
	sum->count += part->count;
	sum->total_ns += part->total_ns;
	for (int i = 0; i < LATENCY_BUCKETS; i++)
		sum->buckets[i] += part->buckets[i];
}

double latency__mean_ns(const struct latency *l)
{
	return l->count ? (double)l->total_ns / l->count : 0;
}

static uint64_t clamp_ns(uint64_t ns, const struct latency *l)
{
	if (ns < l->min_ns)
		return l->min_ns;
	return ns > l->max_ns ? l->max_ns : ns;
}

bool latency__quantile(const struct latency *l, double share, uint64_t *ns)
{
	/* 1e-9: 0.9 of 10 is 9, whatever the last bit of 0.9 makes of it. */
	double rank = ceil(share * l->count - 1e-9);
	uint64_t below = 0;

	if (rank < 1 || l->count - rank < 1)
		return false;
	for (int i = 0; i < LATENCY_BUCKETS - 1; i++) {
		below += l->buckets[i];
		if (below >= rank) {
			*ns = clamp_ns(time_of(i), l);
			return true;
		}
	}
	*ns = l->max_ns;
	return true;
}
