/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SWAPLOAD_CLOCK_H
#define SWAPLOAD_CLOCK_H

#include <stdint.h>
#include <time.h>

/* The vDSO reads it in program order: not before the access that is timed is over. */
static inline uint64_t clock_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000ULL + t.tv_nsec;
}

#endif
