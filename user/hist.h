/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Adding up and reading the time statistics that the BPF programs keep. */
#ifndef LOCKSTAT_SWAP_HIST_H
#define LOCKSTAT_SWAP_HIST_H

#include <linux/types.h>

#include "lockstat.h"

void time_stats__merge(struct time_stats *sum, const struct time_stats *part);

/* The shortest time (ns) that is counted in a bucket: the inverse of hist_bucket() in BPF. */
__u64 time_stats__bucket_start(int bucket);

/*
 * The time (ns) below which the given share (0..1) of all times lies,
 * interpolated within its bucket and never outside [min, max]: off by at most
 * 1/8 of itself. stats->count must not be 0.
 */
__u64 time_stats__quantile(const struct time_stats *stats, double share);

#endif
