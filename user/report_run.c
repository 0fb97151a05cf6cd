// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report_run.h"

static char *read_file(FILE *file, size_t *n)
{
	char *text = NULL, part[16384];
	FILE *copy = open_memstream(&text, n);
	size_t got;

	if (!copy)
		return NULL;
	while ((got = fread(part, 1, sizeof(part), file)))
		fwrite(part, 1, got, copy);
	if (fclose(copy)) {
		free(text);
		return NULL;
	}
	return text;
}

static unsigned int line_of(const char *text, size_t offset)
{
	unsigned int line = 1;

	for (size_t i = 0; i < offset; i++)
		line += text[i] == '\n';
	return line;
}

static bool only_blanks(const char *text)
{
	return !text[strspn(text, " \t\r\n")];
}

/* @text ends with a zero byte: one among its @n would cut it short. */
static int parse(const char *path, const char *text, size_t n, struct json_object **run,
		 char *error, size_t bytes)
{
	struct json_tokener *tokener = json_tokener_new();
	enum json_tokener_error why;
	size_t end;

	if (!tokener)
		return -ENOMEM;
	*run = json_tokener_parse_ex(tokener, text, strlen(text) + 1);
	why = json_tokener_get_error(tokener);
	end = json_tokener_get_parse_end(tokener);
	json_tokener_free(tokener);
	if (why == json_tokener_success && strlen(text) == n && only_blanks(text + end) &&
	    json_object_is_type(*run, json_type_object))
		return 0;
	json_object_put(*run);
	*run = NULL;
	snprintf(error, bytes, "%s:%u: %s", path, line_of(text, end),
		 why == json_tokener_success ? "not one JSON object"
					     : json_tokener_error_desc(why));
	return -EINVAL;
}

static int no_file(const char *path, int err, char *error, size_t bytes)
{
	snprintf(error, bytes, "%s: %s", path, strerror(-err));
	return err;
}

static int read_path(const char *path, struct json_object **run, char *error, size_t bytes)
{
	FILE *file = fopen(path, "re");
	char *text;
	size_t n;
	int err;

	if (!file)
		return errno == ENOENT ? 0 : no_file(path, -errno, error, bytes);
	errno = 0;
	text = read_file(file, &n);
	if (!text || ferror(file))
		err = no_file(path, errno ? -errno : -EIO, error, bytes);
	else
		err = parse(path, text, n, run, error, bytes);
	fclose(file);
	free(text);
	return err;
}

int report_run_read(const char *dir, struct json_object **run, char *error, size_t bytes)
{
	char *path;
	int err;

	*run = NULL;
	if (asprintf(&path, "%s/run.json", dir) < 0)
		return -ENOMEM;
	err = read_path(path, run, error, bytes);
	free(path);
	return err;
}

struct json_object *report_run_get(struct json_object *object, const char *name)
{
	struct json_object *member = NULL;

	if (json_object_is_type(object, json_type_object))
		json_object_object_get_ex(object, name, &member);
	return member;
}

const char *report_run_text(struct json_object *object, const char *name)
{
	struct json_object *member = report_run_get(object, name);

	return json_object_is_type(member, json_type_string) ? json_object_get_string(member) : "";
}

const char **report_run_arms(struct json_object *run, size_t *n)
{
	struct json_object *arms = report_run_get(run, "arms");
	const char **names;

	*n = json_object_is_type(arms, json_type_array) ? json_object_array_length(arms) : 0;
	names = calloc(*n + 1, sizeof(*names));
	for (size_t i = 0; names && i < *n; i++)
		names[i] = report_run_text(json_object_array_get_idx(arms, i), "name");
	return names;
}
