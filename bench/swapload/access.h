/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which page comes next: random numbers, a permutation, and the patterns. */
#ifndef SWAPLOAD_ACCESS_H
#define SWAPLOAD_ACCESS_H

#include <stdint.h>

/* xoshiro256** (Blackman and Vigna 2018). */
struct rng {
	uint64_t state[4];
};

/* Different words give unrelated sequences, the same ones the same. */
struct rng rng_of(uint64_t seed, uint64_t worker, uint64_t phase, uint64_t purpose);
uint64_t rng__next(struct rng *rng);

/* In [0, 1), and in [0, n) without bias. */
double rng__unit(struct rng *rng);
uint64_t rng__below(struct rng *rng, uint64_t n);

/* splitmix64's finalizer: a bijection of the 64-bit words that looks random. */
static inline uint64_t mix(uint64_t word)
{
	word = (word ^ word >> 30) * 0xbf58476d1ce4e5b9;
	word = (word ^ word >> 27) * 0x94d049bb133111eb;
	return word ^ word >> 31;
}

/* A bijection of [0, n) that needs no memory. */
struct permutation {
	uint64_t n;
	uint64_t keys[4];
	unsigned int half_bits;
};

struct permutation permutation_of(uint64_t n, uint64_t seed, uint64_t worker);
uint64_t permutation__at(const struct permutation *p, uint64_t i);

/* Ranks 1..n with probability proportional to rank^-theta, exactly. */
struct zipf {
	uint64_t n;
	double theta;
	double area_first, area_last; /* where to draw from */
	double cut;		      /* up to here a rank is taken without another look */
};

struct zipf zipf_of(uint64_t n, double theta);
uint64_t zipf__draw(const struct zipf *z, struct rng *rng);

enum access_kind { ACCESS_SEQ, ACCESS_UNIFORM, ACCESS_ZIPF };

struct access_pattern {
	enum access_kind kind;
	double theta;
};

struct access_stream {
	struct access_pattern pattern;
	struct permutation permutation;
	struct zipf zipf;
	struct rng rng;
	uint64_t next; /* ACCESS_SEQ */
};

struct access_stream access_stream_of(struct access_pattern pattern, uint64_t pages, uint64_t seed,
				      uint64_t worker, uint64_t phase);
uint64_t access_stream__next(struct access_stream *s);

/* The @i-th page of a pass over all: in order where the pattern is, else scattered. */
uint64_t access_stream__visit(const struct access_stream *s, uint64_t i);

#endif
