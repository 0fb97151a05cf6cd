/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What was asked for on the command line. */
#ifndef SWAPLOAD_OPTIONS_H
#define SWAPLOAD_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "access.h"
#include "content.h"

#define SWAPLOAD_VERSION "0.1.0"

enum exit_status {
	EXIT_DONE = 0,
	EXIT_FAILED = 1, /* data corruption included */
	EXIT_USAGE = 2,
	EXIT_UNSUPPORTED = 4, /* this kernel cannot do it */
	EXIT_SIGNAL = 128,    /* plus the signal's number */
};

enum phase { PHASE_POPULATE, PHASE_OUT, PHASE_IN, PHASE_MIXED, PHASE_FREE };
enum by { BY_PRESSURE, BY_PAGEOUT };
enum free_by { FREE_MUNMAP, FREE_DONTNEED, FREE_EXIT };
enum classify { CLASSIFY_TIME, CLASSIFY_EXACT };
enum arrivals { ARRIVALS_CONSTANT, ARRIVALS_POISSON };

enum { MAX_PHASES = 16, MAX_WORKERS = 4096, MAX_BATCH = 65536 };

struct options {
	unsigned int workers;
	bool processes;
	uint64_t size; /* bytes; of the ratio's too, once it is known */
	double ratio;  /* 0: --size */
	struct access_pattern access;
	double read_share;
	struct content content;
	enum by by;
	uint64_t batch;
	enum phase phases[MAX_PHASES];
	double phase_s[MAX_PHASES]; /* of mixed:SEC; 0: --duration or --operations */
	unsigned int nr_phases;
	double duration_s;
	uint64_t operations; /* 0: --duration */
	double rate;	     /* operations/s of all workers; 0: closed loop */
	enum arrivals arrivals;
	double think_us;
	double spin_us;
	enum free_by free_by;
	enum classify classify;
	bool thp;
	uint64_t seed;
	const char *json;
	bool quiet;
	int argc;
	char **argv;
};

extern const char *const phase_names[],
	*const by_names[], *const free_by_names[], *const classify_names[], *const arrivals_names[];

/* Does not return from a mistake: one line on stderr, exit status 2. */
void options__parse(struct options *o, int argc, char **argv);

#endif
