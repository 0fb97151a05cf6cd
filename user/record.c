// SPDX-License-Identifier: GPL-2.0-or-later
/* lockstat-swap record: the command line. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "cgroup.h"
#include "commands.h"
#include "log.h"
#include "recording.h"
#include "usage.h"

enum {
	OPT_BACKEND = 1000,
	OPT_DEVICE,
	OPT_CSV,
	OPT_METRICS,
	OPT_RUN_JSON,
	OPT_SET,
	OPT_CLASS,
	OPT_JSON,
	OPT_PROMETHEUS,
	OPT_PID,
	OPT_COMM,
	OPT_CGROUP,
	OPT_MIN_WAIT,
	OPT_HIST,
	OPT_HIST_CSV,
	OPT_BY,
	OPT_STACKS,
	OPT_STACKS_EVERY,
	OPT_BALANCE,
	OPT_WITHOUT,
};

static const struct argp_option options[] = {
	{ "backend", OPT_BACKEND, "NAME", 0,
	  "auto, contention (waits, any kernel since 5.19), lockdep (acquisitions, waits and"
	  " holds, needs CONFIG_LOCK_STAT) or none (system metrics only); default auto: lockdep"
	  " where the kernel has it",
	  0 },
	{ "duration", 'd', "SEC", 0, "end after SEC seconds; a COMMAND still running is ended too",
	  0 },
	{ "interval", 'i', "SEC", 0,
	  "print (and write to the CSV file) the rows of every SEC seconds", 0 },
	{ "device", OPT_DEVICE, "NAME", 0,
	  "only the rows of this swap device (as /proc/swaps names it, without /dev/), and of the"
	  " locks that all share",
	  0 },
	{ "class", OPT_CLASS, "NAME", 0,
	  "only the rows of this class: swap_map, cluster, swap_lock, swap_avail, swap_slots, "
	  "swap_cache,"
	  " lruvec, zone, page_table, mmap, zswap, zsmalloc, zbud, zram, memcg, block or other",
	  0 },
	{ "pid", OPT_PID, "PID", 0, "only waits of this process", 0 },
	{ "comm", OPT_COMM, "NAME", 0, "only waits of threads of this name", 0 },
	{ "cgroup", OPT_CGROUP, "DIRECTORY", 0,
	  "only waits of tasks in this cgroup (v2) or below it", 0 },
	{ "min-wait", OPT_MIN_WAIT, "US", 0, "only waits of US microseconds or more", 0 },
	{ "by", OPT_BY, "KEY", 0,
	  "a line of the table a lock, class, device, task or cgroup (v2); default lock. Tasks and"
	  " cgroups cost more for each wait, and are in the JSON as well",
	  0 },
	{ "all", 'a', NULL, 0, "print the locks that nobody waited for as well", 0 },
	{ "hist", OPT_HIST, NULL, 0, "print at the end how long the waits were, an octave a line",
	  0 },
	{ "stacks", OPT_STACKS, "FILE", 0,
	  "write the stacks of waits, drawn at random, as folded text for flame graphs, times in"
	  " ns; - is standard output",
	  0 },
	{ "stacks-every", OPT_STACKS_EVERY, "N", 0, "one stack for N waits; default 100", 0 },
	{ "balance", OPT_BALANCE, NULL, 0,
	  "print at the end which locks, of all the kernel's, were taken by a task that did not let"
	  " them go, or let go by one that had not taken them, with task and call site; needs"
	  " CONFIG_LOCK_STAT, and costs several times what tracing does",
	  0 },
	{ "csv", OPT_CSV, "FILE", 0, "write a row a lock and interval; - is standard output", 0 },
	{ "json", OPT_JSON, "FILE", 0,
	  "write an object an interval (or one for all), a line each; - is standard output", 0 },
	{ "prometheus", OPT_PROMETHEUS, "FILE", 0,
	  "replace FILE, for node_exporter's textfile collector, at every interval (1 s)", 0 },
	{ "metrics", OPT_METRICS, "FILE", 0,
	  "write swap rates, faults, CPU time, device I/O and the ledger of the same window", 0 },
	{ "hist-csv", OPT_HIST_CSV, "FILE", 0,
	  "write how many waits and holds of each lock took how long, a row a bucket of at most a"
	  " quarter of an octave",
	  0 },
	{ "run-json", OPT_RUN_JSON, "FILE", 0,
	  "write kernel, machine, swap devices and ledger as JSON", 0 },
	{ "set", OPT_SET, "COLUMN=VALUE", 0,
	  "fill a column of the CSV files: run, kernel, experiment, arm, workload, ssds, threads, "
	  "rep",
	  0 },
	{ "without", OPT_WITHOUT, "WAY", 0,
	  "do not name locks by symbols, code, structures or callers, to see what another way"
	  " finds. May be repeated",
	  0 },
	{ "verbose", 'v', NULL, 0, "say what is done, libbpf's messages included", 0 },
	{ 0 }
};

static const char doc[] =
	"Record waits for the locks of the swap path, a row a lock and swap device.\v"
	"Without COMMAND and -d it records until Ctrl-C. On a terminal the table is refreshed"
	" once a second.\n\n"
	"Exit status: 0 done; 1 failed, or COMMAND failed; 2 usage; 3 recorded, but more than 1%"
	" of the events were lost; 4 this kernel cannot do it.";

static bool parse_seconds(const char *text, double *seconds)
{
	char *end;

	errno = 0;
	*seconds = strtod(text, &end);
	return !errno && end != text && !*end && *seconds >= 0.01 && *seconds <= 1e8;
}

static enum backend parse_backend(const char *text)
{
	for (enum backend b = BACKEND_AUTO; b <= BACKEND_NONE; b++)
		if (!strcmp(backend_name(b), text))
			return b;
	usage_error("no such backend: '%s'", text);
}

static const char *parse_class(const char *text)
{
	for (enum lock_class class = 0; class < LOCK_CLASSES; class ++)
		if (!strcmp(lock_class_name(class), text))
			return text;
	usage_error("no such class: '%s'", text);
}

static enum naming_way parse_way(const char *text)
{
	static const struct {
		const char *name;
		enum naming_way way;
	} ways[] = {
		{ "symbols", NAMING_SYMBOLS },
		{ "code", NAMING_CODE },
		{ "structures", NAMING_STRUCTURES },
		{ "callers", NAMING_CALLERS },
	};

	for (size_t i = 0; i < sizeof(ways) / sizeof(*ways); i++)
		if (!strcmp(ways[i].name, text))
			return ways[i].way;
	usage_error("no such way to name a lock: '%s'", text);
}

static enum grouping parse_grouping(const char *text)
{
	for (enum grouping by = BY_LOCK; by < NR_GROUPINGS; by++)
		if (!strcmp(grouping_name(by), text))
			return by;
	usage_error("--by wants lock, class, device, task or cgroup, not '%s'", text);
}

static unsigned int parse_every(const char *text)
{
	char *end;
	unsigned long n = strtoul(text, &end, 10);

	if (*text < '0' || *text > '9' || *end || !n || n > 1000000)
		usage_error("--stacks-every wants 1 to 1000000 waits, not '%s'", text);
	return n;
}

/* Longer names are cut by the kernel (TASK_COMM_LEN). */
enum { MAX_COMM = 15 };

