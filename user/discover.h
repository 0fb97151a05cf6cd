/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where the locks of the swap devices are in this kernel, found before any of
 * them is contended.
 */
#ifndef LOCKSTAT_SWAP_DISCOVER_H
#define LOCKSTAT_SWAP_DISCOVER_H

#include "collector.h"
#include "locks.h"

struct discovery;

/* Learns the layout of this kernel's structures. @without: ways to leave out. */
int discovery__open(struct discovery **discovery, enum backend backend, enum naming_way without);

/*
 * Fills @locks with the ranges as they are now, read through @kernel. Returns the number of swap
 * devices whose locks are known, or a negative errno, with the ranges that cannot have
 * changed kept; -ESTALE: the devices
 * changed while we looked, or no structure agrees with /proc/swaps; -EAGAIN: some locks wait
 * for what devices that are gone have not yet given back.
 */
int discovery__update(struct discovery *discovery, struct collector *kernel,
		      struct lock_set *locks);

void discovery__close(struct discovery *discovery);

#endif
