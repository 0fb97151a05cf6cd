// SPDX-License-Identifier: GPL-2.0-or-later
#include <math.h>

#include "plot.h"

/* Beside its colour each line has dashes and points of its own. */
static const struct {
	const char *gnuplot, *svg;
} dashes[] = {
	{ "1", "none" },
	{ "(10,6)", "5 3" },
	{ "(3,5)", "1.5 2.5" },
	{ "(14,5,3,5)", "7 2.5 1.5 2.5" },
};

/* gnuplot's numbers of the filled ones; the symbol has that number less one. */
static const int points[] = { 7, 5, 9, 13, 11, 6, 4 };

enum { NR_DASHES = sizeof(dashes) / sizeof(*dashes), NR_POINTS = sizeof(points) / sizeof(*points) };

_Static_assert(NR_DASHES *NR_POINTS == PLOT_STYLES, "each style once");

static size_t dash_of(size_t style)
{
	return style % NR_DASHES; /* 4 and 7 have no divisor in common */
}

static int point_of(size_t style)
{
	return points[style % NR_POINTS];
}

static void put_frame(FILE *out, const struct plot *plot)
{
	fputs("set terminal svg size 360,230 dynamic noenhanced font ',12'\n"
	      "set border 3 back\nset tics nomirror out scale 0.5\nset grid ytics\nunset key\n"
	      "set format y '%.10g'\n"
	      "set lmargin 8\nset rmargin 1.5\nset tmargin 0.7\n",
	      out);
	fprintf(out, "set xlabel '%s' offset 0,0.4\nset xrange [%.9g:%.9g]\n", plot->x_label,
		plot->from, plot->to);
	fputs(plot->log_y ? "set logscale y\n" : "set yrange [0:*]\n", out);
	if (plot->log_x)
		fputs("set logscale x\nset format x '%.0s%cs'\n", out);
	if (!plot->ticks)
		return;
	fputs("set xtics (", out);
	for (size_t i = 0; i < plot->nticks; i++)
		fprintf(out, "%s%.0f", i ? ", " : "", plot->ticks[i]);
	fputs(")\n", out);
}

static void put_points(FILE *out, const char *name, size_t line, const struct plot_point *p,
		       size_t n)
{
	fprintf(out, "$%s%zu << END\n", name, line);
	for (size_t i = 0; i < n; i++)
		fprintf(out, "%.9g %.9g %.9g %.9g\n", p[i].x, p[i].y,
			isnan(p[i].lo) ? p[i].y : p[i].lo, isnan(p[i].hi) ? p[i].y : p[i].hi);
	fputs("END\n", out);
}

/* As vectors: error bars come with a disc that erases what is below, in a colour of its own. */
static void put_intervals(FILE *out, size_t i, const struct plot_line *line)
{
	bool any = false;

	for (size_t p = 0; p < line->n; p++)
		any |= !isnan(line->points[p].lo);
	if (any)
		fprintf(out,
			"$line%zu using 1:3:(0):($4-$3) with vectors heads size screen 0.0075,90 "
			"nofilled lc rgb '#%06zx' lw 1.2, ",
			i, line->style % PLOT_STYLES + 1);
}

static void put_line(FILE *out, const struct plot *plot, size_t i)
{
	const struct plot_line *line = &plot->lines[i];
	size_t style = line->style % PLOT_STYLES;

	if (line->ndots)
		fprintf(out, "$dots%zu using 1:2 with points lc rgb '#%06zx' pt %d ps 0.3, ", i,
			style + 1, point_of(style));
	put_intervals(out, i, line);
	fprintf(out, "$line%zu using 1:2 with %s lc rgb '#%06zx' lw 1.8 dt %s", i,
		plot->steps ? "steps" : "linespoints", style + 1, dashes[dash_of(style)].gnuplot);
	if (!plot->steps)
		fprintf(out, " pt %d ps 0.75", point_of(style));
}

void plot_script(FILE *out, const struct plot *plot)
{
	put_frame(out, plot);
	for (size_t i = 0; i < plot->n; i++) {
		put_points(out, "line", i, plot->lines[i].points, plot->lines[i].n);
		if (plot->lines[i].ndots)
			put_points(out, "dots", i, plot->lines[i].dots, plot->lines[i].ndots);
	}
	fputs("plot ", out);
	for (size_t i = 0; i < plot->n; i++) {
		fputs(i ? ", " : "", out);
		put_line(out, plot, i);
	}
	fputc('\n', out);
}

void plot_swatch(FILE *out, size_t style)
{
	style %= PLOT_STYLES;
	fprintf(out,
		"<svg viewBox='0 0 36 12' width='36' height='12' aria-hidden='true' class='swatch'>"
		"<path class='s%zu' fill='none' stroke-width='1.8' stroke-dasharray='%s' d='M1,6 "
		"H35'/>"
		"<use class='s%zu' href='#gpPt%d' transform='translate(18,6) scale(3.4)'/></svg>",
		style + 1, dashes[dash_of(style)].svg, style + 1, point_of(style) - 1);
}
