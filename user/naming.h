/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Finds out what a lock is that recording met and discovery did not foresee: by
 * the structure it lies in, which must prove itself, or by who took it.
 */
#ifndef LOCKSTAT_SWAP_NAMING_H
#define LOCKSTAT_SWAP_NAMING_H

#include "collector.h"
#include "locks.h"

struct naming;

/* Learns the layout of this kernel's structures. @without: ways to leave out. */
int naming__open(struct naming **naming, enum backend backend, enum naming_way without);

/*
 * The row for what was counted of @stranger, which @locks then knows. Kernel
 * memory is read through @kernel.
 */
unsigned int naming__row(struct naming *naming, struct collector *kernel, struct lock_set *locks,
			 const struct stranger *stranger);

void naming__close(struct naming *naming);

#endif
