/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A mistake on the command line is one line on stderr, with the cure, and exit status 2. */
#ifndef SWAPLOAD_USAGE_H
#define SWAPLOAD_USAGE_H

#include <stdint.h>

void usage_error(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));

/* What @text, the argument of @option, says; they do not return if it says nothing. */
int usage_choice(const char *option, const char *text, const char *const *names);
double usage_number(const char *option, const char *text, double least, double most);
uint64_t usage_count(const char *option, const char *text, uint64_t least, uint64_t most);

#endif
