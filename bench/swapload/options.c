// SPDX-License-Identifier: GPL-2.0-or-later
#include <argp.h>
#include <stdlib.h>
#include <unistd.h>

#include "message.h"
#include "options.h"
#include "parse.h"
#include "usage.h"

const char *argp_program_version = "swapload " SWAPLOAD_VERSION;

const char *const phase_names[] = { "populate", "out", "in", "mixed", "free", NULL };
const char *const by_names[] = { "pressure", "pageout", NULL };
const char *const free_by_names[] = { "munmap", "dontneed", "exit", NULL };
const char *const classify_names[] = { "time", "exact", NULL };
const char *const arrivals_names[] = { "constant", "poisson", NULL };
static const char *const verify_names[] = { "page", "header", NULL };

static const struct argp_option options[] = {
	{ "threads", 't', "T", 0, "T workers, threads of one process (default: one a CPU)", 1 },
	{ "processes", 'p', "T", 0, "T workers, each a process with memory of its own", 1 },
	{ "size", 's', "BYTES", 0,
	  "the working set of all workers together, such as 512M or 1.5G (default 256M)", 1 },
	{ "ratio", 'r', "R", 0,
	  "the working set as a multiple of the memory it may have: the least of MemTotal and the"
	  " limits of the cgroup (v1 or v2) and those above it",
	  1 },
	{ "by", 'b', "WAY", 0,
	  "how pages get out. pageout (the default): each worker pushes its own out with"
	  " MADV_PAGEOUT; needs no limit. pressure: the kernel reclaims, as the set is bigger"
	  " than memory",
	  1 },
	{ "batch", 'B', "PAGES", 0,
	  "pages of one MADV_PAGEOUT in phase out and of one call in phase free; in phase mixed"
	  " as many are touched before they are pushed out (default 256)",
	  1 },
	{ "thp", 'T', NULL, 0, "allow huge pages, as the system has them (default: none)", 1 },

	{ "access", 'a', "PATTERN", 0,
	  "seq, uniform (the default) or zipf:THETA (0.01 to 10); hot pages are scattered", 2 },
	{ "read-share", 'R', "SHARE", 0, "share (0 to 1) of accesses that only read (default 0.5)",
	  2 },
	{ "content", 'c', "KIND", 0,
	  "random (the default), ratio:R (0 to 1: that share of a page is random, the rest one"
	  " pattern), beta:A:B:MOST (a share of each page's own, MOST times what is drawn from the"
	  " beta distribution of A and B) or zero",
	  2 },
	{ "verify", 'y', "WHAT", 0,
	  "what each access checks after it was timed: page (the default) or header, the page's"
	  " name and generation only",
	  2 },
	{ "seed", 'S', "N", 0, "the same seed gives the same addresses (default 1)", 2 },

	{ "phases", 'P', "LIST", 0,
	  "what is done and measured, in this order: populate (first touch; always the first),"
	  " out (only by pageout), in (each page once), mixed (steady state), free (the last)."
	  " mixed:SEC goes on for that long, whatever the options below say."
	  " Default: populate,out,in,out,mixed,out,free or, by pressure, populate,in,mixed,free",
	  3 },
	{ "duration", 'd', "SEC", 0, "how long phase mixed goes on (default 10)", 3 },
	{ "operations", 'n', "N", 0, "phase mixed ends after N accesses of all workers instead",
	  3 },
	{ "think-time", 'k', "US", 0, "sleep that long after each access of phase mixed", 3 },
	{ "rate", 'x', "OPS", 0,
	  "open loop in phase mixed: OPS accesses a second of all workers, each timed from when it"
	  " was due",
	  3 },
	{ "arrivals", 'A', "KIND", 0, "constant (the default) or poisson, for --rate", 3 },
	{ "spin", 'w', "US", 0,
	  "with --rate, spin for the last US microseconds instead of sleeping: begins on time, but"
	  " wants a CPU for each worker (default 0)",
	  3 },
	{ "free-by", 'f', "WAY", 0,
	  "munmap (the default), dontneed (MADV_DONTNEED, which does not keep other threads out)"
	  " or exit (of worker processes)",
	  3 },
	{ "classify", 'C', "WAY", 0,
	  "how a fault is told: time (the default; getrusage only after accesses too slow to be"
	  " without one) or exact (getrusage before and after each)",
	  4 },
	{ "json", 'j', "FILE", 0,
	  "write all figures as one JSON object; - is standard output, "
	  "which then has no table",
	  4 },
	{ "quiet", 'q', NULL, 0, "no table, no progress, no warnings", 4 },
	{ 0 }
};

static const char doc[] =
	"Random parallel swap I/O on memory of its own: measures faults, swap-out and the freeing"
	" of swap, and verifies what comes back.\v"
	"Changes nothing of the system; devices and limits are the caller's. Ctrl-C ends it and"
	" prints what was measured.\n\n"
	"Exit status: 0 done; 1 failed, or a page came back wrong; 2 usage; 4 this kernel cannot"
	" do it; 128 + N ended by signal N.";

static void set_workers(struct options *o, const char *option, const char *text, bool processes)
{
	if (o->workers && o->processes != processes)
		usage_error("--threads and --processes exclude each other: leave one out");
	o->workers = usage_count(option, text, 1, MAX_WORKERS);
	o->processes = processes;
}

