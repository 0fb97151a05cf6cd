// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "callers.h"
#include "symbols.h"

static struct {
	const char *name;
	__u64 address;
	bool twice;
} symbols[NR_SYMBOLS] = {
	[SYMBOL_SWAP_INFO] = { .name = "swap_info" },
	[SYMBOL_SWAP_LOCK] = { .name = "swap_lock" },
	[SYMBOL_SWAP_AVAIL_LOCK] = { .name = "swap_avail_lock" },
	[SYMBOL_SWAP_MAP_LOCK] = { .name = "swap_map_lock" },
	[SYMBOL_GET_SWAP_DEVICE] = { .name = "get_swap_device" },
	[SYMBOL_SPLIT_SWAP_CLUSTER] = { .name = "split_swap_cluster" },
	[SYMBOL_SWAPPER_SPACES] = { .name = "swapper_spaces" },
	[SYMBOL_NR_SWAPPER_SPACES] = { .name = "nr_swapper_spaces" },
	[SYMBOL_PV_LOCK_INIT] = { .name = "native_pv_lock_init" },
	[SYMBOL_PV_SLOWPATH] = { .name = "__pv_queued_spin_lock_slowpath" },
};

static bool loaded, shown;

const char *symbol_name(enum symbol symbol)
{
	return symbols[symbol].name;
}

static void take_symbol(char type, const char *name, __u64 address)
{
	if (strchr("tTwW", type))
		callers_add(name, address);
	for (int i = 0; i < NR_SYMBOLS; i++) {
		if (strcmp(symbols[i].name, name))
			continue;
		symbols[i].twice = symbols[i].address != 0;
		symbols[i].address = address;
	}
}

/* "ffffffff81000000 T _stext", and for a module's symbol a tab and "[zram]". */
static void take_line(char *line)
{
	char *rest;
	__u64 address = strtoull(line, &rest, 16);

	if (strlen(rest) < 4 || !address)
		return;
	shown = true;
	rest[3 + strcspn(rest + 3, "\t\n")] = '\0';
	take_symbol(rest[1], rest + 3, address);
}

static void load_once(void)
{
	size_t room = 0;
	char *line = NULL;
	FILE *file;

	if (loaded)
		return;
	loaded = true;
	file = fopen("/proc/kallsyms", "re");
	while (file && getline(&line, &room, file) > 0)
		take_line(line);
	free(line);
	if (file)
		fclose(file);
	callers_ready();
}

__u64 symbol_address(enum symbol symbol)
{
	load_once();
	return symbols[symbol].twice ? 0 : symbols[symbol].address;
}

bool symbols_shown(void)
{
	load_once();
	return shown;
}
