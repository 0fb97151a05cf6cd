/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sampled stacks, as the folded text that flame graphs are drawn from: a line a
 * stack, the task and the outermost function first, the lock last, then the time.
 */
#ifndef LOCKSTAT_SWAP_STACKS_H
#define LOCKSTAT_SWAP_STACKS_H

#include <stdio.h>
#include <linux/types.h>

#include "lockstat.h"
#include "locks.h"

struct stacks;

/*
 * @every: how many waits one sample stands for. -EACCES where the kernel hides the
 * addresses of its functions; they are looked at now, for later we may have lost the right.
 */
int stacks__open(struct stacks **stacks, unsigned int every);

/* Which row of @locks the wait belongs to is asked now: what is known changes. */
void stacks__add(struct stacks *stacks, const struct lock_set *locks,
		 const struct stack_sample *sample);

/* Writes the lines, times in ns; 0 or a negative errno. */
int stacks__write(struct stacks *stacks, const struct lock_set *locks, FILE *out);

/* Samples that there was no memory for. */
__u64 stacks__left_out(const struct stacks *stacks);

void stacks__close(struct stacks *stacks);

#endif
