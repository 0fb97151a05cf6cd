/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel symbols this tool knows by name. Reading /proc/kallsyms is what
 * starting costs most, so that it is read once, at the first question.
 */
#ifndef LOCKSTAT_SWAP_SYMBOLS_H
#define LOCKSTAT_SWAP_SYMBOLS_H

#include <stdbool.h>
#include <stdio.h>
#include <linux/types.h>

enum symbol {
	SYMBOL_SWAP_INFO,
	SYMBOL_SWAP_LOCK,
	SYMBOL_SWAP_AVAIL_LOCK,
	SYMBOL_SWAP_MAP_LOCK,
	SYMBOL_GET_SWAP_DEVICE,
	SYMBOL_SPLIT_SWAP_CLUSTER,
	SYMBOL_SWAPPER_SPACES,
	SYMBOL_NR_SWAPPER_SPACES,
	SYMBOL_ZSWAP_POOLS,
	SYMBOL_ZRAM_INDEX_IDR,
	SYMBOL_PV_LOCK_INIT,
	SYMBOL_PV_SLOWPATH,
	SYMBOL_BPF_FIRST_RUNNER,
	SYMBOL_BPF_LAST_RUNNER,
	NR_SYMBOLS,
};

/* Takes what @file says, in the format of /proc/kallsyms, for the kernel's symbols. */
void symbols_parse(FILE *file);

const char *symbol_name(enum symbol symbol);

/*
 * 0 where the kernel has no such symbol or hides it (no KALLSYMS_ALL,
 * kptr_restrict), and for a name that stands there twice: it is ambiguous.
 */
__u64 symbol_address(enum symbol symbol);

/* Whether kallsyms shows any address. */
bool symbols_shown(void);

/*
 * The functions that return addresses lie in: @names[i] for @addresses[i], which are sorted and
 * all different. The names are the caller's to free; NULL where no function is. Reads
 * @kallsyms once. 0 or -ENOMEM.
 */
int symbols_resolve(FILE *kallsyms, const __u64 *addresses, size_t n, char **names);

#endif
