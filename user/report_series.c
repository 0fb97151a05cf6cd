// SPDX-License-Identifier: GPL-2.0-or-later
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* strverscmp, qsort_r */
#endif
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report_series.h"
#include "stats.h"

const struct report_figure report_figures[] = {
	{ "Contentions per acquisition", "", 1, FIGURE_CONTENDED_PER_ACQUIRED, NULL, "", true,
	  false },
	{ "Contentions per page swapped", "", 1, FIGURE_CONTENDED_PER_PAGE, NULL, "", true, true },
	{ "Wait per page swapped", "µs", 1e-3, FIGURE_WAIT_PER_PAGE, NULL, "", true, false },
	{ "Wait per acquisition", "µs", 1e-3, FIGURE_WAIT_PER_ACQUIRED, NULL, "", true, true },
	{ "Swap-out", "pages/s", 1, FIGURE_METRIC, "swapout", "", false, false },
	{ "The load's I/O operations", "1/s", 1, FIGURE_METRIC, "iops", "", false, false },
	{ "The load's operations", "1/s", 1, FIGURE_METRIC, "operations", "", false, false },
	{ "Compressed", "MB/s", 1e-6, FIGURE_METRIC, "compressed", "", false, false },
	{ "Throughput of the load", "pages/s", 1, FIGURE_METRIC, "throughput", "", false, false },
	{ "I/O latency, 99th percentile", "ms", 1e-6, FIGURE_METRIC, "lat_p99", "", false, false },
	{ "Fault latency, 99th percentile", "ms", 1e-6, FIGURE_METRIC, "fault_lat_p99", "", false,
	  false },
};

const size_t nreport_figures = sizeof(report_figures) / sizeof(*report_figures);

bool report_cells_agree(const struct report_cell *a, const struct report_cell *b, unsigned int mask)
{
	for (int key = 0; key < CELL_COLUMNS; key++)
		if (mask & CELL_BIT(key) && a->key[key] != b->key[key])
			return false;
	return true;
}

static int by_keys(const void *left, const void *right, void *mask)
{
	const struct report_cell *a = *(const struct report_cell *const *)left;
	const struct report_cell *b = *(const struct report_cell *const *)right;
	int diff = 0;

	for (int key = 0; !diff && key < CELL_COLUMNS; key++)
		if (*(unsigned int *)mask & CELL_BIT(key))
			diff = strverscmp(a->key[key], b->key[key]);
	return diff;
}

/* What a drive does alone has no arm: where arms are compared it is not among them. */
static bool belongs(const struct report_by *by, const struct report_cell *cell)
{
	for (size_t i = 0; i < by->n; i++)
		if (by->values[i] == cell->key[by->key])
			return true;
	return false;
}

const struct report_cell **report_distinct(const struct report_data *data,
					   const struct report_by *by, unsigned int mask, size_t *n)
{
	const struct report_cell **found = calloc(data->ncells.n + 1, sizeof(*found));

	*n = 0;
	for (size_t i = 0; found && i < data->ncells.n; i++) {
		const struct report_cell *cell = &data->cells[i];
		size_t j;

		for (j = 0; j < *n && !report_cells_agree(found[j], cell, mask); j++)
			;
		if (j == *n && belongs(by, cell))
			found[(*n)++] = cell;
	}
	if (found)
		qsort_r(found, *n, sizeof(*found), by_keys, &mask);
	return found;
}

static void add_value(struct report_by *by, const char *value)
{
	for (size_t i = 0; i < by->n; i++)
		if (!strcmp(by->values[i], value))
			return;
	by->values[by->n++] = value;
}

/* The cells' own copy of @text, or NULL: no cell has it. */
static const char *value_in_cells(const struct report_data *data, enum cell_column key,
				  const char *text)
{
	for (size_t i = 0; i < data->ncells.n; i++)
		if (!strcmp(data->cells[i].key[key], text))
			return data->cells[i].key[key];
	return NULL;
}

