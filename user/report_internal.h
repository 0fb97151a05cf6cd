/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Between the files of the report: what the sections of the page are made from. */
#ifndef LOCKSTAT_SWAP_REPORT_INTERNAL_H
#define LOCKSTAT_SWAP_REPORT_INTERNAL_H

#include <stdio.h>

#include "compare_groups.h"
#include "report_data.h"
#include "report_run.h"
#include "report_series.h"
#include "report_sums.h"

enum { MAX_QUESTIONS = 16 };

/* What `compare` makes of one file. */
struct report_comparison {
	struct compare_query query;
	const char *metrics[MAX_QUESTIONS]; /* what is asked; none: all */
	struct compare_where where;
	struct compare_set *set;
	const struct compare_row *rows;
	size_t n, tested;
	char why_not[1024]; /* there is none */
};

struct report {
	const char *dir;
	struct json_object *run; /* NULL: no run.json */
	struct report_data data;
	struct report_by by;
	struct report_comparison contention, throughput; /* what the sentences are of */
	struct report_comparison all;			 /* what compare has of the directory */
	FILE *out;
	unsigned int plots; /* so far: each has an id of its own */
};

/* The sections, in the order of the page. They return 0 or a negative errno that has been said. */
int report_warnings(struct report *r);
int report_verdicts(struct report *r);
int report_density(struct report *r);
int report_curves(struct report *r);
int report_histograms(struct report *r);
int report_locks(struct report *r);
int report_balance(struct report *r);
int report_context(struct report *r);
int report_ledger(struct report *r);
int report_repeat(struct report *r);

/* Whether it is a run that measured how densely objects are packed. */
bool report_has_density(const struct report *r);

/* Its last part: where it stood is nothing for a page that is read elsewhere. */
const char *report_directory(const struct report *r);

/* The name of the page's run. */
const char *report_name(const struct report *r);

/* The whole page. */
int report_page(struct report *r);

/* The page's style sheet. */
extern const char report_style[];

/* The arm as it is called in text; one without a name is "this recording". */
const char *report_arm(const char *value);

/* A part of the devices' section: nothing, where there is no such cell. */
void report_ceiling(struct report *r);

/* Of all cells, or of the recording. */
void report_ledger_of(const struct report *r, struct report_ledger *ledger);

/* "SSD", "SSDs", or "" where the number is not known. */
const char *report_ssds_word(const char *ssds);

/* "cell" or "cells" */
const char *report_cells_word(size_t n);

/* What cells of one workload have in common, and what must not be mixed within it. */
unsigned int report_subject_mask(const struct report *r);
unsigned int report_context_mask(const struct report *r);

/*
 * Calls @part for each workload, kernel, backend and lock path of cells with a tracer or without,
 * with the most SSDs; the arm is to be filled in. Returns 0 or its first error.
 */
int report_each_context(struct report *r, bool traced,
			int (*part)(struct report *r, const struct report_choice *context));

/* The workload, as a heading of the third level. */
void report_heading(struct report *r, const struct report_cell *cell);

/* How the arms are drawn. */
void report_legend(struct report *r);

/* gnuplot's picture, with what it says in words. */
void report_picture(struct report *r, const char *svg, const char *title, const char *words);

#endif
