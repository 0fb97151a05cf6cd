/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The commands, and the exit statuses they all use. */
#ifndef LOCKSTAT_SWAP_COMMANDS_H
#define LOCKSTAT_SWAP_COMMANDS_H

enum exit_status {
	EXIT_DONE = 0,
	EXIT_FAILED = 1,
	EXIT_USAGE = 2,
	EXIT_LOSSES = 3,      /* ran, but losses past the threshold */
	EXIT_UNSUPPORTED = 4, /* this kernel cannot do it */
	EXIT_CONDITION = 5,   /* compare: a condition of --fail-if is met */
	EXIT_UNDECIDED = 6,   /* compare: refused, or too few to judge a condition */
};

int cmd_record(int argc, char **argv);
int cmd_doctor(int argc, char **argv);
int cmd_compare(int argc, char **argv);
int cmd_report(int argc, char **argv);
int cmd_scale(int argc, char **argv);
int cmd_import(int argc, char **argv);
int cmd_selftest(int argc, char **argv);

#endif
