// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "child.h"
#include "commands.h"
#include "context.h"
#include "discover.h"
#include "hist.h"
#include "kernel_btf.h"
#include "log.h"
#include "recording.h"
#include "sysmetrics.h"

/* Above this share of lost events the exit status says so. */
static const double LOSS_THRESHOLD = 0.01;

/* How soon to look again for swap devices that could not be matched: later each time. */
enum { FIRST_LOOK_MS = 20, LAST_LOOK_MS = 2000 };

/* What wakes the loop. */
enum { WAKE_SIGNAL, WAKE_INTERVAL, WAKE_DURATION, WAKE_SWAPS, WAKE_CHILD, NR_WAKES };

struct recording {
	const struct recording_options *options;
	enum backend backend;
	struct row_identity identity;
	struct discovery *discovery;
	struct collector *collector;
	struct lock_set locks;
	struct lock_sample interval_samples[MAX_SLOTS], samples[MAX_SLOTS];
	struct sysmetrics started, interval_started, ended;
	struct ledger ledger;
	struct csv_writer *csv, *metrics;
	struct pollfd wakes[NR_WAKES];
	struct child child;
	unsigned int interval; /* the number of the current one, from 1 */
	bool live;	       /* the table is refreshed in place */
	int stale_ms;	       /* discovery has to look again after so long; 0: not */
	bool done;
};

int recording_choose_backend(enum backend wanted)
{
	int has_lockdep, has_contention;

	/* Reading the kernel's BTF takes time: not for nothing. */
	if (wanted == BACKEND_NONE)
		return BACKEND_NONE;
	has_lockdep = backend_available(BACKEND_LOCKDEP);
	has_contention = backend_available(BACKEND_CONTENTION);
	if (has_lockdep < 0) {
		log_error("this kernel has no BTF (/sys/kernel/btf/vmlinux): it needs "
			  "CONFIG_DEBUG_INFO_BTF=y");
		return -ENOTSUP;
	}
	if (wanted != BACKEND_CONTENTION && has_lockdep)
		return BACKEND_LOCKDEP;
	if (wanted == BACKEND_LOCKDEP) {
		log_error("this kernel has no lockdep tracepoints: --backend lockdep needs "
			  "CONFIG_LOCK_STAT=y");
		return -ENOTSUP;
	}
	if (!has_contention) {
		log_error("this kernel has no lock:contention_begin: it needs Linux 5.19 or newer");
		return -ENOTSUP;
	}
	return BACKEND_CONTENTION;
}

static int say_open_error(int err)
{
	if (err == -EPERM || err == -EACCES)
		log_error("cannot load BPF programs: %s; run as root (sudo lockstat-swap)",
			  strerror(-err));
	else
		log_error("cannot load BPF programs: %s; --verbose says more", strerror(-err));
	return err;
}

static int open_locks(struct recording *r)
{
	int err;

	lock_set__init(&r->locks);
	err = discovery__open(&r->discovery);
	/* Two copies at once, this and libbpf's, would be the most memory ever used. */
	kernel_btf_drop();
	if (err) {
		log_error("cannot find the swap structures in this kernel's BTF: %s",
			  strerror(-err));
		return err;
	}
	err = collector__open(&r->collector, r->backend);
	return err ? say_open_error(err) : 0;
}

static int check_file(int err, const char *path)
{
	if (err)
		log_error("cannot write '%s': %s", path, strerror(-err));
	return err;
}

/* All are opened before one is emptied. */
static int open_outputs(struct recording *r)
{
	const struct recording_options *o = r->options;
	int err = 0;

	if (o->csv)
		err = check_file(csv_writer_open(&r->csv, o->csv), o->csv);
	if (!err && o->metrics)
		err = check_file(csv_writer_open(&r->metrics, o->metrics), o->metrics);
	if (!err && o->csv)
		err = check_file(csv_writer_begin(r->csv, lock_columns, LOCK_COLUMNS), o->csv);
	if (!err && o->metrics)
		err = check_file(csv_writer_begin(r->metrics, metric_columns, METRIC_COLUMNS),
				 o->metrics);
	return err;
}

