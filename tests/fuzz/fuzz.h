/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the fuzzers share. Each reads its input as a file and must neither crash nor leak. */
#ifndef LOCKSTAT_SWAP_FUZZ_H
#define LOCKSTAT_SWAP_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What must hold, whatever the input. */
static inline void fuzz_check(int holds, const char *what)
{
	if (holds)
		return;
	fprintf(stderr, "fuzz: %s\n", what);
	abort();
}

/* The path of a file in memory that holds @data, until the next call. */
static inline const char *fuzz_file(const uint8_t *data, size_t size)
{
	static int fd = -1;
	static char path[32];

	if (fd < 0)
		fd = memfd_create("fuzz", MFD_CLOEXEC);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	fuzz_check(fd >= 0 && !ftruncate(fd, 0), "no file");
	fuzz_check(pwrite(fd, data, size, 0) == (ssize_t)size, "no room");
	return path;
}

/* The same as a stream; the caller closes it. */
static inline FILE *fuzz_stream(const uint8_t *data, size_t size)
{
	FILE *file = fopen(fuzz_file(data, size), "re");

	fuzz_check(file != NULL, "no stream");
	return file;
}

#endif
