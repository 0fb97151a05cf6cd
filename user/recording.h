/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One recording from start to end: discovery, counting, output. */
#ifndef LOCKSTAT_SWAP_RECORDING_H
#define LOCKSTAT_SWAP_RECORDING_H

#include <stdbool.h>

#include "collector.h"
#include "rows.h"

struct recording_options {
	enum backend backend;
	double duration, interval; /* seconds, 0: not given */
	enum naming_way without;   /* ways to name a lock that are left out */
	struct event_filter events;
	struct row_filter filter;
	enum grouping by;
	const char *csv, *metrics, *run_json; /* files; NULL: not wanted */
	const char *json, *prometheus, *stacks, *histograms_csv;
	unsigned int stack_every;     /* waits for one sampled stack */
	bool histograms, balance;     /* printed at the end */
	struct row_identity identity; /* what the user set */
	char **command;		      /* NULL: none */
	int argc;		      /* of the whole call, for the context */
	char **argv;
};

/* Returns an enum exit_status; every failure has been said. */
int recording_run(const struct recording_options *options);

/* The backend to use for @wanted here, or a negative errno that has been said. */
int recording_choose_backend(enum backend wanted);

#endif
