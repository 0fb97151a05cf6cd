/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where a recording goes: the terminal, the CSV files, the context. */
#ifndef LOCKSTAT_SWAP_OUTPUTS_H
#define LOCKSTAT_SWAP_OUTPUTS_H

#include "csv.h"
#include "recording.h"
#include "sysmetrics.h"
#include "tally.h"

struct outputs {
	const struct recording_options *options;
	struct row_identity identity;
	enum backend backend;
	struct csv_writer *csv, *metrics, *histograms; /* NULL: not wanted */
	FILE *json, *stacks;			       /* NULL: not wanted */
	const char *prometheus;			       /* NULL: not wanted */
	bool table;				       /* on standard output */
	bool live;				       /* refreshed in place */
};

/* These return 0 or a negative errno that has been said. All files are opened before one is
 * emptied. */
int outputs__open(struct outputs *outputs, const struct recording_options *options,
		  enum backend backend);
int outputs__print(struct outputs *outputs, const struct window *window);

/* The rows of a window, to the CSV and JSON files. */
int outputs__write(struct outputs *outputs, const struct window *window);

/* All that was counted so far, to the Prometheus file. */
int outputs__export(struct outputs *outputs, const struct window *whole,
		    const struct ledger *ledger);

/*
 * The end of a recording: metrics, stacks, context, ledger and the balance of locks;
 * where one fails the others still are.
 */
int outputs__conclude(struct outputs *outputs, const struct window *whole, struct tally *tally);

/* Whether anybody is there to read: false once standard output was all, and was closed. */
bool outputs__wanted(const struct outputs *outputs);

/* After @err, which was said, nothing more is said; returns it or the first error. */
int outputs__close(struct outputs *outputs, int err);

#endif
