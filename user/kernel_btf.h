/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The BTF of the running kernel, read once: it is 5 MB and takes 20 ms. */
#ifndef LOCKSTAT_SWAP_KERNEL_BTF_H
#define LOCKSTAT_SWAP_KERNEL_BTF_H

#include <stdbool.h>
#include <linux/types.h>

struct btf;

/* NULL where the kernel has none. Valid until kernel_btf_drop(). */
const struct btf *kernel_btf(void);

void kernel_btf_drop(void);

/* Whether programs can be attached to it: then it has a typedef. */
bool kernel_has_tracepoint(const char *name);

/* A member of a struct; offset and size in bytes. */
struct kernel_field {
	const char *type, *member;
	__u32 offset, bytes;
};

/*
 * Fills in offset and bytes of @field, whose member may lie in anonymous structs
 * and unions. False where this kernel has no such struct or member.
 */
bool kernel_field_find(struct kernel_field *field);

/* Size of a struct in bytes; 0 where this kernel has none of that name. */
__u32 kernel_struct_bytes(const char *type);

#endif
