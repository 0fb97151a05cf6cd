// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdarg.h>
#include <stdio.h>

#include <bpf/libbpf.h>

#include "log.h"

bool log_verbose;

static void log_line(const char *level, const char *format, va_list args)
{
	fprintf(stderr, "lockstat-swap: %s", level);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
}

#define LOG_FUNCTION(name, level, wanted)                                                          \
	void name(const char *format, ...)                                                         \
	{                                                                                          \
		va_list args;                                                                      \
                                                                                                   \
		if (!(wanted))                                                                     \
			return;                                                                    \
		va_start(args, format);                                                            \
		log_line(level, format, args);                                                     \
		va_end(args);                                                                      \
	}

LOG_FUNCTION(log_error, "", true)
LOG_FUNCTION(log_warning, "warning: ", true)
LOG_FUNCTION(log_info, "", true)
LOG_FUNCTION(log_debug, "debug: ", log_verbose)

static int libbpf_line(enum libbpf_print_level level, const char *format, va_list args)
{
	(void)level;
	return log_verbose ? vfprintf(stderr, format, args) : 0;
}

void log_take_libbpf(void)
{
	libbpf_set_print(libbpf_line);
}
