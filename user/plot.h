/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Small plots by gnuplot. No text of a results file gets into a script: a script can run
 * commands. Names of lines are the page's business, which knows them by their style.
 */
#ifndef LOCKSTAT_SWAP_PLOT_H
#define LOCKSTAT_SWAP_PLOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum { PLOT_STYLES = 28 }; /* that can be told apart: colours by dashes and points */

struct plot_point {
	double x, y;
	double lo, hi; /* NaN: no interval */
};

struct plot_line {
	size_t style;
	const struct plot_point *points;
	size_t n;
	const struct plot_point *dots; /* single values, without a line */
	size_t ndots;
};

struct plot {
	const char *x_label; /* a constant of the program's */
	double *ticks;	     /* of x, whole numbers; NULL: gnuplot's own */
	size_t nticks;
	double from, to; /* of x */
	bool log_x, log_y, steps;
	struct plot_line *lines;
	size_t n;
};

/* The gnuplot script that draws it; pure. */
void plot_script(FILE *out, const struct plot *plot);

/* A sample of a style, for legends: a small SVG. */
void plot_swatch(FILE *out, size_t style);

/*
 * Draws it: *@svg is to be freed. Returns 0 or a negative errno that has been said; -ENOENT
 * where there is no gnuplot.
 */
int plot_draw(const struct plot *plot, char **svg);

#endif
