// SPDX-License-Identifier: GPL-2.0-or-later
/* lockstat-swap scale: the command line. */
#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "log.h"
#include "scale.h"
#include "usage.h"

enum {
	OPT_CPUS = 1000,
	OPT_SSDS,
	OPT_ARM,
	OPT_WORK,
	OPT_HOLD,
	OPT_HANDOVER,
	OPT_HANDOVER_EACH,
	OPT_SERVICE,
	OPT_IOPS,
	OPT_INFLIGHT,
	OPT_SWAPOUT,
	OPT_CHECK,
	OPT_GAIN,
	OPT_WORKLOAD,
	OPT_OWN_TIMES,
	OPT_TRACED,
	OPT_SIMULATE,
	OPT_SEED,
	OPT_CSV,
	OPT_JSON,
};

static const struct argp_option options[] = {
	{ "cpus", OPT_CPUS, "LIST", 0, "numbers of CPUs; default 1,2,4,8,16,32,64", 0 },
	{ "ssds", OPT_SSDS, "LIST", 0, "numbers of drives; default 1,2,4,8", 0 },
	{ "arm", OPT_ARM, "NAME", 0,
	  "only this arm; the first is the base of the ratios. May be repeated. Without DIR:"
	  " global (one swap_map lock) and partition (one for each drive) are the default, cluster"
	  " is partition with a --hold of class cluster, percpu is partition without swap_avail",
	  0 },
	{ "work", OPT_WORK, "NS", 0,
	  "time of a CPU for a page, outside of the locks; needed without DIR", 0 },
	{ "hold", OPT_HOLD, "CLASS=NS[xTIMES]", 0,
	  "how long a lock of this class (swap_map, swap_avail, cluster) is held, and how many"
	  " times for a page (without DIR 1, if not said). May be repeated",
	  0 },
	{ "handover", OPT_HANDOVER, "NS", 0,
	  "what a lock takes longer where somebody waits for it; default 0", 0 },
	{ "handover-each", OPT_HANDOVER_EACH, "NS", 0,
	  "and half of this for each who waits, as with ticket locks (Linux before 4.2); default 0",
	  0 },
	{ "service", OPT_SERVICE, "NS", 0, "time of one page on an idle drive", 0 },
	{ "iops", OPT_IOPS, "N", 0, "pages a second that a drive can do; without it, any number",
	  0 },
	{ "inflight", OPT_INFLIGHT, "N", 0,
	  "pages under way for each CPU; default: as many as threads of the load that was measured,"
	  " each of which waits for the page it needs, without DIR 1. Reclaim that only writes has"
	  " up to 32",
	  0 },
	{ "swapout", OPT_SWAPOUT, "PERCENT", 0,
	  "share of the pages that go out, which take the drives in turn; the others come in, from"
	  " any drive. Default: as measured, without DIR 50",
	  0 },
	{ "check", OPT_CHECK, "DIR2", 0,
	  "also hold the models of DIR against what was measured there, on another number of"
	  " CPUs. May be repeated",
	  0 },
	{ "gain", OPT_GAIN, "PERCENT", 0, "how much better an arm has to be, to pay; default 5",
	  0 },
	{ "workload", OPT_WORKLOAD, "NAME", 0, "only what was measured under this load", 0 },
	{ "own-times", OPT_OWN_TIMES, NULL, 0,
	  "an arm's work and hold times are those of its own measurements, not of all arms'", 0 },
	{ "traced", OPT_TRACED, NULL, 0,
	  "predict for the kernel slowed by the tracer, as the hold times were measured; else they"
	  " are scaled by the CPU time of a page without it",
	  0 },
	{ "simulate", OPT_SIMULATE, "PAGES", 0,
	  "also play each line through with so many pages, as a check: with drives taken at"
	  " random, as the model has it, and in turn",
	  0 },
	{ "seed", OPT_SEED, "N", 0, "of all that is drawn at random; default 1", 0 },
	{ "csv", OPT_CSV, "FILE", 0, "write the rows, - is standard output", 0 },
	{ "json", OPT_JSON, "FILE", 0, "write the rows, summaries, models and checks; likewise",
	  0 },
	{ 0 }
};

