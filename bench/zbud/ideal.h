/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef LOCKSTAT_SWAP_ZBUD_IDEAL_H
#define LOCKSTAT_SWAP_ZBUD_IDEAL_H

#include <stddef.h>

enum { IDEAL_CHUNKS = 63 };

/*
 * The fewest pages that hold the objects two by two, if they could be moved: @of[c] of them have
 * c chunks. It is used up.
 */
size_t ideal_pages(size_t of[IDEAL_CHUNKS]);

#endif
