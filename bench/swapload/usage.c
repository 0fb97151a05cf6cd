// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "message.h"
#include "options.h"
#include "parse.h"
#include "usage.h"

void usage_error(const char *format, ...)
{
	char text[512];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	message_error("%s", text);
	exit(EXIT_USAGE);
}

int usage_choice(const char *option, const char *text, const char *const *names)
{
	int found = parse_choice(text, names);
	char list[128] = "";

	if (found >= 0)
		return found;
	for (int i = 0; names[i]; i++) {
		strcat(list, i ? ", " : "");
		strcat(list, names[i]);
	}
	usage_error("%s wants one of %s, not '%s'", option, list, text);
}

double usage_number(const char *option, const char *text, double least, double most)
{
	double value;

	if (!parse_number(text, least, most, &value))
		usage_error("%s wants a number from %g to %g, not '%s'", option, least, most, text);
	return value;
}

uint64_t usage_count(const char *option, const char *text, uint64_t least, uint64_t most)
{
	uint64_t value;

	if (!parse_count(text, least, most, &value))
		usage_error("%s wants a whole number from %lu to %lu, not '%s'", option,
			    (unsigned long)least, (unsigned long)most, text);
	return value;
}
