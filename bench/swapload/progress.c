// SPDX-License-Identifier: GPL-2.0-or-later
#include <unistd.h>

#include "clock.h"
#include "message.h"
#include "progress.h"

enum { SECOND_NS = 1000000000 };

static uint64_t next_ns; /* when to show it again; 0: the phase is new */

static uint64_t operations_done(const struct crew *crew)
{
	uint64_t done = 0;

	for (unsigned int i = 0; i < crew->started; i++)
		done += atomic_load_explicit(&crew->workers[i].done, memory_order_relaxed);
	return done;
}

static double share_done(const struct crew *crew, uint64_t done, double seconds)
{
	const struct options *o = crew->options;
	double limit_s = o->phase_s[crew->phase];

	if (o->phases[crew->phase] != PHASE_MIXED)
		return (double)done / (crew->pages * crew->started);
	if (o->operations && !limit_s)
		return (double)done / o->operations;
	return seconds / (limit_s ?: o->duration_s);
}

static void show(const struct crew *crew)
{
	double seconds = (double)(clock_ns() - crew->start_ns) / SECOND_NS;
	uint64_t done = operations_done(crew);
	double share = share_done(crew, done, seconds);

	if (share <= 0 || share > 1)
		return;
	message_progress("swapload: %s %.0f%%, %.0f operations/s, %.0f s left",
			 phase_names[crew->options->phases[crew->phase]], 100 * share,
			 done / seconds, seconds / share - seconds);
}

void progress_show(struct crew *crew)
{
	enum { PATIENCE_SECONDS = 2 };
	uint64_t now = clock_ns();

	if (message_quiet || !isatty(STDERR_FILENO))
		return;
	if (!next_ns)
		next_ns = now + PATIENCE_SECONDS * (uint64_t)SECOND_NS;
	if (now < next_ns)
		return;
	next_ns = now + SECOND_NS;
	show(crew);
}

void progress_end(void)
{
	next_ns = 0;
	message_progress("%s", "");
}
