/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Telling what fault an access had. Only getrusage() knows, and asking it after each
 * access would cost more than an access without a fault. But no fault is much
 * faster than the fastest of many cheap ones, which are tried out at the start; what
 * takes less than half of that needs no question. That it was so is checked in the end:
 * the faults of all accesses must be as many as the thread's.
 */
#ifndef SWAPLOAD_FAULTS_H
#define SWAPLOAD_FAULTS_H

#include <stdint.h>

/* Of this thread, so far. */
struct faults {
	uint64_t major, minor;
};

struct faults faults_now(void);

/* Half of the time that the fastest fault takes here, clock included. */
uint64_t faults_threshold_ns(uint64_t page_size);

/* What reading the clock adds to each time. */
uint64_t clock_overhead_ns(void);

#endif