static const char doc[] =
	"Predict throughput over numbers of CPUs and drives, for each locking design. Several DIRs"
	" are one measurement: cells with a tracer may be in one, those without in another.\v"
	"The figures are those of a queueing model, docs/scale.md of the source says which:"
	" a page is one that is swapped out or in.\n\n"
	"Exit status: 0 done; 1 failed; 2 usage.";

struct scale_call {
	struct scale_grid grid;
	struct scale_sources from;
	const char *arms[SCALE_ARMS];
	const char *csv, *json;
};

static double parse_number(const char *option, const char *text, double least, double most)
{
	char *end;
	double value = strtod(text, &end);

	if (end == text || *end || !(value >= least && value <= most))
		usage_error("--%s wants a number from %.10g to %.10g, not '%s'", option, least,
			    most, text);
	return value;
}

static size_t parse_count(const char *option, const char *text, size_t most)
{
	char *end;
	unsigned long value = strtoul(text, &end, 10);

	if (*text < '0' || *text > '9' || *end || !value || value > most)
		usage_error("--%s wants 1 to %zu, not '%s'", option, most, text);
	return value;
}

static size_t parse_list(const char *option, char *text, size_t most, size_t *list)
{
	size_t n = 0;

	/* An empty one between two commas is a mistake, too. */
	for (char *word; (word = strsep(&text, ","));) {
		if (n == SCALE_SIZES)
			usage_error("--%s: more than %d numbers", option, SCALE_SIZES);
		list[n] = parse_count(option, word, most);
		if (n && list[n] <= list[n - 1])
			usage_error("--%s wants ascending numbers, not %zu behind %zu", option,
				    list[n], list[n - 1]);
		n++;
	}
	return n;
}

static struct model_lock *hold_of(struct scale_parameters *parameters, const char *name)
{
	const struct model_lock *class = scale_class(name);

	if (!class)
		usage_error("--hold knows swap_map, swap_avail and cluster, not '%s'", name);
	for (size_t i = 0; i < parameters->nholds; i++)
		if (parameters->holds[i].name == class->name)
			return &parameters->holds[i];
	parameters->holds[parameters->nholds] = *class;
	return &parameters->holds[parameters->nholds++];
}

static void parse_hold(struct scale_parameters *parameters, char *text)
{
	char *ns = strchr(text, '='), *times;
	struct model_lock *hold;

	if (!ns)
		usage_error("--hold wants CLASS=NS or CLASS=NSxTIMES, not '%s'", text);
	*ns++ = '\0';
	hold = hold_of(parameters, text);
	times = strchr(ns, 'x');
	if (times)
		*times++ = '\0';
	hold->hold = parse_number("hold", ns, 0, 1e9) * 1e-9;
	hold->visits = times ? parse_number("hold", times, 0, 1e6) : 0;
}

static void add_arm(struct scale_call *call, const char *name)
{
	if (call->from.choice.narms == SCALE_ARMS)
		usage_error("more than %d arms", SCALE_ARMS);
	call->arms[call->from.choice.narms++] = name;
}

