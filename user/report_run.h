/* SPDX-License-Identifier: GPL-2.0-or-later */
/* run.json, the context of a run. */
#ifndef LOCKSTAT_SWAP_REPORT_RUN_H
#define LOCKSTAT_SWAP_REPORT_RUN_H

#include <json-c/json.h>
#include <stddef.h>

/*
 * *@run is to be put; NULL: the directory has none. Returns 0 or a negative errno, and in
 * @error "file:line: reason".
 */
int report_run_read(const char *dir, struct json_object **run, char *error, size_t bytes);

/* The member of that name; NULL if @object is no object, or has none. */
struct json_object *report_run_get(struct json_object *object, const char *name);

/* Its text; "" if there is none, or it is no text. */
const char *report_run_text(struct json_object *object, const char *name);

/* The names of the arms in the run's order; to be freed. NULL without memory. */
const char **report_run_arms(struct json_object *run, size_t *n);

#endif
