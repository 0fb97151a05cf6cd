/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel's functions that addresses of code lie in. */
#ifndef LOCKSTAT_SWAP_FUNCTIONS_H
#define LOCKSTAT_SWAP_FUNCTIONS_H

#include <stdio.h>
#include <linux/types.h>

/* All zero: none. */
struct functions {
	__u64 *addresses; /* sorted and all different, once they are resolved */
	char **names;	  /* NULL: no function is there */
	size_t n, room;
};

/* Both return 0 or -ENOMEM. All addresses are added first, then @kallsyms is read once. */
int functions__add(struct functions *functions, __u64 address);
int functions__resolve(struct functions *functions, FILE *kallsyms);

/* NULL: none that is known. */
const char *functions__at(const struct functions *functions, __u64 address);

void functions__free(struct functions *functions);

#endif
