// SPDX-License-Identifier: GPL-2.0-or-later
/* Whether the swap devices got equal shares. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "html.h"
#include "report_internal.h"
#include "report_sums.h"

static void put_share(FILE *out, double share)
{
	if (isnan(share))
		fputs("<td class='n'></td>", out);
	else
		html_element(out, "td class='n'", "%.1f%%", share * 100);
}

static void put_device(FILE *out, const char *arm, const struct report_device *device, size_t n)
{
	fputs("<tr>", out);
	html_element(out, "td", "%s", arm);
	html_element(out, "th scope='row'", "%s", device->name);
	html_element(out, "td class='n'", "%.1f", device->written / 1e6);
	put_share(out, device->written_share);
	html_element(out, "td class='n'", "%.1f", device->read / 1e6);
	put_share(out, device->read_share);
	put_share(out, 1.0 / n);
	fputs("</tr>\n", out);
}

static int put_arm(struct report *r, const struct report_choice *choice)
{
	size_t n;
	struct report_device *devices = report_devices(choice, &n);

	if (!devices)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++)
		put_device(r->out, report_arm(choice->value), &devices[i], n);
	free(devices);
	return 0;
}

static bool is_device_io(const struct report_metric *m)
{
	return *m->device && (!strcmp(m->metric, "written") || !strcmp(m->metric, "read"));
}

/* Whether anything was measured there: what a drive does alone has no window. */
static bool has_io(const struct report *r, const struct report_choice *context)
{
	for (size_t i = 0; i < r->data.nmetrics.n; i++) {
		const struct report_cell *cell = &r->data.cells[r->data.metrics[i].cell];

		if (is_device_io(&r->data.metrics[i]) && cell->key[CELL_SSDS] == context->ssds &&
		    report_cells_agree(cell, context->context, context->mask))
			return true;
	}
	return false;
}

static int put_context(struct report *r, const struct report_choice *context)
{
	int err = 0;

	if (!has_io(r, context))
		return 0;
	report_heading(r, context->context);
	html_table_open(r->out, "Device I/O%s%s%s, all repetitions together",
			*context->ssds ? " with " : "", context->ssds,
			report_ssds_word(context->ssds));
	html_table_columns(r->out, "arm|device|#written MB|#share|#read MB|#share|#even share");
	for (size_t i = 0; !err && i < r->by.n; i++) {
		struct report_choice arm = *context;

		arm.value = r->by.values[i];
		err = put_arm(r, &arm);
	}
	html_table_close(r->out);
	return err;
}

/* Of the cells without a tracer, where they have it. */
static bool has_any_io(const struct report *r, bool traced)
{
	for (size_t i = 0; i < r->data.nmetrics.n; i++)
		if (is_device_io(&r->data.metrics[i]) &&
		    report_cell_traced(&r->data.cells[r->data.metrics[i].cell]) == traced)
			return true;
	return false;
}

int report_balance(struct report *r)
{
	int err = 0;

	if (has_any_io(r, false))
		err = report_each_context(r, false, put_context);
	else if (has_any_io(r, true))
		err = report_each_context(r, true, put_context);
	else
		html_element(r->out, "p", "What each device wrote and read was not measured.");
	report_ceiling(r);
	return err;
}
