// SPDX-License-Identifier: GPL-2.0-or-later
/* lockstat-swap import: the command line. */
#include <errno.h>
#include <string.h>

#include "commands.h"
#include "import.h"
#include "log.h"
#include "usage.h"

enum { OPT_CSV = 1000, OPT_SET };

static const struct argp_option options[] = {
	{ "csv", OPT_CSV, "OUT", 0, "write to this file; default -, standard output", 0 },
	{ "set", OPT_SET, "COLUMN=VALUE", 0,
	  "fill a column: run, kernel, experiment, arm, workload, ssds, threads, rep."
	  " May be repeated",
	  0 },
	{ 0 }
};

static const char doc[] =
	"Make a locks.csv file, as compare reads it, of what another tool counted.\v"
	"FILE (-: standard input) is the output of perf lock contention, best with -x,"
	" or a copy of /proc/lock_stat. A lock gets a class where its name, or the function"
	" that took it, leaves no doubt; the others are of class other. No row has a device.\n\n"
	"Exit status: 0 done; 1 failed, or FILE is malformed: then nothing is written; 2 usage.";

struct format {
	const char *name; /* the backend of the rows as well */
	int (*parse)(struct import *im, FILE *file, const char *name);
};

static const struct format formats[] = {
	{ "perf", import_perf },
	{ "lock_stat", import_lock_stat },
};

struct import_call {
	const struct format *format;
	const char *file, *csv;
	struct row_identity identity;
};

static const struct format *find_format(const char *name)
{
	for (size_t i = 0; i < sizeof(formats) / sizeof(*formats); i++)
		if (!strcmp(formats[i].name, name))
			return &formats[i];
	usage_error("cannot import '%s': perf or lock_stat", name);
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct import_call *call = state->input;

	switch (key) {
	case OPT_CSV:
		call->csv = arg;
		break;
	case OPT_SET:
		usage_parse_set(&call->identity, arg);
		break;
	case ARGP_KEY_ARG:
		if (state->arg_num > 1)
			return usage_parse_common(key, arg, state);
		if (state->arg_num)
			call->file = arg;
		else
			call->format = find_format(arg);
		break;
	default:
		return usage_parse_common(key, arg, state);
	}
	return 0;
}

static int read_file(struct import *im, const struct import_call *call)
{
	bool input = !strcmp(call->file, "-");
	FILE *file = input ? stdin : fopen(call->file, "re");
	int err;

	if (!file) {
		log_error("%s: %s", call->file, strerror(errno));
		return -errno;
	}
	err = call->format->parse(im, file, input ? "standard input" : call->file);
	if (err)
		log_error("%s", im->error);
	else if (*im->warning)
		log_warning("%s: %s", im->name, im->warning);
	if (!input)
		fclose(file);
	return err;
}

static int write_rows(const struct import *im, const struct import_call *call)
{
	struct csv_writer *csv;
	int err = csv_writer_open(&csv, call->csv), close_err;

	if (!err)
		err = csv_writer_begin(csv, lock_columns, LOCK_COLUMNS);
	for (size_t i = 0; i < im->n && !err; i++)
		err = rows__write_imported(csv, &call->identity, &im->rows[i]);
	close_err = csv_writer_close(csv);
	if (!err)
		err = close_err;
	if (err)
		log_error("cannot write '%s': %s", call->csv, strerror(-err));
	return err;
}

int cmd_import(int argc, char **argv)
{
	static const struct argp argp = {
		options, parse_option, "perf|lock_stat FILE", doc, 0, 0, 0
	};
	struct import_call call = { .csv = "-" };
	struct import im = { 0 };
	int err;

	usage_parse(&argp, argc, argv, &call);
	if (!call.file)
		usage_error("no file to import; see %s --help", argv[0]);
	call.identity.backend = call.format->name;
	err = read_file(&im, &call);
	if (!err)
		err = write_rows(&im, &call);
	import_free(&im);
	return err ? EXIT_FAILED : EXIT_DONE;
}
