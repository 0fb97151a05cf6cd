// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "context.h"
#include "log.h"
#include "outputs.h"
#include "prometheus.h"

static int check_file(int err, const char *path)
{
	if (err)
		log_error("cannot write '%s': %s", path, strerror(-err));
	return err;
}

static bool is_stdout(const char *path)
{
	return path && !strcmp(path, "-");
}

static int open_files(struct outputs *o)
{
	const char *csv = o->options->csv, *metrics = o->options->metrics, *json = o->options->json;
	int err = 0;

	if (json) {
		o->json = is_stdout(json) ? stdout : fopen(json, "ae");
		err = check_file(o->json ? 0 : -errno, json);
	}
	if (!err && csv)
		err = check_file(csv_writer_open(&o->csv, csv), csv);
	if (!err && metrics)
		err = check_file(csv_writer_open(&o->metrics, metrics), metrics);
	if (!err && csv)
		err = check_file(csv_writer_begin(o->csv, lock_columns, LOCK_COLUMNS), csv);
	if (!err && metrics)
		err = check_file(csv_writer_begin(o->metrics, metric_columns, METRIC_COLUMNS),
				 metrics);
	if (!err && json && o->json != stdout)
		err = check_file(ftruncate(fileno(o->json), 0) ? -errno : 0, json);
	return err;
}

int outputs__open(struct outputs *o, const struct recording_options *options, enum backend backend)
{
	*o = (struct outputs){
		.options = options,
		.identity = options->identity,
		.backend = backend,
		.table = !is_stdout(options->csv) && !is_stdout(options->metrics) &&
			 !is_stdout(options->json),
	};
	o->identity.backend = backend_name(backend);
	o->identity.lockpath = context_lock_path();
	if (!o->identity.kernel)
		o->identity.kernel = context_kernel();
	o->live = o->table && isatty(STDOUT_FILENO) && !options->interval && !options->command;
	return open_files(o);
}

static void print_rates(const struct window *w)
{
	struct metric metrics[MAX_METRICS];
	int n = sysmetrics__between(w->from, w->to, metrics);

	for (int i = 0; i < n; i++)
		if (!*metrics[i].device && strstr(metrics[i].unit, "/s"))
			printf("%s %.0f %s  ", metrics[i].name, metrics[i].value, metrics[i].unit);
	putchar('\n');
}

/* How many rows a screen has room for, beside heading and the lines below. */
static unsigned int screen_lines(void)
{
	enum { OTHER_LINES = 6, USUAL_LINES = 24 };
	struct winsize size = {};

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) || !size.ws_row)
		size.ws_row = USUAL_LINES;
	return size.ws_row > OTHER_LINES ? size.ws_row - OTHER_LINES : 1;
}

static int print_locks(struct outputs *o, const struct window *w)
{
	unsigned int lines = o->live ? screen_lines() : 0;
	int err = rows__print(stdout, lines, o->backend, &o->options->filter, w->locks, w->samples);

	if (!err)
		rows__print_share(stdout, o->backend, w->locks, w->samples);
	return err;
}

int outputs__print(struct outputs *o, const struct window *w)
{
	const char *path = o->identity.lockpath;
	int err = 0;

	if (!o->table)
		return 0;
	if (o->live)
		printf("\033[H\033[J");
	printf("lockstat-swap  kernel %s  backend %s  lock path %s  %.1f s\n", context_kernel(),
	       o->identity.backend, *path ? path : "unknown", w->to->seconds - w->from->seconds);
	print_rates(w);
	if (o->backend != BACKEND_NONE)
		err = print_locks(o, w);
	fflush(stdout);
	if (err)
		log_error("cannot print: %s", strerror(-err));
	return err;
}

static int write_json(struct outputs *o, const struct window *w)
{
	struct metric metrics[MAX_METRICS];
	int n = sysmetrics__between(w->from, w->to, metrics);

	return check_file(rows__write_json(o->json, &o->identity, o->backend, w->interval,
					   &o->options->filter, w->locks, w->samples, metrics, n),
			  o->options->json);
}

int outputs__write(struct outputs *o, const struct window *w)
{
	int err = 0;

	if (o->csv && o->backend != BACKEND_NONE)
		err = check_file(rows__write_locks(o->csv, &o->identity, o->backend, w->interval,
						   &o->options->filter, w->locks, w->samples),
				 o->options->csv);
	return err || !o->json ? err : write_json(o, w);
}

int outputs__export(struct outputs *o, const struct window *whole, const struct ledger *ledger)
{
	const char *path = o->options->prometheus;

	if (!path || o->backend == BACKEND_NONE)
		return 0;
	return check_file(prometheus_write(path, &o->identity, o->backend, &o->options->filter,
					   whole->locks, whole->samples, ledger,
					   whole->to->seconds - whole->from->seconds),
			  path);
}

static int write_metrics(struct outputs *o, const struct window *w, const struct ledger *ledger)
{
	struct metric metrics[MAX_METRICS];
	int n = sysmetrics__between(w->from, w->to, metrics);
	int err;

	if (!o->metrics)
		return 0;
	err = rows__write_metrics(o->metrics, &o->identity, metrics, n);
	if (!err && o->backend != BACKEND_NONE)
		err = rows__write_ledger(o->metrics, &o->identity, ledger);
	return check_file(err, o->options->metrics);
}

int outputs__conclude(struct outputs *o, const struct window *whole, const struct ledger *ledger)
{
	const struct recording_options *options = o->options;
	double seconds = whole->to->seconds - whole->from->seconds;
	int err = write_metrics(o, whole, ledger);

	if (!err)
		err = outputs__export(o, whole, ledger);
	if (!err && options->run_json)
		err = check_file(context_write(options->run_json, o->backend, ledger, seconds,
					       options->argc, options->argv),
				 options->run_json);
	if (!err)
		err = outputs__print(o, whole);
	if (!err && o->table && options->histograms && o->backend != BACKEND_NONE)
		rows__print_histograms(stdout, o->backend, &options->filter, whole->locks,
				       whole->samples);
	if (!err && o->table && o->backend != BACKEND_NONE)
		rows__print_ledger(stdout, ledger);
	return err;
}

/* Closing tells the first error of all, which was said when it came. */
static int close_csv(struct csv_writer *csv, const char *path, int err)
{
	int close_err = csv_writer_close(csv);

	return err ? err : check_file(close_err, path);
}

int outputs__close(struct outputs *o, int err)
{
	if (o->json && o->json != stdout && fclose(o->json) && !err)
		err = check_file(-errno, o->options->json);
	err = close_csv(o->csv, o->options->csv, err);
	return close_csv(o->metrics, o->options->metrics, err);
}
