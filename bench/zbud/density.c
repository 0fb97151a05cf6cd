// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * zbud-density: how densely zbud keeps pages by either policy, and zsmalloc, as rows of
 * metrics.csv. Both policies are the kernel's own code.
 */
#include <argp.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "load.h"

static const struct argp_option options[] = {
	{ "objects", 'n', "N", 0, "pages stored before anything else happens (20000)", 0 },
	{ "repetitions", 'r', "N", 0, "each with a seed of its own (10)", 0 },
	{ "seed", 's', "N", 0, "of the first repetition (1)", 0 },
	{ "measured", 'm', "FILE", 0, "sizes of pages, as lines source,bytes,pages", 0 },
	{ "run", 'R', "NAME", 0, "for that column of the rows", 0 },
	{ "kernel", 'K', "NAME", 0, "for that column of the rows", 0 },
	{ 0 }
};

static struct {
	size_t objects, repetitions;
	uint64_t seed;
	const char *measured, *run, *kernel;
} call = { .objects = 20000, .repetitions = 10, .seed = 1, .run = "", .kernel = "" };

static size_t parse_count(struct argp_state *state, const char *text, size_t most)
{
	char *end;
	unsigned long n = strtoul(text, &end, 10);

	if (*end || end == text || *text == '-' || !n || n > most)
		argp_error(state, "'%s' is not a number from 1 to %zu", text, most);
	return n;
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	switch (key) {
	case 'n':
		call.objects = parse_count(state, arg, MAX_OBJECTS);
		break;
	case 'r':
		call.repetitions = parse_count(state, arg, 1000);
		break;
	case 's':
		call.seed = parse_count(state, arg, 1000000);
		break;
	case 'm':
		call.measured = arg;
		break;
	case 'R':
		call.run = arg;
		break;
	case 'K':
		call.kernel = arg;
		break;
	case ARGP_KEY_NO_ARGS:
		argp_usage(state);
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

struct row {
	const char *load, *sizes;
	size_t rep;
};

static void put(const struct row *row, const char *arm, const char *metric, const char *unit,
		double value)
{
	if (isnan(value))
		return;
	printf("1,%s,%s,zbud,%s,,,%s,,,%zu,%s,%s,%s,%.6g\n", call.run, call.kernel, arm, row->load,
	       row->rep, row->sizes, metric, unit, value);
}

static void put_density(const struct row *row, const char *arm, double objects, double bytes)
{
	put(row, arm, "objects_per_page", "objects/page", objects);
	put(row, arm, "bytes_per_page", "bytes/page", bytes);
}

static bool run_arm(const struct row *row, const struct load *load, const struct arm *arm,
		    const struct sizes *sizes)
{
	struct density d;

	if (load->reclaims && !arm->reclaims)
		return true;
	if (!load_run(load, arm, sizes, call.objects, call.seed + row->rep - 1, &d))
		return false;
	put_density(row, arm->name, d.objects, d.bytes);
	put(row, arm->name, "evicted_rank", "share", d.evicted_rank);
	if (arm == &arms[ARM_BESTFIT])
		put_density(row, "ideal", d.ideal_objects, d.ideal_bytes);
	return true;
}

static bool run_sizes(const char *name, const struct sizes *sizes)
{
	bool done = true;

	for (size_t rep = 1; done && rep <= call.repetitions; rep++)
		for (size_t i = 0; done && i < nloads; i++)
			for (size_t a = 0; done && a < ARMS; a++)
				done = run_arm(&(struct row){ loads[i].name, name, rep }, &loads[i],
					       &arms[a], sizes);
	return done;
}

static bool run_named(const char *name)
{
	struct sizes *sizes = sizes_named(name);
	bool done;

	if (!sizes && !call.measured) {
		fprintf(stderr, "zbud-density: no sizes '%s', and no file of measured ones\n",
			name);
		return false;
	}
	if (!sizes)
		sizes = sizes_measured(call.measured, name);
	done = sizes && run_sizes(name, sizes);
	sizes_free(sizes);
	return done;
}

int main(int argc, char **argv)
{
	static const struct argp argp = {
		options,
		parse_option,
		"SIZES...",
		"How densely zbud keeps compressed pages, as rows of metrics.csv.\v"
		"SIZES are thin, symmetric, uniform, fat or bimodal, or sources of the file.",
		0,
		0,
		0
	};
	int first;

	argp_err_exit_status = 2;
	argp_parse(&argp, argc, argv, 0, &first, NULL);
	if (arms_init())
		return 1;
	for (int i = first; i < argc; i++)
		if (!run_named(argv[i]))
			return 1;
	return fflush(stdout) ? 1 : 0;
}
