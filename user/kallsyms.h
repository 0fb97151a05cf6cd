/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef LOCKSTAT_SWAP_KALLSYMS_H
#define LOCKSTAT_SWAP_KALLSYMS_H

#include <stddef.h>
#include <linux/types.h>

struct ksym {
	const char *name;
	__u64 address; /* 0: the kernel does not show it */
};

/*
 * Looks all of @syms up in one pass over /proc/kallsyms. A name that stands
 * there twice is ambiguous and is left 0, as is one that is hidden by
 * kptr_restrict. Returns 0 or a negative errno.
 */
int kallsyms_find(struct ksym *syms, size_t n);

#endif
