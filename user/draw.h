/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Random numbers that are the same everywhere for the same seed. */
#ifndef LOCKSTAT_SWAP_DRAW_H
#define LOCKSTAT_SWAP_DRAW_H

#include <stdint.h>

/* Vigna's splitmix64; any state will do to begin with. */
static inline uint64_t draw_next(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return z ^ (z >> 31);
}

#endif