static int by_version(const void *a, const void *b)
{
	return strverscmp(*(const char *const *)a, *(const char *const *)b);
}

int report_by_init(struct report_by *by, const struct report_data *data, enum cell_column key,
		   const char *base, const char *const *order, size_t norder)
{
	size_t given;

	*by = (struct report_by){ .key = key };
	by->values = calloc(data->ncells.n + 1, sizeof(*by->values));
	if (!by->values)
		return -ENOMEM;
	if (base && *base)
		by->base = value_in_cells(data, key, base);
	if (by->base)
		add_value(by, by->base);
	for (size_t i = 0; i < norder; i++)
		if (*order[i] && value_in_cells(data, key, order[i]))
			add_value(by, value_in_cells(data, key, order[i]));
	given = by->n;
	for (size_t i = 0; i < data->ncells.n; i++)
		if (*data->cells[i].key[key])
			add_value(by, data->cells[i].key[key]);
	qsort(by->values + given, by->n - given, sizeof(*by->values), by_version);
	if (!by->n && data->ncells.n)
		add_value(by, data->cells[0].key[key]);
	return 0;
}

void report_by_free(struct report_by *by)
{
	free(by->values);
}

/* Out and in, while the cell was measured. */
static double pages_swapped(const struct report_data *data, const struct report_cell *cell)
{
	return (report_data_metric(data, cell, "swapout") +
		report_data_metric(data, cell, "swapin")) *
	       report_data_metric(data, cell, "window");
}

static double device_metric(const struct report_data *data, const struct report_cell *cell,
			    const struct report_figure *figure)
{
	for (long i = cell->first_metric; i >= 0; i = data->metrics[i].next)
		if (!strcmp(data->metrics[i].device, figure->device) &&
		    !strcmp(data->metrics[i].metric, figure->metric))
			return data->metrics[i].value;
	return NAN;
}

static double quotient(double a, double b)
{
	return b > 0 ? a / b : NAN;
}

double report_figure_of(const struct report_data *data, const struct report_cell *cell,
			const struct report_figure *figure)
{
	double contended = report_data_map_sum(data, cell, SUM_CONTENDED);
	double acquired = report_data_map_sum(data, cell, SUM_ACQUIRED);
	double wait = report_data_map_sum(data, cell, SUM_WAIT);

	switch (figure->kind) {
	case FIGURE_CONTENDED_PER_ACQUIRED:
		return quotient(contended, acquired);
	case FIGURE_CONTENDED_PER_PAGE:
		return quotient(contended, pages_swapped(data, cell));
	case FIGURE_WAIT_PER_ACQUIRED:
		return quotient(wait, acquired);
	case FIGURE_WAIT_PER_PAGE:
		return quotient(wait, pages_swapped(data, cell));
	case FIGURE_METRIC:
		break;
	}
	return device_metric(data, cell, figure);
}

static struct report_line *chart_line(struct report_chart *chart, const struct report_by *by,
				      const char *value)
{
	for (size_t i = 0; i < by->n; i++)
		if (by->values[i] == value)
			return &chart->lines[i];
	return NULL;
}

static struct report_point *line_point(struct report_line *line, const char *ssds)
{
	struct report_point *points;

	for (size_t i = 0; i < line->n; i++)
		if (line->points[i].ssds == ssds)
			return &line->points[i];
	points = reallocarray(line->points, line->n + 1, sizeof(*points));
	if (!points)
		return NULL;
	line->points = points;
	points[line->n] = (struct report_point){ .ssds = ssds, .lo = NAN, .hi = NAN };
	return &points[line->n++];
}

static int add_sample(struct report_line *line, const char *ssds, double value)
{
	struct report_point *point = line_point(line, ssds);
	double *values;

	if (!point)
		return -ENOMEM;
	values = reallocarray(point->values, point->n + 1, sizeof(*values));
	if (!values)
		return -ENOMEM;
	point->values = values;
	values[point->n++] = value;
	return 0;
}

