/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef LOCKSTAT_SWAP_PROCSWAPS_H
#define LOCKSTAT_SWAP_PROCSWAPS_H

#include <stdbool.h>
#include <stdio.h>

enum { MAX_SWAP_DEVICES = 32 };

/* A line of /proc/swaps. */
struct swap_entry {
	char *name; /* as the user knows it: nvme0n1, zram1, /swapfile; with \ooo for what is no
		       text */
	bool is_file;
	unsigned long long size_kib;
	unsigned long long used_kib;
	int priority;
};

/*
 * Reads up to MAX_SWAP_DEVICES lines, in the kernel's order (that of the swap
 * types). Returns their number, to be freed, or a negative errno; -EPROTO for a line that
 * is not understood.
 */
int procswaps_parse(FILE *file, struct swap_entry *entries);
int procswaps_read(struct swap_entry *entries);

/* @n: what was returned */
void procswaps_free(struct swap_entry *entries, int n);

#endif
