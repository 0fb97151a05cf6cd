// SPDX-License-Identifier: GPL-2.0-or-later
/* What the comparison came to: sentences first, then every line of it. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "compare_words.h"
#include "html.h"
#include "report_internal.h"
#include "verdict.h"

/* The keys that hold for a sentence; the number of SSDs varies within it. */
static bool same_sentence(const struct compare_row *a, const struct compare_row *b)
{
	if (a->value != b->value)
		return false;
	for (int key = 0; key < COMPARE_KEYS; key++)
		if (key != KEY_SSDS && a->key[key] != b->key[key])
			return false;
	return true;
}

static bool any_difference(const struct compare_row *const *rows, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (rows[i]->verdict == VERDICT_LOWER || rows[i]->verdict == VERDICT_HIGHER)
			return true;
	return false;
}

static char *sentence(const struct verdict_question *question, const char *base,
		      const struct compare_row *const *rows, size_t n, bool figures)
{
	char *text = NULL;
	size_t bytes;
	FILE *out = open_memstream(&text, &bytes);

	if (!out)
		return NULL;
	if (figures)
		verdict_figures(out, rows, n);
	else
		verdict_words(out, question, base, rows, n);
	if (fclose(out)) {
		free(text);
		return NULL;
	}
	return text;
}

static int put_sentence(struct report *r, const struct verdict_question *question,
			const struct compare_row *const *rows, size_t n)
{
	char *words = sentence(question, r->by.base, rows, n, false);
	char *figures = sentence(question, r->by.base, rows, n, true);
	int err = words && figures ? 0 : -ENOMEM;

	if (!err) {
		fputs(any_difference(rows, n) ? "<li class='differs'>" : "<li>", r->out);
		html_element(r->out, "strong", "%s", words);
		html_element(r->out, "span", "%s", figures);
		fputs("</li>\n", r->out);
	}
	free(words);
	free(figures);
	return err;
}

/* The workload and what else tells its sentences from others. */
struct subject {
	const struct compare_row *like;
};

static bool same_subject(const struct compare_row *a, const struct compare_row *b)
{
	static const enum compare_key keys[] = { KEY_EXPERIMENT, KEY_WORKLOAD, KEY_THREADS };

	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++)
		if (strcmp(a->key[keys[i]], b->key[keys[i]]))
			return false;
	return true;
}

/* Rows of one sentence, in the order of the SSDs, as the comparison has them. */
static size_t pick(const struct report_comparison *c, size_t from, const struct compare_row **rows,
		   bool *taken)
{
	size_t n = 0;

	for (size_t i = from; i < c->n; i++)
		if (!taken[i] && same_sentence(&c->rows[from], &c->rows[i])) {
			rows[n++] = &c->rows[i];
			taken[i] = true;
		}
	return n;
}

static bool is_about(const struct compare_row *row, const struct subject *subject,
		     const struct verdict_question *question, const char *arm)
{
	return !strcmp(row->value, arm) && verdict_answers(row, question) &&
	       same_subject(row, subject->like);
}

/* A sentence an arm, and another where it was measured under other conditions, too. */
static int put_arm(struct report *r, const struct report_comparison *c,
		   const struct subject *subject, const struct verdict_question *question,
		   const char *arm)
{
	const struct compare_row **rows = calloc(c->n + 1, sizeof(*rows));
	bool *taken = calloc(c->n + 1, sizeof(*taken));
	int err = rows && taken ? 0 : -ENOMEM;

	for (size_t i = 0; !err && i < c->n; i++) {
		size_t n;

		if (taken[i] || !is_about(&c->rows[i], subject, question, arm))
			continue;
		n = pick(c, i, rows, taken);
		err = put_sentence(r, question, rows, n);
	}
	free(rows);
	free(taken);
	return err;
}

static int put_answers(struct report *r, const struct report_comparison *c,
		       const struct subject *subject, const struct verdict_question *question)
{
	int err = 0;

	for (size_t i = 0; !err && i < r->by.n; i++)
		err = put_arm(r, c, subject, question, r->by.values[i]);
	return err;
}

static int put_subject(struct report *r, const struct subject *subject)
{
	const char *workload = subject->like->key[KEY_WORKLOAD];
	const char *threads = subject->like->key[KEY_THREADS];
	int err = 0;

	html_element(r->out, "h3", "%s%s%s%s", *workload ? workload : "No workload named",
		     *threads ? ", " : "", threads, *threads ? " threads" : "");
	fputs("<ul class='verdicts'>\n", r->out);
	for (size_t i = 0; !err && i < nverdict_questions; i++) {
		const struct verdict_question *q = &verdict_questions[i];

		err = put_answers(r, *q->class ? &r->contention : &r->throughput, subject, q);
	}
	fputs("</ul>\n", r->out);
	return err;
}

static bool answers_any(const struct compare_row *row)
{
	for (size_t i = 0; i < nverdict_questions; i++)
		if (verdict_answers(row, &verdict_questions[i]))
			return true;
	return false;
}

