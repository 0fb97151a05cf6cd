/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What pages are stored and dropped, in which order, and how densely they lie afterwards. */
#ifndef LOCKSTAT_SWAP_ZBUD_LOAD_H
#define LOCKSTAT_SWAP_ZBUD_LOAD_H

#include "arm.h"
#include "sizes.h"

enum { MAX_OBJECTS = 30000 };

struct load {
	const char *name, *what;
	void (*run)(void);
	bool reclaims; /* only for arms that can */
};

extern const struct load loads[];
extern const size_t nloads;

struct density {
	double objects, bytes;		   /* a page, by what was compressed */
	double ideal_objects, ideal_bytes; /* the same, if objects could be moved */
	double evicted_rank; /* mean, of all live objects: 0 the oldest, 1 the youngest */
};

/*
 * Stores @objects pages, then goes on as the load does. The same seed is the same load, whatever
 * the arm. False: something failed, which has been said.
 */
bool load_run(const struct load *load, const struct arm *arm, const struct sizes *sizes,
	      size_t objects, uint64_t seed, struct density *density);

#endif
