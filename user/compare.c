// SPDX-License-Identifier: GPL-2.0-or-later
/* lockstat-swap compare: the command line. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "compare_output.h"
#include "log.h"
#include "usage.h"

enum {
	OPT_BY = 1000,
	OPT_BASE,
	OPT_METRIC,
	OPT_CLASS,
	OPT_WHERE,
	OPT_PAIRING,
	OPT_DESPITE,
	OPT_FAIL_IF,
	OPT_CSV,
	OPT_JSON,
	OPT_MARKDOWN,
};

static const struct argp_option options[] = {
	{ "by", OPT_BY, "COLUMN", 0,
	  "what differs: file (the default where two or more and no --base are given), arm (else "
	  "the"
	  " default), kernel, ssds, run, workload, threads, backend, lockpath, experiment, class,"
	  " device, lock or confidence",
	  0 },
	{ "base", OPT_BASE, "VALUE", 0,
	  "the value of that column to compare with; by file: the first one given, unless this "
	  "names"
	  " another",
	  0 },
	{ "metric", OPT_METRIC, "NAME", 0,
	  "of locks.csv: contended, acquired, wait_total_ns, hold_total_ns or another figure, or a"
	  " quotient such as wait_total_ns/acquired (default: contended, contended/acquired and"
	  " wait_total_ns); of metrics.csv: any metric (default: all but window, warmup, steady,"
	  " asked_* and ledger_*). May be repeated",
	  0 },
	{ "class", OPT_CLASS, "NAME", 0,
	  "only this lock class, and of metrics.csv only what --metric names; swap_map+cluster, the"
	  " sum of the two, comes with either where both have something to add. May be repeated",
	  0 },
	{ "where", OPT_WHERE, "COLUMN=VALUE", 0, "only such rows. May be repeated", 0 },
	{ "pairing", OPT_PAIRING, "WHEN", 0,
	  "auto (the default), never or always: whether repetitions of the same run and number are"
	  " pairs. auto: where they took turns, so not by file, run or kernel, most repetitions "
	  "have a"
	  " partner, and there are enough for the signed rank test to tell anything in this table: "
	  "6"
	  " for one line, 10 for 25",
	  0 },
	{ "despite", OPT_DESPITE, "REASON", 0,
	  "compare although lockpath, backend, kernel, config or machine differ, or despite losses."
	  " May be repeated",
	  0 },
	{ "fail-if", OPT_FAIL_IF, "CONDITION", 0,
	  "METRIC>RATIO or METRIC<RATIO, as 'contended>1.1': exit with status 5 if the ratio of a "
	  "line"
	  " is surely beyond it. May be repeated",
	  0 },
	{ "csv", OPT_CSV, NULL, 0, "print CSV", 0 },
	{ "json", OPT_JSON, NULL, 0, "print one JSON object", 0 },
	{ "markdown", OPT_MARKDOWN, NULL, 0, "print Markdown tables", 0 },
	{ 0 }
};

static const char doc[] =
	"Compare the repetitions of two or more arms, kernels or files: medians, ratio, verdict. A"
	" directory stands for its locks.csv, metrics.csv and run.json.\v"
	"Rows are compared only where all other columns of context agree; the devices, locks and"
	" intervals of one repetition are added up. Repetitions that took turns are pairs (see"
	" --pairing), tested with Wilcoxon's signed rank test; else the test is that of Mann and"
	" Whitney; both are two-sided, and exact up to 60 values. The ratio is Hodges and Lehmann's"
	" estimate on logarithms that belongs to the test, with its 95% interval, undefined where "
	"the"
	" base has a zero. p is that of the line alone; Holm: corrected for all lines tested.\n\n"
	"Verdicts: \"lower\", \"higher\", or for speeds \"faster\", \"slower\", need a corrected p"
	" < 0.05; \"no detectable difference\": behind it the ratios that four of five such "
	"experiments"
	" would have told; \"too few\": no outcome of so few repetitions could have had p < 0.05, "
	"or"
	" not of so many lines; \"identical\": no two values differ, or the two of no pair; \"both "
	"zero\"; \"missing\": one side has no rows; \"not "
	"measured\": it has,"
	" but without this figure; \"refused\": they must not be compared, and why.\n\n"
	"A --fail-if condition is met where the ratio is beyond the bound by the same test, of the "
	"base"
	" times the bound, with p < 0.05 corrected for all lines that conditions ask about.\n\n"
	"Exit status: 0 done; 1 failed, or a file is malformed; 2 usage; 5 a --fail-if condition is"
	" met; 6 a line was refused, no line at all could be compared, or a condition could not be "
	"judged: too few repetitions, missing or not measured.";

enum { MAX_WORDS = 32 };

struct compare_call {
	struct compare_query query;
	const char *metrics[MAX_WORDS], *classes[MAX_WORDS];
	struct compare_where where[MAX_WORDS];
	struct compare_condition conditions[MAX_WORDS];
	enum compare_format format;
	const char **files;
	size_t nfiles;
};

/* The place for one more; too many is a mistake of usage. */
static size_t next_word(size_t *n)
{
	if (*n == MAX_WORDS)
		usage_error("more than %d of one option", MAX_WORDS);
	return (*n)++;
}

