// SPDX-License-Identifier: GPL-2.0-or-later
/* The figures of each arm over the number of SSDs, drawn and as tables. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "html.h"
#include "plot.h"
#include "report_internal.h"
#include "svg.h"

/* Arms stand beside each other, so that intervals do not hide each other. */
static double beside(const struct report_chart *chart, size_t line)
{
	double step = chart->n > 4 ? 0.4 / chart->n : 0.07;

	return (line - (chart->n - 1) / 2.0) * step;
}

static size_t place(const char **ssds, size_t n, const char *wanted)
{
	size_t i;

	for (i = 0; i < n && ssds[i] != wanted; i++)
		;
	return i;
}

/* One block for all points of a line: first the medians, then each repetition. */
static int make_line(const struct report_chart *chart, size_t i, const double *x, const char **ssds,
		     size_t nssds, struct plot_line *line)
{
	const struct report_line *from = &chart->lines[i];
	struct plot_point *points, *dots;
	size_t n = from->n;

	for (size_t j = 0; j < from->n; j++)
		n += from->points[j].n;
	points = calloc(n, sizeof(*points));
	if (!points)
		return -ENOMEM;
	dots = points + from->n;
	*line = (struct plot_line){
		.style = from->style, .points = points, .n = from->n, .dots = dots
	};
	for (size_t j = 0; j < from->n; j++) {
		const struct report_point *p = &from->points[j];
		double at = x[place(ssds, nssds, p->ssds)] + beside(chart, i);

		points[j] = (struct plot_point){ at, p->median, p->lo, p->hi };
		for (size_t k = 0; k < p->n; k++)
			dots[line->ndots++] = (struct plot_point){ at, p->values[k], NAN, NAN };
	}
	return 0;
}

/* Numbers of SSDs are the ticks; one that is no number has the place it has in the list. */
static void make_ticks(const char **ssds, size_t n, double *x)
{
	for (size_t i = 0; i < n; i++) {
		char *end;

		x[i] = strtod(ssds[i], &end);
		if (*end || !*ssds[i] || !isfinite(x[i]))
			x[i] = i + 1;
	}
}

static int draw(const struct report_chart *chart, const char **ssds, size_t nssds, char **svg)
{
	struct plot plot = { .x_label = "SSDs",
			     .nticks = nssds,
			     .log_y = report_chart_is_wide(chart) };
	int err = -ENOMEM;

	plot.lines = calloc(chart->n, sizeof(*plot.lines));
	plot.ticks = calloc(nssds, sizeof(*plot.ticks));
	if (plot.lines && plot.ticks) {
		make_ticks(ssds, nssds, plot.ticks);
		plot.from = plot.ticks[0] - 0.5;
		plot.to = plot.ticks[nssds - 1] + 0.5;
		err = 0;
	}
	for (; !err && plot.n < chart->n; plot.n++)
		err = make_line(chart, plot.n, plot.ticks, ssds, nssds, &plot.lines[plot.n]);
	if (!err)
		err = plot_draw(&plot, svg);
	for (size_t i = 0; i < plot.n; i++)
		free((void *)plot.lines[i].points);
	free(plot.lines);
	free(plot.ticks);
	return err;
}

enum { DIGITS = 340 };

/* No exponents: a page is read by people. */
static const char *digits(double value, char *text)
{
	snprintf(text, DIGITS, fabs(value) >= 1000 ? "%.0f" : "%.4g", value);
	return text;
}

/* What the picture says: the medians, arm by arm. */
static void describe(FILE *out, const struct report_chart *chart)
{
	if (report_chart_is_wide(chart))
		fputs("The vertical axis is logarithmic. ", out);
	for (size_t i = 0; i < chart->n; i++) {
		const struct report_line *line = &chart->lines[i];

		fprintf(out, "%s%s: ", i ? "; " : "Medians. ", report_arm(line->value));
		for (size_t j = 0; j < line->n; j++) {
			char text[DIGITS];

			fprintf(out, "%s%s", j ? ", " : "", digits(line->points[j].median, text));
			if (*line->points[j].ssds)
				fprintf(out, " with %s%s", line->points[j].ssds,
					report_ssds_word(line->points[j].ssds));
			fprintf(out, " (n %zu)", line->points[j].n);
		}
	}
	fputc('.', out);
}

static char *description(const struct report_chart *chart)
{
	char *text = NULL;
	size_t bytes;
	FILE *out = open_memstream(&text, &bytes);

	if (!out)
		return NULL;
	describe(out, chart);
	if (fclose(out)) {
		free(text);
		return NULL;
	}
	return text;
}

