/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What was measured: as tables, and as JSON. */
#ifndef SWAPLOAD_REPORT_H
#define SWAPLOAD_REPORT_H

#include <stdio.h>

#include "experiment.h"

/* What TIMED_CALL is in a phase: "madvise", "munmap", "exit". */
const char *report_call_name(const struct options *o, enum phase phase);

static const struct {
	const char *name;
	double share;
} quantiles[] = {
	{ "p50", 0.5 }, { "p90", 0.9 }, { "p99", 0.99 }, { "p99.9", 0.999 }, { "p99.99", 0.9999 },
};

enum { NR_QUANTILES = sizeof(quantiles) / sizeof(*quantiles) };

/* Wall clock, all workers together. */
double result__seconds(const struct result *r);
double result__rate(const struct result *r);

/* The workers' time that was spent within what was timed, 0 to 1. */
double result__timed_share(const struct result *r);

/*
 * Faults that no timed access had: 0, unless the workers' own memory is not locked,
 * or a fault was faster than fault_ns.
 */
uint64_t result__stray_faults(const struct result *r);

void report_print(FILE *out, const struct experiment *e);

/* 0 or a negative errno. */
int report_write_json(const char *path, const struct experiment *e);

#endif
