// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cgroup.h"
#include "discover.h"
#include "hist.h"
#include "kernel_btf.h"
#include "log.h"
#include "naming.h"
#include "tally.h"

/* How soon to look again for swap devices that could not be matched: later each time. */
enum { FIRST_LOOK_MS = 20, LAST_LOOK_MS = 2000 };

/* Names of locks met are asked for anew after so many rounds, for memory is used again. */
enum { ROUNDS_KNOWN = 10 };

static int say_open_error(int err)
{
	if (err == -EPERM || err == -EACCES)
		log_error("cannot load BPF programs: %s; run as root (sudo lockstat-swap)",
			  strerror(-err));
	else
		log_error("cannot load BPF programs: %s; --verbose says more", strerror(-err));
	return err;
}

static int open_collector(struct tally *t, bool hold_times)
{
	const struct collector_options options = {
		.backend = t->backend,
		.filter = t->options->events,
		.owners = grouping_owners(t->options->by),
		.stack_every = t->options->stacks ? t->options->stack_every : 0,
		.hold_times = hold_times,
		.balance = t->options->balance,
	};

	return collector__open(&t->collector, &options);
}

static int open_stacks(struct tally *t)
{
	int err = t->options->stacks ? stacks__open(&t->stacks, t->options->stack_every) : 0;

	if (err == -EACCES)
		log_error("the kernel hides its functions' addresses, which --stacks needs: run as "
			  "root, with kernel.kptr_restrict below 2");
	else if (err)
		log_error("cannot read /proc/kallsyms: %s", strerror(-err));
	return err;
}

static int open_balance(struct tally *t)
{
	int err = t->options->balance ? balance__open(&t->balance) : 0;

	if (err == -EACCES)
		log_error("the kernel hides its functions' addresses, which --balance needs: run "
			  "as root, with kernel.kptr_restrict below 2");
	else if (err == -ENOTSUP)
		log_error("lockdep has found a fault and turned itself off (dmesg has it), but "
			  "--balance needs it: boot again");
	else if (err)
		log_error("cannot read /proc/kallsyms or /proc/lockdep_stats: %s", strerror(-err));
	return err;
}

int tally__open(struct tally *t, const struct recording_options *options, enum backend backend)
{
	bool hold_times;
	int err;

	t->options = options;
	t->backend = backend;
	lock_set__init(&t->locks);
	if (backend == BACKEND_NONE)
		return 0;
	err = discovery__open(&t->discovery, t->backend, t->options->without);
	if (!err)
		err = naming__open(&t->naming, t->backend, t->options->without);
	hold_times = kernel_has_tracepoint("contended_release");
	/* Two copies at once, this and libbpf's, would be the most memory ever used. */
	kernel_btf_drop();
	if (err) {
		log_error("cannot find the swap structures in this kernel's BTF: %s",
			  strerror(-err));
		return err;
	}
	err = open_balance(t);
	if (err)
		return err;
	err = open_collector(t, hold_times);
	return err ? say_open_error(err) : open_stacks(t);
}

/*
 * The kernel tells of a swapon after the fact and /proc/swaps and the
 * structures cannot be read in one step: where they disagree look again soon.
 */
void tally__discover(struct tally *t)
{
	int n = t->backend == BACKEND_NONE
			? 0
			: discovery__update(t->discovery, t->collector, &t->locks);

	if (n >= 0) {
		t->stale_ms = 0;
		return;
	}
	log_debug("swap devices and kernel structures disagree: looking again");
	t->stale_ms = t->stale_ms ? 2 * t->stale_ms : FIRST_LOOK_MS;
	if (t->stale_ms > LAST_LOOK_MS)
		t->stale_ms = LAST_LOOK_MS;
}

/* What was counted of the strangers goes to the rows that they turn out to belong to. */
static void learn(struct tally *t, const struct strangers *strangers)
{
	for (size_t i = 0; i < strangers->n; i++) {
		const struct stranger *s = strangers->list[i];
		unsigned int row = naming__row(t->naming, t->collector, &t->locks, s);

		time_stats__merge(&t->interval_samples[row].wait, &s->wait);
	}
}

