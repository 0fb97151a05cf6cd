// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kallsyms.h"

static void take_symbol(struct ksym *syms, bool *twice, size_t n, const char *name, __u64 address)
{
	for (size_t i = 0; i < n; i++) {
		if (strcmp(syms[i].name, name))
			continue;
		twice[i] = syms[i].address != 0;
		syms[i].address = address;
	}
}

int kallsyms_find(struct ksym *syms, size_t n)
{
	FILE *file = fopen("/proc/kallsyms", "re");
	bool *twice = calloc(n, sizeof(*twice));
	unsigned long long address;
	char line[512], name[256];
	int err = 0;

	if (!file || !twice) {
		err = file ? -ENOMEM : -errno;
		goto out;
	}
	for (size_t i = 0; i < n; i++)
		syms[i].address = 0;
	while (fgets(line, sizeof(line), file)) {
		/* A module's symbol has a fourth word; swap is never a module. */
		if (strchr(line, '[') || sscanf(line, "%llx %*c %255s", &address, name) != 2)
			continue;
		take_symbol(syms, twice, n, name, address);
	}
	for (size_t i = 0; i < n; i++)
		if (twice[i])
			syms[i].address = 0;
out:
	free(twice);
	if (file)
		fclose(file);
	return err;
}
