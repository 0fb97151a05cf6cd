/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What one worker does in each phase. */
#ifndef SWAPLOAD_PHASES_H
#define SWAPLOAD_PHASES_H

#include "crew.h"

/* Who does it. */
struct slice {
	struct crew *crew;
	struct worker *worker;
	unsigned int index;
};

/* The phase that @crew is in; 0 or a negative errno. */
int phases__run(struct slice *s);

/* Pages of the slice that are swapped out; -1 where the kernel does not tell. */
int64_t phases__count_swapped(const struct slice *s);

#endif
