// SPDX-License-Identifier: GPL-2.0-or-later
/* Wait times as a picture: an octave a line. */
#include <string.h>

#include "rows.h"

enum { SUB_BUCKETS = 1 << HIST_SUB_BITS, BAR_WIDTH = 40 };

static __u64 octave_count(const struct time_stats *stats, int octave)
{
	__u64 count = 0;

	for (int i = 0; i < SUB_BUCKETS; i++)
		count += stats->hist[octave * SUB_BUCKETS + i];
	return count;
}

/* "512 ns", "4.10 us": the least time of an octave; the first begins at 0. */
static void put_time(FILE *out, int octave)
{
	double ns = octave ? (double)(1ULL << (octave + HIST_SUB_BITS - 1)) : 0;

	if (ns < 1e3)
		fprintf(out, "%7.0f ns", ns);
	else if (ns < 1e6)
		fprintf(out, "%7.2f us", ns / 1e3);
	else
		fprintf(out, "%7.2f ms", ns / 1e6);
}

static void put_octave(FILE *out, const struct time_stats *stats, int octave, __u64 most)
{
	char bar[BAR_WIDTH + 1] = "";
	__u64 count = octave_count(stats, octave);

	memset(bar, '#', count * BAR_WIDTH / most);
	put_time(out, octave);
	fprintf(out, "  %10llu  %s\n", count, bar);
}

static void put_histogram(FILE *out, const struct time_stats *stats)
{
	int first = -1, last = 0;
	__u64 most = 1;

	for (int octave = 0; octave < HIST_OCTAVES; octave++) {
		__u64 count = octave_count(stats, octave);

		if (!count)
			continue;
		first = first < 0 ? octave : first;
		last = octave;
		most = count > most ? count : most;
	}
	for (int octave = first; first >= 0 && octave <= last; octave++)
		put_octave(out, stats, octave, most);
}

void rows__print_histograms(FILE *out, enum backend backend, const struct row_filter *filter,
			    const struct lock_set *locks, const struct lock_sample *samples)
{
	for (unsigned int row = 0; row < locks->nr_rows; row++) {
		const struct named_lock *lock = &locks->rows[row];

		if (!rows__used(backend, row) || !rows__timed(locks, backend, row) ||
		    !rows__concern(lock, filter) || !samples[row].wait.count)
			continue;
		fprintf(out, "\nwait for %s%s%s (%s)\n   from         count\n",
			lock_class_name(lock->class), *lock->device ? " of " : "", lock->device,
			rows__lock(locks, backend, row));
		put_histogram(out, &samples[row].wait);
	}
}
