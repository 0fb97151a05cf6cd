// SPDX-License-Identifier: GPL-2.0-or-later
#include "ideal.h"

static int largest(const size_t of[IDEAL_CHUNKS])
{
	int chunks = IDEAL_CHUNKS - 1;

	while (chunks && !of[chunks])
		chunks--;
	return chunks;
}

static int smallest(const size_t of[IDEAL_CHUNKS])
{
	int chunks = 1;

	while (chunks < IDEAL_CHUNKS && !of[chunks])
		chunks++;
	return chunks;
}

/*
 * The largest has the smallest as buddy, if that fits, and else none, for nothing would. Where
 * some best packing has it otherwise, buddies can be exchanged until it has not.
 */
size_t ideal_pages(size_t of[IDEAL_CHUNKS])
{
	size_t pages = 0;

	for (int a = largest(of); a; a = largest(of), pages++) {
		int b;

		of[a]--;
		b = smallest(of);
		if (a + b <= IDEAL_CHUNKS)
			of[b]--;
	}
	return pages;
}
