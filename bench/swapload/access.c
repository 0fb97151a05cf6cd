// SPDX-License-Identifier: GPL-2.0-or-later
#include <math.h>

#include "access.h"

static const uint64_t golden = 0x9e3779b97f4a7c15; /* 2^64 / phi */

struct rng rng_of(uint64_t seed, uint64_t worker, uint64_t phase, uint64_t purpose)
{
	const uint64_t words[4] = { seed, worker, phase, purpose };
	uint64_t state = 0;
	struct rng rng;

	for (int i = 0; i < 4; i++)
		state = mix(state + golden) ^ mix(words[i] + golden * (i + 1));
	for (int i = 0; i < 4; i++)
		rng.state[i] = mix(state += golden);
	return rng;
}

static uint64_t rotate(uint64_t word, int by)
{
	return word << by | word >> (64 - by);
}

uint64_t rng__next(struct rng *rng)
{
	uint64_t *s = rng->state, result = rotate(s[1] * 5, 7) * 9, t = s[1] << 17;

	s[2] ^= s[0];
	s[3] ^= s[1];
	s[1] ^= s[2];
	s[0] ^= s[3];
	s[2] ^= t;
	s[3] = rotate(s[3], 45);
	return result;
}

double rng__unit(struct rng *rng)
{
	return (rng__next(rng) >> 11) * 0x1p-53;
}

/* Lemire 2019: the upper half of a product, drawn again where it would be biased. */
uint64_t rng__below(struct rng *rng, uint64_t n)
{
	unsigned __int128 product = (unsigned __int128)rng__next(rng) * n;

	if ((uint64_t)product < n) {
		uint64_t biased = -n % n;

		while ((uint64_t)product < biased)
			product = (unsigned __int128)rng__next(rng) * n;
	}
	return product >> 64;
}

struct permutation permutation_of(uint64_t n, uint64_t seed, uint64_t worker)
{
	struct permutation p = { .n = n, .half_bits = 1 };
	struct rng rng = rng_of(seed, worker, 0, 'p');

	for (int i = 0; i < 4; i++)
		p.keys[i] = rng__next(&rng);
	while (p.half_bits < 32 && 1ULL << 2 * p.half_bits < n)
		p.half_bits++;
	return p;
}

/* Four rounds of a balanced Feistel network: a bijection of 2 * half_bits bits. */
static uint64_t scramble(const struct permutation *p, uint64_t word)
{
	uint64_t mask = (1ULL << p->half_bits) - 1;
	uint64_t left = word >> p->half_bits, right = word & mask;

	for (int i = 0; i < 4; i++) {
		uint64_t next = left ^ (mix(right + p->keys[i]) & mask);

		left = right;
		right = next;
	}
	return left << p->half_bits | right;
}

/* Cycle walking (Black and Rogaway 2002): what falls outside goes round again. */
uint64_t permutation__at(const struct permutation *p, uint64_t i)
{
	do
		i = scramble(p, i);
	while (i >= p->n);
	return i;
}

/*
 * Rejection-inversion: W. Hörmann and G. Derflinger, Rejection-inversion to
 * generate variates from monotone discrete distributions, ACM TOMACS 6(3),
 * 1996, pp. 169-184. area() is the integral of x^-theta, point() its inverse;
 * both written so that theta = 1 is no special case.
 */

/* expm1(x) / x and log1p(x) / x, also next to 0. */
static double expm1_by(double x)
{
	return fabs(x) > 1e-8 ? expm1(x) / x : 1 + x / 2;
}

static double log1p_by(double x)
{
	return fabs(x) > 1e-8 ? log1p(x) / x : 1 - x / 2;
}

static double area(double theta, double x)
{
	double log_x = log(x);

	return expm1_by((1 - theta) * log_x) * log_x;
}

static double point(double theta, double a)
{
	double t = a * (1 - theta);

	/* rounding must not take it out of the domain of log1p */
	return exp(log1p_by(t < -1 ? -1 : t) * a);
}

static double weight(double theta, double rank)
{
	return exp(-theta * log(rank));
}

struct zipf zipf_of(uint64_t n, double theta)
{
	return (struct zipf){
		.n = n,
		.theta = theta,
		.area_first = area(theta, 1.5) - 1,
		.area_last = area(theta, n + 0.5),
		.cut = 2 - point(theta, area(theta, 2.5) - weight(theta, 2)),
	};
}

uint64_t zipf__draw(const struct zipf *z, struct rng *rng)
{
	for (;;) {
		double a = z->area_last + rng__unit(rng) * (z->area_first - z->area_last);
		double x = point(z->theta, a);
		double rank = floor(x + 0.5);

		rank = rank < 1 ? 1 : rank > z->n ? z->n : rank;
		if (rank - x <= z->cut || a >= area(z->theta, rank + 0.5) - weight(z->theta, rank))
			return rank;
	}
}

struct access_stream access_stream_of(struct access_pattern pattern, uint64_t pages, uint64_t seed,
				      uint64_t worker, uint64_t phase)
{
	return (struct access_stream){
		.pattern = pattern,
		.permutation = permutation_of(pages, seed, worker),
		.zipf = zipf_of(pages, pattern.theta),
		.rng = rng_of(seed, worker, phase, 'a'),
	};
}

uint64_t access_stream__next(struct access_stream *s)
{
	const struct permutation *p = &s->permutation;

	switch (s->pattern.kind) {
	case ACCESS_SEQ:
		return s->next++ % p->n;
	case ACCESS_UNIFORM:
		return rng__below(&s->rng, p->n);
	case ACCESS_ZIPF:
		return permutation__at(p, zipf__draw(&s->zipf, &s->rng) - 1);
	}
	__builtin_unreachable();
}

uint64_t access_stream__visit(const struct access_stream *s, uint64_t i)
{
	return s->pattern.kind == ACCESS_SEQ ? i : permutation__at(&s->permutation, i);
}
