/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a run's run.json says of kernels and machine, as far as it decides what can be compared. */
#ifndef LOCKSTAT_SWAP_COMPARE_CONTEXT_H
#define LOCKSTAT_SWAP_COMPARE_CONTEXT_H

#include <stddef.h>

struct compare_context;

/* -ENOENT without such a file; -EINVAL, and why in @error, if it is no JSON object. */
int compare_context_read(struct compare_context **context, const char *path, char *error,
			 size_t size);

/* Of the kernel with this release; NULL if it is not told. */
const char *compare_context_flavour(const struct compare_context *context, const char *kernel);
const char *compare_context_config(const struct compare_context *context, const char *kernel);
const char *compare_context_compiler(const struct compare_context *context, const char *kernel);

/* The first fact of the machine that both tell and that differs, in words; 0 if there is none. */
int compare_context_difference(const struct compare_context *a, const struct compare_context *b,
			       char *text, size_t size);

void compare_context_free(struct compare_context *context);

#endif