static void add_where(struct compare_call *call, char *arg)
{
	struct compare_where *where = &call->where[next_word(&call->query.nwhere)];
	char *equals = strchr(arg, '=');

	if (!equals)
		usage_error("--where wants COLUMN=VALUE, not '%s'", arg);
	*equals = '\0';
	where->column = arg;
	where->value = equals + 1;
}

/* Digits, and a point between them: strtod() takes much else. NaN: not that, or 0. */
static double parse_ratio(const char *text)
{
	size_t whole = strspn(text, "0123456789");
	size_t rest = text[whole] == '.' ? 1 + strspn(text + whole + 1, "0123456789") : 0;
	double ratio = strtod(text, NULL);

	return whole && rest != 1 && !text[whole + rest] && isfinite(ratio) && ratio > 0 ? ratio
											 : NAN;
}

static void add_condition(struct compare_call *call, const char *arg)
{
	struct compare_condition *c = &call->conditions[next_word(&call->query.nconditions)];
	size_t length = strcspn(arg, "<>");

	c->text = arg;
	c->above = arg[length] == '>';
	c->metric = strndup(arg, length);
	if (!c->metric)
		usage_error("out of memory");
	c->bound = arg[length] ? parse_ratio(arg + length + 1) : NAN;
	if (!length || arg[length - 1] == ' ' || isnan(c->bound))
		usage_error(
			"--fail-if wants METRIC>RATIO or METRIC<RATIO, the ratio as 1.1, without"
			" blanks, not '%s'",
			arg);
}

static void add_despite(struct compare_call *call, const char *arg)
{
	for (int bar = 0; bar < COMPARE_BARS; bar++) {
		if (strcmp(compare_bar_name(bar), arg))
			continue;
		call->query.despite |= 1U << bar;
		return;
	}
	usage_error(
		"--despite wants lockpath, backend, kernel, config, machine or losses, not '%s'",
		arg);
}

