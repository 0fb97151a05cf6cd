// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "procswaps.h"

static bool is_octal(const char *digits)
{
	return strspn(digits, "01234567") >= 3;
}

/* The kernel writes space, tab, newline, backslash and hash as \ooo. */
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

static void name_entry(struct swap_entry *entry)
{
	const char *name = entry->path;

	if (!entry->is_file && !strncmp(name, "/dev/", 5))
		name += 5;
	memcpy(entry->name, name, strlen(name) + 1);
}

static int parse_line(const char *line, struct swap_entry *entry)
{
	char type[32];

	if (sscanf(line, "%255s %31s %llu %llu %d", entry->path, type, &entry->size_kib,
		   &entry->used_kib, &entry->priority) != 5)
		return -EPROTO;
	unescape(entry->path);
	entry->is_file = !strcmp(type, "file");
	name_entry(entry);
	return 0;
}

int procswaps_parse(FILE *file, struct swap_entry *entries)
{
	char line[1024];
	int n = 0, err;

	if (!fgets(line, sizeof(line), file))
		return ferror(file) ? -EIO : 0;
	if (strncmp(line, "Filename", 8))
		return -EPROTO;
	while (n < MAX_SWAP_DEVICES && fgets(line, sizeof(line), file)) {
		/* A deleted file has " (deleted)" escaped into its name: one word still. */
		err = parse_line(line, &entries[n]);
		if (err)
			return err;
		n++;
	}
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