/* Those of both files, each once. */
static size_t find_subjects(const struct report *r, struct subject *subjects)
{
	const struct report_comparison *const files[] = { &r->contention, &r->throughput };
	size_t n = 0;

	for (int f = 0; f < 2; f++)
		for (size_t i = 0; i < files[f]->n; i++) {
			size_t s;

			if (!answers_any(&files[f]->rows[i]))
				continue;
			for (s = 0; s < n; s++)
				if (same_subject(subjects[s].like, &files[f]->rows[i]))
					break;
			if (s == n)
				subjects[n++].like = &files[f]->rows[i];
		}
	return n;
}

static int put_subjects(struct report *r)
{
	struct subject *subjects = calloc(r->contention.n + r->throughput.n + 1, sizeof(*subjects));
	size_t n = subjects ? find_subjects(r, subjects) : 0;
	int err = subjects ? 0 : -ENOMEM;

	for (size_t i = 0; !err && i < n; i++)
		err = put_subject(r, &subjects[i]);
	if (!err && !n)
		html_element(r->out, "p",
			     "Neither lock contention nor throughput can be compared with %s.",
			     r->by.base);
	free(subjects);
	return err;
}

static void put_row(FILE *out, const struct compare_row *row, size_t tested)
{
	const char *class = row->key[KEY_CLASS];
	char text[COMPARE_WORDS];

	fputs("<tr>", out);
	html_element(out, "td class='n'", "%s", row->key[KEY_SSDS]);
	html_element(out, "td", "%s", *class ? class : row->key[KEY_DEVICE]);
	html_element(out, "td", "%s", compare_figure_words(row, text));
	html_element(out, "td", "%s", row->value);
	html_element(out, "td class='n'", "%s", compare_n_words(row, text));
	html_element(out, "td class='n'", "%s", compare_value_words(row, row->base.median, text));
	html_element(out, "td class='n'", "%s", compare_value_words(row, row->other.median, text));
	html_element(out, "td class='n'", "%s", compare_ratio_words(row, text));
	html_element(out, "td class='n'", "%s", compare_interval_words(row, text));
	html_element(out, "td class='n'", "%s", compare_p_words(row->p, text));
	html_element(out, "td class='n'", "%s", compare_p_words(row->p_holm, text));
	html_element(out, "td", "%s", compare_verdict_words(row, tested, text));
	fputs("</tr>\n", out);
}

static int begin_table(struct report *r, const struct compare_row *row)
{
	char *heading = compare_heading_words(row);

	if (!heading)
		return -ENOMEM;
	html_table_open(r->out, "%s; the base is %s", heading, r->by.base);
	html_table_columns(r->out,
			   "#SSDs|of|figure|against|#n|#base|#other|#ratio|#95%|#p|#Holm|verdict");
	free(heading);
	return 0;
}

static int put_comparison(struct report *r, const struct report_comparison *c)
{
	int err = 0;

	if (*c->why_not)
		html_element(r->out, "p", "The whole comparison: %s.", c->why_not);
	if (!c->n)
		return 0;
	fputs("<details>", r->out);
	html_element(r->out, "summary", "The whole comparison, %zu lines", c->n);
	for (size_t i = 0; i < c->n && !err; i++) {
		bool begins = !i || !compare_same_heading(&c->rows[i - 1], &c->rows[i]);

		if (begins && i)
			html_table_close(r->out);
		if (begins)
			err = begin_table(r, &c->rows[i]);
		if (!err)
			put_row(r->out, &c->rows[i], c->tested);
	}
	html_table_close(r->out);
	fputs("</details>\n", r->out);
	return err;
}

static void put_reading_aid(FILE *out)
{
	html_element(
		out, "p class='note'",
		"The locks of the swap map are classes swap_map and cluster together. A ratio is "
		"the other arm’s figure divided by the base’s: Hodges and Lehmann’s estimate with "
		"its 95%% interval. n are the repetitions of base and arm, tested with the "
		"Mann-Whitney test; pairs, of repetitions that took turns, with Wilcoxon’s signed "
		"rank test. p is two-sided and of the line alone, Holm is p corrected for the "
		"lines "
		"that were asked for together, and verdicts go by it. Detectable are "
		"the ratios that four of five such runs would have told. Throughput is that of the "
		"cells without a tracer.");
}

/* Without a base there is nothing to judge, and that is what is said. */
static void put_no_base(struct report *r)
{
	if (r->by.n == 1 && !*r->by.values[0])
		html_element(r->out, "p", "This recording has no arms, so there are no verdicts.");
	else
		html_element(r->out, "p",
			     "No base is known to compare with, so there are no verdicts: run.json "
			     "names no arms. Option --base chooses one.");
}

int report_verdicts(struct report *r)
{
	int err = 0;

	if (!r->by.base) {
		put_no_base(r);
	} else {
		err = put_subjects(r);
		if (r->all.n)
			put_reading_aid(r->out);
		if (!err)
			err = put_comparison(r, &r->all);
	}
	return err;
}
