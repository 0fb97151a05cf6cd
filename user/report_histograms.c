// SPDX-License-Identifier: GPL-2.0-or-later
/* How long waits and holds of the locks that guard swap maps took. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "html.h"
#include "plot.h"
#include "report_internal.h"
#include "report_sums.h"

/* One picture: the bars of each arm. */
struct histogram {
	const char *class, *figure; /* "swap_map", "wait" */
	struct report_bar **bars;   /* by arm */
	size_t *n;
};

static const char *figure_word(const struct histogram *h)
{
	return strcmp(h->figure, "wait") ? "Holds" : "Waits";
}

static void free_histogram(struct report *r, struct histogram *h)
{
	for (size_t i = 0; h->bars && i < r->by.n; i++)
		free(h->bars[i]);
	free(h->bars);
	free(h->n);
}

static int read_histogram(struct report *r, const struct report_choice *context,
			  struct histogram *h)
{
	h->bars = calloc(r->by.n + 1, sizeof(*h->bars));
	h->n = calloc(r->by.n + 1, sizeof(*h->n));
	if (!h->bars || !h->n)
		return -ENOMEM;
	for (size_t i = 0; i < r->by.n; i++) {
		struct report_choice arm = *context;

		arm.value = r->by.values[i];
		h->bars[i] = report_histogram(&arm, h->class, h->figure, &h->n[i]);
		if (!h->bars[i])
			return -ENOMEM;
	}
	return 0;
}

static bool is_empty(const struct report *r, const struct histogram *h)
{
	for (size_t i = 0; i < r->by.n; i++)
		if (report_histogram_count(h->bars[i], h->n[i]) > 0)
			return false;
	return true;
}

/* The last bar has no end: it is drawn as wide as they all are, a quarter of an octave. */
static double end_of(const struct report_bar *bar)
{
	return isinf(bar->to) ? bar->from * 1.19 : bar->to;
}

/* A step up at the begin of a bar, one down at its end where the next does not follow. */
static int make_steps(const struct report_bar *bars, size_t n, struct plot_line *line)
{
	double count = report_histogram_count(bars, n);
	struct plot_point *points = calloc(2 * n + 2, sizeof(*points));
	size_t used = 0;

	if (!points)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		/* A logarithm has no 0. */
		double from = fmax(bars[i].from, 1) / 1e9, to = end_of(&bars[i]) / 1e9;

		if (!i)
			points[used++] = (struct plot_point){ from, 0, NAN, NAN };
		points[used++] = (struct plot_point){ from, bars[i].count / count * 100, NAN, NAN };
		if (i + 1 == n || bars[i + 1].from > bars[i].to)
			points[used++] = (struct plot_point){ to, 0, NAN, NAN };
	}
	line->points = points;
	line->n = used;
	return 0;
}

static void find_limits(const struct plot_line *lines, size_t n, struct plot *plot)
{
	plot->from = INFINITY;
	for (size_t i = 0; i < n; i++) {
		plot->from = fmin(plot->from, lines[i].points[0].x);
		plot->to = fmax(plot->to, lines[i].points[lines[i].n - 1].x);
	}
	plot->from /= 1.3;
	plot->to *= 1.3;
}

static int draw(const struct report *r, const struct histogram *h, char **svg)
{
	struct plot plot = { .x_label = "time", .log_x = true, .steps = true };
	int err = 0;

	plot.lines = calloc(r->by.n, sizeof(*plot.lines));
	if (!plot.lines)
		return -ENOMEM;
	for (size_t i = 0; !err && i < r->by.n; i++) {
		if (!h->n[i])
			continue;
		plot.lines[plot.n].style = i;
		err = make_steps(h->bars[i], h->n[i], &plot.lines[plot.n]);
		plot.n += !err;
	}
	find_limits(plot.lines, plot.n, &plot);
	if (!err)
		err = plot_draw(&plot, svg);
	for (size_t i = 0; i < plot.n; i++)
		free((void *)plot.lines[i].points);
	free(plot.lines);
	return err;
}

