// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdbool.h>
#include <stddef.h>

#include "utf8.h"

static size_t bytes_by_first(unsigned char first)
{
	if (first < 0x80)
		return 1;
	if (first >= 0xc2 && first < 0xe0)
		return 2;
	if (first >= 0xe0 && first < 0xf0)
		return 3;
	return first >= 0xf0 && first < 0xf5 ? 4 : 0;
}

/* Too long for what they say, half of a UTF-16 pair, or above U+10FFFF. */
static bool is_forbidden(unsigned char first, unsigned char second)
{
	return (first == 0xe0 && second < 0xa0) || (first == 0xed && second >= 0xa0) ||
	       (first == 0xf0 && second < 0x90) || (first == 0xf4 && second >= 0x90);
}

size_t utf8_character_bytes(const char *character)
{
	const unsigned char *text = (const unsigned char *)character;
	size_t bytes = bytes_by_first(*text);

	for (size_t i = 1; i < bytes; i++)
		if ((text[i] & 0xc0) != 0x80)
			return 0;
	return bytes > 2 && is_forbidden(text[0], text[1]) ? 0 : bytes;
}

void utf8_repair(char *text)
{
	while (*text) {
		size_t bytes = utf8_character_bytes(text);

		if (!bytes)
			*text = '?';
		text += bytes ? bytes : 1;
	}
}