static void add_directory(struct scale_directories *directories, const char *name)
{
	if (directories->n == SCALE_DIRECTORIES)
		usage_error("more than %d directories", SCALE_DIRECTORIES);
	directories->list[directories->n++] = name;
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct scale_call *call = state->input;
	struct scale_parameters *parameters = &call->from.parameters;

	switch (key) {
	case OPT_CPUS:
		call->grid.ncpus = parse_list("cpus", arg, MODEL_MAX_CPUS, call->grid.cpus);
		break;
	case OPT_SSDS:
		call->grid.nssds = parse_list("ssds", arg, MODEL_MAX_SSDS, call->grid.ssds);
		break;
	case OPT_ARM:
		add_arm(call, arg);
		break;
	case OPT_WORK:
		parameters->work = parse_number("work", arg, 1, 1e12) * 1e-9;
		break;
	case OPT_HOLD:
		parse_hold(parameters, arg);
		break;
	case OPT_HANDOVER:
		parameters->handover = parse_number("handover", arg, 0, 1e9) * 1e-9;
		break;
	case OPT_HANDOVER_EACH:
		parameters->handover_each = parse_number("handover-each", arg, 0, 1e9) * 1e-9;
		break;
	case OPT_SERVICE:
		parameters->service = parse_number("service", arg, 1, 1e12) * 1e-9;
		break;
	case OPT_IOPS:
		parameters->iops = parse_number("iops", arg, 1, 1e9);
		break;
	case OPT_INFLIGHT:
		parameters->inflight = parse_count("inflight", arg, MODEL_MAX_INFLIGHT);
		break;
	case OPT_SWAPOUT:
		parameters->out = parse_number("swapout", arg, 0, 100) / 100;
		break;
	case OPT_CHECK:
		add_directory(&call->from.checks, arg);
		break;
	case OPT_GAIN:
		call->grid.gain = parse_number("gain", arg, 0, 1000) / 100;
		break;
	case OPT_SIMULATE:
		call->grid.pages = parse_count("simulate", arg, 100000000);
		break;
	case OPT_SEED:
		call->grid.seed = parse_number("seed", arg, 0, 1e15);
		call->from.choice.seed = call->grid.seed;
		break;
	case OPT_WORKLOAD:
		call->from.choice.workload = arg;
		break;
	case OPT_OWN_TIMES:
		call->from.choice.own = true;
		break;
	case OPT_TRACED:
		call->from.choice.traced = true;
		break;
	case OPT_CSV:
		call->csv = arg;
		break;
	case OPT_JSON:
		call->json = arg;
		break;
	case ARGP_KEY_ARG:
		add_directory(&call->from.measured, arg);
		break;
	default:
		return usage_parse_common(key, arg, state);
	}
	return 0;
}

static int make_parameter_case(const struct scale_call *call, struct scale_case **cases, size_t *n)
{
	struct scale_case *of = calloc(1, sizeof(*of));
	const char *unknown;

	if (!of) {
		log_error("out of memory");
		return -ENOMEM;
	}
	*cases = of;
	*n = 1;
	unknown = scale_make_arms(&call->from.parameters, &call->from.choice, of);
	if (unknown)
		usage_error("without DIR there are arms global, partition and cluster, not '%s'",
			    unknown);
	return 0;
}

static bool is_stdout(const char *path)
{
	return path && !strcmp(path, "-");
}

/* Standard output is either a file or for people. */
static int output(const struct scale_call *call, const struct scale_case *cases, size_t n)
{
	int err = 0;

	if (call->csv)
		err = scale_write_csv(cases, n, call->csv);
	if (!err && call->json)
		err = scale_write_json(cases, n, call->json);
	if (err || is_stdout(call->csv) || is_stdout(call->json))
		return err;
	return scale_print(cases, n, &call->grid);
}

static const struct scale_grid usual_grid = {
	.cpus = { 1, 2, 4, 8, 16, 32, 64 },
	.ncpus = 7,
	.ssds = { 1, 2, 4, 8 },
	.nssds = 4,
	.gain = 0.05,
	.seed = 1,
};

static int predict(const struct scale_call *call, struct scale_case *cases, size_t n)
{
	int err = 0;

	for (size_t i = 0; i < n && !err; i++)
		err = scale_predict(&cases[i], &call->grid);
	if (err)
		log_error("out of memory");
	return err ? err : output(call, cases, n);
}

int cmd_scale(int argc, char **argv)
{
	static const struct argp argp = { options, parse_option, "[DIR...]", doc, 0, 0, 0 };
	struct scale_call call = { .grid = usual_grid,
				   .from.choice.seed = 1,
				   .from.parameters.out = NAN };
	struct scale_case *cases = NULL;
	size_t n = 0;
	int err;

	usage_parse(&argp, argc, argv, &call);
	call.from.choice.arms = call.arms;
	if (!call.from.measured.n && !call.from.parameters.work)
		usage_error("without DIR, --work is needed; see %s --help", argv[0]);
	if (!call.from.measured.n && call.from.checks.n)
		usage_error("without DIR there is nothing to --check");
	err = call.from.measured.n ? scale_measured_cases(&call.from, &call.grid, &cases, &n)
				   : make_parameter_case(&call, &cases, &n);
	if (!err)
		err = predict(&call, cases, n);
	for (size_t i = 0; i < n; i++)
		scale_case_free(&cases[i]);
	free(cases);
	return err ? EXIT_FAILED : EXIT_DONE;
}
