// SPDX-License-Identifier: GPL-2.0-or-later
/* How densely an allocator packs, as a map: sizes of objects down, loads across, ratios coloured.
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "compare_words.h"
#include "html.h"
#include "report_internal.h"

static const char density[] = "objects_per_page";

/* How dark a difference is that is told, however small, and from one of full_colour on. */
static const double palest = 0.06, darkest = 0.38, full_colour = 0.1;

/* What names the lines or columns, in the order of the file. */
struct names {
	const char **list;
	size_t n;
};

bool report_has_density(const struct report *r)
{
	return report_data_has_metric(&r->data, density);
}

static void add_name(struct names *names, const char *name)
{
	for (size_t i = 0; i < names->n; i++)
		if (names->list[i] == name)
			return;
	names->list[names->n++] = name;
}

static int find_names(const struct report_data *data, struct names *loads, struct names *sizes)
{
	loads->list = calloc(data->nmetrics.n, sizeof(*loads->list));
	sizes->list = calloc(data->nmetrics.n, sizeof(*sizes->list));
	if (!loads->list || !sizes->list)
		return -ENOMEM;
	for (size_t i = 0; i < data->nmetrics.n; i++) {
		const struct report_metric *m = &data->metrics[i];

		if (strcmp(m->metric, density))
			continue;
		add_name(loads, data->cells[m->cell].key[CELL_WORKLOAD]);
		add_name(sizes, m->device);
	}
	return 0;
}

static const struct compare_row *find_row(const struct report *r, const char *arm, const char *load,
					  const char *sizes)
{
	for (size_t i = 0; i < r->all.n; i++) {
		const struct compare_row *row = &r->all.rows[i];

		if (!strcmp(row->key[KEY_METRIC], density) && !strcmp(row->value, arm) &&
		    !strcmp(row->key[KEY_WORKLOAD], load) && !strcmp(row->key[KEY_DEVICE], sizes))
			return row;
	}
	return NULL;
}

/* Orange is fewer objects a page than the base has, blue is more; none: no difference is told. */
static void put_colour(FILE *out, const struct compare_row *row)
{
	double share = fmin(fabs(row->ratio.estimate - 1) / full_colour, 1);
	double shade = palest + share * (darkest - palest);

	if (row->verdict == VERDICT_LOWER)
		fprintf(out, " style='background:rgba(213,94,0,%.2f)'", shade);
	else if (row->verdict == VERDICT_HIGHER)
		fprintf(out, " style='background:rgba(0,114,178,%.2f)'", shade);
}

static void put_cell(FILE *out, const struct compare_row *row)
{
	char ratio[COMPARE_WORDS], interval[COMPARE_WORDS];

	if (!row || isnan(row->ratio.estimate)) {
		fputs("<td class='n'></td>", out);
		return;
	}
	fputs("<td class='n'", out);
	put_colour(out, row);
	fputc('>', out);
	html_print(out, "%s (%s)", compare_ratio_words(row, ratio),
		   compare_interval_words(row, interval));
	fputs("</td>", out);
}

static void put_map(struct report *r, const char *arm, const struct names *loads,
		    const struct names *sizes)
{
	html_table_open(r->out, "%s against %s: objects a page, ratio and its 95%% interval", arm,
			r->by.base);
	html_table_column(r->out, false, "sizes");
	for (size_t i = 0; i < loads->n; i++)
		html_table_column(r->out, true, "%s", loads->list[i]);
	html_table_body(r->out);
	for (size_t i = 0; i < sizes->n; i++) {
		fputs("<tr>", r->out);
		html_element(r->out, "th scope='row'", "%s", sizes->list[i]);
		for (size_t j = 0; j < loads->n; j++)
			put_cell(r->out, find_row(r, arm, loads->list[j], sizes->list[i]));
		fputs("</tr>\n", r->out);
	}
	html_table_close(r->out);
}

static void put_maps(struct report *r, const struct names *loads, const struct names *sizes)
{
	for (size_t i = 0; i < r->by.n; i++)
		if (strcmp(r->by.values[i], r->by.base))
			put_map(r, r->by.values[i], loads, sizes);
	html_element(
		r->out, "p class='note'",
		"Orange: fewer objects a page than %s, darkest from %.0f%% fewer on; blue: more. "
		"Without colour: no difference is told, by the p that is corrected for all lines "
		"of the comparison.",
		r->by.base, full_colour * 100);
}

int report_density(struct report *r)
{
	struct names loads = { 0 }, sizes = { 0 };
	int err = r->by.base ? find_names(&r->data, &loads, &sizes) : 0;

	if (!r->by.base)
		html_element(r->out, "p", "No base is known to compare with.");
	else if (!err)
		put_maps(r, &loads, &sizes);
	free(loads.list);
	free(sizes.list);
	return err;
}
