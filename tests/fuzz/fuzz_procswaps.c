// SPDX-License-Identifier: GPL-2.0-or-later
/* /proc/swaps. */
#include <string.h>

#include "fuzz.h"
#include "procswaps.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct swap_entry entries[MAX_SWAP_DEVICES];
	FILE *file = fuzz_stream(data, size);
	int n = procswaps_parse(file, entries);

	fuzz_check(n <= MAX_SWAP_DEVICES, "more devices than fit");
	for (int i = 0; i < n; i++)
		fuzz_check(strlen(entries[i].name) <= strlen(entries[i].path), "a name of its own");
	fclose(file);
	return 0;
}
