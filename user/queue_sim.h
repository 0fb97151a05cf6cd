/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The model of swap_model.h played through, event by event: it knows nothing of mean value
 * analysis, nor of its two steps. Pages hold their CPU while they wait for a lock.
 */
#ifndef LOCKSTAT_SWAP_QUEUE_SIM_H
#define LOCKSTAT_SWAP_QUEUE_SIM_H

#include <stdbool.h>
#include <stdint.h>

#include "swap_model.h"

struct queue_sim_plan {
	size_t pages;  /* after a tenth as many to warm up */
	uint64_t seed; /* the same, the same result */
	bool in_turn;  /* pages out take the drives in turn, as the kernel does; else at random */
};

struct queue_sim_result {
	double throughput; /* pages a second */
	double contended[MODEL_LOCKS];
};

/* Returns 0 or -ENOMEM. */
int queue_sim(const struct swap_model *model, struct model_size size,
	      const struct queue_sim_plan *plan, struct queue_sim_result *result);

#endif
