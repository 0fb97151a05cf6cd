// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdlib.h>
#include <string.h>

#include "procfiles.h"

const char *procfiles_first_line(const char *path, char *line, int bytes)
{
	FILE *file = fopen(path, "re");

	if (!file || !fgets(line, bytes, file))
		line[0] = '\0';
	if (file)
		fclose(file);
	line[strcspn(line, "\n")] = '\0';
	return line;
}

unsigned long long procfiles_capabilities(FILE *status)
{
	unsigned long long capabilities = 0;
	char line[256];

	while (fgets(line, sizeof(line), status))
		if (sscanf(line, "CapEff: %llx", &capabilities) == 1)
			break;
	return capabilities;
}

bool procfiles_has_word(char *text, const char *wanted)
{
	char *rest;

	for (char *word = strtok_r(text, " \t\n", &rest); word;
	     word = strtok_r(NULL, " \t\n", &rest))
		if (!strcmp(word, wanted))
			return true;
	return false;
}

bool procfiles_has_cpu_flag(FILE *cpuinfo, const char *flag)
{
	bool found = false;
	char *line = NULL;
	size_t room = 0;

	while (getline(&line, &room, cpuinfo) > 0) {
		if (strncmp(line, "flags", 5))
			continue;
		found = procfiles_has_word(line, flag);
		break;
	}
	free(line);
	return found;
}
