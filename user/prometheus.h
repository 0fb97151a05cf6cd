/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A text file for the textfile collector of node_exporter: all that was counted
 * since the recording began, replaced as a whole, so that no reader sees half.
 */
#ifndef LOCKSTAT_SWAP_PROMETHEUS_H
#define LOCKSTAT_SWAP_PROMETHEUS_H

#include "rows.h"

/* 0 or a negative errno; the file is then as it was. */
int prometheus_write(const char *path, const struct row_identity *identity, enum backend backend,
		     const struct row_filter *filter, const struct lock_set *locks,
		     const struct lock_sample *samples, const struct ledger *ledger,
		     double seconds);

#endif
