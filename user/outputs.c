// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <poll.h>
#include <stdio_ext.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
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

/* Of all that failed the first counts: each was said. */
static int first(int err, int next)
{
	return err ? err : next;
}

/* An output that failed is not tried again. Who closed standard output has seen enough. */
static int check_output(int err, const char *path)
{
	return err == -EPIPE && is_stdout(path) ? 0 : check_file(err, path);
}

static int check_csv(int err, struct csv_writer **csv, const char *path)
{
	if (!err)
		return 0;
	csv_writer_close(*csv);
	*csv = NULL;
	return check_output(err, path);
}

/* What a file holds stays until empty_stream(). */
static int open_stream(FILE **stream, const char *path)
{
	if (!path)
		return 0;
	*stream = is_stdout(path) ? stdout : fopen(path, "ae");
	return check_file(*stream ? 0 : -errno, path);
}

static bool is_regular(FILE *file, off_t *size)
{
	struct stat st;

	if (fstat(fileno(file), &st) || !S_ISREG(st.st_mode))
		return false;
	*size = st.st_size;
	return true;
}

static int empty_stream(FILE *stream, const char *path)
{
	off_t size;

	if (!stream || stream == stdout || !is_regular(stream, &size))
		return 0;
	return check_file(ftruncate(fileno(stream), 0) ? -errno : 0, path);
}

/* It is replaced by a rename, which a device or a pipe does not survive. */
static int check_replaceable(const char *path)
{
	struct stat st;

	if (!path || stat(path, &st) || S_ISREG(st.st_mode))
		return 0;
	log_error("cannot replace '%s': it is not a regular file", path);
	return -EINVAL;
}

enum { CSV_FILES = 3 };

struct csv_file {
	struct csv_writer **writer;
	const char *path;
	const struct column *columns;
	size_t ncolumns;
};

static void csv_files(struct outputs *o, struct csv_file files[CSV_FILES])
{
	const struct recording_options *p = o->options;

	files[0] = (struct csv_file){ &o->csv, p->csv, lock_columns, LOCK_COLUMNS };
	files[1] = (struct csv_file){ &o->metrics, p->metrics, metric_columns, METRIC_COLUMNS };
	files[2] = (struct csv_file){ &o->histograms, p->histograms_csv, histogram_columns,
				      HISTOGRAM_COLUMNS };
}

static int open_csv_files(struct outputs *o)
{
	struct csv_file f[CSV_FILES];
	int err = 0;

	csv_files(o, f);
	for (int i = 0; i < CSV_FILES && !err; i++)
		if (f[i].path)
			err = check_file(csv_writer_open(f[i].writer, f[i].path), f[i].path);
	for (int i = 0; i < CSV_FILES && !err; i++)
		if (f[i].path)
			err = check_file(csv_writer_begin(*f[i].writer, f[i].columns,
							  f[i].ncolumns),
					 f[i].path);
	return err;
}

static int open_files(struct outputs *o)
{
	int err = check_replaceable(o->prometheus);

	if (!err)
		err = open_stream(&o->json, o->options->json);
	if (!err)
		err = open_stream(&o->stacks, o->options->stacks);
	if (!err)
		err = open_csv_files(o);
	if (!err)
		err = empty_stream(o->json, o->options->json);
	return err ? err : empty_stream(o->stacks, o->options->stacks);
}

