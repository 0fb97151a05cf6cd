/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What single lines of the kernel's text files say. */
#ifndef LOCKSTAT_SWAP_PROCFILES_H
#define LOCKSTAT_SWAP_PROCFILES_H

#include <stdbool.h>
#include <stdio.h>

/* The first line of a file, without its end; "" where it cannot be read. */
const char *procfiles_first_line(const char *path, char *line, int bytes);

/* Whether @wanted is one of the words of @text, which is taken apart. */
bool procfiles_has_word(char *text, const char *wanted);

/* Of /proc/self/status: the effective capabilities, a bit each. */
unsigned long long procfiles_capabilities(FILE *status);

/* Whether /proc/cpuinfo has @flag among the flags of the first CPU. */
bool procfiles_has_cpu_flag(FILE *cpuinfo, const char *flag);

#endif
