/* SPDX-License-Identifier: GPL-2.0-or-later */
/* gnuplot's SVG made part of a page: the page's colours and fonts, and a text instead. Pure. */
#ifndef LOCKSTAT_SWAP_SVG_H
#define LOCKSTAT_SWAP_SVG_H

#include <stdio.h>

/* The symbols for points that all of them use; once in a page, before the first. */
void svg_symbols(FILE *out);

/*
 * Lines and points of colour #0000NN get class sNN; black becomes the page's own colour.
 * @title and @description are read out where the picture cannot be seen; @id is of letters.
 */
void svg_inline(FILE *out, const char *svg, const char *id, const char *title,
		const char *description);

#endif
