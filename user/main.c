// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>
#include <string.h>

#include "commands.h"
#include "context.h"
#include "log.h"

static const struct command {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *help;
} commands[] = {
	{ "record", cmd_record, "count waits for the locks of the swap path (the default)" },
	{ "doctor", cmd_doctor, "what this kernel and machine can show, and what would mislead" },
	{ "compare", cmd_compare, "compare result files: medians, ratio, verdict" },
	{ "report", cmd_report, "make an HTML page of a results directory" },
	{ "scale", cmd_scale, "predict throughput over CPUs and drives from what was measured" },
	{ "import", cmd_import, "make a result file of what perf or /proc/lock_stat counted" },
	{ "selftest", cmd_selftest, "provoke contention and fail where this kernel shows none" },
};

enum { NR_COMMANDS = sizeof(commands) / sizeof(*commands) };

static int help(void)
{
	printf("Usage: lockstat-swap [COMMAND] [OPTION...]\n\n"
	       "Shows what the locks of the Linux swap path cost, per swap device.\n\nCommands:\n");
	for (int i = 0; i < NR_COMMANDS; i++)
		printf("  %-10s%s\n", commands[i].name, commands[i].help);
	printf("\nlockstat-swap COMMAND --help tells the options of a command; without a command,\n"
	       "options are those of record. lockstat-swap --version tells the version.\n");
	return EXIT_DONE;
}

static int version(void)
{
	printf("lockstat-swap %s\n", TOOL_VERSION);
	return EXIT_DONE;
}

/* Help and messages name the command as the user calls it. */
static int run(const struct command *command, int argc, char **argv)
{
	char name[64];

	snprintf(name, sizeof(name), "lockstat-swap %s", command->name);
	argv[0] = name;
	return command->run(argc, argv);
}

int main(int argc, char **argv)
{
	const char *word = argc > 1 ? argv[1] : "";

	if (!strcmp(word, "--help") || !strcmp(word, "help"))
		return help();
	if (!strcmp(word, "--version") || !strcmp(word, "-V"))
		return version();
	for (int i = 0; i < NR_COMMANDS; i++)
		if (!strcmp(word, commands[i].name))
			return run(&commands[i], argc - 1, argv + 1);
	if (*word && *word != '-') {
		log_error("no such command: '%s'; see lockstat-swap --help", word);
		return EXIT_USAGE;
	}
	return run(&commands[0], argc, argv);
}
