/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the functions on a stack tell of the lock that is waited for. Text
 * symbols are in every kernel's kallsyms.
 */
#ifndef LOCKSTAT_SWAP_CALLERS_H
#define LOCKSTAT_SWAP_CALLERS_H

#include <stdbool.h>
#include <linux/types.h>

#include "locks.h"

/* Tells of the function @name at @address; in any order, all before callers_ready(). */
int callers_add(const char *name, __u64 address);

/* Forgets what it was told of. */
void callers_forget(void);

/* Keeps what is needed to answer: a few hundred of the kernel's 100,000 functions. */
void callers_ready(void);

/*
 * The class of a lock waited for with this @stack, the innermost address first:
 * what is below the tracer and the locking primitives took it. CLASS_OTHER where
 * that function takes several kinds of locks, or is not known. Some functions
 * take a swap device's locks as well: what they take is told only where it
 * cannot be one of those, @devices_known.
 */
enum lock_class callers_class(const __u64 *stack, unsigned int depth, bool devices_known);

/*
 * Whether the stack goes through the swap path, and the lock may be its own: a
 * lock of the slab allocator is not, nor one that an interrupt came to take.
 */
bool callers_in_swap(const __u64 *stack, unsigned int depth);

#endif
