// SPDX-License-Identifier: GPL-2.0-or-later
/* lockstat-swap compare: the command line and the table. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "compare_groups.h"
#include "log.h"
#include "table.h"
#include "usage.h"

enum { OPT_BY = 1000, OPT_BASE, OPT_METRIC, OPT_CLASS, OPT_WHERE };

static const struct argp_option options[] = {
	{ "by", OPT_BY, "COLUMN", 0,
	  "what differs: arm (default), ssds, kernel, run, workload, threads, backend, lockpath"
	  " or experiment", 0 },
	{ "base", OPT_BASE, "VALUE", 0, "the value of that column to compare with (required)", 0 },
	{ "metric", OPT_METRIC, "NAME", 0,
	  "of locks.csv: contended, acquired, wait_total_ns, hold_total_ns (default: contended and"
	  " wait_total_ns); of metrics.csv: any metric (default: all). May be repeated", 0 },
	{ "class", OPT_CLASS, "NAME", 0,
	  "only this lock class, swap_map+cluster being their sum. May be repeated", 0 },
	{ "where", OPT_WHERE, "COLUMN=VALUE", 0, "only such rows. May be repeated", 0 },
	{ 0 }
};

static const char doc[] =
	"Compare the repetitions of two or more arms: medians, ratio, verdict.\v"
	"Rows are compared only where kernel, backend, lock path, workload, SSD count and threads"
	" agree. The ratio is Hodges and Lehmann's estimate with its 95% interval, p is that of the"
	" Mann-Whitney test, two-sided, for each line alone (not corrected for their number). A"
	" verdict of \"lower\" or \"higher\" needs p < 0.05; \"too few\": no outcome of so few"
	" repetitions could have reached it.\n\n"
	"Exit status: 0 done; 1 failed, or a file is malformed; 2 usage.";

struct compare_call {
	struct compare_options options;
	char **files;
	size_t nfiles;
};

static void add_word(const char **words, size_t *n, char *word)
{
	if (*n == COMPARE_MAX_WORDS)
		usage_error("more than %d of one option", COMPARE_MAX_WORDS);
	words[(*n)++] = word;
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct compare_call *call = state->input;
	struct compare_options *o = &call->options;

	switch (key) {
	case OPT_BY:
		o->by = arg;
		break;
	case OPT_BASE:
		o->base = arg;
		break;
	case OPT_METRIC:
		add_word(o->metrics, &o->nmetrics, arg);
		break;
	case OPT_CLASS:
		add_word(o->classes, &o->nclasses, arg);
		break;
	case OPT_WHERE:
		if (!strchr(arg, '='))
			usage_error("--where wants COLUMN=VALUE, not '%s'", arg);
		add_word(o->where, &o->nwhere, arg);
		break;
	case ARGP_KEY_ARG:
		return ARGP_ERR_UNKNOWN;	/* leave it to ARGP_KEY_ARGS: all at once */
	case ARGP_KEY_ARGS:
		call->files = &state->argv[state->next];
		call->nfiles = state->argc - state->next;
		break;
	default:
		return usage_parse_common(key, arg, state);
	}
	return 0;
}

static const char *verdict_words(enum verdict verdict)
{
	static const char *const words[] = {
		[VERDICT_LOWER] = "lower",
		[VERDICT_HIGHER] = "higher",
		[VERDICT_NO_DIFFERENCE] = "no detectable difference",
		[VERDICT_TOO_FEW] = "too few",
		[VERDICT_BOTH_ZERO] = "both zero",
		[VERDICT_MISSING] = "missing",
	};

	return words[verdict];
}

enum { COL_SSDS, COL_WHAT, COL_FIGURE, COL_SIDE, COL_N, COL_BASE, COL_OTHER, COL_RATIO,
       COL_INTERVAL, COL_P, COL_VERDICT, NR_COLS };

static int add_columns(struct table *table, const char *base)
{
	static const char *const names[NR_COLS] = {
		[COL_SSDS] = "ssds", [COL_WHAT] = "of", [COL_FIGURE] = "figure",
		[COL_SIDE] = "against", [COL_N] = "n", [COL_BASE] = "", [COL_OTHER] = "other",
		[COL_RATIO] = "ratio", [COL_INTERVAL] = "95%", [COL_P] = "p",
		[COL_VERDICT] = "verdict",
	};
	static const bool right[NR_COLS] = {
		[COL_SSDS] = true, [COL_N] = true, [COL_BASE] = true, [COL_OTHER] = true,
		[COL_RATIO] = true, [COL_INTERVAL] = true, [COL_P] = true,
	};
	int err = 0;

	for (int c = 0; c < NR_COLS && !err; c++)
		err = table_add_column(table, c == COL_BASE ? base : names[c],
				       right[c] ? COLUMN_RIGHT : COLUMN_LEFT);
	return err;
}