static __u32 parse_pid(const char *text)
{
	char *end;
	unsigned long pid = strtoul(text, &end, 10);

	if (*text < '0' || *text > '9' || *end || !pid || pid > 1 << 22)
		usage_error("--pid wants a process ID, not '%s'", text);
	if (kill(pid, 0) && errno == ESRCH)
		usage_error("there is no process %lu", pid);
	return pid;
}

static void find_cgroup(struct recording_options *o, const char *directory)
{
	int err = cgroup_find(directory, &o->events.cgroup, &o->events.cgroup_level);

	if (err == -ENOTSUP)
		usage_error("'%s' is not a directory of the cgroup2 file system", directory);
	else if (err)
		usage_error("no cgroup '%s': %s", directory, strerror(-err));
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct recording_options *o = state->input;
	double microseconds;

	switch (key) {
	case OPT_BACKEND:
		o->backend = parse_backend(arg);
		break;
	case 'd':
		if (!parse_seconds(arg, &o->duration))
			usage_error("-d wants seconds (0.01 or more), not '%s'", arg);
		break;
	case 'i':
		if (!parse_seconds(arg, &o->interval))
			usage_error("-i wants seconds (0.01 or more), not '%s'", arg);
		break;
	case OPT_DEVICE:
		o->filter.device = arg;
		break;
	case 'a':
		o->filter.all = true;
		break;
	case OPT_CSV:
		o->csv = arg;
		break;
	case OPT_CLASS:
		o->filter.class = parse_class(arg);
		break;
	case OPT_PID:
		o->events.pid = parse_pid(arg);
		break;
	case OPT_COMM:
		if (!*arg || strlen(arg) > MAX_COMM)
			usage_error("--comm wants 1 to %d characters, not '%s'", MAX_COMM, arg);
		o->events.comm = arg;
		break;
	case OPT_CGROUP:
		find_cgroup(o, arg);
		break;
	case OPT_MIN_WAIT:
		if (!parse_seconds(arg, &microseconds))
			usage_error("--min-wait wants microseconds, not '%s'", arg);
		o->events.min_wait_ns = microseconds * 1000;
		break;
	case OPT_HIST:
		o->histograms = true;
		break;
	case OPT_HIST_CSV:
		o->histograms_csv = arg;
		break;
	case OPT_BY:
		o->by = parse_grouping(arg);
		break;
	case OPT_STACKS:
		o->stacks = arg;
		break;
	case OPT_STACKS_EVERY:
		o->stack_every = parse_every(arg);
		break;
	case OPT_BALANCE:
		o->balance = true;
		break;
	case OPT_WITHOUT:
		o->without |= parse_way(arg);
		break;
	case OPT_JSON:
		o->json = arg;
		break;
	case OPT_PROMETHEUS:
		o->prometheus = arg;
		break;
	case OPT_METRICS:
		o->metrics = arg;
		break;
	case OPT_RUN_JSON:
		o->run_json = arg;
		break;
	case OPT_SET:
		usage_parse_set(&o->identity, arg);
		break;
	case 'v':
		log_verbose = true;
		break;
	case ARGP_KEY_ARG:
		return ARGP_ERR_UNKNOWN; /* leave it to ARGP_KEY_ARGS: all at once */
	case ARGP_KEY_ARGS:
		o->command = &state->argv[state->next];
		break;
	default:
		return usage_parse_common(key, arg, state);
	}
	return 0;
}

int cmd_record(int argc, char **argv)
{
	static const struct argp argp = { options, parse_option, "[-- COMMAND...]", doc, 0, 0, 0 };
	struct recording_options o = { .stack_every = 100, .argc = argc, .argv = argv };

	usage_parse(&argp, argc, argv, &o);
	if (o.balance && (o.backend == BACKEND_NONE || o.backend == BACKEND_CONTENTION))
		usage_error("--balance is of backend lockdep alone");
	if (o.backend == BACKEND_NONE && (o.stacks || o.by != BY_LOCK))
		usage_error("--backend none sees no wait: it has no %s",
			    o.stacks ? "--stacks" : "--by");
	log_take_libbpf();
	return recording_run(&o);
}
