// SPDX-License-Identifier: GPL-2.0-or-later
/* The page: its head, its sections, its end. */
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

/* The run's own name; a recording by hand is called as its directory. */
const char *report_name(const struct report *r)
{
	const char *run = report_run_text(r->run, "run"), *slash;

	if (*run)
		return run;
	slash = strrchr(r->dir, '/');
	return slash && slash[1] ? slash + 1 : r->dir;
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

int report_page(struct report *r)
{
	static int (*const sections[])(struct report * r) = {
		report_warnings,
		report_verdicts,
		report_curves,
		report_context,
	};
	int err = 0;

	put_head(r);
	fputs("<main>\n<header>\n", r->out);
	html_element(r->out, "h1", "%s", report_name(r));
	put_subtitle(r);
	fputs("</header>\n", r->out);
	for (size_t i = 0; !err && i < sizeof(sections) / sizeof(*sections); i++)
		err = sections[i](r);
	fputs("</main>\n</body>\n</html>\n", r->out);
	return err;
}
