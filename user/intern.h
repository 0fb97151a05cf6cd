/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One copy of each text, so that equal ones are the same and live together. */
#ifndef LOCKSTAT_SWAP_INTERN_H
#define LOCKSTAT_SWAP_INTERN_H

#include "arena.h"
#include "hashset.h"

/* Zeroed, it is empty. */
struct intern {
	struct hashset set;
	struct arena memory;
};

/* NULL without memory. */
const char *intern__text(struct intern *texts, const char *text);

void intern__free(struct intern *texts);

#endif
