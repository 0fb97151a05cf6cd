// SPDX-License-Identifier: GPL-2.0-or-later
#include "hist.h"

void time_stats__merge(struct time_stats *sum, const struct time_stats *part)
{
	if (!part->count)
		return;
	if (!sum->count || part->min < sum->min)
		sum->min = part->min;
	if (part->max > sum->max)
		sum->max = part->max;
	sum->count += part->count;
	sum->total += part->total;
	for (int i = 0; i < HIST_BUCKETS; i++)
		sum->hist[i] += part->hist[i];
}

__u64 time_stats__bucket_start(int bucket)
{
	int octave = bucket >> HIST_SUB_BITS;
	int part = bucket & ((1 << HIST_SUB_BITS) - 1);

	if (!octave)
		return bucket;
	return (__u64)((1 << HIST_SUB_BITS) + part) << (octave - 1);
}

static __u64 clamp_ns(double ns, const struct time_stats *stats)
{
	if (ns < stats->min)
		return stats->min;
	if (ns > stats->max)
		return stats->max;
	return ns;
}

__u64 time_stats__quantile(const struct time_stats *stats, double share)
{
	double rank = share * stats->count;
	double below = 0;

	for (int i = 0; i < HIST_BUCKETS - 1; i++) {
		double here = stats->hist[i];

		if (here && below + here >= rank) {
			return clamp_ns(
				(time_stats__bucket_start(i) + time_stats__bucket_start(i + 1)) /
					2.0,
				stats);
		}
		below += here;
	}
	return stats->max;
}
