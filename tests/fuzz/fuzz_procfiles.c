// SPDX-License-Identifier: GPL-2.0-or-later
/* A setting, /proc/self/status, /proc/cpuinfo and /proc/mounts: all files that doctor asks. */
#include <string.h>

#include "doctor_internal.h"
#include "fuzz.h"
#include "procfiles.h"

static void first_line(const char *path, int bytes)
{
	char line[64];

	procfiles_first_line(path, line, bytes);
	fuzz_check(strlen(line) < (size_t)bytes && !strchr(line, '\n'), "more than a line");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	FILE *file = fuzz_stream(data, size);

	first_line(fuzz_file(data, size), 8);
	first_line(fuzz_file(data, size), 64);
	procfiles_capabilities(file);
	rewind(file);
	if (procfiles_has_cpu_flag(file, "la57"))
		fuzz_check(memmem(data, size, "la57", 4) != NULL, "a flag that is not there");
	rewind(file);
	fuzz_check(doctor_memory_cgroup(file) <= MEMORY_CGROUP_V2, "a place of its own");
	fclose(file);
	return 0;
}
