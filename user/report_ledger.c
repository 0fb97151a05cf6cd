// SPDX-License-Identifier: GPL-2.0-or-later
/* What became of each event: what makes the other figures believable, or not. */
#include <stdlib.h>

#include "html.h"
#include "report_internal.h"
#include "report_sums.h"

static __u64 member(struct json_object *object, const char *name)
{
	return json_object_get_int64(report_run_get(object, name));
}

/* A recording by hand may have its ledger in run.json only. */
static void add_context(struct report_ledger *ledger, struct json_object *context)
{
	struct ledger_figure figures[LEDGER_FIGURES];
	struct ledger one = { 0 };

	ledger__figures(&one, figures);
	for (int i = 0; i < NR_LEDGER; i++)
		one.counts[i] = member(context, figures[i].name);
	one.in_flight = member(context, "in_flight");
	one.missed = member(context, "missed");
	one.residual = member(context, "residual");
	report_ledger_add(ledger, one);
}

void report_ledger_of(const struct report *r, struct report_ledger *ledger)
{
	struct json_object *context = report_run_get(r->run, "ledger");

	report_ledger_sum(&r->data, ledger);
	if (!ledger->cells && json_object_is_type(context, json_type_object))
		add_context(ledger, context);
}

static void put_entries(FILE *out, const struct ledger *ledger)
{
	struct ledger_figure figures[LEDGER_FIGURES];

	ledger__figures(ledger, figures);
	html_table_open(out, "Events of all cells together");
	html_table_columns(out, "entry|#events");
	for (int i = 0; i < LEDGER_FIGURES; i++) {
		fputs("<tr>", out);
		html_element(out, "th scope='row'", "%s", figures[i].name);
		html_element(out, "td class='n'", "%lld", (long long)figures[i].value);
		fputs("</tr>\n", out);
	}
	html_table_close(out);
}

static void put_equation(FILE *out, const struct report_ledger *l)
{
	const __u64 *n = l->sum.counts;

	html_element(out, "p",
		     "%llu begun = %llu ended + %llu in flight + %llu repeated + %llu mismatched + "
		     "%llu dropped + %lld unexplained, in %zu %s.",
		     n[LEDGER_BEGINS], n[LEDGER_ENDS], l->sum.in_flight, n[LEDGER_REPEATED],
		     n[LEDGER_MISMATCHED], n[LEDGER_DROPPED], (long long)l->sum.residual, l->cells,
		     report_cells_word(l->cells));
	if (l->open)
		html_element(out, "p", "It does not close in %zu %s.", l->open,
			     report_cells_word(l->open));
	else
		html_element(out, "p", "It closes%s.", l->cells > 1 ? " in each of them" : "");
	html_element(out, "p", "Lost: %.4f%% of all events; in the worst cell %.4f%%.",
		     ledger__loss(&l->sum) * 100, l->worst * 100);
}

int report_ledger(struct report *r)
{
	struct report_ledger ledger;

	report_ledger_of(r, &ledger);
	if (ledger.cells) {
		put_equation(r->out, &ledger);
		fputs("<details><summary>Every entry</summary>\n", r->out);
		put_entries(r->out, &ledger.sum);
		fputs("</details>\n", r->out);
	} else {
		html_element(
			r->out, "p",
			"No cell has a ledger: nothing was traced, or metrics.csv is missing.");
	}
	return 0;
}
