// SPDX-License-Identifier: GPL-2.0-or-later
#include <fnmatch.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compare_words.h"

/*
 * Figures that tell how fast something is. A count of contentions or the sum of all
 * waits does not: it is lower where less is done, too.
 */
static const struct {
	const char *metric;
	bool more_is_faster;
} speeds[] = {
	{ "*iops", true },	 { "*bw", true },	    { "swapout", true },
	{ "swapin", true },	 { "throughput", true },    { "operations", true },
	{ "compressed", true },	 { "bogo_ops_rate", true }, { "*lat_*", false },
	{ "time", false },	 { "wait_p*_ns", false },   { "wait_m*_ns", false },
	{ "hold_p*_ns", false }, { "hold_max_ns", false },
};

static const char *const names[COMPARE_VERDICTS] = {
	[VERDICT_LOWER] = "lower",
	[VERDICT_HIGHER] = "higher",
	[VERDICT_NO_DIFFERENCE] = "no detectable difference",
	[VERDICT_IDENTICAL] = "identical",
	[VERDICT_TOO_FEW] = "too few",
	[VERDICT_TOO_FEW_FOR_TABLE] = "too few for the table",
	[VERDICT_BOTH_ZERO] = "both zero",
	[VERDICT_NOT_MEASURED] = "not measured",
	[VERDICT_MISSING] = "missing",
	[VERDICT_REFUSED] = "refused",
};

const char *compare_verdict_name(const struct compare_row *row)
{
	bool more = row->verdict == VERDICT_HIGHER;

	if (!more && row->verdict != VERDICT_LOWER)
		return names[row->verdict];
	for (size_t i = 0; i < sizeof(speeds) / sizeof(*speeds); i++)
		if (!fnmatch(speeds[i].metric, row->key[KEY_METRIC], 0))
			return speeds[i].more_is_faster == more ? "faster" : "slower";
	return names[row->verdict];
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

const char *compare_n_words(const struct compare_row *row, char *text)
{
	if (row->pairs)
		snprintf(text, COMPARE_WORDS, "%zu pairs", row->pairs);
	else
		snprintf(text, COMPARE_WORDS, "%zu+%zu", row->base.n, row->other.n);
	return text;
}

const char *compare_factor_words(double factor, char *text)
{
	int digits = 3;

	do
		snprintf(text, COMPARE_FACTOR, "%.*g", digits, factor);
	while (!strcmp(text, "1") && digits++ < 17);
	return text;
}

const char *compare_unknown(const struct compare_row *row)
{
	return row->config_unknown ? compare_bar_name(BAR_CONFIG) : "";
}

static void add_unknown(char *text)
{
	size_t used = strlen(text);

	snprintf(text + used, COMPARE_WORDS - used, ", configuration unknown");
}

const char *compare_verdict_words(const struct compare_row *row, size_t tested, char *text)
{
	const char *name = compare_verdict_name(row);
	char less[COMPARE_FACTOR], more[COMPARE_FACTOR];

	if (row->verdict == VERDICT_REFUSED)
		snprintf(text, COMPARE_WORDS, "%s: %s", name, row->reason);
	else if (row->reason)
		snprintf(text, COMPARE_WORDS, "%s (despite %s)", name, row->reason);
	else if (row->verdict == VERDICT_TOO_FEW_FOR_TABLE)
		snprintf(text, COMPARE_WORDS, "too few for %zu lines", tested);
	else if (!isnan(row->detectable))
		snprintf(text, COMPARE_WORDS, "%s (%s or %s would be)", name,
			 compare_factor_words(1 / row->detectable, less),
			 compare_factor_words(row->detectable, more));
	else
		snprintf(text, COMPARE_WORDS, "%s", name);
	if (row->config_unknown && row->verdict != VERDICT_REFUSED)
		add_unknown(text);
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