static enum compare_pairing parse_pairing(const char *arg)
{
	static const char *const names[] = {
		[PAIRING_AUTO] = "auto", [PAIRING_NEVER] = "never", [PAIRING_ALWAYS] = "always"
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (!strcmp(names[i], arg))
			return i;
	usage_error("--pairing wants auto, never or always, not '%s'", arg);
}

static void set_format(struct compare_call *call, enum compare_format format)
{
	if (call->format != FORMAT_TABLE && call->format != format)
		usage_error("only one of --csv, --json and --markdown");
	call->format = format;
}

static void add_file(struct compare_call *call, const char *path)
{
	const char **files = reallocarray(call->files, call->nfiles + 1, sizeof(*files));

	if (!files)
		usage_error("out of memory");
	call->files = files;
	files[call->nfiles++] = path;
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct compare_call *call = state->input;
	struct compare_query *query = &call->query;

	switch (key) {
	case OPT_BY:
		query->by = arg;
		break;
	case OPT_BASE:
		query->base = arg;
		break;
	case OPT_METRIC:
		call->metrics[next_word(&query->nmetrics)] = arg;
		break;
	case OPT_CLASS:
		call->classes[next_word(&query->nclasses)] = arg;
		break;
	case OPT_WHERE:
		add_where(call, arg);
		break;
	case OPT_PAIRING:
		query->pairing = parse_pairing(arg);
		break;
	case OPT_DESPITE:
		add_despite(call, arg);
		break;
	case OPT_FAIL_IF:
		add_condition(call, arg);
		break;
	case OPT_CSV:
		set_format(call, FORMAT_CSV);
		break;
	case OPT_JSON:
		set_format(call, FORMAT_JSON);
		break;
	case OPT_MARKDOWN:
		set_format(call, FORMAT_MARKDOWN);
		break;
	case ARGP_KEY_ARG:
		add_file(call, arg);
		break;
	default:
		return usage_parse_common(key, arg, state);
	}
	return 0;
}

static void say_check(const struct compare_check *check)
{
	const struct compare_row *row = check->row;
	const char *class = row->key[KEY_CLASS];

	log_error("--fail-if %s: workload '%s', ssds '%s', of '%s', against '%s': ratio %.3f,"
		  " %.3f..%.3f",
		  check->condition->text, row->key[KEY_WORKLOAD], row->key[KEY_SSDS],
		  *class ? class : row->key[KEY_DEVICE], row->value, row->ratio.estimate,
		  row->ratio.lo, row->ratio.hi);
}

/* Of two campaigns that have nothing in common, no script is to think that nothing changed. */
static bool any_compared(const struct compare_result *result)
{
	for (size_t i = 0; i < result->nrows; i++)
		if (result->rows[i].verdict < VERDICT_NOT_MEASURED)
			return true;
	return false;
}

static int exit_status(const struct compare_result *result)
{
	size_t met = 0, undecided = 0;

	for (size_t i = 0; i < result->nchecks; i++) {
		met += result->checks[i].met;
		undecided += result->checks[i].undecided;
		if (result->checks[i].met)
			say_check(&result->checks[i]);
	}
	if (!any_compared(result) && !result->refused)
		log_error("no line could be compared: in each, a side is missing or not measured");
	if (undecided)
		log_error("--fail-if could not be judged on %zu of %zu lines", undecided,
			  result->nchecks);
	if (result->refused)
		log_error("%zu of %zu lines must not be compared; --despite compares them all the"
			  " same",
			  result->refused, result->nrows);
	if (met)
		return EXIT_CONDITION;
	return undecided || result->refused || !any_compared(result) ? EXIT_UNDECIDED : EXIT_DONE;
}

static int compare(struct compare_set *set, const struct compare_call *call)
{
	struct compare_result result;
	int err = 0;

	for (size_t i = 0; i < call->nfiles && !err; i++)
		err = compare_set_read(set, call->files[i]);
	if (!err)
		err = compare_set_finish(set, &result);
	if (err) {
		log_error("%s", compare_set_error(set));
		/* A query that does not fit the file is a mistake of the command line. */
		return err == -EBADRQC ? EXIT_USAGE : EXIT_FAILED;
	}
	err = compare_print(&result, &call->query, call->format);
	if (!err)
		return exit_status(&result);
	log_error("cannot print: %s", strerror(-err));
	return EXIT_FAILED;
}

/* Two files are compared with each other; anything else has to be said. */
static void complete_query(struct compare_call *call, const char *name)
{
	struct compare_query *query = &call->query;

	if (!call->nfiles)
		usage_error("no file to compare; see %s --help", name);
	if (!query->by)
		query->by = call->nfiles > 1 && !query->base ? COMPARE_BY_FILE : "arm";
	if (!query->base && !strcmp(query->by, COMPARE_BY_FILE))
		query->base = call->files[0];
	if (!query->base)
		usage_error("--base is missing; see %s --help", name);
	query->metrics = call->metrics;
	query->classes = call->classes;
	query->where = call->where;
	query->conditions = call->conditions;
}

static void free_call(struct compare_call *call)
{
	free(call->files);
	for (size_t i = 0; i < call->query.nconditions; i++)
		free((char *)call->conditions[i].metric);
}

int cmd_compare(int argc, char **argv)
{
	static const struct argp argp = {
		options, parse_option, "FILE|DIRECTORY...", doc, 0, 0, 0
	};
	struct compare_call call = {};
	struct compare_set *set;
	int status = EXIT_FAILED;

	usage_parse(&argp, argc, argv, &call);
	complete_query(&call, argv[0]);
	set = compare_set_new(&call.query);
	if (set)
		status = compare(set, &call);
	else
		log_error("out of memory");
	compare_set_free(set);
	free_call(&call);
	return status;
}
