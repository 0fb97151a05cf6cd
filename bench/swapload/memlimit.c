// SPDX-License-Identifier: GPL-2.0-or-later
/* Cgroups as cgroups(7) and proc(5) describe their files. */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "memlimit.h"

enum { MAX_PATH = 4096 };

/* A hierarchy that limits memory, and the files that say so. */
struct hierarchy {
	const char *type;	/* of the file system */
	const char *controller; /* v1: among its mount options */
	const char *files[2];
};

static const struct hierarchy hierarchies[] = {
	{ "cgroup2", NULL, { "memory.max", "memory.high" } },
	{ "cgroup", "memory", { "memory.limit_in_bytes", NULL } },
};

static bool has_word(const char *list, const char *word)
{
	size_t length = strlen(word);

	for (const char *at = list; (at = strstr(at, word)); at += length)
		if ((at == list || at[-1] == ',') && (!at[length] || at[length] == ','))
			return true;
	return false;
}

static FILE *open_under(const char *root, const char *path)
{
	char name[MAX_PATH];

	if (snprintf(name, sizeof(name), "%s%s", root, path) >= (int)sizeof(name))
		return NULL;
	return fopen(name, "re");
}

/* ID:CONTROLLERS:PATH; v2 has no controllers. */
static bool is_cgroup_line(const struct hierarchy *h, char *line, char *path)
{
	char *controllers = strchr(line, ':'), *end;

	end = controllers ? strchr(++controllers, ':') : NULL;
	if (!end)
		return false;
	*end = '\0';
	if (h->controller ? !has_word(controllers, h->controller) : *controllers)
		return false;
	end[1 + strcspn(end + 1, "\n")] = '\0';
	strcpy(path, end + 1);
	return true;
}

static bool find_path(const char *root, const struct hierarchy *h, char *path)
{
	FILE *file = open_under(root, "/proc/self/cgroup");
	char line[MAX_PATH];
	bool found = false;

	if (!file)
		return false;
	while (!found && fgets(line, sizeof(line), file))
		found = is_cgroup_line(h, line, path);
	fclose(file);
	return found;
}

struct mount {
	char root[MAX_PATH], point[MAX_PATH];
};

static bool is_mount_line(const struct hierarchy *h, const char *line, struct mount *m)
{
	const char *behind = strstr(line, " - ");
	char type[64], options[1024];

	return behind && sscanf(behind, " - %63s %*s %1023s", type, options) == 2 &&
	       !strcmp(type, h->type) && (!h->controller || has_word(options, h->controller)) &&
	       sscanf(line, "%*s %*s %*s %4095s %4095s", m->root, m->point) == 2;
}

static bool find_mount(const char *root, const struct hierarchy *h, struct mount *m)
{
	FILE *file = open_under(root, "/proc/self/mountinfo");
	char line[2 * MAX_PATH];
	bool found = false;

	if (!file)
		return false;
	while (!found && fgets(line, sizeof(line), file))
		found = is_mount_line(h, line, m);
	fclose(file);
	return found;
}

/* "max" is none. */
static uint64_t read_limit(const char *root, const char *directory, const char *name)
{
	unsigned long long limit = UINT64_MAX;
	char path[2 * MAX_PATH];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	file = open_under(root, path);
	if (!file)
		return UINT64_MAX;
	if (fscanf(file, "%llu", &limit) != 1)
		limit = UINT64_MAX;
	fclose(file);
	return limit;
}

static uint64_t least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* Of @directory and all above it, up to the mount point's @depth. */
static uint64_t least_up_to(const char *root, const struct hierarchy *h, char *directory,
			    size_t depth)
{
	uint64_t limit = UINT64_MAX;

	for (;;) {
		char *last = strrchr(directory, '/');

		for (int i = 0; i < 2 && h->files[i]; i++)
			limit = least(limit, read_limit(root, directory, h->files[i]));
		if (!last || (size_t)(last - directory) < depth)
			return limit;
		*last = '\0';
	}
}

static uint64_t limit_in(const char *root, const struct hierarchy *h)
{
	char path[MAX_PATH], directory[2 * MAX_PATH];
	struct mount m;
	size_t hidden;

	if (!find_path(root, h, path) || !find_mount(root, h, &m))
		return UINT64_MAX;
	/* In a container, the part of the path that is the mount's root is not seen. */
	hidden = strcmp(m.root, "/") ? strlen(m.root) : 0;
	if (strncmp(path, m.root, hidden) || !strcmp(path + hidden, "/"))
		strcpy(directory, m.point);
	else
		snprintf(directory, sizeof(directory), "%s%s", m.point, path + hidden);
	return least_up_to(root, h, directory, strlen(m.point));
}

uint64_t memlimit_cgroup(const char *root)
{
	uint64_t limit = UINT64_MAX;

	for (size_t i = 0; i < sizeof(hierarchies) / sizeof(*hierarchies); i++)
		limit = least(limit, limit_in(root, &hierarchies[i]));
	return limit;
}

uint64_t memlimit_meminfo(const char *name)
{
	FILE *file = fopen("/proc/meminfo", "re");
	unsigned long long kib = 0;
	size_t length = strlen(name);
	char line[256];

	if (!file)
		return 0;
	while (fgets(line, sizeof(line), file))
		if (!strncmp(line, name, length) && line[length] == ':')
			sscanf(line + length + 1, "%llu", &kib);
	fclose(file);
	return kib << 10;
}
