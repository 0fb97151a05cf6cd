// SPDX-License-Identifier: GPL-2.0-or-later
/* lockstat-swap report: the command line, the directory read, the page written. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "commands.h"
#include "log.h"
#include "replace.h"
#include "report_internal.h"
#include "usage.h"
#include "verdict.h"

enum { OPT_BY = 1000, OPT_BASE };

static const struct argp_option options[] = {
	{ "output", 'o', "FILE", 0,
	  "the page, which replaces FILE once it is complete (default: report.html in the"
	  " directory); - is standard output",
	  0 },
	{ "by", OPT_BY, "COLUMN", 0,
	  "what differs, as of compare: arm (default), kernel, run, workload, threads, backend,"
	  " lockpath or experiment",
	  0 },
	{ "base", OPT_BASE, "VALUE", 0,
	  "the value of that column to compare with (default: the first arm of run.json)", 0 },
	{ 0 }
};

static const char doc[] =
	"Make one self-contained HTML page of a results directory: verdicts, curves over the number"
	" of SSDs, locks, devices, context and ledger.\v"
	"It reads those of locks.csv, metrics.csv, histograms.csv and run.json that DIRECTORY has, "
	"as"
	" the bench or record wrote them, and needs gnuplot. Verdicts are those of compare.\n\n"
	"Exit status: 0 done; 1 failed, or a file is malformed; 2 usage.";

struct report_call {
	char *dir;
	const char *output, *by, *base;
};

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct report_call *call = state->input;

	switch (key) {
	case 'o':
		call->output = arg;
		break;
	case OPT_BY:
		call->by = arg;
		break;
	case OPT_BASE:
		call->base = arg;
		break;
	case ARGP_KEY_ARG:
		if (call->dir)
			return usage_parse_common(key, arg, state);
		call->dir = arg;
		break;
	default:
		return usage_parse_common(key, arg, state);
	}
	return 0;
}

/* The number of SSDs is the axis of the curves, and repetitions are what is summed up. */
static int key_to_compare_by(const char *name)
{
	int key = report_cell_key(name);

	return key == CELL_SSDS || key == CELL_REP ? -ENOENT : key;
}

static int read_directory(struct report *r)
{
	struct stat st;
	char error[1024];
	int err;

	if (stat(r->dir, &st) || !S_ISDIR(st.st_mode)) {
		log_error("%s: %s", r->dir, strerror(errno ? errno : ENOTDIR));
		return -ENOTDIR;
	}
	err = report_data_read(&r->data, r->dir);
	if (err) {
		log_error("%s", r->data.error);
		return err;
	}
	err = report_run_read(r->dir, &r->run, error, sizeof(error));
	if (err)
		log_error("%s", error);
	else if (!r->run && !r->data.has_locks && !r->data.has_metrics) {
		log_error("%s: no results: neither locks.csv, metrics.csv nor run.json", r->dir);
		err = -ENODATA;
	}
	return err;
}

/* Names the values there are: a base with a typing error must not look like no result. */
static int no_such_base(const struct report *r, const struct report_call *call)
{
	char found[512] = "";
	size_t used = 0;

	for (size_t i = 0; i < r->by.n && used < sizeof(found); i++)
		used += snprintf(found + used, sizeof(found) - used, "%s'%s'", i ? ", " : "",
				 r->by.values[i]);
	log_error("no row has %s '%s', the base; there is %s", call->by, call->base, found);
	return -ENODATA;
}

static int choose_base(struct report *r, const struct report_call *call)
{
	size_t n;
	const char **arms = report_run_arms(r->run, &n);
	const char *base = call->base;
	int key = key_to_compare_by(call->by), err = arms ? 0 : -ENOMEM;

	if (!err && !base && n && key == CELL_ARM)
		base = arms[0];
	if (!err)
		err = report_by_init(&r->by, &r->data, key, base, arms, n);
	free(arms);
	if (err)
		log_error("out of memory");
	else if (call->base && !r->by.base)
		err = no_such_base(r, call);
	return err;
}

/* The directory, not a file of it: whether figures may be compared is in its other files. */
static int compare_directory(struct report *r, struct report_comparison *c)
{
	struct compare_result result = {};
	int err;

	c->set = compare_set_new(&c->query);
	if (!c->set) {
		log_error("out of memory");
		return -ENOMEM;
	}
	err = compare_set_read(c->set, r->dir);
	if (!err)
		err = compare_set_finish(c->set, &result);
	if (err == -ENODATA) {
		snprintf(c->why_not, sizeof(c->why_not), "%s", compare_set_error(c->set));
		result = (struct compare_result){};
		err = 0;
	}
	c->rows = result.rows;
	c->n = result.nrows;
	c->tested = result.tested;
	if (err)
		log_error("%s", compare_set_error(c->set));
	return err;
}

static bool has_acquisitions(const struct report_data *data)
{
	for (size_t i = 0; i < data->nlocks.n; i++)
		if (!isnan(data->locks[i].sums[SUM_ACQUIRED]))
			return true;
	return false;
}