static int timer_open(double seconds, bool repeat)
{
	struct timespec time = { seconds, (seconds - (long)seconds) * 1e9 };
	struct itimerspec spec = { .it_value = time };
	int fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);

	if (repeat)
		spec.it_interval = time;
	if (fd >= 0)
		timerfd_settime(fd, 0, &spec, NULL);
	return fd;
}

static int signals_open(void)
{
	sigset_t signals;

	sigemptyset(&signals);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGHUP);
	/* Who closes our output has seen enough; what goes to files still does. */
	signal(SIGPIPE, SIG_IGN);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	return signalfd(-1, &signals, SFD_CLOEXEC);
}

/* /proc/swaps becomes readable (POLLPRI) at each swapon and swapoff. */
static int swaps_open(void)
{
	char nothing[4096];
	int fd = open("/proc/swaps", O_RDONLY | O_CLOEXEC);

	while (fd >= 0 && read(fd, nothing, sizeof(nothing)) > 0)
		;
	return fd;
}

static int open_wakes(struct recording *r)
{
	const struct recording_options *o = r->options;
	double interval = o->interval ? o->interval : r->live ? 1 : 0;

	for (int i = 0; i < NR_WAKES; i++)
		r->wakes[i] = (struct pollfd){ .fd = -1, .events = POLLIN };
	r->wakes[WAKE_SIGNAL].fd = signals_open();
	r->wakes[WAKE_SWAPS].fd = swaps_open();
	r->wakes[WAKE_SWAPS].events = POLLPRI;
	if (r->wakes[WAKE_SIGNAL].fd < 0 || r->wakes[WAKE_SWAPS].fd < 0) {
		log_error("cannot watch signals and /proc/swaps: %s", strerror(errno));
		return -errno;
	}
	if (interval)
		r->wakes[WAKE_INTERVAL].fd = timer_open(interval, true);
	if (o->duration)
		r->wakes[WAKE_DURATION].fd = timer_open(o->duration, false);
	return 0;
}

/*
 * The kernel tells of a swapon after the fact and /proc/swaps and the
 * structures cannot be read in one step: where they disagree look again soon.
 */
static void discover(struct recording *r)
{
	int n = discovery__update(r->discovery, r->collector, &r->locks);

	if (n >= 0) {
		r->stale_ms = 0;
		return;
	}
	log_debug("swap devices and kernel structures disagree: looking again");
	r->stale_ms = r->stale_ms ? 2 * r->stale_ms : FIRST_LOOK_MS;
	if (r->stale_ms > LAST_LOOK_MS)
		r->stale_ms = LAST_LOOK_MS;
}

static int cycle(struct recording *r)
{
	int err;

	if (r->backend == BACKEND_NONE)
		return 0;
	err = collector__cycle(r->collector, &r->locks, r->interval_samples);
	if (err)
		log_error("cannot read the counters: %s", strerror(-err));
	return err;
}

static void merge_interval(struct recording *r)
{
	for (unsigned int row = 0; row < r->locks.nr_rows; row++) {
		time_stats__merge(&r->samples[row].wait, &r->interval_samples[row].wait);
		time_stats__merge(&r->samples[row].hold, &r->interval_samples[row].hold);
	}
	memset(r->interval_samples, 0, sizeof(r->interval_samples));
}

static void print_rates(const struct sysmetrics *from, const struct sysmetrics *to)
{
	struct metric metrics[MAX_METRICS];
	int n = sysmetrics__between(from, to, metrics);

	for (int i = 0; i < n; i++)
		if (!*metrics[i].device && strstr(metrics[i].unit, "/s"))
			printf("%s %.0f %s  ", metrics[i].name, metrics[i].value, metrics[i].unit);
	putchar('\n');
}

static bool prints_table(const struct recording *r)
{
	const struct recording_options *o = r->options;

	return !(o->csv && !strcmp(o->csv, "-")) && !(o->metrics && !strcmp(o->metrics, "-"));
}

