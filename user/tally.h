/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is counted during a recording, by lock and owner: of the interval that
 * runs, and of all before. It brings together who counts (collector), where the
 * swap devices' locks are (discover) and what else was met (naming). With
 * BACKEND_NONE nothing is counted, and everything succeeds.
 */
#ifndef LOCKSTAT_SWAP_TALLY_H
#define LOCKSTAT_SWAP_TALLY_H

#include "balance.h"
#include "owners.h"
#include "recording.h"
#include "stacks.h"

struct tally {
	const struct recording_options *options;
	enum backend backend;
	struct discovery *discovery;
	struct naming *naming;
	struct collector *collector;
	struct lock_set locks;
	struct lock_sample interval_samples[MAX_ROWS], samples[MAX_ROWS];
	struct owners cycle_owners, interval_owners, owners;
	struct stacks *stacks;	 /* NULL: none are sampled */
	struct balance *balance; /* NULL: not asked for */
	struct balance_counts balance_counts;
	bool lockdep_is_off; /* since it found a fault */
	struct ledger ledger;
	unsigned int round; /* of learning */
	int stale_ms;	    /* discovery has to look again after so long; 0: not */
};

/*
 * All return 0 or a negative errno that has been said. Close it in either case. It has to be
 * zeroed where it is opened: the most of it is never touched, and so takes no memory.
 */
int tally__open(struct tally *tally, const struct recording_options *options, enum backend backend);

/* Looks where the locks of the swap devices are now; stale_ms says when to look again. */
void tally__discover(struct tally *tally);

/* Begins counting, for the locks that tally__discover() found. */
int tally__start(struct tally *tally);

/* Adds what was counted since the last cycle to the interval. */
int tally__cycle(struct tally *tally);

/* A cycle that now and then also forgets names, for memory is used again. */
int tally__next_round(struct tally *tally);

/* Adds the interval to what was before, and begins the next. */
int tally__merge_interval(struct tally *tally);

/* Ends counting; a last cycle may follow. */
void tally__stop(struct tally *tally);

/* What became of the locks that tasks took, once counting has ended. */
int tally__read_balance(struct tally *tally);

/* While events come in it does not close. */
int tally__read_ledger(struct tally *tally);

void tally__close(struct tally *tally);

#endif
