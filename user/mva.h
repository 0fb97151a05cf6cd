/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Exact mean value analysis of closed queueing networks: one class of jobs, stations
 * whose speed depends on how many jobs are there. Pure functions, no globals.
 */
#ifndef LOCKSTAT_SWAP_MVA_H
#define LOCKSTAT_SWAP_MVA_H

#include <stddef.h>

struct mva_station {
	/*
	 * time[i] is the time between departures with i + 1 jobs present, times the visits
	 * of a job; from @levels jobs on it stays time[levels - 1].
	 */
	const double *time;
	size_t levels;
};

/* What becomes of a station, for each number of jobs in the network. Each may be NULL. */
struct mva_station_view {
	double *empty;	 /* [0..jobs]: the probability of no job here */
	double *mean;	 /* [0..jobs]: how many jobs are here */
	double *present; /* [0..levels], with all jobs: of so many here, the last: or more */
};

/* A network of nothing but a delay: throughput[1..jobs]; no limit if @delay is 0. */
void mva_delay(double *throughput, size_t jobs, double delay);

/*
 * Adds a station to the network whose throughput[1..jobs] with 1 to @jobs jobs is given;
 * it becomes that of the network with the station. Returns 0 or -ENOMEM.
 */
int mva_add(double *throughput, size_t jobs, const struct mva_station *station,
	    const struct mva_station_view *view);

#endif
