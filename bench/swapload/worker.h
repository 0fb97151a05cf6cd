/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One worker: how it begins, waits for commands, and does them. */
#ifndef SWAPLOAD_WORKER_H
#define SWAPLOAD_WORKER_H

#include "crew.h"

/* There is one crew: its workers and the signal handlers find it here. */
extern struct crew *commanded;

/* 0 or a negative errno. */
int worker_start_thread(struct worker *w);
int worker_start_process(struct worker *w);

/* NULL if there is no room. */
char *worker_map_set(const struct options *o, uint64_t bytes);

/* Whether a worker that has done the command exits: a process that frees its memory so. */
bool worker_exits_in_phase(const struct crew *crew);

#endif
