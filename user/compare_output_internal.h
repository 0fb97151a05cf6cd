/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef LOCKSTAT_SWAP_COMPARE_OUTPUT_INTERNAL_H
#define LOCKSTAT_SWAP_COMPARE_OUTPUT_INTERNAL_H

#include "compare_output.h"

int compare_print_table(const struct compare_result *result, const struct compare_query *query);
int compare_print_markdown(const struct compare_result *result, const struct compare_query *query);

#endif
