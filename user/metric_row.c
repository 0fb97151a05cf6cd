// SPDX-License-Identifier: GPL-2.0-or-later
#include <fnmatch.h>
#include <string.h>

#include "ledger.h"
#include "metric_row.h"

/* Counts, times, sizes, speeds and shares. */
static const char *const unsigned_units[] = {
	"1",	   "1/*",    "*/s",    "ns",	"us",	"ms", "s",	 "ns/*",  "bool",  "bytes",
	"bytes/*", "events", "faults", "pages", "runs", "%",  "percent", "ratio", "share", "*/page",
};

/* What a sum leaves over may be negative, and so may figures in units that nobody knows here. */
static bool may_be_negative(const char *metric, const char *unit)
{
	if (!strcmp(metric, LEDGER_PREFIX "residual"))
		return true;
	for (size_t i = 0; i < sizeof(unsigned_units) / sizeof(*unsigned_units); i++)
		if (!fnmatch(unsigned_units[i], unit, 0))
			return false;
	return true;
}

int metric_row_value(struct csv_reader *r, double *value)
{
	const char *metric = csv_reader_str(r, METRIC_METRIC);
	const char *unit = csv_reader_str(r, METRIC_UNIT);
	int n = csv_reader_double(r, METRIC_VALUE, value);

	if (n > 0 && *value < 0 && !may_be_negative(metric, unit))
		return csv_reader_reject(r, "value: '%s': %s in %s cannot be negative",
					 csv_reader_str(r, METRIC_VALUE), metric, unit);
	return n;
}
