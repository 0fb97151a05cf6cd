/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A comparison's rows in words and digits: the same on the terminal and in a report. */
#ifndef LOCKSTAT_SWAP_COMPARE_WORDS_H
#define LOCKSTAT_SWAP_COMPARE_WORDS_H

#include "compare_groups.h"

enum { COMPARE_WORDS = 1024, COMPARE_FACTOR = 32 };

/* One word or a few; of a figure that tells speed, faster or slower. */
const char *compare_verdict_name(const struct compare_row *row);

/* What would have to be the same, if it were known to be: as --despite has it, or "". */
const char *compare_unknown(const struct compare_row *row);

/* These fill @text, which has COMPARE_WORDS bytes; with "" where there is nothing to say. */

/* The metric with its unit; of times, ns are shown as ms. */
const char *compare_figure_words(const struct compare_row *row, char *text);
const char *compare_value_words(const struct compare_row *row, double value, char *text);
const char *compare_ratio_words(const struct compare_row *row, char *text);
const char *compare_interval_words(const struct compare_row *row, char *text);
const char *compare_p_words(double p, char *text);
const char *compare_n_words(const struct compare_row *row, char *text);

/* With as many digits as tell it from 1. Fills @text, of COMPARE_FACTOR bytes. */
const char *compare_factor_words(double factor, char *text);

/* The verdict with what belongs to it; @tested: the lines of the table it was corrected for. */
const char *compare_verdict_words(const struct compare_row *row, size_t tested, char *text);

/* What comes before the class: a table's rows have it in common. */
bool compare_same_heading(const struct compare_row *a, const struct compare_row *b);

/* That as text, to be freed; NULL without memory. */
char *compare_heading_words(const struct compare_row *row);

#endif
