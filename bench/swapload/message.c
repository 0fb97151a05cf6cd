// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdarg.h>
#include <stdio.h>

#include "message.h"

bool message_quiet;

static bool progress_shown;

static void say(const char *level, const char *format, va_list args)
{
	message_progress("%s", "");
	fprintf(stderr, "swapload: %s", level);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
}

void message_error(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say("", format, args);
	va_end(args);
}

void message_warning(const char *format, ...)
{
	va_list args;

	if (message_quiet)
		return;
	va_start(args, format);
	say("warning: ", format, args);
	va_end(args);
}

void message_progress(const char *format, ...)
{
	char line[128];
	va_list args;

	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	if (*line || progress_shown)
		fprintf(stderr, "\r\033[K%s", line);
	progress_shown = *line;
}
