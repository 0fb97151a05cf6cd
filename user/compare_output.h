/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The result of a comparison on standard output. */
#ifndef LOCKSTAT_SWAP_COMPARE_OUTPUT_H
#define LOCKSTAT_SWAP_COMPARE_OUTPUT_H

#include "compare_groups.h"

enum compare_format {
	FORMAT_TABLE,
	FORMAT_MARKDOWN,
	FORMAT_CSV,
	FORMAT_JSON,
};

/* 0 or a negative errno. */
int compare_print(const struct compare_result *result, const struct compare_query *query,
		  enum compare_format format);

#endif
