// SPDX-License-Identifier: GPL-2.0-or-later
/* lockstat-swap compare: the command line and the table. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "compare_groups.h"
#include "compare_words.h"
#include "log.h"
#include "table.h"
#include "usage.h"

enum { OPT_BY = 1000, OPT_BASE, OPT_METRIC, OPT_CLASS, OPT_WHERE };

static const struct argp_option options[] = {
	{ "by", OPT_BY, "COLUMN", 0,
	  "what differs: arm (default), ssds, kernel, run, workload, threads, backend, lockpath,"
	  " experiment or device",
	  0 },
	{ "base", OPT_BASE, "VALUE", 0, "the value of that column to compare with (required)", 0 },
	{ "metric", OPT_METRIC, "NAME", 0,
	  "of locks.csv: contended, acquired, wait_total_ns, hold_total_ns or another figure, or a"
	  " quotient such as wait_total_ns/acquired (default: contended, contended/acquired and"
	  " wait_total_ns); of metrics.csv: any metric (default: all)."
	  " May be repeated",
	  0 },
	{ "class", OPT_CLASS, "NAME", 0,
	  "only this lock class; swap_map+cluster, the sum of the two, comes with either."
	  " May be repeated",
	  0 },
	{ "where", OPT_WHERE, "COLUMN=VALUE", 0, "only such rows. May be repeated", 0 },
	{ 0 }
};

static const char doc[] =
	"Compare the repetitions of two or more arms: medians, ratio, verdict.\v"
	"Rows are compared only where kernel, backend, lock path, workload, SSD count and threads"
	" agree; the devices, locks and intervals of one repetition are added up. The ratio is "
	"Hodges and Lehmann's estimate with its 95% interval, p is that of the"
	" Mann-Whitney test, two-sided, for each line alone (not corrected for their number). A"
	" verdict of \"lower\" or \"higher\" needs p < 0.05; \"too few\": no outcome of so few"
	" repetitions could have reached it; \"missing\": one side has no rows; \"not measured\":"
	" it has, but without this figure. A ratio to a base with a zero is undefined.\n\n"
	"Exit status: 0 done; 1 failed, or a file is malformed; 2 usage.";

enum { MAX_WORDS = 32 };

struct compare_call {
	struct compare_query query;
	const char *metrics[MAX_WORDS], *classes[MAX_WORDS];
	struct compare_where where[MAX_WORDS];
	char **files;
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
	case ARGP_KEY_ARG:
		return ARGP_ERR_UNKNOWN; /* leave it to ARGP_KEY_ARGS: all at once */
	case ARGP_KEY_ARGS:
		call->files = &state->argv[state->next];
		call->nfiles = state->argc - state->next;
		break;
	default:
		return usage_parse_common(key, arg, state);
	}
	return 0;
}

enum {
	COL_SSDS,
	COL_WHAT,
	COL_FIGURE,
	COL_SIDE,
	COL_N,
	COL_BASE,
	COL_OTHER,
	COL_RATIO,
	COL_INTERVAL,
	COL_P,
	COL_VERDICT,
	NR_COLS
};

static int add_columns(struct table *table, const char *base)
{
	static const char *const names[NR_COLS] = {
		[COL_SSDS] = "ssds",	   [COL_WHAT] = "of",	   [COL_FIGURE] = "figure",
		[COL_SIDE] = "against",	   [COL_N] = "n",	   [COL_OTHER] = "other",
		[COL_RATIO] = "ratio",	   [COL_INTERVAL] = "95%", [COL_P] = "p",
		[COL_VERDICT] = "verdict",
	};
	static const bool right[NR_COLS] = {
		[COL_SSDS] = true,  [COL_N] = true,	   [COL_BASE] = true, [COL_OTHER] = true,
		[COL_RATIO] = true, [COL_INTERVAL] = true, [COL_P] = true,
	};
	char title[128] = "base";
	int err = 0;

	if (*base)
		snprintf(title, sizeof(title), "%s (base)", base);
	for (int c = 0; c < NR_COLS && !err; c++)
		err = table_add_column(table, c == COL_BASE ? title : names[c],
				       right[c] ? COLUMN_RIGHT : COLUMN_LEFT, false);
	return err;
}

