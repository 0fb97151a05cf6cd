/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Locks that were not let go by who took them: from what was found to a table. */
#ifndef LOCKSTAT_SWAP_BALANCE_H
#define LOCKSTAT_SWAP_BALANCE_H

#include <stdio.h>

#include "collector.h"

struct balance;

/*
 * -EACCES where the kernel hides the addresses of its functions, -ENOTSUP where lockdep, which the
 * programs ask whether a task holds anything, has turned itself off. What is read later is
 * opened now, for later we may have lost the right.
 */
int balance__open(struct balance **balance);

/* Of a task, a class and a call site; the same one is not added twice. 0 or -ENOMEM. */
int balance__add(struct balance *balance, const struct imbalance_key *key,
		 const struct imbalance *imbalance);

/* 0 or a negative errno. */
int balance__print(struct balance *balance, const struct balance_counts *counts, FILE *out);

/* Whether lockdep has turned itself off, as it does where it finds a fault. */
bool balance__lockdep_is_off(struct balance *balance);

void balance__close(struct balance *balance);

#endif