static int print_rows(struct recording *r, const struct sysmetrics *from,
		      const struct sysmetrics *to, const struct lock_sample *samples)
{
	int err = 0;

	if (!prints_table(r))
		return 0;
	if (r->live)
		printf("\033[H\033[J");
	printf("lockstat-swap  kernel %s  backend %s  lock path %s  %.1f s\n", context_kernel(),
	       backend_name(r->backend), *context_lock_path() ? context_lock_path() : "unknown",
	       to->seconds - from->seconds);
	print_rates(from, to);
	if (r->backend != BACKEND_NONE)
		err = rows__print(stdout, r->backend,
				  &(struct row_filter){ r->options->device, r->options->all },
				  &r->locks, samples);
	fflush(stdout);
	return err;
}

static int write_locks(struct recording *r, const struct lock_sample *samples)
{
	/* No number: the row is of the whole recording. */
	unsigned int interval = r->options->interval ? r->interval : 0;

	if (!r->csv || r->backend == BACKEND_NONE)
		return 0;
	return check_file(rows__write_locks(r->csv, &r->identity, r->backend, interval,
					    r->options->device, &r->locks, samples),
			  r->options->csv);
}

static int end_interval(struct recording *r)
{
	struct sysmetrics now;
	int err = sysmetrics__read(&now);

	if (!err)
		err = cycle(r);
	if (!err)
		err = print_rows(r, &r->interval_started, &now, r->interval_samples);
	if (!err && r->options->interval)
		err = write_locks(r, r->interval_samples);
	if (err)
		return err;
	merge_interval(r);
	r->interval_started = now;
	r->interval++;
	return 0;
}

static int handle_wakes(struct recording *r, bool timed_out)
{
	unsigned long long expirations;
	int err = 0;

	if (r->wakes[WAKE_SWAPS].revents || (timed_out && r->stale_ms)) {
		discover(r);
		err = cycle(r);
	}
	if (!err && r->wakes[WAKE_INTERVAL].revents &&
	    read(r->wakes[WAKE_INTERVAL].fd, &expirations, sizeof(expirations)) > 0)
		err = end_interval(r);
	r->done = r->wakes[WAKE_SIGNAL].revents || r->wakes[WAKE_DURATION].revents ||
		  r->wakes[WAKE_CHILD].revents;
	return err;
}

static int loop(struct recording *r)
{
	int err = 0;

	while (!r->done && !err) {
		int n = poll(r->wakes, NR_WAKES, r->stale_ms ? r->stale_ms : -1);

		if (n < 0 && errno != EINTR)
			return -errno;
		err = handle_wakes(r, !n);
	}
	return err;
}

static int start(struct recording *r)
{
	int err = sysmetrics__read(&r->started);

	if (!err && r->backend != BACKEND_NONE) {
		discover(r);
		err = collector__start(r->collector, &r->locks);
	}
	r->interval_started = r->started;
	r->interval = 1;
	if (!err)
		child__go(&r->child);
	return err;
}

static int stop(struct recording *r)
{
	int err;

	if (r->backend == BACKEND_NONE)
		return sysmetrics__read(&r->ended);
	collector__stop(r->collector);
	err = sysmetrics__read(&r->ended);
	if (!err)
		err = cycle(r);
	if (!err)
		err = collector__ledger(r->collector, &r->ledger);
	return err;
}

static int write_metrics(struct recording *r)
{
	struct metric metrics[MAX_METRICS];
	int n = sysmetrics__between(&r->started, &r->ended, metrics);
	int err = r->metrics ? rows__write_metrics(r->metrics, &r->identity, metrics, n) : 0;

	if (!err && r->metrics && r->backend != BACKEND_NONE)
		err = rows__write_ledger(r->metrics, &r->identity, &r->ledger);
	return check_file(err, r->options->metrics);
}

static int write_context(struct recording *r)
{
	const struct recording_options *o = r->options;
	int err = o->run_json
			  ? context_write(o->run_json, r->backend, &r->ledger,
					  r->ended.seconds - r->started.seconds, o->argc, o->argv)
			  : 0;

	return check_file(err, o->run_json);
}

