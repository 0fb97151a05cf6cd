// SPDX-License-Identifier: GPL-2.0-or-later
/* /proc/swaps. */
#include "fuzz.h"
#include "procswaps.h"
#include "utf8.h"

/* It goes into JSON and lines of text as it is. */
static void check_name(const char *name)
{
	while (*name) {
		size_t bytes = utf8_character_bytes(name);

		fuzz_check(bytes && (unsigned char)*name >= ' ', "a name that is no text");
		name += bytes;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct swap_entry entries[MAX_SWAP_DEVICES];
	FILE *file = fuzz_stream(data, size);
	int n = procswaps_parse(file, entries);

	fuzz_check(n <= MAX_SWAP_DEVICES, "more devices than fit");
	for (int i = 0; i < n; i++)
		check_name(entries[i].name);
	procswaps_free(entries, n);
	fclose(file);
	return 0;
}
