// SPDX-License-Identifier: GPL-2.0-or-later
#include <sys/utsname.h>

#include "report.h"

const char *report_call_name(const struct options *o, enum phase phase)
{
	return phase == PHASE_FREE && o->free_by != FREE_DONTNEED ? free_by_names[o->free_by]
								  : "madvise";
}

double result__seconds(const struct result *r)
{
	return (r->sum.end_ns - r->sum.begin_ns) / 1e9;
}

double result__rate(const struct result *r)
{
	double seconds = result__seconds(r);

	return seconds ? r->sum.operations / seconds : 0;
}

double result__timed_share(const struct result *r)
{
	const struct latency *t = r->sum.timed;
	uint64_t ns = t[TIMED_CALL].total_ns;

	if (t[TIMED_SERVICE].count)
		ns += t[TIMED_SERVICE].total_ns;
	else
		ns += t[TIMED_MAJOR].total_ns + t[TIMED_MINOR].total_ns + t[TIMED_NONE].total_ns;
	return r->busy_ns ? (double)ns / r->busy_ns : 0;
}

uint64_t result__stray_faults(const struct result *r)
{
	uint64_t seen = r->sum.timed[TIMED_MAJOR].count + r->sum.timed[TIMED_MINOR].count;
	uint64_t all = r->sum.major + r->sum.minor;

	return all > seen ? all - seen : 0;
}

static double mib(uint64_t bytes)
{
	return bytes / 1048576.0;
}

static void print_access(FILE *out, const struct options *o)
{
	static const char *const names[] = { "sequential", "uniform", "zipf" };

	fprintf(out, "%s", names[o->access.kind]);
	if (o->access.kind == ACCESS_ZIPF)
		fprintf(out, ":%g", o->access.theta);
	fprintf(out, " access, %g%% reads, ", 100 * o->read_share);
	switch (o->content.kind) {
	case CONTENT_RANDOM:
		fprintf(out, "random content");
		break;
	case CONTENT_RATIO:
		fprintf(out, "%g%% random content", 100 * o->content.ratio);
		break;
	case CONTENT_BETA:
		fprintf(out, "%g%% x beta(%u,%u) random content", 100 * o->content.ratio,
			o->content.shape[0], o->content.shape[1]);
		break;
	case CONTENT_ZERO:
		fprintf(out, "pages of zeroes");
		break;
	}
}

static void print_head(FILE *out, const struct experiment *e)
{
	const struct options *o = e->options;
	struct utsname name;

	uname(&name);
	fprintf(out, "swapload %s, kernel %s, memory %.0f MiB, swap %.0f MiB\n", SWAPLOAD_VERSION,
		name.release, mib(e->memory), mib(e->swap_total));
	fprintf(out, "%u %s, %lu pages of %lu bytes (%.1f MiB), by %s, batch %lu, seed %lu\n",
		o->workers, o->processes ? "processes" : "threads", (unsigned long)e->pages,
		(unsigned long)e->page_size, mib(e->pages * e->page_size), by_names[o->by],
		(unsigned long)o->batch, (unsigned long)o->seed);
	print_access(out, o);
	fprintf(out, "; reading the clock %lu ns, faults from %lu ns\n", (unsigned long)e->clock_ns,
		(unsigned long)(o->classify == CLASSIFY_EXACT ? 0 : e->fault_ns));
}

static void print_pages(FILE *out, int64_t pages)
{
	if (pages < 0)
		fprintf(out, " %10s", "-");
	else
		fprintf(out, " %10ld", (long)pages);
}

static void print_work(FILE *out, const struct experiment *e)
{
	fprintf(out, "\n%-8s %10s %9s %12s %9s %10s %10s %10s %6s\n", "phase", "operations",
		"seconds", "operations/s", "MiB/s", "major", "minor", "out after", "timed");
	for (unsigned int i = 0; i < e->nr_results; i++) {
		const struct result *r = e->results[i];
		double rate = result__rate(r);

		fprintf(out, "%-8s %10lu %9.3f %12.0f %9.1f %10lu %10lu", phase_names[r->phase],
			(unsigned long)r->sum.operations, result__seconds(r), rate,
			mib(rate * e->page_size), (unsigned long)r->sum.major,
			(unsigned long)r->sum.minor);
		print_pages(out, r->swapped_after);
		fprintf(out, " %5.1f%%\n", 100 * result__timed_share(r));
	}
}

