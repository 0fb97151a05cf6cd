/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where init_lock of each zram device is. Patched kernels may read-hold it around each I/O
 * (kernel-patches, zram-guard): a semaphore that readers share never contends, and is seen by
 * its acquisitions alone.
 */
#ifndef LOCKSTAT_SWAP_ZRAM_LOCKS_H
#define LOCKSTAT_SWAP_ZRAM_LOCKS_H

#include "collector.h"
#include "sysmetrics.h"

enum { MAX_ZRAM_LOCKS = 16 };

struct zram_lock {
	char device[DISK_NAME_BYTES];
	__u64 start, end; /* of what lockdep's events name */
};

struct zram_layout;

/* Learns the layout of this kernel's structures; *@layout is NULL where it lacks one of them. */
int zram_layout__open(struct zram_layout **layout);
void zram_layout__close(struct zram_layout *layout);

/*
 * Those of the devices that have a size and are in the index at @index, read through @kernel.
 * Returns how many.
 */
int zram_locks__find(const struct zram_layout *layout, struct collector *kernel, __u64 index,
		     struct zram_lock locks[static MAX_ZRAM_LOCKS]);

#endif
