// SPDX-License-Identifier: GPL-2.0-or-later
#include "sizes.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct shape {
	const char *name;
	int a[2], b[2]; /* of the two halves */
};

static const struct shape shapes[] = {
	{ "thin", { 2, 2 }, { 5, 5 } },	   { "symmetric", { 3, 3 }, { 3, 3 } },
	{ "uniform", { 1, 1 }, { 1, 1 } }, { "fat", { 5, 5 }, { 2, 2 } },
	{ "bimodal", { 2, 8 }, { 8, 2 } },
};

struct sizes {
	const struct shape *shape;	  /* NULL: measured */
	double up_to[MAX_COMPRESSED + 1]; /* pages that were no larger */
};

struct sizes *sizes_named(const char *name)
{
	struct sizes *s;

	for (size_t i = 0; i < sizeof(shapes) / sizeof(*shapes); i++) {
		if (strcmp(name, shapes[i].name))
			continue;
		s = calloc(1, sizeof(*s));
		if (s)
			s->shape = &shapes[i];
		return s;
	}
	return NULL;
}

static void add_line(struct sizes *s, const char *line, const char *source)
{
	char of[64];
	int bytes;
	double pages;

	if (sscanf(line, "%63[^,],%d,%lf", of, &bytes, &pages) == 3 && !strcmp(of, source) &&
	    bytes > 0 && bytes <= MAX_COMPRESSED)
		s->up_to[bytes] += pages;
}

static void accumulate(struct sizes *s)
{
	for (int i = 1; i <= MAX_COMPRESSED; i++)
		s->up_to[i] += s->up_to[i - 1];
}

static int read_lines(struct sizes *s, const char *path, const char *source)
{
	FILE *file = fopen(path, "re");
	char line[128];

	if (!file)
		return -errno;
	while (fgets(line, sizeof(line), file))
		add_line(s, line, source);
	fclose(file);
	accumulate(s);
	return s->up_to[MAX_COMPRESSED] > 0 ? 0 : -ENODATA;
}

struct sizes *sizes_measured(const char *path, const char *source)
{
	struct sizes *s = calloc(1, sizeof(*s));
	int err = s ? read_lines(s, path, source) : -ENOMEM;

	if (!err)
		return s;
	fprintf(stderr, "zbud-density: %s: %s: %s\n", path, source,
		err == -ENODATA ? "no sizes of it" : strerror(-err));
	free(s);
	return NULL;
}

/* A sum of exponential variables, for a whole shape parameter. */
static double draw_gamma(struct random *r, int shape)
{
	double product = 1;

	for (int i = 0; i < shape; i++)
		product *= random_share(r);
	return -log(product);
}

static int draw_beta(const struct shape *shape, struct random *r)
{
	int half = random_next(r) & 1;
	double x = draw_gamma(r, shape->a[half]), y = draw_gamma(r, shape->b[half]);

	return 1 + (int)(x / (x + y) * MAX_COMPRESSED * (1 - 1e-9));
}

/* The first size up to which there are so many pages. */
static int draw_measured(const struct sizes *s, struct random *r)
{
	double wanted = random_share(r) * s->up_to[MAX_COMPRESSED];
	int below = 0, size = MAX_COMPRESSED;

	while (size - below > 1) {
		int middle = (below + size) / 2;

		if (s->up_to[middle] >= wanted)
			size = middle;
		else
			below = middle;
	}
	return size;
}

int sizes_draw(const struct sizes *s, struct random *r)
{
	return s->shape ? draw_beta(s->shape, r) : draw_measured(s, r);
}

void sizes_free(struct sizes *s)
{
	free(s);
}
