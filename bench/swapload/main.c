// SPDX-License-Identifier: GPL-2.0-or-later
/* swapload: random parallel swap I/O, measured and verified. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "experiment.h"
#include "message.h"
#include "report.h"

static bool is_stdout(const char *path)
{
	return path && !strcmp(path, "-");
}

/* Before anything is measured, so that a wrong path costs nobody a long run. */
static int check_writable(const char *path)
{
	FILE *file;

	if (!path || is_stdout(path))
		return 0;
	file = fopen(path, "ae");
	if (!file) {
		message_error("cannot write '%s': %s", path, strerror(errno));
		return -errno;
	}
	fclose(file);
	return 0;
}

static void tell_corruption(const struct experiment *e)
{
	const struct corruption *w = &e->wrong;

	message_error("data corruption, %lu times: first, page %lu of worker %lu, generation %lu,"
		      " word %zu: %#lx instead of %#lx",
		      (unsigned long)e->corrupt, (unsigned long)(w->name & ((1ULL << 40) - 1)),
		      (unsigned long)(w->name >> 40), (unsigned long)w->generation, w->word,
		      (unsigned long)w->found, (unsigned long)w->expected);
}

static int report(const struct experiment *e)
{
	const struct options *o = e->options;
	int err = 0;

	if (!o->quiet && !is_stdout(o->json)) {
		report_print(stdout, e);
		if (fflush(stdout) || ferror(stdout)) {
			err = -errno;
			message_error("cannot print: %s", strerror(-err));
		}
	}
	if (o->json && !err) {
		err = report_write_json(o->json, e);
		if (err)
			message_error("cannot write '%s': %s", o->json, strerror(-err));
	}
	return err;
}

/* Data that came back wrong outranks all else. */
static int exit_status(const struct experiment *e, int err)
{
	if (e->corrupt)
		return EXIT_FAILED;
	if (e->err == -ENOTSUP)
		return EXIT_UNSUPPORTED;
	if (e->err || err)
		return EXIT_FAILED;
	return e->stop ? EXIT_SIGNAL + e->stop : EXIT_DONE;
}

int main(int argc, char **argv)
{
	struct experiment e;
	struct options o;
	int err;

	options__parse(&o, argc, argv);
	o.content.run = mix(getpid() ^ (uint64_t)time(NULL) << 32);
	o.content.seed = o.seed;
	o.content.words = sysconf(_SC_PAGESIZE) / sizeof(uint64_t);
	if (check_writable(o.json) || experiment__prepare(&e, &o))
		return EXIT_FAILED;
	experiment__run(&e);
	err = e.nr_results ? report(&e) : 0;
	if (e.corrupt)
		tell_corruption(&e);
	experiment__free(&e);
	return exit_status(&e, err);
}
