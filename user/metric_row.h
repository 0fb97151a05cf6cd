/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A row of metrics.csv, for all who read them. */
#ifndef LOCKSTAT_SWAP_METRIC_ROW_H
#define LOCKSTAT_SWAP_METRIC_ROW_H

#include "csv.h"

/*
 * The value of the current row of a reader that is bound to metric_columns: 1, 0 where it was
 * not measured, -EINVAL if it is no number, or is negative and of a unit in which there is none.
 */
int metric_row_value(struct csv_reader *r, double *value);

#endif
