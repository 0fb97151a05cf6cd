// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <json-c/json.h>

#include "compare_context.h"

struct compare_context {
	struct json_object *json;
};

/* Of a run.json of the bench, and of record. Where a figure depends on it, runs must agree in it.
 */
static const char *const facts[] = {
	"/machine",	   "/accel",	    "/host/cpu", "/cpu",      "/lab/cpus",
	"/lab/memory_mib", "/lab/load_mib", "/cpus",	 "/window_s", "/lab/ssd_size",
	"/ssd_class/name", "/load",	    "/zswap",
};

int compare_context_read(struct compare_context **context, const char *path, char *error,
			 size_t size)
{
	struct json_object *json;

	*context = NULL;
	if (access(path, F_OK) && errno == ENOENT)
		return -ENOENT;
	json = json_object_from_file(path);
	if (!json_object_is_type(json, json_type_object)) {
		snprintf(error, size, "%s: not a JSON object", path);
		json_object_put(json);
		return -EINVAL;
	}
	*context = calloc(1, sizeof(**context));
	if (!*context) {
		snprintf(error, size, "%s: out of memory", path);
		json_object_put(json);
		return -ENOMEM;
	}
	(*context)->json = json;
	return 0;
}

/* The text of a member, whatever its type; NULL where it is missing or null. */
static const char *text_of(struct json_object *json, const char *pointer)
{
	struct json_object *found;

	if (json_pointer_get(json, pointer, &found) || !found)
		return NULL;
	return json_object_get_string(found);
}

/* Its entry in "kernels", which are called by their flavours. */
static struct json_object *kernel_of(const struct compare_context *context, const char *kernel,
				     const char **flavour)
{
	struct json_object *kernels;

	if (!context || !json_object_object_get_ex(context->json, "kernels", &kernels) ||
	    !json_object_is_type(kernels, json_type_object))
		return NULL;
	json_object_object_foreach(kernels, name, entry)
	{
		const char *release = text_of(entry, "/release");

		if (!release || strcmp(release, kernel))
			continue;
		*flavour = name;
		return entry;
	}
	return NULL;
}

const char *compare_context_flavour(const struct compare_context *context, const char *kernel)
{
	const char *flavour = NULL;

	kernel_of(context, kernel, &flavour);
	return flavour;
}

static const char *kernel_fact(const struct compare_context *context, const char *kernel,
			       const char *pointer)
{
	const char *flavour;
	struct json_object *entry = kernel_of(context, kernel, &flavour);

	return entry ? text_of(entry, pointer) : NULL;
}

const char *compare_context_config(const struct compare_context *context, const char *kernel)
{
	return kernel_fact(context, kernel, "/config_sha256");
}

const char *compare_context_compiler(const struct compare_context *context, const char *kernel)
{
	return kernel_fact(context, kernel, "/compiler");
}

int compare_context_difference(const struct compare_context *a, const struct compare_context *b,
			       char *text, size_t size)
{
	if (!a || !b)
		return 0;
	for (size_t i = 0; i < sizeof(facts) / sizeof(*facts); i++) {
		const char *x = text_of(a->json, facts[i]), *y = text_of(b->json, facts[i]);

		if (!x || !y || !strcmp(x, y))
			continue;
		snprintf(text, size, "%s '%s' against '%s'", facts[i] + 1, x, y);
		return 1;
	}
	return 0;
}

void compare_context_free(struct compare_context *context)
{
	if (!context)
		return;
	json_object_put(context->json);
	free(context);
}
