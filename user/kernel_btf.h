/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The BTF of the running kernel, read once: it is 5 MB and takes 20 ms. */
#ifndef LOCKSTAT_SWAP_KERNEL_BTF_H
#define LOCKSTAT_SWAP_KERNEL_BTF_H

struct btf;

/* NULL where the kernel has none. Valid until kernel_btf_drop(). */
const struct btf *kernel_btf(void);

void kernel_btf_drop(void);

#endif