static int finish(struct recording *r)
{
	const struct lock_sample *all = r->samples;
	int err = 0;

	if (r->options->interval)
		err = write_locks(r, r->interval_samples);
	merge_interval(r);
	if (!err && !r->options->interval)
		err = write_locks(r, all);
	if (!err)
		err = write_metrics(r);
	if (!err)
		err = write_context(r);
	if (!err)
		err = print_rows(r, &r->started, &r->ended, all);
	if (!err && prints_table(r) && r->backend != BACKEND_NONE)
		rows__print_ledger(stdout, &r->ledger);
	return err;
}

/* Closing tells the first error of all: after @err it was said before. */
static int close_csv(struct csv_writer *csv, const char *path, int err)
{
	int close_err = csv_writer_close(csv);

	return err ? err : check_file(close_err, path);
}

static int close_recording(struct recording *r, int err)
{
	err = close_csv(r->csv, r->options->csv, err);
	err = close_csv(r->metrics, r->options->metrics, err);
	for (int i = 0; i < NR_WAKES; i++)
		if (r->wakes[i].fd > 0 && i != WAKE_CHILD)
			close(r->wakes[i].fd);
	discovery__close(r->discovery);
	collector__close(r->collector);
	return err;
}

static enum exit_status verdict(const struct recording *r)
{
	double loss = ledger__loss(&r->ledger);

	if (r->locks.overflow)
		log_warning("more locks than rows: some are counted as other");
	if (r->stale_ms && r->backend != BACKEND_NONE)
		log_warning(
			"the locks of the swap devices were not found: their events are in other");
	if (r->ledger.residual)
		log_warning("the ledger does not close: %lld events unexplained",
			    (long long)r->ledger.residual);
	if (loss > LOSS_THRESHOLD) {
		log_warning("%.1f%% of the events were lost: do not compare these figures",
			    loss * 100);
		return EXIT_LOSSES;
	}
	return EXIT_DONE;
}

static int check_device(const char *device)
{
	struct swap_entry entries[MAX_SWAP_DEVICES];
	int n = device ? procswaps_read(entries) : 0;

	for (int i = 0; i < n; i++)
		if (!strcmp(entries[i].name, device))
			return 0;
	if (!device)
		return 0;
	log_error("no swap device '%s': swapon --show lists them", device);
	return -ENODEV;
}

static int prepare(struct recording *r)
{
	int backend = recording_choose_backend(r->options->backend);
	int err;

	if (backend < 0)
		return backend;
	r->backend = backend;
	r->identity = r->options->identity;
	r->identity.backend = backend_name(backend);
	r->identity.lockpath = context_lock_path();
	if (!r->identity.kernel)
		r->identity.kernel = context_kernel();
	r->live = isatty(STDOUT_FILENO) && !r->options->interval && prints_table(r) &&
		  !r->options->command;
	err = check_device(r->options->device);
	if (!err && r->backend != BACKEND_NONE)
		err = open_locks(r);
	if (!err)
		err = open_outputs(r);
	if (!err)
		err = open_wakes(r);
	if (!err && r->options->command)
		err = child__prepare(&r->child, r->options->command);
	r->wakes[WAKE_CHILD].fd = r->child.pidfd ? r->child.pidfd : -1;
	return err;
}

int recording_run(const struct recording_options *options)
{
	struct recording *r = calloc(1, sizeof(*r));
	enum exit_status status = EXIT_FAILED;
	int err;

	if (!r) {
		log_error("out of memory");
		return EXIT_FAILED;
	}
	r->options = options;
	err = prepare(r);
	if (err == -ENOTSUP)
		status = EXIT_UNSUPPORTED;
	if (!err)
		err = start(r);
	if (!err) {
		int loop_err = loop(r);

		/* Whatever ended the loop, what was counted is written. */
		err = stop(r);
		if (!err)
			err = finish(r);
		if (!err)
			err = loop_err;
	}
	err = close_recording(r, err);
	if (!err)
		status = verdict(r);
	if (!child__end(&r->child) && !err)
		status = EXIT_FAILED;
	free(r);
	return status;
}
