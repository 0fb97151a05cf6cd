// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ledger.h"

static const char *const names[NR_LEDGER] = {
	[LEDGER_BEGINS] = "begins",	    [LEDGER_ENDS] = "ends",
	[LEDGER_NESTED] = "nested",	    [LEDGER_REPEATED] = "repeated",
	[LEDGER_MISMATCHED] = "mismatched", [LEDGER_DROPPED] = "dropped",
	[LEDGER_BRIEF] = "brief",	    [LEDGER_STRAY_ENDS] = "stray_ends",
	[LEDGER_OWNERLESS] = "ownerless",   [LEDGER_STACKS_LOST] = "stacks_lost",
};

void ledger__figures(const struct ledger *ledger, struct ledger_figure figures[LEDGER_FIGURES])
{
	for (int i = 0; i < NR_LEDGER; i++)
		figures[i] = (struct ledger_figure){ names[i], ledger->counts[i] };
	figures[NR_LEDGER] = (struct ledger_figure){ "in_flight", ledger->in_flight };
	figures[NR_LEDGER + 1] = (struct ledger_figure){ "missed", ledger->missed };
	figures[NR_LEDGER + 2] = (struct ledger_figure){ "residual", ledger->residual };
}

__s64 ledger__residual(const struct ledger *ledger)
{
	const __u64 *n = ledger->counts;

	return n[LEDGER_BEGINS] - n[LEDGER_ENDS] - n[LEDGER_REPEATED] - n[LEDGER_MISMATCHED] -
	       n[LEDGER_DROPPED] - ledger->in_flight;
}

int ledger__set(struct ledger *ledger, const char *name, __s64 value)
{
	for (int i = 0; i < NR_LEDGER; i++) {
		if (strcmp(names[i], name))
			continue;
		ledger->counts[i] = value;
		return 0;
	}
	if (!strcmp(name, "in_flight"))
		ledger->in_flight = value;
	else if (!strcmp(name, "missed"))
		ledger->missed = value;
	else if (!strcmp(name, "residual"))
		ledger->residual = value;
	else
		return -ENOENT;
	return 0;
}

double ledger__loss(const struct ledger *ledger)
{
	const __u64 *n = ledger->counts;
	__u64 residual = llabs(ledger->residual);
	__u64 all = n[LEDGER_BEGINS] + ledger->missed;

	if (!all)
		return 0;
	return (double)(n[LEDGER_MISMATCHED] + n[LEDGER_DROPPED] + ledger->missed + residual) / all;
}
