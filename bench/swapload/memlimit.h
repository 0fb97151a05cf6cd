/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How much memory and swap this process may have. */
#ifndef SWAPLOAD_MEMLIMIT_H
#define SWAPLOAD_MEMLIMIT_H

#include <stdint.h>

/*
 * The least of the memory limits of this process's cgroups, v1 and v2, and of
 * all above them: UINT64_MAX without one. Files are looked for under @root, ""
 * for the system's own.
 */
uint64_t memlimit_cgroup(const char *root);

/* A line of /proc/meminfo in bytes; 0 if it is not there. */
uint64_t memlimit_meminfo(const char *name);

#endif