static int put_picture(struct report *r, const struct report_chart *chart, bool alone,
		       const char *svg)
{
	const struct report_figure *f = chart->figure;
	bool wide = report_chart_is_wide(chart);
	char *words = description(chart);
	char title[256];

	if (!words)
		return -ENOMEM;
	snprintf(title, sizeof(title), "%s by number of SSDs, %s", f->title,
		 chart->context->key[CELL_WORKLOAD]);
	fputs("<figure><figcaption>", r->out);
	html_print(r->out, "%s%s%s", f->title, *f->device ? ", " : "", f->device);
	if (*f->unit || wide)
		html_element(r->out, "span", " (%s%s%s)", f->unit, *f->unit && wide ? ", " : "",
			     wide ? "logarithmic axis" : "");
	if (!alone)
		html_element(r->out, "span", " kernel %s", chart->context->key[CELL_KERNEL]);
	fputs("</figcaption>\n", r->out);
	report_picture(r, svg, title, words);
	fputs("</figure>\n", r->out);
	free(words);
	return 0;
}

/* A single point says no more than the table. */
static bool is_drawn(const struct report_chart *chart)
{
	size_t n;
	const char **ssds = report_chart_ssds(chart, &n);

	free(ssds);
	return n > 1 || chart->n > 1;
}

static int put_chart(struct report *r, const struct report_chart *chart, bool alone)
{
	size_t n;
	const char **ssds = report_chart_ssds(chart, &n);
	char *svg = NULL;
	int err = ssds ? draw(chart, ssds, n, &svg) : -ENOMEM;

	if (!err)
		err = put_picture(r, chart, alone, svg);
	free(svg);
	free(ssds);
	return err;
}

/* The charts of a workload; they are drawn, and then listed as a table. */
struct charts {
	struct report_chart *list;
	size_t n;
	struct report_figure **figures; /* made for them */
	size_t nfigures;
};

static int add_chart(struct charts *charts, struct report_chart *chart)
{
	struct report_chart *list;

	if (!chart->n) {
		report_chart_free(chart);
		return 0;
	}
	list = reallocarray(charts->list, charts->n + 1, sizeof(*list));
	if (!list) {
		report_chart_free(chart);
		return -ENOMEM;
	}
	charts->list = list;
	list[charts->n++] = *chart;
	return 0;
}

static void free_charts(struct charts *charts)
{
	for (size_t i = 0; i < charts->n; i++)
		report_chart_free(&charts->list[i]);
	for (size_t i = 0; i < charts->nfigures; i++)
		free(charts->figures[i]);
	free(charts->figures);
	free(charts->list);
}

/* A figure in each of the subject's contexts: kernels, backends and lock paths stay apart. */
static int chart_figure(struct report *r, const struct report_cell *subject,
			const struct report_figure *figure, struct charts *charts)
{
	size_t n;
	const struct report_cell **contexts =
		report_distinct(&r->data, &r->by, report_context_mask(r), &n);
	int err = contexts ? 0 : -ENOMEM;

	for (size_t i = 0; !err && i < n; i++) {
		struct report_chart chart;

		if (!report_cells_agree(contexts[i], subject, report_subject_mask(r)))
			continue;
		err = report_chart_make(&chart, &r->data, &r->by, figure, contexts[i],
					report_context_mask(r));
		if (!err)
			err = add_chart(charts, &chart);
		else
			report_chart_free(&chart);
	}
	free(contexts);
	return err;
}

static int chart_usual(struct report *r, const struct report_cell *subject, struct charts *charts)
{
	size_t before = 0;
	int err = 0;

	for (size_t i = 0; !err && i < nreport_figures; i++) {
		if (report_figures[i].second_best && charts->n > before)
			continue;
		before = charts->n;
		err = chart_figure(r, subject, &report_figures[i], charts);
	}
	return err;
}

static bool has_chart(const struct charts *charts, const struct report_metric *metric)
{
	for (size_t i = 0; i < charts->n; i++)
		if (charts->list[i].figure->metric == metric->metric &&
		    charts->list[i].figure->device == metric->device)
			return true;
	return false;
}

/* A figure of its own for a metric that is not among the usual ones; it lives as long as @charts.
 */
static struct report_figure *any_figure(struct charts *charts, const struct report_metric *m,
					bool traced)
{
	struct report_figure **figures =
		reallocarray(charts->figures, charts->nfigures + 1, sizeof(*figures));
	struct report_figure *figure = malloc(sizeof(*figure));

	if (figures)
		charts->figures = figures;
	if (!figures || !figure) {
		free(figure);
		return NULL;
	}
	*figure = (struct report_figure){ .title = m->metric,
					  .unit = m->unit,
					  .scale = 1,
					  .kind = FIGURE_METRIC,
					  .metric = m->metric,
					  .device = m->device,
					  .traced = traced };
	figures[charts->nfigures++] = figure;
	return figure;
}

/* Of an experiment that has none of the usual figures, whatever it measured. */
static int chart_any(struct report *r, const struct report_cell *subject, struct charts *charts)
{
	int err = 0;

	for (size_t i = 0; !err && i < r->data.nmetrics.n; i++) {
		const struct report_metric *m = &r->data.metrics[i];
		const struct report_cell *cell = &r->data.cells[m->cell];
		struct report_figure *figure;

		if (isnan(m->value) || has_chart(charts, m) ||
		    !report_cells_agree(cell, subject, report_subject_mask(r)))
			continue;
		figure = any_figure(charts, m, report_cell_traced(cell));
		err = figure ? chart_figure(r, subject, figure, charts) : -ENOMEM;
	}
	return err;
}

