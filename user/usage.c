// SPDX-License-Identifier: GPL-2.0-or-later
#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "log.h"
#include "rows.h"
#include "usage.h"

void usage_error(const char *format, ...)
{
	char message[512];
	va_list args;

	va_start(args, format);
	vsnprintf(message, sizeof(message), format, args);
	va_end(args);
	log_error("%s", message);
	exit(EXIT_USAGE);
}

/* Troff takes a bare hyphen for one that may break a line. */
static void put_name(const char *lead, const char *name)
{
	fputs(lead, stdout);
	for (; *name; name++)
		printf(*name == '-' ? "\\-" : "%c", *name);
}

/* The options as the manual page has them: it is made from the same table as --help. */
static void put_manual(const struct argp_option *options)
{
	for (const struct argp_option *o = options; o->name; o++) {
		printf(".TP\n");
		if (isprint(o->key))
			printf("\\fB\\-%c\\fR, ", o->key);
		put_name("\\fB\\-\\-", o->name);
		printf(o->arg ? "\\fR=\\fI%s\\fR\n%s\n" : "\\fR\n%s%s\n", o->arg ? o->arg : "",
		       o->doc);
	}
}

void usage_parse(const struct argp *argp, int argc, char **argv, void *input)
{
	if (argc == 2 && !strcmp(argv[1], "--help-man")) {
		put_manual(argp->options);
		exit(EXIT_DONE);
	}
	/* What getopt found wrong, it has said in one line. */
	if (argp_parse(argp, argc, argv, ARGP_IN_ORDER, NULL, input))
		exit(EXIT_USAGE);
}

error_t usage_parse_common(int key, char *arg, struct argp_state *state)
{
	switch (key) {
	case ARGP_KEY_INIT:
		/* argp's hint would be a second line; --help goes to stdout. */
		state->err_stream = NULL;
		return 0;
	case ARGP_KEY_ARG:
		usage_error("unexpected argument '%s'; see %s --help", arg, state->name);
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

void usage_parse_set(struct row_identity *identity, char *text)
{
	char *value = strchr(text, '=');
	int err;

	if (!value)
		usage_error("--set wants COLUMN=VALUE, not '%s'", text);
	*value++ = '\0';
	err = row_identity__set(identity, text, value);
	if (err == -ENOENT)
		usage_error("no column '%s' to set", text);
	else if (err)
		usage_error("column '%s' wants a number, not '%s'", text, value);
}