static int by_ssds(const void *a, const void *b)
{
	return strverscmp(((const struct report_point *)a)->ssds,
			  ((const struct report_point *)b)->ssds);
}

static void summarize(struct report_line *line)
{
	if (line->n)
		qsort(line->points, line->n, sizeof(*line->points), by_ssds);
	for (size_t i = 0; i < line->n; i++) {
		struct report_point *p = &line->points[i];

		stats_sort(p->values, p->n);
		p->median = stats_median_sorted(p->values, p->n);
		stats_median_interval(p->values, p->n, &p->lo, &p->hi);
	}
}

static int add_cell(struct report_chart *chart, const struct report_data *data,
		    const struct report_by *by, const struct report_cell *cell)
{
	struct report_line *line = chart_line(chart, by, cell->key[by->key]);
	double value;

	if (!line || report_cell_traced(cell) != chart->figure->traced)
		return 0;
	value = report_figure_of(data, cell, chart->figure);
	return isnan(value) ? 0
			    : add_sample(line, cell->key[CELL_SSDS], value * chart->figure->scale);
}

/* Arms of which nothing was measured have no line; the others keep their style. */
static void drop_empty_lines(struct report_chart *chart)
{
	size_t kept = 0;

	for (size_t i = 0; i < chart->n; i++)
		if (chart->lines[i].n)
			chart->lines[kept++] = chart->lines[i];
	chart->n = kept;
}

int report_chart_make(struct report_chart *chart, const struct report_data *data,
		      const struct report_by *by, const struct report_figure *figure,
		      const struct report_cell *context, unsigned int mask)
{
	int err = 0;

	*chart = (struct report_chart){ .figure = figure, .context = context };
	chart->lines = calloc(by->n + 1, sizeof(*chart->lines));
	if (!chart->lines)
		return -ENOMEM;
	for (chart->n = 0; chart->n < by->n; chart->n++) {
		chart->lines[chart->n].value = by->values[chart->n];
		chart->lines[chart->n].style = chart->n;
	}
	for (size_t i = 0; !err && i < data->ncells.n; i++)
		if (report_cells_agree(context, &data->cells[i], mask))
			err = add_cell(chart, data, by, &data->cells[i]);
	for (size_t i = 0; i < chart->n; i++)
		summarize(&chart->lines[i]);
	drop_empty_lines(chart);
	return err;
}

void report_chart_free(struct report_chart *chart)
{
	for (size_t i = 0; i < chart->n; i++) {
		for (size_t j = 0; j < chart->lines[i].n; j++)
			free(chart->lines[i].points[j].values);
		free(chart->lines[i].points);
	}
	free(chart->lines);
	*chart = (struct report_chart){ 0 };
}

/* A curve so many times below the most is in the lowest tenth of the picture, and looks flat. */
enum { WIDE = 10 };

bool report_chart_is_wide(const struct report_chart *chart)
{
	double least = INFINITY, lowest = INFINITY, most = 0;

	for (size_t i = 0; i < chart->n; i++) {
		for (size_t j = 0; j < chart->lines[i].n; j++) {
			const struct report_point *p = &chart->lines[i].points[j];

			least = fmin(least, p->values[0]);
			lowest = fmin(lowest, p->median);
			most = fmax(most, p->values[p->n - 1]);
		}
	}
	return least > 0 && most > WIDE * lowest;
}

const char **report_chart_ssds(const struct report_chart *chart, size_t *n)
{
	size_t room = 1;
	const char **list;

	*n = 0;
	for (size_t i = 0; i < chart->n; i++)
		room += chart->lines[i].n;
	list = calloc(room, sizeof(*list));
	for (size_t i = 0; list && i < chart->n; i++)
		for (size_t j = 0; j < chart->lines[i].n; j++) {
			size_t k;

			for (k = 0; k < *n && list[k] != chart->lines[i].points[j].ssds; k++)
				;
			if (k == *n)
				list[(*n)++] = chart->lines[i].points[j].ssds;
		}
	if (list)
		qsort(list, *n, sizeof(*list), by_version);
	return list;
}