static int chart_subject(struct report *r, const struct report_cell *subject, struct charts *charts)
{
	int err = chart_usual(r, subject, charts);

	return err || charts->n || r->by.n < 2 ? err : chart_any(r, subject, charts);
}

static void put_point(struct report *r, const struct report_chart *chart,
		      const struct report_line *line, const struct report_point *p)
{
	char text[DIGITS], more[DIGITS];

	fputs("<tr>", r->out);
	html_element(r->out, "td", "%s%s%s%s%s%s", chart->figure->title,
		     *chart->figure->device ? ", " : "", chart->figure->device,
		     *chart->figure->unit ? " (" : "", chart->figure->unit,
		     *chart->figure->unit ? ")" : "");
	html_element(r->out, "td", "%s", report_arm(line->value));
	html_element(r->out, "td class='n'", "%s", p->ssds);
	html_element(r->out, "td class='n'", "%zu", p->n);
	html_element(r->out, "td class='n'", "%s", digits(p->median, text));
	if (isnan(p->lo))
		html_element(r->out, "td class='n'", "too few");
	else
		html_element(r->out, "td class='n'", "%s..%s", digits(p->lo, text),
			     digits(p->hi, more));
	html_element(r->out, "td class='n'", "%s", digits(p->values[0], text));
	html_element(r->out, "td class='n'", "%s", digits(p->values[p->n - 1], text));
	fputs("</tr>\n", r->out);
}

static void put_table(struct report *r, const struct charts *charts, const char *workload)
{
	fputs("<details><summary>These curves as a table</summary>\n", r->out);
	html_table_open(r->out, "Medians over the repetitions%s%s", *workload ? ", " : "",
			workload);
	html_table_columns(r->out, "figure|arm|#SSDs|#n|#median|#95% of the median|#least|#most");
	for (size_t c = 0; c < charts->n; c++)
		for (size_t i = 0; i < charts->list[c].n; i++)
			for (size_t j = 0; j < charts->list[c].lines[i].n; j++)
				put_point(r, &charts->list[c], &charts->list[c].lines[i],
					  &charts->list[c].lines[i].points[j]);
	html_table_close(r->out);
	fputs("</details>\n", r->out);
}

/* Whether no other kernel or backend has that figure, too. */
static bool is_alone(const struct charts *charts, size_t i)
{
	for (size_t j = 0; j < charts->n; j++)
		if (j != i && charts->list[j].figure == charts->list[i].figure)
			return false;
	return true;
}

/* Who measured there, and how; results of other experiments do not say. */
static void put_condition(FILE *out, const struct report_cell *cell)
{
	const char *backend = cell->key[CELL_BACKEND];

	if (report_cell_traced(cell))
		html_print(out, "Locks: kernel %s, backend %s, lock path %s. ",
			   cell->key[CELL_KERNEL], backend, cell->key[CELL_LOCKPATH]);
	else
		html_print(out, "%s kernel %s%s. ",
			   *backend ? "Other figures:" : "All figures:", cell->key[CELL_KERNEL],
			   *backend ? ", no tracer" : "");
}

static void put_conditions(FILE *out, const struct charts *charts)
{
	fputs("<p class='note'>", out);
	for (size_t i = 0; i < charts->n; i++)
		if (!i || charts->list[i].context != charts->list[i - 1].context)
			put_condition(out, charts->list[i].context);
	fputs("</p>\n", out);
}

static int put_pictures(struct report *r, const struct charts *charts)
{
	size_t drawn = 0;
	int err = 0;

	for (size_t i = 0; i < charts->n; i++)
		drawn += is_drawn(&charts->list[i]);
	if (!drawn)
		return 0;
	report_legend(r);
	fputs("<div class='charts'>\n", r->out);
	for (size_t i = 0; !err && i < charts->n; i++)
		if (is_drawn(&charts->list[i]))
			err = put_chart(r, &charts->list[i], is_alone(charts, i));
	fputs("</div>\n", r->out);
	return err;
}

static int put_subject(struct report *r, const struct report_cell *subject)
{
	struct charts charts = { 0 };
	int err = chart_subject(r, subject, &charts);

	if (!err && charts.n) {
		report_heading(r, subject);
		put_conditions(r->out, &charts);
		err = put_pictures(r, &charts);
		put_table(r, &charts, subject->key[CELL_WORKLOAD]);
	}
	free_charts(&charts);
	return err;
}

int report_curves(struct report *r)
{
	size_t n;
	const struct report_cell **subjects =
		report_distinct(&r->data, &r->by, report_subject_mask(r), &n);
	unsigned int before = r->plots;
	int err = subjects ? 0 : -ENOMEM;

	html_element(r->out, "p class='note'",
		     "Large points are medians over the repetitions, small ones the repetitions "
		     "themselves, bars the 95%% interval of the median (six repetitions or more).");
	for (size_t i = 0; !err && i < n; i++)
		err = put_subject(r, subjects[i]);
	if (!err && r->plots == before)
		html_element(r->out, "p", "There is no figure to draw.");
	free(subjects);
	return err;
}
