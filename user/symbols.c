// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
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
	[SYMBOL_ZSWAP_POOLS] = { .name = "zswap_pools" },
	[SYMBOL_ZRAM_INDEX_IDR] = { .name = "zram_index_idr" },
	[SYMBOL_PV_LOCK_INIT] = { .name = "native_pv_lock_init" },
	[SYMBOL_PV_SLOWPATH] = { .name = "__pv_queued_spin_lock_slowpath" },
	[SYMBOL_BPF_FIRST_RUNNER] = { .name = "bpf_trace_run1" },
	[SYMBOL_BPF_LAST_RUNNER] = { .name = "bpf_trace_run12" },
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

struct line {
	__u64 address;
	char type;
	const char *name;
};

/* "ffffffff81000000 T _stext", and for a module's symbol a tab and "[zram]". */
static bool parse_line(char *text, struct line *line)
{
	char *rest;

	line->address = strtoull(text, &rest, 16);
	if (strlen(rest) < 4 || !line->address)
		return false;
	rest[3 + strcspn(rest + 3, "\t\n")] = '\0';
	line->type = rest[1];
	line->name = rest + 3;
	return true;
}

static void take_line(char *text)
{
	struct line line;

	if (!parse_line(text, &line))
		return;
	shown = true;
	take_symbol(line.type, line.name, line.address);
}

static void forget(void)
{
	callers_forget();
	shown = false;
	for (int i = 0; i < NR_SYMBOLS; i++) {
		symbols[i].twice = false;
		symbols[i].address = 0;
	}
}

void symbols_parse(FILE *file)
{
	size_t room = 0;
	char *line = NULL;

	forget();
	while (getline(&line, &room, file) > 0)
		take_line(line);
	free(line);
	callers_ready();
	loaded = true;
}

static void load_once(void)
{
	FILE *file;

	if (loaded)
		return;
	loaded = true;
	file = fopen("/proc/kallsyms", "re");
	if (!file)
		return;
	symbols_parse(file);
	fclose(file);
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

/* The best symbol so far for each address is the highest one not above it. */
struct resolver {
	const __u64 *addresses;
	size_t n;
	char **names;
	__u64 *starts;
};

/* A return address points behind the call, which may end its function. */
static size_t first_above(const struct resolver *r, __u64 start)
{
	size_t low = 0, high = r->n;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (r->addresses[middle] <= start)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Only the first address above a symbol takes it; those behind have it from there. */
static int offer(struct resolver *r, const struct line *line)
{
	size_t at = first_above(r, line->address);
	char *name;

	if (!strchr("tTwW", line->type) || at == r->n || line->address <= r->starts[at])
		return 0;
	name = strdup(line->name);
	if (!name)
		return -ENOMEM;
	free(r->names[at]);
	r->names[at] = name;
	r->starts[at] = line->address;
	return 0;
}

static int hand_on(struct resolver *r)
{
	for (size_t i = 1; i < r->n; i++) {
		if (r->names[i] || !r->names[i - 1])
			continue;
		r->names[i] = strdup(r->names[i - 1]);
		if (!r->names[i])
			return -ENOMEM;
	}
	return 0;
}

int symbols_resolve(FILE *kallsyms, const __u64 *addresses, size_t n, char **names)
{
	struct resolver r = { addresses, n, names, calloc(n + 1, sizeof(__u64)) };
	int err = r.starts ? 0 : -ENOMEM;
	size_t room = 0;
	char *text = NULL;
	struct line line;

	while (!err && getline(&text, &room, kallsyms) > 0)
		if (parse_line(text, &line))
			err = offer(&r, &line);
	free(text);
	free(r.starts);
	return err ? err : hand_on(&r);
}
