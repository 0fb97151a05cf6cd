/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One way to say something to the user: a line on stderr. */
#ifndef LOCKSTAT_SWAP_LOG_H
#define LOCKSTAT_SWAP_LOG_H

#include <stdbool.h>

/* Lines of libbpf at debug level too, and log_debug() ones. */
extern bool log_verbose;

void log_error(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_warning(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_info(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_debug(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* libbpf's lines go the same way; without --verbose they are kept back. */
void log_take_libbpf(void);

#endif
