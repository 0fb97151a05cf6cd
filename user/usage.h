/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Command lines: argp, but a mistake is one line on stderr and exit status 2. */
#ifndef LOCKSTAT_SWAP_USAGE_H
#define LOCKSTAT_SWAP_USAGE_H

#include <argp.h>

/* argp_parse() in order; does not return from a mistake. */
void usage_parse(const struct argp *argp, int argc, char **argv, void *input);

/* For a parser's default case. */
error_t usage_parse_common(int key, char *arg, struct argp_state *state);

struct row_identity;

/* The argument of --set, COLUMN=VALUE. */
void usage_parse_set(struct row_identity *identity, char *text);

void usage_error(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));

#endif