/* A length of time as people write it. */
static void put_time(FILE *out, double ns)
{
	static const char *const units[] = { "ns", "µs", "ms", "s" };
	size_t unit = 0;

	if (isinf(ns)) {
		fputs("the longest bar", out);
		return;
	}
	for (; ns >= 1000 && unit < 3; unit++)
		ns /= 1000;
	fprintf(out, "%.3g %s", ns, units[unit]);
}

static void describe_arm(FILE *out, const struct report *r, const struct histogram *h, size_t arm)
{
	const struct report_bar *bars = h->bars[arm];

	fprintf(out, "%s: %.0f %s, half of them below ", report_arm(r->by.values[arm]),
		report_histogram_count(bars, h->n[arm]),
		strcmp(h->figure, "wait") ? "holds" : "waits");
	put_time(out, report_histogram_below(bars, h->n[arm], 0.5));
	fputs(", 99% below ", out);
	put_time(out, report_histogram_below(bars, h->n[arm], 0.99));
	fputs(". ", out);
}

static char *description(const struct report *r, const struct histogram *h)
{
	char *text = NULL;
	size_t bytes;
	FILE *out = open_memstream(&text, &bytes);

	if (!out)
		return NULL;
	for (size_t i = 0; i < r->by.n; i++)
		if (h->n[i])
			describe_arm(out, r, h, i);
	if (fclose(out)) {
		free(text);
		return NULL;
	}
	return text;
}

static void put_figure(struct report *r, const struct histogram *h, const char *svg,
		       const char *words)
{
	char title[128];

	snprintf(title, sizeof(title), "%s for %s locks, by length", figure_word(h), h->class);
	fputs("<figure><figcaption>", r->out);
	html_print(r->out, "%s, %s", figure_word(h), h->class);
	html_element(r->out, "span", " (%% of them)");
	fputs("</figcaption>\n", r->out);
	report_picture(r, svg, title, words);
	html_element(r->out, "p class='note'", "%s", words);
	fputs("</figure>\n", r->out);
}

static int put_histogram(struct report *r, const struct histogram *h)
{
	char *svg = NULL, *words = description(r, h);
	int err = words ? draw(r, h, &svg) : -ENOMEM;

	if (!err)
		put_figure(r, h, svg, words);
	free(svg);
	free(words);
	return err;
}

static int put_if_any(struct report *r, const struct report_choice *context, const char *class,
		      const char *figure)
{
	struct histogram h = { .class = class, .figure = figure };
	int err = read_histogram(r, context, &h);

	if (!err && !is_empty(r, &h))
		err = put_histogram(r, &h);
	free_histogram(r, &h);
	return err;
}

static int put_context(struct report *r, const struct report_choice *context)
{
	static const char *const classes[] = { "swap_map", "cluster" };
	static const char *const figures[] = { "wait", "hold" };
	int err = 0;

	report_heading(r, context->context);
	report_legend(r);
	fputs("<div class='charts'>\n", r->out);
	for (size_t i = 0; !err && i < 4; i++)
		err = put_if_any(r, context, classes[i / 2], figures[i % 2]);
	fputs("</div>\n", r->out);
	return err;
}

/* Only contexts that have one of the pictures get a heading. */
static bool has_any(const struct report *r)
{
	for (size_t i = 0; i < r->data.nbuckets.n; i++)
		if (!strcmp(r->data.buckets[i].class, "swap_map") ||
		    !strcmp(r->data.buckets[i].class, "cluster"))
			return true;
	return false;
}

int report_histograms(struct report *r)
{
	int err = 0;

	if (!r->data.has_histograms) {
		html_element(r->out, "p", "There is no histograms.csv: only sums are known.");
	} else if (!has_any(r)) {
		html_element(r->out, "p",
			     "histograms.csv has no wait for or hold of a lock of a swap map.");
	} else {
		html_element(r->out, "p class='note'",
			     "With the most SSDs that were measured, all repetitions together. "
			     "Steps are a "
			     "quarter of an octave wide.");
		err = report_each_context(r, true, put_context);
	}
	return err;
}