static bool has_backend(const struct report_data *data, const char *backend)
{
	for (size_t i = 0; i < data->ncells.n; i++)
		if (!strcmp(data->cells[i].key[CELL_BACKEND], backend))
			return true;
	return false;
}

/* The share of acquisitions; where they were not counted, the contentions themselves. */
static void ask_of_contention(struct report *r)
{
	static const char *const sum[] = { COMPARE_SUM_CLASS };
	struct report_comparison *c = &r->contention;

	c->metrics[0] = has_acquisitions(&r->data) ? "contended/acquired" : "contended";
	c->query.metrics = c->metrics;
	c->query.nmetrics = 1;
	c->query.classes = sum;
	c->query.nclasses = 1;
}

/* Only what is asked is tested: a correction for many tests is one for many questions. */
static void ask_of_throughput(struct report *r)
{
	struct report_comparison *c = &r->throughput;

	for (size_t i = 0; i < nverdict_questions && c->query.nmetrics < MAX_QUESTIONS; i++)
		if (!*verdict_questions[i].class &&
		    report_data_has_metric(&r->data, verdict_questions[i].metric))
			c->metrics[c->query.nmetrics++] = verdict_questions[i].metric;
	c->where = (struct compare_where){ "backend", has_backend(&r->data, "none") ? "none" : "" };
	c->query.metrics = c->metrics;
	c->query.where = &c->where;
	c->query.nwhere = r->by.key != CELL_BACKEND;
}

static int compare_arms(struct report *r, const char *by)
{
	struct report_comparison *const list[] = { &r->contention, &r->throughput, &r->all };
	const bool wanted[] = { r->data.has_locks, r->data.has_metrics,
				r->data.has_locks || r->data.has_metrics };
	int err = 0;

	if (!r->by.base)
		return 0;
	ask_of_contention(r);
	ask_of_throughput(r);
	for (size_t i = 0; !err && i < sizeof(list) / sizeof(*list); i++) {
		list[i]->query.by = by;
		list[i]->query.base = r->by.base;
		/* Without one, all metrics would be asked of. */
		if (wanted[i] && (list[i] == &r->all || list[i]->query.nmetrics))
			err = compare_directory(r, list[i]);
	}
	return err;
}

/* The whole page in memory: what fails on the way leaves no file. */
static int make_page(struct report *r, char **page, size_t *bytes)
{
	int err;

	r->out = open_memstream(page, bytes);
	err = r->out ? report_page(r) : -ENOMEM;
	if (r->out && fclose(r->out))
		err = -ENOMEM;
	if (err == -ENOMEM)
		log_error("out of memory");
	return err;
}

static int write_stdout(const char *page, size_t bytes)
{
	fwrite(page, 1, bytes, stdout);
	return fflush(stdout) || ferror(stdout) ? -errno : 0;
}

static int write_file(const char *path, const char *page, size_t bytes)
{
	struct replacement file;
	int err = replace__begin(&file, path);

	if (err)
		return err;
	fwrite(page, 1, bytes, file.out);
	return replace__end(&file, path);
}

static int write_page(const struct report_call *call, const char *page, size_t bytes)
{
	char *path = NULL;
	int err;

	if (call->output && !strcmp(call->output, "-"))
		err = write_stdout(page, bytes);
	else if (asprintf(&path, call->output ? "%s" : "%s/report.html",
			  call->output ? call->output : call->dir) < 0)
		err = -ENOMEM;
	else
		err = write_file(path, page, bytes);
	if (err)
		log_error("cannot write '%s': %s", path ? path : "standard output",
			  err == -EINVAL ? "it is not a regular file" : strerror(-err));
	free(path);
	return err;
}

static int report(struct report *r, const struct report_call *call)
{
	char *page = NULL;
	size_t bytes;
	int err = read_directory(r);

	if (!err)
		err = choose_base(r, call);
	if (!err)
		err = compare_arms(r, call->by);
	if (!err)
		err = make_page(r, &page, &bytes);
	if (!err)
		err = write_page(call, page, bytes);
	free(page);
	return err;
}

static void cut_slashes(char *dir)
{
	for (size_t n = strlen(dir); n > 1 && dir[n - 1] == '/'; n--)
		dir[n - 1] = '\0';
}

int cmd_report(int argc, char **argv)
{
	static const struct argp argp = { options, parse_option, "DIRECTORY", doc, 0, 0, 0 };
	struct report_call call = { .by = "arm" };
	struct report r = { 0 };
	int err;

	usage_parse(&argp, argc, argv, &call);
	if (!call.dir)
		usage_error("which results directory? see %s --help", argv[0]);
	if (key_to_compare_by(call.by) < 0)
		usage_error("cannot report by '%s'; see %s --help", call.by, argv[0]);
	cut_slashes(call.dir);
	r.dir = call.dir;
	err = report(&r, &call);
	compare_set_free(r.contention.set);
	compare_set_free(r.throughput.set);
	compare_set_free(r.all.set);
	report_by_free(&r.by);
	report_data_free(&r.data);
	json_object_put(r.run);
	return err ? EXIT_FAILED : EXIT_DONE;
}
