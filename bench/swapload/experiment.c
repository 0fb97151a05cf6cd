// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "experiment.h"
#include "faults.h"
#include "memlimit.h"
#include "message.h"
#include "progress.h"

static double mib(uint64_t bytes)
{
	return bytes / 1048576.0;
}

static uint64_t least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* Where it cannot fit, the kernel would kill something: maybe something else. */
static int refuse_what_cannot_fit(const struct experiment *e, uint64_t limit)
{
	uint64_t memory = least(limit, memlimit_meminfo("MemAvailable"));
	uint64_t swap = memlimit_meminfo("SwapFree");

	if (e->options->size < memory + swap)
		return 0;
	message_error("a set of %.0f MiB does not fit into %.0f MiB of memory and %.0f MiB of free"
		      " swap: lower it or add swap",
		      mib(e->options->size), mib(memory), mib(swap));
	return -ENOMEM;
}

int experiment__prepare(struct experiment *e, struct options *o)
{
	uint64_t limit = memlimit_cgroup("");

	*e = (struct experiment){
		.options = o,
		.memory = least(limit, memlimit_meminfo("MemTotal")),
		.swap_total = memlimit_meminfo("SwapTotal"),
	};
	if (o->ratio)
		o->size = o->ratio * e->memory;
	if (!e->swap_total)
		message_warning("there is no swap, so that nothing can go out; see swapon(8)");
	else if (o->by == BY_PRESSURE && o->size <= e->memory)
		message_warning(
			"a set of %.0f MiB fits into the %.0f MiB there are: nothing presses",
			mib(o->size), mib(e->memory));
	return refuse_what_cannot_fit(e, limit);
}

static int compare_doubles(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

struct fairness fairness_of(double *rates, unsigned int n)
{
	double sum = 0, squares = 0;

	qsort(rates, n, sizeof(*rates), compare_doubles);
	for (unsigned int i = 0; i < n; i++) {
		sum += rates[i];
		squares += rates[i] * rates[i];
	}
	return (struct fairness){
		.min = rates[0],
		.median = (rates[(n - 1) / 2] + rates[n / 2]) / 2,
		.max = rates[n - 1],
		.jain = squares ? sum * sum / (n * squares) : 1,
	};
}

static struct result *new_result(enum phase phase, unsigned int workers)
{
	struct result *r = calloc(1, sizeof(*r));

	if (!r)
		return NULL;
	r->phase = phase;
	r->rates = calloc(workers, sizeof(*r->rates));
	r->operations = calloc(workers, sizeof(*r->operations));
	return r;
}

static void free_result(struct result *r)
{
	free(r->rates);
	free(r->operations);
	free(r);
}

static void add_tally(struct tally *sum, const struct tally *t, unsigned int worker)
{
	sum->operations += t->operations;
	sum->reads += t->reads;
	sum->verified += t->verified;
	sum->corrupt += t->corrupt;
	sum->major += t->major;
	sum->minor += t->minor;
	sum->queued += t->queued;
	sum->not_begun += t->not_begun;
	sum->address_hash += mix(t->address_hash ^ worker);
	if (!sum->begin_ns || t->begin_ns < sum->begin_ns)
		sum->begin_ns = t->begin_ns;
	if (t->end_ns > sum->end_ns)
		sum->end_ns = t->end_ns;
	for (int i = 0; i < NR_TIMED; i++)
		latency__merge(&sum->timed[i], &t->timed[i]);
}

static void add_workers(struct result *r, const struct crew *crew)
{
	for (unsigned int i = 0; i < crew->started; i++) {
		const struct tally *t = &crew->workers[i].tally;
		/* a worker that was killed saw no end */
		uint64_t took = t->end_ns > t->begin_ns ? t->end_ns - t->begin_ns : 0;

		add_tally(&r->sum, t, i);
		r->busy_ns += took;
		r->operations[i] = t->operations;
		r->rates[i] = took ? t->operations * 1e9 / took : 0;
	}
}

static int64_t swapped(const struct crew *crew)
{
	int64_t sum = 0;

	for (unsigned int i = 0; i < crew->started; i++) {
		if (crew->workers[i].swapped < 0)
			return -1;
		sum += crew->workers[i].swapped;
	}
	return sum;
}

static int read_vmstat(struct vmstat *v)
{
	int err = vmstat__read(v);

	if (err)
		message_error("cannot read /proc/vmstat: %s", strerror(-err));
	return err;
}

static int measure(struct crew *crew, struct result *r)
{
	struct vmstat before;
	int err = read_vmstat(&before), vmstat_err;

	if (err)
		return err;
	err = crew__command(crew, COMMAND_PHASE, progress_show);
	progress_end();
	vmstat_err = read_vmstat(&r->vmstat);
	vmstat__since(&r->vmstat, &before);
	add_workers(r, crew);
	return err ? err : vmstat_err;
}

static void conclude(struct result *r, unsigned int workers)
{
	int64_t more = r->swapped_before < 0 || r->swapped_after < 0
			       ? 0
			       : r->swapped_after - r->swapped_before;

	vmstat__check(&r->vmstat, r->sum.major, more, r->checks);
	r->fairness = fairness_of(r->rates, workers);
}

static int run_phase(struct experiment *e, struct crew *crew, unsigned int phase)
{
	struct result *r = new_result(e->options->phases[phase], crew->started);
	int err;

	if (!r)
		return -ENOMEM;
	e->results[e->nr_results++] = r;
	crew->phase = phase;
	atomic_store(&crew->next, false);
	r->swapped_before = swapped(crew);
	err = measure(crew, r);
	if (!err)
		err = crew__command(crew, COMMAND_COUNT, NULL);
	r->swapped_after = swapped(crew);
	conclude(r, crew->started);
	e->corrupt += r->sum.corrupt;
	return err;
}

static void look_at_workers(struct experiment *e, const struct crew *crew)
{
	e->locked = true;
	for (unsigned int i = 0; i < crew->started; i++) {
		const struct worker *w = &crew->workers[i];

		e->locked &= !w->unlocked;
		if (w->wrong.generation && !e->wrong.generation)
			e->wrong = w->wrong;
	}
}

static int run_phases(struct experiment *e, struct crew *crew)
{
	int err = crew__command(crew, COMMAND_COUNT, NULL);

	look_at_workers(e, crew);
	if (!e->locked)
		message_warning(
			"cannot lock its own memory, so that its own faults may be among the"
			" figures: raise ulimit -l");
	for (unsigned int i = 0; i < e->options->nr_phases && !err && !crew->stop; i++)
		err = run_phase(e, crew, i);
	look_at_workers(e, crew);
	return err;
}

int experiment__run(struct experiment *e)
{
	struct crew *crew;

	e->clock_ns = clock_overhead_ns();
	crew = crew__start(e->options);
	if (!crew)
		return e->err = -ENOMEM;
	e->pages = crew->pages * crew->started;
	e->page_size = crew->page_size;
	e->fault_ns = crew->fault_ns;
	e->own_bytes = crew->bytes;
	e->err = run_phases(e, crew);
	e->stop = crew->stop > 0 ? crew->stop : 0;
	crew__end(crew);
	return e->err;
}

void experiment__free(struct experiment *e)
{
	for (unsigned int i = 0; i < e->nr_results; i++)
		free_result(e->results[i]);
}
