// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * pageout PROCESSES MIB SECONDS|PASSESx: real swapping without memory pressure.
 *
 * Each process fills MIB of its own with pages that do not compress, pushes
 * them out with MADV_PAGEOUT, and reads them back, checking each page's
 * address and generation; that is a pass. Passes go on for SECONDS, or there
 * are PASSES of them ("24x": work of fixed size, whose time is measured).
 * Prints how many pages were written back right, and all processes' rate; a
 * wrong page is data loss, and exits 1.
 */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#ifndef MADV_PAGEOUT
#define MADV_PAGEOUT 21
#endif

enum { PAGE = 4096, WORDS = PAGE / sizeof(uint64_t) };

/* splitmix64's step: every word differs from every other. */
static uint64_t mix(uint64_t seed)
{
	seed = (seed ^ seed >> 30) * 0xbf58476d1ce4e5b9;
	seed = (seed ^ seed >> 27) * 0x94d049bb133111eb;
	return seed ^ seed >> 31;
}

static uint64_t process; /* the ID of this one */

/* No two words of any process, page or generation are the same. */
static uint64_t word(uint64_t index, uint64_t generation, uint64_t i)
{
	return mix(process << 48 ^ index << 24 ^ generation << 12 ^ i);
}

static void fill(uint64_t *page, uint64_t index, uint64_t generation)
{
	for (int i = 0; i < WORDS; i++)
		page[i] = word(index, generation, i);
}

/* First and last word tell whose page it is; the rest is there to be big. */
static int is_right(const uint64_t *page, uint64_t index, uint64_t generation)
{
	return page[0] == word(index, generation, 0) &&
	       page[WORDS - 1] == word(index, generation, WORDS - 1);
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

/* One of the two is 0, and does not count. */
struct limit {
	double seconds;
	uint64_t passes;
};

static int run(uint64_t pages, struct limit limit)
{
	double end = now() + limit.seconds;
	uint64_t checked = 0;
	char *memory = mmap(NULL, pages * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			    -1, 0);

	if (memory == MAP_FAILED)
		return 1;
	process = getpid();
	for (uint64_t generation = 0; limit.passes ? generation < limit.passes : now() < end;
	     generation++) {
		for (uint64_t i = 0; i < pages; i++)
			fill((uint64_t *)(memory + i * PAGE), i, generation);
		if (madvise(memory, pages * PAGE, MADV_PAGEOUT))
			return 1;
		for (uint64_t i = 0; i < pages; i++, checked++) {
			if (is_right((uint64_t *)(memory + i * PAGE), i, generation))
				continue;
			fprintf(stderr, "pageout: page %lu of generation %lu came back wrong\n",
				(unsigned long)i, (unsigned long)generation);
			return 1;
		}
	}
	printf("%lu pages checked\n", (unsigned long)checked);
	return 0;
}

static struct limit parse_limit(const char *text)
{
	char *end;
	double n = strtod(text, &end);

	if (!strcmp(end, "x"))
		return (struct limit){ .passes = n >= 1 ? n : 0 };
	return (struct limit){ .seconds = *end ? 0 : n };
}

int main(int argc, char **argv)
{
	struct limit limit = argc == 4 ? parse_limit(argv[3]) : (struct limit){};
	int processes = argc == 4 ? atoi(argv[1]) : 0;
	int failed = 0, status;
	double start = now();
	uint64_t pages;

	if (processes < 1 || atoi(argv[2]) < 1 || (limit.seconds <= 0 && !limit.passes)) {
		fprintf(stderr, "usage: pageout PROCESSES MIB SECONDS|PASSESx\n");
		return 2;
	}
	pages = atoi(argv[2]) * 256UL;
	for (int i = 0; i < processes; i++)
		if (!fork())
			exit(run(pages, limit));
	while (wait(&status) > 0)
		failed |= status;
	if (!failed && limit.passes)
		printf("%.1f pages/s\n", processes * pages * limit.passes / (now() - start));
	return failed != 0;
}
