/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the user is told beside the results: a line on stderr. */
#ifndef SWAPLOAD_MESSAGE_H
#define SWAPLOAD_MESSAGE_H

#include <stdbool.h>

/* No warnings. */
extern bool message_quiet;

void message_error(const char *format, ...) __attribute__((format(printf, 1, 2)));
void message_warning(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* A line that the next one overwrites; "" takes it away. */
void message_progress(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