int outputs__open(struct outputs *o, const struct recording_options *options, enum backend backend)
{
	*o = (struct outputs){
		.options = options,
		.identity = options->identity,
		.backend = backend,
		.prometheus = options->prometheus,
		.table = !is_stdout(options->csv) && !is_stdout(options->metrics) &&
			 !is_stdout(options->json) && !is_stdout(options->stacks) &&
			 !is_stdout(options->histograms_csv),
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
	const struct view view = {
		.backend = o->backend,
		.by = o->options->by,
		.filter = &o->options->filter,
		.lines = o->live ? screen_lines() : 0,
	};
	int err = rows__print(stdout, &view, w);

	if (!err)
		rows__print_share(stdout, o->backend, w->locks, w->samples);
	return err;
}

static bool reader_is_gone(void)
{
	struct pollfd out = { .fd = STDOUT_FILENO };

	return poll(&out, 1, 0) > 0 && out.revents & (POLLERR | POLLHUP);
}

static int check_printed(struct outputs *o, int err)
{
	if (!err && (fflush(stdout) || ferror(stdout)))
		err = -errno;
	if (!err)
		return 0;
	o->table = o->live = false;
	if (reader_is_gone())
		return 0;
	log_error("cannot print: %s", strerror(-err));
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
	return check_printed(o, err);
}

/* What fitted of an object is cut off: a reader wants whole lines. */
static int drop_json(struct outputs *o, bool regular, off_t size, int err)
{
	__fpurge(o->json);
	if (regular && ftruncate(fileno(o->json), size))
		log_debug("the last line of '%s' is not whole", o->options->json);
	if (o->json != stdout)
		fclose(o->json);
	o->json = NULL;
	return check_output(err, o->options->json);
}

static int write_json(struct outputs *o, const struct window *w)
{
	off_t size = 0;
	bool regular = is_regular(o->json, &size);
	int err = rows__write_json(o->json, &o->identity, o->backend, &o->options->filter,
				   o->options->by, w);

	return err ? drop_json(o, regular, size, err) : 0;
}

int outputs__write(struct outputs *o, const struct window *w)
{
	const struct recording_options *options = o->options;
	int err = 0;

	if (o->csv && o->backend != BACKEND_NONE)
		err = check_csv(rows__write_locks(o->csv, &o->identity, o->backend,
						  &options->filter, w),
				&o->csv, options->csv);
	return o->json ? first(err, write_json(o, w)) : err;
}

int outputs__export(struct outputs *o, const struct window *whole, const struct ledger *ledger)
{
	const char *path = o->prometheus;
	int err;

	if (!path || o->backend == BACKEND_NONE)
		return 0;
	err = prometheus_write(path, &o->identity, o->backend, &o->options->filter, whole->locks,
			       whole->samples, ledger, whole->to->seconds - whole->from->seconds);
	if (err)
		o->prometheus = NULL;
	return check_file(err, path);
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
	return check_csv(err, &o->metrics, o->options->metrics);
}

static int write_histograms(struct outputs *o, const struct window *whole)
{
	const struct recording_options *options = o->options;

	if (!o->histograms || o->backend == BACKEND_NONE)
		return 0;
	return check_csv(rows__write_histograms(o->histograms, &o->identity, o->backend,
						&options->filter, whole),
			 &o->histograms, options->histograms_csv);
}

static int print_end(struct outputs *o, const struct window *whole, const struct tally *tally)
{
	int err = 0;

	if (!o->table || o->backend == BACKEND_NONE)
		return 0;
	if (o->options->histograms)
		rows__print_histograms(stdout, o->backend, &o->options->filter, whole->locks,
				       whole->samples);
	rows__print_ledger(stdout, &tally->ledger);
	if (tally->balance)
		err = balance__print(tally->balance, &tally->balance_counts, stdout);
	return check_printed(o, err);
}

static int write_stacks(struct outputs *o, const struct window *whole, struct stacks *stacks)
{
	if (!stacks)
		return 0;
	if (stacks__left_out(stacks))
		log_warning("%llu sampled stacks left out: too many different ones",
			    stacks__left_out(stacks));
	return check_output(stacks__write(stacks, whole->locks, o->stacks), o->options->stacks);
}

int outputs__conclude(struct outputs *o, const struct window *whole, struct tally *tally)
{
	const struct recording_options *options = o->options;
	const struct ledger *ledger = &tally->ledger;
	double seconds = whole->to->seconds - whole->from->seconds;
	int err = write_metrics(o, whole, ledger);

	err = first(err, write_histograms(o, whole));
	err = first(err, write_stacks(o, whole, tally->stacks));
	err = first(err, outputs__export(o, whole, ledger));
	if (options->run_json)
		err = first(err, check_file(context_write(options->run_json, o->backend, ledger,
							  seconds, options->argc, options->argv),
					    options->run_json));
	err = first(err, outputs__print(o, whole));
	return first(err, print_end(o, whole, tally));
}

bool outputs__wanted(const struct outputs *o)
{
	return o->table || o->csv || o->metrics || o->histograms || o->json || o->stacks ||
	       o->prometheus || o->options->run_json;
}

/* Closing tells the first error of all, which was said when it came. */
static int close_csv(struct csv_writer *csv, const char *path, int err)
{
	int close_err = csv_writer_close(csv);

	return err ? err : check_file(close_err, path);
}

static int close_stream(FILE *stream, const char *path, int err)
{
	if (!stream || stream == stdout || !fclose(stream))
		return err;
	return err ? err : check_file(-errno, path);
}

int outputs__close(struct outputs *o, int err)
{
	err = close_stream(o->json, o->options->json, err);
	err = close_stream(o->stacks, o->options->stacks, err);
	err = close_csv(o->csv, o->options->csv, err);
	err = close_csv(o->histograms, o->options->histograms_csv, err);
	return close_csv(o->metrics, o->options->metrics, err);
}
