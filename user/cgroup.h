/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef LOCKSTAT_SWAP_CGROUP_H
#define LOCKSTAT_SWAP_CGROUP_H

#include <linux/types.h>

/*
 * What BPF knows a cgroup (v2) by: its ID and its depth below the root, which is
 * level 0. -ENOTSUP where @directory is on another file system, else a negative errno.
 */
int cgroup_find(const char *directory, __u64 *id, int *level);

/*
 * The path of a cgroup (v2) below the root, "/" for that; NULL where no such cgroup is to
 * be seen. Remembered, so that a cgroup asked for in time has its name after its end.
 */
const char *cgroup_path(__u64 id);

/* There may be new ones: the next that is not known has all looked through once more, no other. */
void cgroups_changed(void);

#endif
