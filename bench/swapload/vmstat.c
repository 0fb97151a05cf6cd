// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "vmstat.h"

static bool is_wanted(const char *name)
{
	static const char *const beginnings[] = {
		"pswpin",     "pswpout",     "pgmajfault", "swap_ra",
		"swpin_zero", "swpout_zero", "zswp",	   "thp_swp",
	};

	for (size_t i = 0; i < sizeof(beginnings) / sizeof(*beginnings); i++)
		if (!strncmp(name, beginnings[i], strlen(beginnings[i])))
			return true;
	return false;
}

void vmstat__scan(struct vmstat *v, FILE *file)
{
	unsigned long long value;
	char name[64];

	v->n = 0;
	while (v->n < VMSTAT_MAX && fscanf(file, "%63s %llu", name, &value) == 2) {
		if (!is_wanted(name) || strlen(name) >= VMSTAT_NAME)
			continue;
		strcpy(v->counters[v->n].name, name);
		v->counters[v->n++].value = value;
	}
}

int vmstat__read(struct vmstat *v)
{
	FILE *file = fopen("/proc/vmstat", "re");

	if (!file)
		return -errno;
	vmstat__scan(v, file);
	fclose(file);
	return 0;
}

void vmstat__since(struct vmstat *v, const struct vmstat *before)
{
	for (int i = 0; i < v->n; i++)
		v->counters[i].value -= vmstat__get(before, v->counters[i].name);
}

uint64_t vmstat__get(const struct vmstat *v, const char *name)
{
	for (int i = 0; i < v->n; i++)
		if (!strcmp(v->counters[i].name, name))
			return v->counters[i].value;
	return 0;
}

static uint64_t less(uint64_t from, uint64_t what)
{
	return from > what ? from - what : 0;
}

/* What zswap holds and what is known to be zero is counted apart from the devices. */
static uint64_t swapped_in(const struct vmstat *d)
{
	return less(vmstat__get(d, "pswpin") + vmstat__get(d, "zswpin") +
			    vmstat__get(d, "swpin_zero"),
		    vmstat__get(d, "swap_ra"));
}

/* What zswap writes back to a device was out already. */
static uint64_t swapped_out(const struct vmstat *d)
{
	return less(vmstat__get(d, "pswpout") + vmstat__get(d, "zswpout") +
			    vmstat__get(d, "swpout_zero"),
		    vmstat__get(d, "zswpwb"));
}

void vmstat__check(const struct vmstat *delta, uint64_t major, int64_t swapped,
		   struct check checks[NR_CHECKS])
{
	int64_t out = (int64_t)major + swapped;

	checks[0] = (struct check){ "major_faults", major, vmstat__get(delta, "pgmajfault") };
	checks[1] = (struct check){ "swap_ins", major, swapped_in(delta) };
	checks[2] = (struct check){ "swap_outs", out > 0 ? out : 0, swapped_out(delta) };
}

double check__explained_percent(const struct check *c)
{
	if (!c->kernel)
		return c->own ? 0 : 100;
	return 100.0 * c->own / c->kernel;
}

const char *check__verdict(const struct check *c)
{
	enum { TOLERANCE_PERCENT = 5 };
	double explained = check__explained_percent(c);

	if (!c->own && !c->kernel)
		return "none";
	if (c->own > c->kernel && (!c->kernel || explained > 100 + TOLERANCE_PERCENT))
		return "more than the kernel counted";
	return explained >= 100 - TOLERANCE_PERCENT ? "agrees" : "others swapped, too";
}
