/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The words of the command line: each returns whether the text is one. */
#ifndef SWAPLOAD_PARSE_H
#define SWAPLOAD_PARSE_H

#include <stdbool.h>
#include <stdint.h>

#include "options.h"

/* Bytes: a number with K, M, G or T (powers of 1024), and B or iB after it if one likes. */
bool parse_size(const char *text, uint64_t *bytes);

/* A finite number in [least, most]. */
bool parse_number(const char *text, double least, double most, double *value);
bool parse_count(const char *text, uint64_t least, uint64_t most, uint64_t *value);

/* seq, uniform or zipf:THETA */
bool parse_access(const char *text, struct access_pattern *pattern);

/* random, ratio:R, beta:A:B:MOST or zero; sets kind, ratio and shape */
bool parse_content(const char *text, struct content *content);

/* Names with commas between: populate first, free last if at all; mixed may have its seconds. */
bool parse_phases(const char *text, struct options *options);

/* The index of @text in @names, which ends with NULL; -1 if it is not there. */
int parse_choice(const char *text, const char *const *names);

#endif
