// SPDX-License-Identifier: GPL-2.0-or-later
#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "parse.h"

/* Powers of 1024 by their letter; -1 for another one. */
static int power_of(char letter)
{
	static const char letters[] = "KMGTP";
	const char *found = letter ? strchr(letters, toupper((unsigned char)letter)) : NULL;

	return found ? (int)(found - letters) + 1 : -1;
}

/* strtod() takes blanks, hexadecimals, "inf" and "nan", too. */
static bool begins_as_number(const char *text)
{
	return (isdigit((unsigned char)*text) || *text == '.') && text[1] != 'x' && text[1] != 'X';
}

bool parse_size(const char *text, uint64_t *bytes)
{
	char *end;
	double value;
	int power;

	if (!begins_as_number(text))
		return false;
	value = strtod(text, &end);
	power = power_of(*end);
	if (power > 0) {
		value = ldexp(value, 10 * power);
		end += end[1] == 'i' && end[2] == 'B' ? 2 : 1;
	}
	if (*end == 'B')
		end++;
	if (end == text || *end || !(value >= 1 && value < 0x1p63))
		return false;
	*bytes = value;
	return true;
}

bool parse_number(const char *text, double least, double most, double *value)
{
	char *end;

	if (!begins_as_number(text))
		return false;
	*value = strtod(text, &end);
	return end != text && !*end && *value >= least && *value <= most;
}

bool parse_count(const char *text, uint64_t least, uint64_t most, uint64_t *value)
{
	char *end;

	if (!isdigit((unsigned char)*text))
		return false;
	errno = 0;
	*value = strtoull(text, &end, 10);
	return !errno && !*end && *value >= least && *value <= most;
}

bool parse_access(const char *text, struct access_pattern *pattern)
{
	static const char zipf[] = "zipf:";

	if (!strcmp(text, "seq"))
		pattern->kind = ACCESS_SEQ;
	else if (!strcmp(text, "uniform"))
		pattern->kind = ACCESS_UNIFORM;
	else if (!strncmp(text, zipf, strlen(zipf)))
		pattern->kind = ACCESS_ZIPF;
	else
		return false;
	return pattern->kind != ACCESS_ZIPF ||
	       parse_number(text + strlen(zipf), 0.01, 10, &pattern->theta);
}

/* A:B:MOST */
static bool parse_beta(const char *text, struct content *content)
{
	char *words = strdup(text), *rest = words, *word;
	uint64_t shape;
	bool good = words;

	for (int i = 0; i < 2 && good; i++) {
		word = strsep(&rest, ":");
		good = word && parse_count(word, 1, MAX_SHAPE, &shape);
		if (good)
			content->shape[i] = shape;
	}
	good = good && rest && parse_number(rest, 0, 1, &content->ratio);
	free(words);
	return good;
}

bool parse_content(const char *text, struct content *content)
{
	static const char ratio[] = "ratio:", beta[] = "beta:";

	if (!strcmp(text, "random"))
		content->kind = CONTENT_RANDOM;
	else if (!strcmp(text, "zero"))
		content->kind = CONTENT_ZERO;
	else if (!strncmp(text, ratio, strlen(ratio)))
		content->kind = CONTENT_RATIO;
	else if (!strncmp(text, beta, strlen(beta)))
		content->kind = CONTENT_BETA;
	else
		return false;
	if (content->kind == CONTENT_BETA)
		return parse_beta(text + strlen(beta), content);
	return content->kind != CONTENT_RATIO ||
	       parse_number(text + strlen(ratio), 0, 1, &content->ratio);
}

int parse_choice(const char *text, const char *const *names)
{
	for (int i = 0; names[i]; i++)
		if (!strcmp(names[i], text))
			return i;
	return -1;
}

/* mixed:SEC ends before its colon after this; 0 for the name alone. */
static bool cut_seconds(char *name, double *seconds)
{
	static const char mixed[] = "mixed:";
	size_t length = strlen(mixed);

	*seconds = 0;
	if (strncmp(name, mixed, length))
		return true;
	name[length - 1] = '\0';
	return parse_number(name + length, 0.01, 1e8, seconds);
}

static bool add_phase(struct options *o, char *name)
{
	unsigned int n = o->nr_phases;
	double seconds;
	int phase;

	if (!cut_seconds(name, &seconds))
		return false;
	phase = parse_choice(name, phase_names);
	if (phase < 0 || n == MAX_PHASES || (phase == PHASE_POPULATE) != (n == 0))
		return false;
	if (n && o->phases[n - 1] == PHASE_FREE)
		return false;
	o->phases[n] = phase;
	o->phase_s[n] = seconds;
	o->nr_phases++;
	return true;
}

bool parse_phases(const char *text, struct options *options)
{
	char *words = strdup(text), *rest = words, *name;
	bool good = words;

	options->nr_phases = 0;
	while (good && (name = strsep(&rest, ",")))
		good = add_phase(options, name);
	free(words);
	return good;
}
