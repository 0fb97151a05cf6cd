// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "child.h"
#include "commands.h"
#include "context.h"
#include "log.h"
#include "outputs.h"
#include "privileges.h"
#include "recording.h"
#include "sysmetrics.h"
#include "tally.h"
#include "wakes.h"

struct recording {
	const struct recording_options *options;
	struct tally tally;
	struct sysmetrics started, interval_started, ended;
	struct outputs outputs;
	struct wakes wakes;
	struct child child;
	unsigned int interval; /* the number of the current one, from 1 */
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
	/* There contention begins with a raw lock held, where the kernel cannot allocate. */
	if (context_is_realtime()) {
		log_error("this is a PREEMPT_RT kernel, whose spinlocks sleep: boot another one");
		return -ENOTSUP;
	}
	if (wanted != BACKEND_CONTENTION && has_lockdep)
		return BACKEND_LOCKDEP;
	if (wanted == BACKEND_LOCKDEP) {
		log_error("this kernel has no lockdep tracepoints: --backend lockdep needs "
			  "CONFIG_LOCK_STAT=y");
		return -ENOTSUP;
	}
	if (has_contention && has_lockdep)
		log_warning("this kernel has lockdep: each mutex taken looks contended to --backend"
			    " contention");
	if (!has_contention) {
		log_error("this kernel has no lock:contention_begin: it needs Linux 5.19 or newer");
		return -ENOTSUP;
	}
	return BACKEND_CONTENTION;
}

/* What was counted in the interval that ends at @now, and since the beginning. */
static struct window interval_window(const struct recording *r, const struct sysmetrics *now)
{
	return (struct window){
		.from = &r->interval_started,
		.to = now,
		.locks = &r->tally.locks,
		.samples = r->tally.interval_samples,
		.owners = &r->tally.interval_owners,
		.interval = r->interval,
	};
}

static struct window whole_window(const struct recording *r, const struct sysmetrics *now)
{
	return (struct window){
		.from = &r->started,
		.to = now,
		.locks = &r->tally.locks,
		.samples = r->tally.samples,
		.owners = &r->tally.owners,
	};
}

/* Prints the interval that ends at @now, and writes it if intervals are wanted. */
static int put_interval(struct recording *r, const struct sysmetrics *now)
{
	const struct window window = interval_window(r, now);
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
	const struct window whole = whole_window(r, now);
	int err;

	if (!r->options->prometheus || r->tally.backend == BACKEND_NONE)
		return 0;
	err = tally__read_ledger(&r->tally);
	return err ? err : outputs__export(&r->outputs, &whole, &r->tally.ledger);
}

static int read_metrics(struct sysmetrics *now)
{
	int err = sysmetrics__read(now);

	if (err)
		log_error("cannot read the counters in /proc: %s", strerror(-err));
	return err;
}

/* Where an output failed the interval is over all the same: the others have it. */
static int end_interval(struct recording *r)
{
	struct sysmetrics now;
	int err = read_metrics(&now), put_err;

	if (!err)
		err = tally__cycle(&r->tally);
	if (err)
		return err;
	put_err = put_interval(r, &now);
	err = tally__merge_interval(&r->tally);
	r->interval_started = now;
	r->interval++;
	if (put_err || err)
		return put_err ? put_err : err;
	return export(r, &now);
}

static int handle_wakes(struct recording *r, bool timed_out)
{
	int err = 0;

	if (wakes__is(&r->wakes, WAKE_SWAPS) || (timed_out && r->tally.stale_ms)) {
		tally__discover(&r->tally);
		err = tally__cycle(&r->tally);
	}
	if (!err && wakes__is(&r->wakes, WAKE_LEARN))
		err = tally__next_round(&r->tally);
	if (!err && wakes__is(&r->wakes, WAKE_INTERVAL))
		err = end_interval(r);
	r->done = wakes__is(&r->wakes, WAKE_SIGNAL) || wakes__is(&r->wakes, WAKE_DURATION) ||
		  wakes__is(&r->wakes, WAKE_CHILD) ||
		  (!outputs__wanted(&r->outputs) && !r->options->command);
	return err;
}

