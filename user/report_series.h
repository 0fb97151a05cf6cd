/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the curves show: a figure of each arm over the number of SSDs, its repetitions, their
 * median and its interval. Pure.
 */
#ifndef LOCKSTAT_SWAP_REPORT_SERIES_H
#define LOCKSTAT_SWAP_REPORT_SERIES_H

#include "report_data.h"

#define CELL_BIT(key) (1u << (key))

/* The column whose values are set against each other: each value is an arm of the page. */
struct report_by {
	enum cell_column key;
	const char **values; /* the base first; a single "" if no cell has one */
	size_t n;
	const char *base; /* NULL: none */
};

enum figure_kind {
	FIGURE_METRIC,
	FIGURE_CONTENDED_PER_ACQUIRED,
	FIGURE_CONTENDED_PER_PAGE,
	FIGURE_WAIT_PER_ACQUIRED,
	FIGURE_WAIT_PER_PAGE,
};

struct report_figure {
	const char *title, *unit;
	double scale; /* from the files' unit to that one */
	enum figure_kind kind;
	const char *metric, *device; /* of FIGURE_METRIC */
	bool traced;		     /* of cells with a tracer, else of those without */
	bool second_best;	     /* only where the figure before it is not known */
};

/* What is looked at on every page; others only where there is none of these. */
extern const struct report_figure report_figures[];
extern const size_t nreport_figures;

struct report_point {
	const char *ssds;
	double *values; /* of the repetitions, ascending */
	size_t n;
	double median;
	double lo, hi; /* NaN: too few repetitions */
};

struct report_line {
	const char *value; /* the arm */
	size_t style;	   /* its place among them */
	struct report_point *points;
	size_t n;
};

struct report_chart {
	const struct report_figure *figure;
	const struct report_cell *context; /* one of its cells */
	struct report_line *lines;
	size_t n;
};

bool report_cells_agree(const struct report_cell *a, const struct report_cell *b,
			unsigned int mask);

/*
 * One cell of each combination of the keys in @mask, sorted; to be freed. Cells without a
 * value of the compared column are left out where others have one. NULL without memory.
 */
const struct report_cell **report_distinct(const struct report_data *data,
					   const struct report_by *by, unsigned int mask,
					   size_t *n);

/*
 * The values of the compared column: @base first if there is one, then those of @order, as
 * they are there, then the others. Returns 0 or -ENOMEM.
 */
int report_by_init(struct report_by *by, const struct report_data *data, enum cell_column key,
		   const char *base, const char *const *order, size_t norder);
void report_by_free(struct report_by *by);

/* NaN: not measured. */
double report_figure_of(const struct report_data *data, const struct report_cell *cell,
			const struct report_figure *figure);

/* Of the cells that agree with @context in @mask. No lines: nothing was measured. -ENOMEM. */
int report_chart_make(struct report_chart *chart, const struct report_data *data,
		      const struct report_by *by, const struct report_figure *figure,
		      const struct report_cell *context, unsigned int mask);
void report_chart_free(struct report_chart *chart);

/* Whether on an axis from 0 a median would lie near the axis, and no value is 0. */
bool report_chart_is_wide(const struct report_chart *chart);

/* Which SSD counts the chart has, ascending; to be freed. NULL without memory. */
const char **report_chart_ssds(const struct report_chart *chart, size_t *n);

#endif
