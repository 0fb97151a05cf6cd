// SPDX-License-Identifier: GPL-2.0-or-later
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compare_words.h"

const char *compare_verdict_words(enum compare_verdict verdict)
{
	static const char *const words[] = {
		[VERDICT_LOWER] = "lower",
		[VERDICT_HIGHER] = "higher",
		[VERDICT_NO_DIFFERENCE] = "no detectable difference",
		[VERDICT_TOO_FEW] = "too few",
		[VERDICT_BOTH_ZERO] = "both zero",
		[VERDICT_NOT_MEASURED] = "not measured",
		[VERDICT_MISSING] = "missing",
	};

	return words[verdict];
}

static bool is_time(const struct compare_row *row)
{
	return !strcmp(row->key[KEY_UNIT], "ns");
}

const char *compare_figure_words(const struct compare_row *row, char *text)
{
	const char *metric = row->key[KEY_METRIC];
	const char *unit = is_time(row) ? "ms" : row->key[KEY_UNIT];
	int name = strlen(metric);

	if (name > 3 && !strcmp(metric + name - 3, "_ns"))
		name -= 3;
	snprintf(text, COMPARE_WORDS, "%.*s%s%s", name, metric, *unit ? " " : "", unit);
	return text;
}

const char *compare_value_words(const struct compare_row *row, double value, char *text)
{
	double shown = is_time(row) ? value / 1e6 : value;
	bool whole = fabs(shown) >= 100 || shown == floor(shown);

	*text = '\0';
	if (!isnan(shown))
		snprintf(text, COMPARE_WORDS, whole ? "%.0f" : "%.3g", shown);
	return text;
}

const char *compare_ratio_words(const struct compare_row *row, char *text)
{
	*text = '\0';
	if (!isnan(row->ratio.estimate))
		snprintf(text, COMPARE_WORDS, "%.3f", row->ratio.estimate);
	else if (!isnan(row->p))
		strcpy(text, "undefined");
	return text;
}

const char *compare_interval_words(const struct compare_row *row, char *text)
{
	*text = '\0';
	if (!isnan(row->ratio.lo))
		snprintf(text, COMPARE_WORDS, "%.3f..%.3f", row->ratio.lo, row->ratio.hi);
	return text;
}

const char *compare_p_words(double p, char *text)
{
	*text = '\0';
	if (!isnan(p))
		snprintf(text, COMPARE_WORDS, p < 0.0001 ? "<0.0001" : "%.4f", p);
	return text;
}

bool compare_same_heading(const struct compare_row *a, const struct compare_row *b)
{
	for (int key = 0; key < KEY_CLASS; key++)
		if (a->key[key] != b->key[key])
			return false;
	return true;
}

char *compare_heading_words(const struct compare_row *row)
{
	char *text = NULL;
	size_t bytes;
	FILE *f = open_memstream(&text, &bytes);

	if (!f)
		return NULL;
	for (int key = 0; key < KEY_CLASS; key++)
		if (*row->key[key])
			fprintf(f, "%s%s %s", ftell(f) ? ", " : "", compare_key_name(key),
				row->key[key]);
	if (!ftell(f))
		fputs("no context given", f);
	if (fclose(f)) {
		free(text);
		return NULL;
	}
	return text;
}
