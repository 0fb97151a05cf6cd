// SPDX-License-Identifier: GPL-2.0-or-later
/* The locks of each arm by what was waited for them, and how long waits and holds took. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "html.h"
#include "report_internal.h"
#include "report_sums.h"

enum { LOCKS_SHOWN = 20 };

/* A number of four digits, or nothing where it was not measured. */
static void put_number(FILE *out, double value)
{
	if (isnan(value))
		fputs("<td class='n'></td>", out);
	else
		html_element(out, "td class='n'", fabs(value) >= 1000 ? "%.0f" : "%.4g", value);
}

static void put_share(FILE *out, double share)
{
	if (isnan(share))
		fputs("<td class='n'></td>", out);
	else
		html_element(out, "td class='n'", "%.1f%%", share * 100);
}

static void put_lock(FILE *out, const struct report_lock_sum *lock)
{
	fputs("<tr>", out);
	html_element(out, "td", "%s", lock->class);
	html_element(out, "td", "%s", lock->device);
	html_element(out, "th scope='row'", "%s", lock->lock);
	html_element(out, "td class='n'", "%.0f", lock->contended);
	put_number(out, lock->wait / 1e6);
	put_share(out, lock->share);
	put_number(out, lock->contended > 0 ? lock->wait / lock->contended / 1e3 : NAN);
	put_number(out, lock->wait_max / 1e3);
	fputs("</tr>\n", out);
}

/* What the table leaves out. */
static void put_rest(FILE *out, const struct report_lock_sum *locks, size_t n, size_t shown)
{
	size_t idle = 0;

	for (size_t i = 0; i < n; i++)
		idle += !(locks[i].contended > 0);
	if (idle)
		html_element(out, "p class='note'", "Nobody waited for %zu other locks.", idle);
	if (n - idle > shown)
		html_element(out, "p class='note'", "%zu more are in locks.csv.", n - idle - shown);
}

static void put_locks_table(struct report *r, const struct report_choice *choice,
			    const struct report_lock_sum *locks, size_t n)
{
	size_t cells = report_chosen_cells(choice), shown = 0;

	html_table_open(r->out, "%s%s%s%s: %zu %s together", report_arm(choice->value),
			*choice->ssds ? ", " : "", choice->ssds, report_ssds_word(choice->ssds),
			cells, cells == 1 ? "repetition" : "repetitions");
	html_table_columns(r->out, "class|device|lock|#contended|#wait ms|#share|#avg "
				   "µs|#max µs");
	for (size_t i = 0; i < n && shown < LOCKS_SHOWN; i++)
		if (locks[i].contended > 0) {
			put_lock(r->out, &locks[i]);
			shown++;
		}
	html_table_close(r->out);
	put_rest(r->out, locks, n, shown);
}

static int put_arm_locks(struct report *r, const struct report_choice *choice)
{
	size_t n;
	struct report_lock_sum *locks = report_lock_sums(choice, &n);

	if (!locks)
		return -ENOMEM;
	if (n) {
		fputs("<div>\n", r->out);
		put_locks_table(r, choice, locks, n);
		fputs("</div>\n", r->out);
	}
	free(locks);
	return 0;
}

static int put_context_locks(struct report *r, const struct report_choice *context)
{
	int err = 0;

	report_heading(r, context->context);
	fputs("<div class='tables'>\n", r->out);
	for (size_t i = 0; !err && i < r->by.n; i++) {
		struct report_choice arm = *context;

		arm.value = r->by.values[i];
		err = put_arm_locks(r, &arm);
	}
	fputs("</div>\n", r->out);
	return err;
}

int report_locks(struct report *r)
{
	int err = 0;

	if (!r->data.nlocks.n) {
		html_element(r->out, "p", "%s",
			     r->data.has_locks
				     ? "locks.csv has no rows."
				     : "There is no locks.csv: nothing is known of the locks.");
	} else {
		html_element(
			r->out, "p class='note'",
			"With the most SSDs that were measured. The share is that of the wait for "
			"all locks that have a name; class other, which has none, has no share. A "
			"field without a figure was not measured.");
		err = report_each_context(r, true, put_context_locks);
	}
	return err;
}
