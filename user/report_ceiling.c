// SPDX-License-Identifier: GPL-2.0-or-later
/* What each drive does without swap: the rows of workload "ceiling". */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "html.h"
#include "report_internal.h"

static bool is_ceiling(const struct report *r, const struct report_metric *m)
{
	return *m->device && !strcmp(r->data.cells[m->cell].key[CELL_WORKLOAD], "ceiling");
}

/* The first row of the device, or of the metric, is its place in the table. */
static bool is_first(const struct report *r, size_t row, bool of_device)
{
	const struct report_metric *m = &r->data.metrics[row], *rows = r->data.metrics;

	if (!is_ceiling(r, m))
		return false;
	for (size_t i = 0; i < row; i++)
		if (is_ceiling(r, &rows[i]) &&
		    (of_device ? rows[i].device == m->device : rows[i].metric == m->metric))
			return false;
	return true;
}

static double value_of(const struct report *r, const char *device, const char *metric)
{
	for (size_t i = 0; i < r->data.nmetrics.n; i++) {
		const struct report_metric *m = &r->data.metrics[i];

		if (m->device == device && m->metric == metric && is_ceiling(r, m))
			return m->value;
	}
	return NAN;
}

static void put_value(FILE *out, double value)
{
	if (isnan(value))
		fputs("<td class='n'></td>", out);
	else
		html_element(out, "td class='n'", fabs(value) >= 1000 ? "%.0f" : "%.4g", value);
}

static void put_metric(struct report *r, const struct report_metric *metric)
{
	fputs("<tr>", r->out);
	html_element(r->out, "th scope='row'", "%s", metric->metric);
	html_element(r->out, "td", "%s", metric->unit);
	for (size_t i = 0; i < r->data.nmetrics.n; i++)
		if (is_first(r, i, true))
			put_value(r->out, value_of(r, r->data.metrics[i].device, metric->metric));
	fputs("</tr>\n", r->out);
}

static void put_table(struct report *r)
{
	html_table_open(r->out, "What fio got of each drive, one after the other");
	html_table_column(r->out, false, "figure");
	html_table_column(r->out, false, "unit");
	for (size_t i = 0; i < r->data.nmetrics.n; i++)
		if (is_first(r, i, true))
			html_table_column(r->out, true, "%s", r->data.metrics[i].device);
	html_table_body(r->out);
	for (size_t i = 0; i < r->data.nmetrics.n; i++)
		if (is_first(r, i, false))
			put_metric(r, &r->data.metrics[i]);
	html_table_close(r->out);
}

void report_ceiling(struct report *r)
{
	for (size_t i = 0; i < r->data.nmetrics.n; i++) {
		if (!is_ceiling(r, &r->data.metrics[i]))
			continue;
		fputs("<details><summary>What the drives do without swap</summary>\n", r->out);
		put_table(r);
		fputs("</details>\n", r->out);
		return;
	}
}
