// SPDX-License-Identifier: GPL-2.0-or-later
#include <math.h>
#include <string.h>

#include "compare_words.h"
#include "verdict.h"

const struct verdict_question verdict_questions[] = {
	{ "contended/acquired", COMPARE_SUM_CLASS, "Lock contention",
	  "acquisitions of the swap map’s locks had to wait", "less often", "more often" },
	{ "contended", COMPARE_SUM_CLASS, "Lock contention",
	  "acquisitions of the swap map’s locks had to wait", "fewer times", "more times" },
	{ "swapout", "", "Swap-out", "swap-out was", "slower", "faster" },
	{ "iops", "", "The load’s I/O", "the load’s I/O was", "slower", "faster" },
	{ "operations", "", "The load’s operations", "the load was", "slower", "faster" },
	{ "compressed", "", "Compression", "compression was", "slower", "faster" },
	{ "throughput", "", "Throughput", "the load was", "slower", "faster" },
};

const size_t nverdict_questions = sizeof(verdict_questions) / sizeof(*verdict_questions);

/* Throughput under a tracer is not the arm's. */
bool verdict_answers(const struct compare_row *row, const struct verdict_question *question)
{
	const char *backend = row->key[KEY_BACKEND];

	if (strcmp(row->key[KEY_METRIC], question->metric) ||
	    strcmp(row->key[KEY_CLASS], question->class) || *row->key[KEY_DEVICE])
		return false;
	return *question->class || !*backend || !strcmp(backend, "none");
}

bool verdict_is_measured(const struct compare_row *row)
{
	return row->verdict != VERDICT_NOT_MEASURED && row->verdict != VERDICT_MISSING &&
	       row->verdict != VERDICT_REFUSED;
}

static size_t count(const struct compare_row *const *rows, size_t n, enum compare_verdict verdict)
{
	size_t found = 0;

	for (size_t i = 0; i < n; i++)
		found += rows[i]->verdict == verdict;
	return found;
}

static const char *between(size_t i, size_t n)
{
	return !i ? "" : i + 1 == n ? " and " : ", ";
}

/* "on 1 and 3 SSDs": where the verdict is this one. Recordings may not say how many. */
static void put_places(FILE *out, const struct compare_row *const *rows, size_t n,
		       enum compare_verdict verdict)
{
	size_t total = count(rows, n, verdict), seen = 0;
	const char *ssds = "";

	for (size_t i = 0; i < n; i++) {
		if (rows[i]->verdict != verdict || !*rows[i]->key[KEY_SSDS])
			continue;
		ssds = rows[i]->key[KEY_SSDS];
		fprintf(out, "%s%s%s", seen ? "" : " on ", between(seen, total), ssds);
		seen++;
	}
	if (seen)
		fputs(seen == 1 && !strcmp(ssds, "1") ? " SSD" : " SSDs", out);
}

static void put_difference(FILE *out, const struct verdict_question *q, const char *base,
			   const struct compare_row *const *rows, size_t n,
			   enum compare_verdict verdict)
{
	fprintf(out, "with %s, %s %s than with %s", rows[0]->value, q->subject,
		verdict == VERDICT_LOWER ? q->lower : q->higher, base);
	put_places(out, rows, n, verdict);
}

static void put_other(FILE *out, const struct compare_row *const *rows, size_t n,
		      enum compare_verdict verdict)
{
	static const char *const words[COMPARE_VERDICTS] = {
		[VERDICT_NO_DIFFERENCE] = "no detectable difference",
		[VERDICT_IDENTICAL] = "identical with both",
		[VERDICT_TOO_FEW] = "too few repetitions to tell",
		[VERDICT_TOO_FEW_FOR_TABLE] = "too few repetitions to tell among so many lines",
		[VERDICT_BOTH_ZERO] = "zero with both",
		[VERDICT_NOT_MEASURED] = "not measured",
		[VERDICT_MISSING] = "measured with one of them only",
		[VERDICT_REFUSED] = "measured in ways that must not be compared",
	};

	fputs(words[verdict], out);
	put_places(out, rows, n, verdict);
}

void verdict_words(FILE *out, const struct verdict_question *q, const char *base,
		   const struct compare_row *const *rows, size_t n)
{
	size_t clauses = 0;

	fprintf(out, "%s, %s against %s: ", q->name, rows[0]->value, base);
	for (enum compare_verdict v = 0; v < COMPARE_VERDICTS; v++) {
		if (!count(rows, n, v))
			continue;
		fputs(clauses++ ? "; " : "", out);
		if (v == VERDICT_LOWER || v == VERDICT_HIGHER)
			put_difference(out, q, base, rows, n, v);
		else
			put_other(out, rows, n, v);
	}
	fputc('.', out);
}

static void put_p(FILE *out, const char *name, double p)
{
	char text[COMPARE_WORDS];

	compare_p_words(p, text);
	fprintf(out, ", %s %s%s", name, *text == '<' ? "" : "= ", *text ? text : "unknown");
}

static void put_detectable(FILE *out, double ratio)
{
	char text[COMPARE_FACTOR];

	fprintf(out, ", detectable %s", compare_factor_words(1 / ratio, text));
	fprintf(out, " or %s", compare_factor_words(ratio, text));
}

static void put_row_figures(FILE *out, const struct compare_row *row)
{
	char text[COMPARE_WORDS];

	fprintf(out, "%s (95%% ", compare_ratio_words(row, text));
	fputs(*compare_interval_words(row, text) ? text : "unknown", out);
	put_p(out, "p", row->p);
	if (!isnan(row->p_holm))
		put_p(out, "corrected p", row->p_holm);
	fprintf(out, ", n %s", compare_n_words(row, text));
	if (row->verdict == VERDICT_NO_DIFFERENCE && row->detectable > 1)
		put_detectable(out, row->detectable);
	if (row->reason)
		fprintf(out, ", %s", row->reason);
	fputc(')', out);
}

void verdict_figures(FILE *out, const struct compare_row *const *rows, size_t n)
{
	size_t seen = 0;

	for (size_t i = 0; i < n; i++) {
		const char *ssds = rows[i]->key[KEY_SSDS];

		if (!verdict_is_measured(rows[i]) || rows[i]->verdict == VERDICT_BOTH_ZERO)
			continue;
		fputs(seen++ ? ";" : "Ratio", out);
		if (*ssds)
			fprintf(out, " on %s %s", ssds, strcmp(ssds, "1") ? "SSDs" : "SSD");
		fputs(": ", out);
		put_row_figures(out, rows[i]);
	}
	if (seen)
		fputc('.', out);
}
