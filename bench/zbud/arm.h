/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What keeps compressed pages: zbud by either policy, the kernel's own code, or zsmalloc's model.
 */
#ifndef LOCKSTAT_SWAP_ZBUD_ARM_H
#define LOCKSTAT_SWAP_ZBUD_ARM_H

#include <stdbool.h>
#include <stddef.h>

/* Must drop the object of that handle from the pool. */
typedef void (*evict_fn)(unsigned long handle);

struct arm {
	const char *name;
	bool reclaims;
	void *(*create)(evict_fn evict);
	bool (*store)(void *pool, int compressed, unsigned long *handle);
	void (*drop)(void *pool, unsigned long handle);
	/* Evicts the objects of one page; false: it could not. */
	bool (*reclaim)(void *pool);
	size_t (*pages)(const void *pool);
	void (*destroy)(void *pool);
	/* A small number that no other object in the pool has; only where it reclaims. */
	size_t (*number)(unsigned long handle);
};

enum { ARM_BESTFIT, ARM_LRUFIRST, ARM_ZSMALLOC, ARMS, ARM_NUMBERS = 1 << 17 };

extern const struct arm arms[ARMS];

/* Once, before all others. */
int arms_init(void);

#endif
