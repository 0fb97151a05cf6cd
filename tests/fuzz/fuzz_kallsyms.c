// SPDX-License-Identifier: GPL-2.0-or-later
/* /proc/kallsyms, and what its functions then say of stacks through each of them. */
#include <string.h>

#include "callers.h"
#include "fuzz.h"
#include "symbols.h"

enum { LINE = 256, PRIMITIVE = 0, CALLER = 1, DEPTH = 2 };

static __u64 stack[DEPTH];

static void look(__u64 address)
{
	enum lock_class class;

	stack[PRIMITIVE] = stack[CALLER];
	stack[CALLER] = address + 1;
	class = callers_class(stack, DEPTH, true);
	fuzz_check(class < LOCK_CLASSES, "a class of its own");
	fuzz_check(class != CLASS_OTHER || callers_class(stack, DEPTH, false) == CLASS_OTHER,
		   "a class for want of devices");
	callers_in_swap(stack, DEPTH);
}

static void look_at_all(FILE *file)
{
	char line[LINE];

	rewind(file);
	while (fgets(line, sizeof(line), file))
		look(strtoull(line, NULL, 16));
}

static void check_symbols(const uint8_t *data, size_t size)
{
	for (enum symbol s = 0; s < NR_SYMBOLS; s++) {
		const char *name = symbol_name(s);

		fuzz_check(!symbol_address(s) || symbols_shown(), "an address that is not shown");
		fuzz_check(!symbol_address(s) || memmem(data, size, name, strlen(name)),
			   "a symbol that is not there");
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	FILE *file = fuzz_stream(data, size);

	symbols_parse(file);
	check_symbols(data, size);
	look_at_all(file);
	fclose(file);
	return 0;
}
