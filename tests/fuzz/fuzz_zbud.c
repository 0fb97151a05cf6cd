// SPDX-License-Identifier: GPL-2.0-or-later
/* The kernel's zbud, as it is and by both policies, through whatever history the bytes make up. */
#include "fuzz.h"
#include "history.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct history_totals unpatched, bestfit;

	history_run(&zbud_base, NULL, data, size, &unpatched);
	history_run(&zbud_patched, "bestfit", data, size, &bestfit);
	fuzz_check(unpatched.trace == bestfit.trace, "bestfit is not what the kernel does");
	history_run(&zbud_patched, "lrufirst", data, size, NULL);
	return 0;
}
