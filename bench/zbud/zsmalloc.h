/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How many pages zsmalloc of 6.1 takes: a model, not its code. Its size classes, which of them
 * are merged, which zspage an allocation goes to, and the handle kept with each object are
 * as in mm/zsmalloc.c. Left out are compaction, and what it keeps elsewhere (a handle and a share
 * of a zspage's descriptor, some 8 bytes an object).
 */
#ifndef LOCKSTAT_SWAP_ZSMALLOC_H
#define LOCKSTAT_SWAP_ZSMALLOC_H

#include <stdbool.h>
#include <stddef.h>

struct zsmalloc;

struct zsmalloc *zsmalloc_new(void);
/* False: no size that it takes, or no memory. */
bool zsmalloc_store(struct zsmalloc *z, int size, unsigned long *handle);
void zsmalloc_drop(struct zsmalloc *z, unsigned long handle);
size_t zsmalloc_pages(const struct zsmalloc *z);
void zsmalloc_free(struct zsmalloc *z);

/* The class that takes @size: how large its objects are, how many share how many pages. */
void zsmalloc_class(const struct zsmalloc *z, int size, int *object, int *objects, int *pages);

#endif
