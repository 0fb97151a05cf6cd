/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A file written beside the one it replaces: a reader never sees half of it. */
#ifndef LOCKSTAT_SWAP_REPLACE_H
#define LOCKSTAT_SWAP_REPLACE_H

#include <stdio.h>

struct replacement {
	FILE *out;
	char *name; /* until it has its place */
};

/*
 * Opens it, readable for all. Returns 0 or a negative errno: -EINVAL if @path is
 * there and not a regular file, which would not survive.
 */
int replace__begin(struct replacement *r, const char *path);

/* Puts it in its place, or removes it and returns a negative errno. */
int replace__end(struct replacement *r, const char *path);

#endif
