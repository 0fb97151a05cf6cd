/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a result must carry to be compared: kernel, lock path, machine. */
#ifndef LOCKSTAT_SWAP_CONTEXT_H
#define LOCKSTAT_SWAP_CONTEXT_H

#include <stdbool.h>
#include <stdio.h>

#include "collector.h"

#define TOOL_VERSION "0.1.0"

/* uname -r. */
const char *context_kernel(void);

/* Whether spinlocks are sleeping locks (PREEMPT_RT). */
bool context_is_realtime(void);

/* The boot parameter swap_lock= of a patched kernel, "" elsewhere. */
const char *context_boot_arm(void);

/*
 * How spinlocks wait here: "native", "pv", "tas" (no contention event at all),
 * or "" where it cannot be told.
 */
const char *context_lock_path(void);

/* A JSON object that describes this run; 0 or a negative errno. */
int context_write(const char *path, enum backend backend, const struct ledger *ledger,
		  double seconds, int argc, char **argv);

#endif