static void print_latency(FILE *out, const char *phase, const char *of, const struct latency *l)
{
	uint64_t ns;

	if (!l->count)
		return;
	fprintf(out, "%-8s %-12s %10lu %9.2f", phase, of, (unsigned long)l->count,
		latency__mean_ns(l) / 1e3);
	for (int i = 0; i < NR_QUANTILES; i++) {
		if (latency__quantile(l, quantiles[i].share, &ns))
			fprintf(out, " %9.2f", ns / 1e3);
		else
			fprintf(out, " %9s", "-");
	}
	fprintf(out, " %10.2f\n", l->max_ns / 1e3);
}

static void print_latencies(FILE *out, const struct experiment *e)
{
	static const char *const names[NR_TIMED] = {
		[TIMED_MAJOR] = "major fault", [TIMED_MINOR] = "minor fault",
		[TIMED_NONE] = "no fault",     [TIMED_SERVICE] = "from begin",
		[TIMED_LATE] = "begun late",
	};

	fprintf(out, "\n%-8s %-12s %10s %9s", "phase", "us of", "count", "mean");
	for (int i = 0; i < NR_QUANTILES; i++)
		fprintf(out, " %9s", quantiles[i].name);
	fprintf(out, " %10s\n", "max");
	for (unsigned int i = 0; i < e->nr_results; i++) {
		const struct result *r = e->results[i];

		for (int t = 0; t < NR_TIMED; t++)
			print_latency(out, phase_names[r->phase],
				      names[t] ?: report_call_name(e->options, r->phase),
				      &r->sum.timed[t]);
	}
}

static void print_fairness(FILE *out, const struct experiment *e)
{
	fprintf(out, "\n%-8s %28s %12s %12s %8s\n", "phase", "operations/s of a worker: min",
		"median", "max", "Jain");
	for (unsigned int i = 0; i < e->nr_results; i++) {
		const struct fairness *f = &e->results[i]->fairness;

		fprintf(out, "%-8s %29.0f %12.0f %12.0f %8.4f\n", phase_names[e->results[i]->phase],
			f->min, f->median, f->max, f->jain);
	}
}

static void print_open_loop(FILE *out, const struct experiment *e)
{
	for (unsigned int i = 0; e->options->rate && i < e->nr_results; i++) {
		const struct result *r = e->results[i];

		if (r->phase != PHASE_MIXED || !r->sum.operations)
			continue;
		fprintf(out,
			"\nopen loop: %g/s asked for, %.1f/s done; %lu (%.2f%%) queued behind"
			" the worker's access before, %lu not begun when it ended\n",
			e->options->rate, result__rate(r), (unsigned long)r->sum.queued,
			100.0 * r->sum.queued / r->sum.operations, (unsigned long)r->sum.not_begun);
	}
}

static void print_kernel(FILE *out, const struct experiment *e)
{
	fprintf(out, "\n%-8s counted by the kernel for all processes (/proc/vmstat)\n", "phase");
	for (unsigned int i = 0; i < e->nr_results; i++) {
		const struct vmstat *v = &e->results[i]->vmstat;

		fprintf(out, "%-8s", phase_names[e->results[i]->phase]);
		for (int c = 0; c < v->n; c++)
			if (v->counters[c].value)
				fprintf(out, " %s %lu", v->counters[c].name,
					(unsigned long)v->counters[c].value);
		fputc('\n', out);
	}
}

static void print_checks(FILE *out, const struct experiment *e)
{
	fprintf(out, "\n%-8s %-12s %12s %12s %10s\n", "phase", "check", "own", "kernel",
		"explained");
	for (unsigned int i = 0; i < e->nr_results; i++)
		for (int c = 0; c < NR_CHECKS; c++) {
			const struct check *check = &e->results[i]->checks[c];

			if (check->own || check->kernel)
				fprintf(out, "%-8s %-12s %12lu %12lu %9.1f%%  %s\n",
					phase_names[e->results[i]->phase], check->name,
					(unsigned long)check->own, (unsigned long)check->kernel,
					check__explained_percent(check), check__verdict(check));
		}
}

static void print_end(FILE *out, const struct experiment *e)
{
	uint64_t verified = 0, stray = 0;

	for (unsigned int i = 0; i < e->nr_results; i++) {
		verified += e->results[i]->sum.verified;
		stray += result__stray_faults(e->results[i]);
	}
	fprintf(out,
		"\nverified after %lu accesses: %lu wrong; faults outside of timed accesses: %lu\n",
		(unsigned long)verified, (unsigned long)e->corrupt, (unsigned long)stray);
	if (e->stop)
		fprintf(out, "ended by signal %d: the last phase is not whole\n", e->stop);
}

void report_print(FILE *out, const struct experiment *e)
{
	print_head(out, e);
	print_work(out, e);
	print_latencies(out, e);
	print_fairness(out, e);
	print_open_loop(out, e);
	print_kernel(out, e);
	print_checks(out, e);
	print_end(out, e);
}