/* ns are shown as ms, the unit beside them. */
static double shown(const struct comparison *c, double value)
{
	return strcmp(c->unit, "ns") ? value : value / 1e6;
}

static void set_figure_name(struct table *table, const struct comparison *c)
{
	int name = strlen(c->metric);

	if (name > 3 && !strcmp(c->metric + name - 3, "_ns"))
		name -= 3;
	table_set(table, COL_FIGURE, "%.*s%s%s", name, c->metric, *c->unit ? " " : "",
		  strcmp(c->unit, "ns") ? c->unit : "ms");
}

static void set_number(struct table *table, int column, double value)
{
	if (!isnan(value))
		table_set(table, column, fabs(value) < 100 && value != floor(value) ? "%.3g" : "%.0f",
			  value);
}

static void fill_row(struct table *table, const struct comparison *c)
{
	const char *ssds = c->group[GROUP_SSDS];

	table_set(table, COL_SSDS, "%s", ssds ? ssds : "");
	table_set(table, COL_WHAT, "%s", *c->subject ? c->subject : c->device);
	set_figure_name(table, c);
	table_set(table, COL_SIDE, "%s", c->side);
	table_set(table, COL_N, "%zu+%zu", c->n_base, c->n_other);
	set_number(table, COL_BASE, shown(c, c->median_base));
	set_number(table, COL_OTHER, shown(c, c->median_other));
	if (!isnan(c->ratio.estimate))
		table_set(table, COL_RATIO, "%.3f", c->ratio.estimate);
	if (!isnan(c->ratio.lo))
		table_set(table, COL_INTERVAL, "%.3f..%.3f", c->ratio.lo, c->ratio.hi);
	if (!isnan(c->p))
		table_set(table, COL_P, "%.4f", c->p);
	table_set(table, COL_VERDICT, "%s", verdict_words(c->verdict));
}

/* What a table's rows have in common: all group columns but arm and SSD count. */
static void heading_of(const struct comparison *c, char *text, size_t bytes)
{
	size_t used = 0;

	text[0] = '\0';
	for (int i = 0; i < GROUP_COLUMNS && used < bytes; i++) {
		if (i == GROUP_SSDS || !c->group[i] || !*c->group[i])
			continue;
		used += snprintf(text + used, bytes - used, "%s%s %s", used ? ", " : "",
				 group_column_names[i], c->group[i]);
	}
}

static int print_comparisons(const struct comparisons *result, const struct compare_options *o)
{
	struct table *table = table_new(stdout, false);
	char heading[512], last[512] = "";
	int err = table ? add_columns(table, o->base) : -ENOMEM;

	for (size_t i = 0; i < result->n && !err; i++) {
		heading_of(&result->list[i], heading, sizeof(heading));
		if (strcmp(heading, last))
			err = table_add_heading(table, heading);
		memcpy(last, heading, sizeof(last));
		if (!err)
			err = table_add_row(table);
		if (!err)
			fill_row(table, &result->list[i]);
	}
	if (!err)
		err = table_print(table);
	table_free(table);
	if (err)
		log_error("cannot print: %s", strerror(-err));
	return err;
}

int cmd_compare(int argc, char **argv)
{
	static const struct argp argp = { options, parse_option, "FILE...", doc, 0, 0, 0 };
	struct compare_call call = { .options = { .by = "arm" } };
	struct comparisons result;
	int err;

	usage_parse(&argp, argc, argv, &call);
	if (!call.options.base)
		usage_error("--base is missing; see %s --help", argv[0]);
	if (!call.nfiles)
		usage_error("no file to compare; see %s --help", argv[0]);
	err = comparisons__make(&result, &call.options, call.files, call.nfiles);
	if (err)
		log_error("%s", result.error ? result.error : strerror(-err));
	else
		err = print_comparisons(&result, &call.options);
	comparisons__free(&result);
	return err ? EXIT_FAILED : EXIT_DONE;
}
