/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Numbers that are the same from the same seed, on every machine. */
#ifndef LOCKSTAT_SWAP_ZBUD_RANDOM_H
#define LOCKSTAT_SWAP_ZBUD_RANDOM_H

#include <stddef.h>
#include <stdint.h>

struct random {
	uint64_t state;
};

/* splitmix64: good from any seed. */
static inline uint64_t random_next(struct random *r)
{
	uint64_t z = r->state += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

/* Below @n. */
static inline size_t random_below(struct random *r, size_t n)
{
	return (unsigned __int128)random_next(r) * n >> 64;
}

/* In (0, 1] */
static inline double random_share(struct random *r)
{
	return ((random_next(r) >> 11) + 1) * 0x1p-53;
}

#endif