static int loop(struct recording *r)
{
	int err = 0;

	while (!r->done && !err) {
		int woken = wakes__wait(&r->wakes, r->tally.stale_ms ? r->tally.stale_ms : -1);

		err = woken < 0 ? woken : handle_wakes(r, !woken);
	}
	return err;
}

/* Finding the locks takes its time, in which the system's counters must not run ahead of ours. */
static int start(struct recording *r)
{
	int err;

	tally__discover(&r->tally);
	err = read_metrics(&r->started);
	if (!err)
		err = tally__start(&r->tally);
	r->interval_started = r->started;
	r->interval = 1;
	if (!err)
		child__go(&r->child);
	return err;
}

static int stop(struct recording *r)
{
	int err;

	tally__stop(&r->tally);
	err = read_metrics(&r->ended);
	if (!err)
		err = tally__cycle(&r->tally);
	if (!err)
		err = tally__read_ledger(&r->tally);
	return err ? err : tally__read_balance(&r->tally);
}

static int finish(struct recording *r)
{
	const struct window last = interval_window(r, &r->ended);
	const struct window whole = whole_window(r, &r->ended);
	int err = r->options->interval ? outputs__write(&r->outputs, &last) : 0;
	int merge_err = tally__merge_interval(&r->tally), conclude_err;

	if (!r->options->interval)
		err = outputs__write(&r->outputs, &whole);
	conclude_err = outputs__conclude(&r->outputs, &whole, &r->tally);
	err = err ? err : merge_err;
	return err ? err : conclude_err;
}

static enum exit_status verdict(const struct recording *r)
{
	const __u64 *counts = r->tally.ledger.counts;
	double loss = ledger__loss(&r->tally.ledger);

	if (counts[LEDGER_OWNERLESS])
		log_warning("%llu waits had no room for their task or cgroup",
			    counts[LEDGER_OWNERLESS]);
	if (counts[LEDGER_STACKS_LOST])
		log_warning("%llu sampled stacks were lost: sample fewer",
			    counts[LEDGER_STACKS_LOST]);
	if (r->tally.lockdep_is_off)
		log_warning(
			"lockdep has found a fault and turned itself off (dmesg has it): of what "
			"came later not all is told");
	if (r->tally.locks.overflow)
		log_warning(
			"more swap devices than rows: the locks of the later ones are in other");
	if (r->tally.stale_ms)
		log_warning(
			"the locks of the swap devices were not found: their events are in other");
	if (r->tally.owners.left_out)
		log_warning("%llu waits of still more tasks or cgroups are in no line of theirs",
			    r->tally.owners.left_out);
	if (r->tally.ledger.residual)
		log_warning("the ledger does not close: %lld events unexplained",
			    (long long)r->tally.ledger.residual);
	if (loss > LEDGER_LOSS_THRESHOLD) {
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
	bool found = !device;

	for (int i = 0; i < n; i++)
		found |= !strcmp(entries[i].name, device);
	procswaps_free(entries, n);
	if (found)
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
	if (r->options->balance && backend != BACKEND_LOCKDEP) {
		log_error("this kernel has no lockdep tracepoints: --balance needs "
			  "CONFIG_LOCK_STAT=y");
		return -ENOTSUP;
	}
	err = check_device(r->options->filter.device);
	if (!err)
		err = tally__open(&r->tally, r->options, backend);
	/* Only who can record empties the files of an earlier recording. */
	if (!err)
		err = outputs__open(&r->outputs, r->options, backend);
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
	wakes__close(&r->wakes);
	tally__close(&r->tally);
	if (!err)
		status = verdict(r);
	if (!child__end(&r->child) && !err)
		status = EXIT_FAILED;
	free(r);
	return status;
}
