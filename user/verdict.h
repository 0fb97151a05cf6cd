/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rows of a comparison as a sentence. Pure. */
#ifndef LOCKSTAT_SWAP_VERDICT_H
#define LOCKSTAT_SWAP_VERDICT_H

#include <stdio.h>

#include "compare_groups.h"

/* A question, and the words for its answers. */
struct verdict_question {
	const char *metric, *class;
	const char *name;	    /* "lock contention" */
	const char *subject;	    /* "swap-out was" */
	const char *lower, *higher; /* "slower" */
};

extern const struct verdict_question verdict_questions[];
extern const size_t nverdict_questions;

/* Whether the row answers the question. */
bool verdict_answers(const struct compare_row *row, const struct verdict_question *question);

/* Whether it answers it at all: with figures on both sides. */
bool verdict_is_measured(const struct compare_row *row);

/*
 * What @rows, one a number of SSDs and against one arm, say: first in words, then with ratio,
 * interval, p and n.
 */
void verdict_words(FILE *out, const struct verdict_question *question, const char *base,
		   const struct compare_row *const *rows, size_t n);
void verdict_figures(FILE *out, const struct compare_row *const *rows, size_t n);

#endif
