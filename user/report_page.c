// SPDX-License-Identifier: GPL-2.0-or-later
/* The page: its head, its sections, its end. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "context.h"
#include "html.h"
#include "plot.h"
#include "report_internal.h"
#include "svg.h"

const char *report_arm(const char *value)
{
	return *value ? value : "this recording";
}

const char *report_directory(const struct report *r)
{
	const char *slash = strrchr(r->dir, '/');

	return slash && slash[1] ? slash + 1 : r->dir;
}

/* The run's own name; a recording by hand is called as its directory. */
const char *report_name(const struct report *r)
{
	const char *run = report_run_text(r->run, "run");

	return *run ? run : report_directory(r);
}

const char *report_ssds_word(const char *ssds)
{
	return !*ssds ? "" : strcmp(ssds, "1") ? " SSDs" : " SSD";
}

const char *report_cells_word(size_t n)
{
	return n == 1 ? "cell" : "cells";
}

unsigned int report_subject_mask(const struct report *r)
{
	return (CELL_BIT(CELL_EXPERIMENT) | CELL_BIT(CELL_WORKLOAD) | CELL_BIT(CELL_THREADS)) &
	       ~CELL_BIT(r->by.key);
}

unsigned int report_context_mask(const struct report *r)
{
	return (report_subject_mask(r) | CELL_BIT(CELL_KERNEL) | CELL_BIT(CELL_BACKEND) |
		CELL_BIT(CELL_LOCKPATH)) &
	       ~CELL_BIT(r->by.key);
}

int report_each_context(struct report *r, bool traced,
			int (*part)(struct report *r, const struct report_choice *context))
{
	unsigned int mask = report_context_mask(r);
	size_t n;
	const struct report_cell **contexts = report_distinct(&r->data, &r->by, mask, &n);
	int err = contexts ? 0 : -ENOMEM;

	for (size_t i = 0; !err && i < n; i++) {
		struct report_choice choice = {
			.data = &r->data, .context = contexts[i], .mask = mask, .key = r->by.key
		};

		if (report_cell_traced(contexts[i]) != traced)
			continue;
		choice.ssds = report_most_ssds(&r->data, contexts[i], mask);
		err = part(r, &choice);
	}
	free(contexts);
	return err;
}

void report_heading(struct report *r, const struct report_cell *cell)
{
	const char *workload = cell->key[CELL_WORKLOAD], *threads = cell->key[CELL_THREADS];

	html_element(r->out, "h3", "%s%s%s%s", *workload ? workload : "No workload named",
		     *threads ? ", " : "", threads, *threads ? " threads" : "");
}

void report_legend(struct report *r)
{
	if (r->by.n < 2)
		return;
	fputs("<ul class='legend'>\n", r->out);
	for (size_t i = 0; i < r->by.n; i++) {
		fputs("<li>", r->out);
		plot_swatch(r->out, i);
		html_element(r->out, "span", "%s%s", report_arm(r->by.values[i]),
			     r->by.values[i] == r->by.base ? " (base)" : "");
		fputs("</li>\n", r->out);
	}
	fputs("</ul>\n", r->out);
}

void report_picture(struct report *r, const char *svg, const char *title, const char *words)
{
	char id[16];

	snprintf(id, sizeof(id), "plot%u", ++r->plots);
	svg_inline(r->out, svg, id, title, words);
}

static void put_colours(FILE *out)
{
	for (int style = 0; style < PLOT_STYLES; style++)
		fprintf(out, ".s%d{stroke:var(--c%d);color:var(--c%d)}\n", style + 1, style % 7,
			style % 7);
}

static void put_head(struct report *r)
{
	fputs("<!DOCTYPE html>\n<html lang='en'>\n<head>\n<meta charset='utf-8'/>\n"
	      "<meta name='viewport' content='width=device-width, initial-scale=1'/>\n"
	      "<meta name='color-scheme' content='light dark'/>\n",
	      r->out);
	html_element(r->out, "title", "%s: locks of the swap path", report_name(r));
	fprintf(r->out, "<style>\n%s", report_style);
	put_colours(r->out);
	fputs("</style>\n</head>\n<body>\n", r->out);
	svg_symbols(r->out);
}

static void put_subtitle(struct report *r)
{
	const char *experiment = report_run_text(r->run, "experiment");
	const char *profile = report_run_text(r->run, "profile");
	const char *finished = report_run_text(r->run, "finished");

	fputs("<p class='subtitle'>", r->out);
	html_print(r->out, "%s%s%s%s%s%s", *experiment ? "experiment " : "a recording", experiment,
		   *profile ? ", profile " : "", profile, *finished ? ", finished " : "", finished);
	html_print(r->out, "; made by lockstat-swap %s", TOOL_VERSION);
	fputs("</p>\n", r->out);
}

/* Neither SSDs nor locks are in a run of densities. */
static bool is_of_swap(const struct report *r)
{
	return !report_has_density(r);
}

static const struct section {
	const char *id, *title;
	int (*put)(struct report *r);
	bool (*is_wanted)(const struct report *r); /* NULL: always */
} sections[] = {
	{ "verdicts", "Verdicts", report_verdicts, NULL },
	{ "density", "Density", report_density, report_has_density },
	{ "curves", "Curves over the number of SSDs", report_curves, is_of_swap },
	{ "lengths", "How long waits and holds took", report_histograms, is_of_swap },
	{ "locks", "Locks by wait", report_locks, is_of_swap },
	{ "devices", "Balance of the devices", report_balance, is_of_swap },
	{ "context", "Context", report_context, NULL },
	{ "ledger", "Ledger", report_ledger, is_of_swap },
	{ "repeat", "To repeat it", report_repeat, NULL },
};

enum { NR_SECTIONS = sizeof(sections) / sizeof(*sections) };

static bool is_wanted(const struct report *r, size_t i)
{
	return !sections[i].is_wanted || sections[i].is_wanted(r);
}

static void put_contents(struct report *r)
{
	fputs("<nav aria-label='Sections'><ul>\n", r->out);
	for (size_t i = 0; i < NR_SECTIONS; i++)
		if (is_wanted(r, i))
			fprintf(r->out, "<li><a href='#%s'>%s</a></li>\n", sections[i].id,
				sections[i].title);
	fputs("</ul></nav>\n", r->out);
}

static int put_section(struct report *r, size_t i)
{
	int err;

	fprintf(r->out, "<section id='%s'>\n", sections[i].id);
	html_element(r->out, "h2", "%s", sections[i].title);
	err = sections[i].put(r);
	fputs("</section>\n", r->out);
	return err;
}

int report_page(struct report *r)
{
	int err;

	put_head(r);
	fputs("<main>\n<header>\n", r->out);
	html_element(r->out, "h1", "%s", report_name(r));
	put_subtitle(r);
	put_contents(r);
	fputs("</header>\n", r->out);
	err = report_warnings(r);
	for (size_t i = 0; !err && i < NR_SECTIONS; i++)
		if (is_wanted(r, i))
			err = put_section(r, i);
	fputs("</main>\n</body>\n</html>\n", r->out);
	return err;
}
