// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "procswaps.h"
#include "utf8.h"

static bool is_octal(const char *digits)
{
	return strspn(digits, "01234567") >= 3;
}

/* The kernel writes space, tab, newline and backslash as \ooo, and nothing else. */
static void unescape(char *text)
{
	char *to = text;

	for (const char *from = text; *from; to++) {
		if (*from == '\\' && is_octal(from + 1)) {
			*to = (from[1] - '0') << 6 | (from[2] - '0') << 3 | (from[3] - '0');
			from += 4;
		} else {
			*to = *from++;
		}
	}
	*to = '\0';
}

static bool is_plain(unsigned char c)
{
	return c >= ' ' && c != 0x7f && c != '\\';
}

/*
 * A name goes into files and onto terminals as it is, and no two are the same there: what
 * is no text is written as the kernel would, and spaces are left.
 */
static char *escape(const char *text)
{
	char *name = malloc(4 * strlen(text) + 1), *to = name;

	while (name && *text) {
		size_t bytes = is_plain(*text) ? utf8_character_bytes(text) : 0;

		if (!bytes)
			to += sprintf(to, "\\%03o", (unsigned char)*text++);
		for (; bytes; bytes--)
			*to++ = *text++;
	}
	if (name)
		*to = '\0';
	return name;
}

static char *name_of(char *path, bool is_file)
{
	unescape(path);
	return escape(!is_file && !strncmp(path, "/dev/", 5) ? path + 5 : path);
}

static int parse_line(const char *line, struct swap_entry *entry)
{
	char type[32], *path = NULL;
	int n = sscanf(line, "%m[^ \t] %31s %llu %llu %d", &path, type, &entry->size_kib,
		       &entry->used_kib, &entry->priority);

	entry->is_file = n > 1 && !strcmp(type, "file");
	entry->name = n == 5 ? name_of(path, entry->is_file) : NULL;
	free(path);
	if (n != 5)
		return -EPROTO;
	return entry->name ? 0 : -ENOMEM;
}

/* A deleted file has " (deleted)" escaped into its name: one word still. */
static int parse_lines(FILE *file, struct swap_entry *entries, char **line, size_t *room)
{
	int n = 0, err = 0;

	if (getline(line, room, file) < 0)
		return ferror(file) ? -EIO : 0;
	if (strncmp(*line, "Filename", 8))
		return -EPROTO;
	while (n < MAX_SWAP_DEVICES && !err && getline(line, room, file) >= 0) {
		err = parse_line(*line, &entries[n]);
		n += !err;
	}
	if (err)
		procswaps_free(entries, n);
	return err ? err : n;
}

int procswaps_parse(FILE *file, struct swap_entry *entries)
{
	char *line = NULL;
	size_t room = 0;
	int n = parse_lines(file, entries, &line, &room);

	free(line);
	return n;
}

int procswaps_read(struct swap_entry *entries)
{
	FILE *file = fopen("/proc/swaps", "re");
	int n;

	if (!file)
		return -errno;
	n = procswaps_parse(file, entries);
	fclose(file);
	return n;
}

void procswaps_free(struct swap_entry *entries, int n)
{
	for (int i = 0; i < n; i++)
		free(entries[i].name);
}