static int fill_row(struct table *table, const struct compare_row *c)
{
	const char *class = c->key[KEY_CLASS];
	char text[COMPARE_WORDS];
	int err = table_set(table, COL_SSDS, "%s", c->key[KEY_SSDS]);

	if (!err)
		err = table_set(table, COL_WHAT, "%s", *class ? class : c->key[KEY_DEVICE]);
	if (!err)
		err = table_set(table, COL_FIGURE, "%s", compare_figure_words(c, text));
	if (!err)
		err = table_set(table, COL_SIDE, "%s", c->value);
	if (!err)
		err = table_set(table, COL_N, "%zu+%zu", c->base.n, c->other.n);
	if (!err)
		err = table_set(table, COL_BASE, "%s",
				compare_value_words(c, c->base.median, text));
	if (!err)
		err = table_set(table, COL_OTHER, "%s",
				compare_value_words(c, c->other.median, text));
	if (!err)
		err = table_set(table, COL_RATIO, "%s", compare_ratio_words(c, text));
	if (!err)
		err = table_set(table, COL_INTERVAL, "%s", compare_interval_words(c, text));
	if (!err)
		err = table_set(table, COL_P, "%s", compare_p_words(c->p, text));
	return err ? err : table_set(table, COL_VERDICT, "%s", compare_verdict_words(c->verdict));
}

static int add_heading(struct table *table, const struct compare_row *c)
{
	char *text = compare_heading_words(c);
	int err = text ? table_add_heading(table, text) : -ENOMEM;

	free(text);
	return err;
}

static int print_rows(const struct compare_row *rows, size_t n, const char *base)
{
	struct table *table = table_new(stdout, false);
	int err = table ? add_columns(table, base) : -ENOMEM;

	for (size_t i = 0; i < n && !err; i++) {
		if (!i || !compare_same_heading(&rows[i - 1], &rows[i]))
			err = add_heading(table, &rows[i]);
		if (!err)
			err = table_add_row(table);
		if (!err)
			err = fill_row(table, &rows[i]);
	}
	if (!err)
		err = table_print(table);
	table_free(table);
	if (err)
		log_error("cannot print: %s", strerror(-err));
	return err;
}

static int compare(struct compare_set *set, const struct compare_call *call)
{
	const struct compare_row *rows;
	size_t n;
	int err = 0;

	for (size_t i = 0; i < call->nfiles && !err; i++)
		err = compare_set_read(set, call->files[i]);
	if (!err)
		err = compare_set_finish(set, &rows, &n);
	if (err)
		log_error("%s", compare_set_error(set));
	else
		err = print_rows(rows, n, call->query.base);
	return err;
}

int cmd_compare(int argc, char **argv)
{
	static const struct argp argp = { options, parse_option, "FILE...", doc, 0, 0, 0 };
	struct compare_call call = { .query = { .by = "arm" } };
	struct compare_set *set;
	int err;

	usage_parse(&argp, argc, argv, &call);
	if (!call.query.base)
		usage_error("--base is missing; see %s --help", argv[0]);
	if (!call.nfiles)
		usage_error("no file to compare; see %s --help", argv[0]);
	call.query.metrics = call.metrics;
	call.query.classes = call.classes;
	call.query.where = call.where;
	set = compare_set_new(&call.query);
	if (!set) {
		log_error("out of memory");
		return EXIT_FAILED;
	}
	err = compare(set, &call);
	compare_set_free(set);
	/* A query that does not fit the file is a mistake of the command line. */
	return !err ? EXIT_DONE : err == -EBADRQC ? EXIT_USAGE : EXIT_FAILED;
}
