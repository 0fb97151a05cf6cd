// SPDX-License-Identifier: GPL-2.0-or-later
/* What a reader must know before anything else. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "html.h"
#include "report_internal.h"

/* What the experiment itself says of its figures */
static void pass_note_on(FILE *out, struct json_object *run)
{
	const char *note = report_run_text(run, "note");

	if (*note)
		html_element(out, "li", "%s", note);
}

static void warn_of_cells(FILE *out, struct json_object *run)
{
	struct json_object *cells = report_run_get(run, "cells");
	struct json_object *complete = report_run_get(run, "complete");
	size_t failed = 0;

	for (size_t i = 0;
	     json_object_is_type(cells, json_type_array) && i < json_object_array_length(cells);
	     i++)
		failed += !strcmp(report_run_text(json_object_array_get_idx(cells, i), "state"),
				  "failed");
	if (failed)
		html_element(out, "li", "%zu %s failed; the reasons are below.", failed,
			     report_cells_word(failed));
	else if (complete && !json_object_get_boolean(complete))
		html_element(out, "li", "The run is not complete.");
}

static void warn_of_losses(FILE *out, const struct report *r)
{
	struct report_ledger ledger;

	report_ledger_of(r, &ledger);
	if (ledger.lossy)
		html_element(
			out, "li",
			"In %zu of %zu traced cells more than %.0f%% of the events were lost, in "
			"the worst %.1f%%: their lock figures are not to be compared.",
			ledger.lossy, ledger.cells, LEDGER_LOSS_THRESHOLD * 100,
			ledger.worst * 100);
	if (ledger.open)
		html_element(out, "li", "The ledger does not close in %zu of %zu traced cells.",
			     ledger.open, ledger.cells);
}

/* Arms measured under different conditions are not compared; that must not go unseen. */
static int warn_of_differences(struct report *r, FILE *out, enum cell_column key, bool traced,
			       const char *what)
{
	size_t n;
	const struct report_cell **cells =
		report_distinct(&r->data, &r->by, CELL_BIT(key) | CELL_BIT(CELL_BACKEND), &n);
	const char *first = NULL, *other = NULL;

	for (size_t i = 0; cells && i < n; i++) {
		if (report_cell_traced(cells[i]) != traced)
			continue;
		if (!first)
			first = cells[i]->key[key];
		else if (cells[i]->key[key] != first)
			other = cells[i]->key[key];
	}
	if (other && key != r->by.key)
		html_element(
			out, "li",
			"The %s cells are of different %s (%s, %s): their figures are not compared "
			"with each other.",
			traced ? "traced" : "untraced", what, first, other);
	free(cells);
	return cells ? 0 : -ENOMEM;
}

static int warn_of_all_differences(struct report *r, FILE *out)
{
	static const struct {
		enum cell_column key;
		const char *what;
	} keys[] = {
		{ CELL_KERNEL, "kernels" },
		{ CELL_LOCKPATH, "lock paths" },
		{ CELL_BACKEND, "backends" },
	};
	int err = 0;

	for (size_t i = 0; !err && i < 2 * sizeof(keys) / sizeof(*keys); i++)
		err = warn_of_differences(r, out, keys[i / 2].key, i % 2, keys[i / 2].what);
	return err;
}

int report_warnings(struct report *r)
{
	char *text = NULL;
	size_t bytes;
	FILE *out = open_memstream(&text, &bytes);
	int err = out ? 0 : -ENOMEM;

	if (!err) {
		pass_note_on(out, r->run);
		warn_of_cells(out, r->run);
		warn_of_losses(out, r);
		err = warn_of_all_differences(r, out);
	}
	if (out && fclose(out))
		err = -ENOMEM;
	if (!err && bytes) {
		fputs("<section class='warnings'>", r->out);
		html_element(r->out, "h2", "Read this first");
		fprintf(r->out, "<ul>\n%s</ul></section>\n", text);
	}
	free(text);
	return err;
}
