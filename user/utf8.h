/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef LOCKSTAT_SWAP_UTF8_H
#define LOCKSTAT_SWAP_UTF8_H

#include <stddef.h>

/* Bytes of the character (RFC 3629) that @text begins with; 0: it begins with none. */
size_t utf8_character_bytes(const char *text);

/* Makes each byte that is of no character a question mark. */
void utf8_repair(char *text);

#endif