/* Names of cgroups are asked for while there is still something to ask. */
static void take_owner(void *context, const struct owner_key *key, const struct owner_stats *stats)
{
	struct tally *t = context;
	unsigned int row = lock_set__row_of_wait(&t->locks, key->slot, key->lock);

	if (t->options->by == BY_CGROUP)
		cgroup_path(key->owner);
	if (owners__add(&t->cycle_owners, key->owner, row, stats))
		log_warning("no memory for another task or cgroup");
}

static void take_stack(void *context, const struct stack_sample *sample)
{
	struct tally *t = context;

	stacks__add(t->stacks, &t->locks, sample);
}

static int take_owners(struct tally *t)
{
	int err;

	cgroups_changed();
	err = collector__take_owners(t->collector, take_owner, t);
	if (!err)
		err = owners__merge(&t->interval_owners, &t->cycle_owners);
	owners__clear(&t->cycle_owners);
	return err;
}

static int end_cycle(struct tally *t)
{
	bool pending[MAX_SLOTS] = {};
	int err = collector__find_pending(t->collector, pending);

	if (!err)
		lock_set__end_cycle(&t->locks, pending);
	return err;
}

static int take_counts(struct tally *t)
{
	struct strangers strangers = {};
	int err = collector__cycle(t->collector, &t->locks, t->interval_samples, &strangers);

	if (err)
		return err;
	learn(t, &strangers);
	err = take_owners(t);
	if (!err && t->stacks)
		err = collector__take_stacks(t->collector, take_stack, t);
	return err ? err : end_cycle(t);
}

int tally__cycle(struct tally *t)
{
	int err = t->backend == BACKEND_NONE ? 0 : take_counts(t);

	if (err)
		log_error("cannot read the counters: %s", strerror(-err));
	return err;
}

int tally__next_round(struct tally *t)
{
	if (++t->round % ROUNDS_KNOWN == 0)
		lock_set__forget_known(&t->locks);
	return tally__cycle(t);
}

int tally__merge_interval(struct tally *t)
{
	int err;

	for (unsigned int row = 0; row < t->locks.nr_rows; row++) {
		time_stats__merge(&t->samples[row].wait, &t->interval_samples[row].wait);
		time_stats__merge(&t->samples[row].hold, &t->interval_samples[row].hold);
	}
	memset(t->interval_samples, 0, t->locks.nr_rows * sizeof(*t->interval_samples));
	err = owners__merge(&t->owners, &t->interval_owners);
	owners__clear(&t->interval_owners);
	if (err)
		log_error("cannot add up the waits: %s", strerror(-err));
	return err;
}

int tally__start(struct tally *t)
{
	return t->backend == BACKEND_NONE ? 0 : collector__start(t->collector, &t->locks);
}

void tally__stop(struct tally *t)
{
	if (t->backend != BACKEND_NONE)
		collector__stop(t->collector);
}

static int take_imbalance(void *context, const struct imbalance_key *key,
			  const struct imbalance *imbalance)
{
	struct tally *t = context;

	return balance__add(t->balance, key, imbalance);
}

int tally__read_balance(struct tally *t)
{
	int err = t->balance
			  ? collector__balance(t->collector, &t->balance_counts, take_imbalance, t)
			  : 0;

	if (err)
		log_error("cannot read what became of the locks: %s", strerror(-err));
	t->lockdep_is_off = t->balance && balance__lockdep_is_off(t->balance);
	return err;
}

int tally__read_ledger(struct tally *t)
{
	return t->backend == BACKEND_NONE ? 0 : collector__ledger(t->collector, &t->ledger);
}

void tally__close(struct tally *t)
{
	discovery__close(t->discovery);
	naming__close(t->naming);
	collector__close(t->collector);
	stacks__close(t->stacks);
	balance__close(t->balance);
	owners__free(&t->cycle_owners);
	owners__free(&t->interval_owners);
	owners__free(&t->owners);
	lock_set__free(&t->locks);
}
