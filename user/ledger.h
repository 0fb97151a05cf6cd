/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What became of each event: what makes the other figures believable, or not. */
#ifndef LOCKSTAT_SWAP_LEDGER_H
#define LOCKSTAT_SWAP_LEDGER_H

#include <linux/types.h>

#include "lockstat.h"

/* Its entries in metrics.csv. */
#define LEDGER_PREFIX "ledger_"

/* A share of lost events past which the rest is not to be believed. */
#define LEDGER_LOSS_THRESHOLD 0.01

struct ledger {
	__u64 counts[NR_LEDGER];
	__u64 in_flight; /* counted in the stacks, apart from the ledger */
	__u64 missed;	 /* program runs the kernel turned away (recursion) */
	__s64 residual;	 /* what the equation leaves over: must be 0 */
};

/* An entry as it is called in all files, "begins" to "residual"; events. */
struct ledger_figure {
	const char *name;
	__s64 value;
};

enum { LEDGER_FIGURES = NR_LEDGER + 3 };

void ledger__figures(const struct ledger *ledger, struct ledger_figure figures[LEDGER_FIGURES]);

/* What the equation leaves over of the counts and what is in flight. */
__s64 ledger__residual(const struct ledger *ledger);

/* The entry called so; -ENOENT. */
int ledger__set(struct ledger *ledger, const char *name, __s64 value);

/* Share of the begins (0..1) that has no end in the counts and is not in flight. */
double ledger__loss(const struct ledger *ledger);

#endif
