/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef LOCKSTAT_SWAP_UTF8_H
#define LOCKSTAT_SWAP_UTF8_H

/* Makes each byte that is of no character (RFC 3629) a question mark. */
void utf8_repair(char *text);

#endif
