/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The builds of the kernel's mm/zbud.c: as it is, and with kernel-patches/6.1/zbud. Both are
 * driven as zswap does it, through struct zpool_driver.
 */
#ifndef LOCKSTAT_SWAP_ZBUD_BUILD_H
#define LOCKSTAT_SWAP_ZBUD_BUILD_H

#include "shim.h"

#include <linux/zpool.h>

struct zbud_build {
	const struct zpool_driver *driver;
	int (*init)(void);
	void (*exit)(void);
	/* zbud.policy=; NULL: it is not patched. */
	const struct kernel_param *policy;
	/* Pools that have their branch patched in; NULL: it is not patched. */
	const struct static_key_false *key;
	/* zpool cannot choose how often to try. */
	int (*reclaim)(void *pool, unsigned int retries);
	/* A pool without operations, which zpool cannot make. */
	void *(*create_bare)(void);
	/* What is wrong with the pool's lists and counts, or NULL. No call is under way in it,
	 * but for @under_reclaim pages that are. */
	const char *(*inspect)(void *pool, size_t under_reclaim);
};

extern const struct zbud_build zbud_base, zbud_patched;

enum {
	ZBUD_CHUNK = 64,
	ZBUD_CHUNKS = 63,     /* of a page, without its header */
	ZBUD_MAX_SIZE = 3968, /* of an allocation */
};

#endif
