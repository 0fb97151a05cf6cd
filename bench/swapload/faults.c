// SPDX-License-Identifier: GPL-2.0-or-later
#include <sys/mman.h>
#include <sys/resource.h>

#include "clock.h"
#include "faults.h"

enum { TRIALS = 1024 };

struct faults faults_now(void)
{
	struct rusage usage;

	getrusage(RUSAGE_THREAD, &usage);
	return (struct faults){ .major = usage.ru_majflt, .minor = usage.ru_minflt };
}

/* Reads, which map the zero page: nothing to allocate, nothing to clear. */
static uint64_t fastest_touch(const volatile char *memory, uint64_t page_size)
{
	uint64_t fastest = UINT64_MAX;

	for (int i = 0; i < TRIALS; i++) {
		uint64_t start = clock_ns(), took;

		(void)memory[i * page_size];
		took = clock_ns() - start;
		if (took < fastest)
			fastest = took;
	}
	return fastest;
}

uint64_t faults_threshold_ns(uint64_t page_size)
{
	uint64_t fastest;
	char *memory = mmap(NULL, TRIALS * page_size, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	/* Without the trial every access is asked about. */
	if (memory == MAP_FAILED)
		return 0;
	/* A fault a page; a kernel without huge pages does not know it, and needs it not. */
	madvise(memory, TRIALS * page_size, MADV_NOHUGEPAGE);
	fastest = fastest_touch(memory, page_size);
	munmap(memory, TRIALS * page_size);
	return fastest / 2;
}

uint64_t clock_overhead_ns(void)
{
	uint64_t least = UINT64_MAX;

	for (int i = 0; i < TRIALS; i++) {
		uint64_t start = clock_ns(), took = clock_ns() - start;

		if (took < least)
			least = took;
	}
	return least;
}
