// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "child.h"
#include "commands.h"
#include "discover.h"
#include "hist.h"
#include "kernel_btf.h"
#include "log.h"
#include "naming.h"
#include "outputs.h"
#include "privileges.h"
#include "recording.h"
#include "sysmetrics.h"
#include "wakes.h"

/* Above this share of lost events the exit status says so. */
static const double LOSS_THRESHOLD = 0.01;

/* How soon to look again for swap devices that could not be matched: later each time. */
enum { FIRST_LOOK_MS = 20, LAST_LOOK_MS = 2000 };

/* Names of locks met are asked for anew after so many rounds, for memory is used again. */
enum { ROUNDS_KNOWN = 10 };

struct recording {
	const struct recording_options *options;
	enum backend backend;
	struct discovery *discovery;
	struct naming *naming;
	struct collector *collector;
	struct lock_set locks;
	struct lock_sample interval_samples[MAX_SLOTS], samples[MAX_SLOTS];
	struct sysmetrics started, interval_started, ended;
	struct ledger ledger;
	struct outputs outputs;
	struct wakes wakes;
	struct child child;
	unsigned int interval; /* the number of the current one, from 1 */
	unsigned int round;    /* of learning */
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
	err = discovery__open(&r->discovery, r->options->without);
	if (!err)
		err = naming__open(&r->naming, r->backend, r->options->without);
	/* Two copies at once, this and libbpf's, would be the most memory ever used. */
	kernel_btf_drop();
	if (err) {
		log_error("cannot find the swap structures in this kernel's BTF: %s",
			  strerror(-err));
		return err;
	}
	err = collector__open(&r->collector, r->backend, &r->options->events);
	return err ? say_open_error(err) : 0;
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

/* What was counted of the strangers goes to the rows that they turn out to belong to. */
static void learn(struct recording *r, const struct strangers *strangers)
{
	for (size_t i = 0; i < strangers->n; i++) {
		const struct stranger *s = strangers->list[i];
		unsigned int slot = naming__slot(r->naming, r->collector, &r->locks, s);

		time_stats__merge(&r->interval_samples[slot].wait, &s->wait);
	}
}

static int cycle(struct recording *r)
{
	struct strangers strangers = {};
	int err;

	if (r->backend == BACKEND_NONE)
		return 0;
	err = collector__cycle(r->collector, &r->locks, r->interval_samples, &strangers);
	if (err)
		log_error("cannot read the counters: %s", strerror(-err));
	else
		learn(r, &strangers);
	return err;
}

static int next_round(struct recording *r)
{
	if (++r->round % ROUNDS_KNOWN == 0)
		lock_set__forget_known(&r->locks);
	return cycle(r);
}

static void merge_interval(struct recording *r)
{
	for (unsigned int row = 0; row < r->locks.nr_rows; row++) {
		time_stats__merge(&r->samples[row].wait, &r->interval_samples[row].wait);
		time_stats__merge(&r->samples[row].hold, &r->interval_samples[row].hold);
	}
	memset(r->interval_samples, 0, sizeof(r->interval_samples));
}

/* Prints the interval that ends at @now, and writes it if intervals are wanted. */
static int put_interval(struct recording *r, const struct sysmetrics *now)
{
	const struct window window = { &r->interval_started, now, &r->locks, r->interval_samples,
				       r->interval };
	int err = 0;

	if (r->outputs.live || r->options->interval)
		err = outputs__print(&r->outputs, &window);
	if (!err && r->options->interval)
		err = outputs__write(&r->outputs, &window);
	return err;
}

/* The ledger is read while events come in: it closes when recording has ended. */
static int export(struct recording *r, const struct sysmetrics *now)
{
	const struct window whole = { &r->started, now, &r->locks, r->samples, 0 };
	int err;

	if (!r->options->prometheus || r->backend == BACKEND_NONE)
		return 0;
	err = collector__ledger(r->collector, &r->ledger);
	return err ? err : outputs__export(&r->outputs, &whole, &r->ledger);
}

static int end_interval(struct recording *r)
{
	struct sysmetrics now;
	int err = sysmetrics__read(&now);

	if (!err)
		err = cycle(r);
	if (!err)
		err = put_interval(r, &now);
	if (err)
		return err;
	merge_interval(r);
	r->interval_started = now;
	r->interval++;
	return export(r, &now);
}

static int handle_wakes(struct recording *r, bool timed_out)
{
	int err = 0;

	if (wakes__is(&r->wakes, WAKE_SWAPS) || (timed_out && r->stale_ms)) {
		discover(r);
		err = cycle(r);
	}
	if (!err && wakes__is(&r->wakes, WAKE_LEARN))
		err = next_round(r);
	if (!err && wakes__is(&r->wakes, WAKE_INTERVAL))
		err = end_interval(r);
	r->done = wakes__is(&r->wakes, WAKE_SIGNAL) || wakes__is(&r->wakes, WAKE_DURATION) ||
		  wakes__is(&r->wakes, WAKE_CHILD);
	return err;
}

static int loop(struct recording *r)
{
	int err = 0;

	while (!r->done && !err) {
		int woken = wakes__wait(&r->wakes, r->stale_ms ? r->stale_ms : -1);

		err = woken < 0 ? woken : handle_wakes(r, !woken);
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

static int finish(struct recording *r)
{
	const struct window last = { &r->interval_started, &r->ended, &r->locks,
				     r->interval_samples, r->interval };
	const struct window whole = { &r->started, &r->ended, &r->locks, r->samples, 0 };
	int err = r->options->interval ? outputs__write(&r->outputs, &last) : 0;

	merge_interval(r);
	if (!err && !r->options->interval)
		err = outputs__write(&r->outputs, &whole);
	return err ? err : outputs__conclude(&r->outputs, &whole, &r->ledger);
}

static void close_recording(struct recording *r)
{
	wakes__close(&r->wakes);
	discovery__close(r->discovery);
	naming__close(r->naming);
	collector__close(r->collector);
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

static int open_wakes(struct recording *r)
{
	double interval = r->options->interval;
	int err;

	if (!interval && (r->outputs.live || r->options->prometheus))
		interval = 1;
	err = wakes__open(&r->wakes, interval, r->options->duration);
	if (err)
		log_error("cannot watch signals and /proc/swaps: %s", strerror(-err));
	return err;
}

static int drop_privileges(void)
{
	int err = privileges_drop();

	if (err)
		log_error("cannot drop privileges: %s", strerror(-err));
	return err;
}

static int prepare(struct recording *r)
{
	int backend = recording_choose_backend(r->options->backend);
	int err;

	if (backend < 0)
		return backend;
	r->backend = backend;
	err = check_device(r->options->filter.device);
	if (!err && r->backend != BACKEND_NONE)
		err = open_locks(r);
	/* Only who can record empties the files of an earlier recording. */
	if (!err)
		err = outputs__open(&r->outputs, r->options, r->backend);
	if (!err)
		err = open_wakes(r);
	if (!err && r->options->command)
		err = child__prepare(&r->child, r->options->command);
	if (!err && r->options->command)
		wakes__watch(&r->wakes, r->child.pidfd);
	/* The command was forked with all the rights its user has. */
	if (!err)
		err = drop_privileges();
	return err;
}

/* Whatever ended the loop, what was counted is written. */
static int record(struct recording *r)
{
	int err = start(r), loop_err;

	if (err)
		return err;
	loop_err = loop(r);
	err = stop(r);
	if (!err)
		err = finish(r);
	return err ? err : loop_err;
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
	r->outputs.options = options;
	err = prepare(r);
	if (err == -ENOTSUP)
		status = EXIT_UNSUPPORTED;
	if (!err)
		err = record(r);
	err = outputs__close(&r->outputs, err);
	close_recording(r);
	if (!err)
		status = verdict(r);
	if (!child__end(&r->child) && !err)
		status = EXIT_FAILED;
	free(r);
	return status;
}