static error_t parse_load(int key, char *arg, struct options *o)
{
	switch (key) {
	case 't':
		set_workers(o, "--threads", arg, false);
		break;
	case 'p':
		set_workers(o, "--processes", arg, true);
		break;
	case 's':
		if (!parse_size(arg, &o->size))
			usage_error("--size wants bytes, such as 512M or 1.5G, not '%s'", arg);
		break;
	case 'r':
		o->ratio = usage_number("--ratio", arg, 0.001, 1000);
		break;
	case 'b':
		o->by = usage_choice("--by", arg, by_names);
		break;
	case 'B':
		o->batch = usage_count("--batch", arg, 1, MAX_BATCH);
		break;
	case 'T':
		o->thp = true;
		break;
	case 'a':
		if (!parse_access(arg, &o->access))
			usage_error("--access wants seq, uniform or zipf:THETA with THETA from 0.01"
				    " to 10, not '%s'",
				    arg);
		break;
	case 'R':
		o->read_share = usage_number("--read-share", arg, 0, 1);
		break;
	case 'c':
		if (!parse_content(arg, &o->content))
			usage_error("--content wants random, ratio:R with R from 0 to 1,"
				    " beta:A:B:MOST with A and B from 1 to %d and MOST from 0 to 1,"
				    " or zero, not '%s'",
				    MAX_SHAPE, arg);
		break;
	case 'y':
		o->content.whole = usage_choice("--verify", arg, verify_names) == 0;
		break;
	case 'S':
		o->seed = usage_count("--seed", arg, 0, UINT64_MAX);
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

static error_t parse_run(int key, char *arg, struct options *o)
{
	switch (key) {
	case 'P':
		if (!parse_phases(arg, o))
			usage_error("--phases wants populate, then any of out, in, mixed and"
				    " mixed:SEC, then free or not, %d in all at most, not '%s'",
				    MAX_PHASES, arg);
		break;
	case 'd':
		o->duration_s = usage_number("--duration", arg, 0.01, 1e8);
		break;
	case 'n':
		o->operations = usage_count("--operations", arg, 1, 1ULL << 60);
		break;
	case 'k':
		o->think_us = usage_number("--think-time", arg, 0, 1e9);
		break;
	case 'x':
		o->rate = usage_number("--rate", arg, 0.001, 1e9);
		break;
	case 'A':
		o->arrivals = usage_choice("--arrivals", arg, arrivals_names);
		break;
	case 'w':
		o->spin_us = usage_number("--spin", arg, 0, 1e6);
		break;
	case 'f':
		o->free_by = usage_choice("--free-by", arg, free_by_names);
		break;
	case 'C':
		o->classify = usage_choice("--classify", arg, classify_names);
		break;
	case 'j':
		o->json = arg;
		break;
	case 'q':
		o->quiet = message_quiet = true;
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	switch (key) {
	case ARGP_KEY_INIT:
		/* argp's hint would be a second line; --help goes to stdout. */
		state->err_stream = NULL;
		return 0;
	case ARGP_KEY_ARG:
		usage_error("unexpected argument '%s'; see swapload --help", arg);
	default:
		return parse_load(key, arg, state->input) ? parse_run(key, arg, state->input) : 0;
	}
}

static bool has_phase(const struct options *o, enum phase phase)
{
	for (unsigned int i = 0; i < o->nr_phases; i++)
		if (o->phases[i] == phase)
			return true;
	return false;
}

static void fill_in_defaults(struct options *o)
{
	if (!o->workers)
		o->workers = sysconf(_SC_NPROCESSORS_ONLN);
	if (!o->size && !o->ratio && o->by == BY_PAGEOUT)
		o->size = 256 << 20;
	if (!o->nr_phases)
		parse_phases(o->by == BY_PAGEOUT ? "populate,out,in,out,mixed,out,free"
						 : "populate,in,mixed,free",
			     o);
}

static void refuse_contradictions(const struct options *o)
{
	if (o->size && o->ratio)
		usage_error("--size and --ratio exclude each other: leave one out");
	if (!o->size && !o->ratio)
		usage_error("--by pressure wants --size or --ratio: it can put out all the memory"
			    " of the machine");
	if (o->by == BY_PRESSURE && has_phase(o, PHASE_OUT))
		usage_error(
			"phase out wants --by pageout: by pressure, populate is what swaps out");
	if (o->rate && o->think_us)
		usage_error("--rate and --think-time exclude each other: leave one out");
	if (o->arrivals == ARRIVALS_POISSON && !o->rate)
		usage_error("--arrivals is for an open loop: add --rate");
	if (o->spin_us && !o->rate)
		usage_error("--spin is for an open loop: add --rate");
	if (o->free_by == FREE_EXIT && !o->processes)
		usage_error("--free-by exit wants --processes: threads share their memory");
}

void options__parse(struct options *o, int argc, char **argv)
{
	static const struct argp argp = { options, parse_option, NULL, doc, 0, 0, 0 };

	*o = (struct options){
		.access = { .kind = ACCESS_UNIFORM },
		.read_share = 0.5,
		.content = { .whole = true },
		.by = BY_PAGEOUT,
		.batch = 256,
		.duration_s = 10,
		.seed = 1,
		.argc = argc,
		.argv = argv,
	};
	argv[0] = "swapload";
	/* What getopt found wrong, it has said in one line. */
	if (argp_parse(&argp, argc, argv, ARGP_IN_ORDER, NULL, o))
		exit(EXIT_USAGE);
	fill_in_defaults(o);
	refuse_contradictions(o);
}
