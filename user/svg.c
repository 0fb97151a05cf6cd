// SPDX-License-Identifier: GPL-2.0-or-later
#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "html.h"
#include "svg.h"

/* As gnuplot draws them, by its names: filled and open circles, squares and so on. */
static const struct {
	const char *id, *shape;
	bool filled;
} symbols[] = {
	{ "gpPt0", "<path d='M-1,0 h2 M0,-1 v2'/>", false },
	{ "gpPt1", "<path d='M-1,-1 L1,1 M1,-1 L-1,1'/>", false },
	{ "gpPt2", "<path d='M-1,0 L1,0 M0,-1 L0,1 M-1,-1 L1,1 M-1,1 L1,-1'/>", false },
	{ "gpPt3", "<rect x='-1' y='-1' width='2' height='2'/>", false },
	{ "gpPt4", "<rect x='-1' y='-1' width='2' height='2'/>", true },
	{ "gpPt5", "<circle r='1'/>", false },
	{ "gpPt6", "<circle r='1'/>", true },
	{ "gpPt7", "<path d='M0,-1.33 L-1.33,0.67 L1.33,0.67 z'/>", false },
	{ "gpPt8", "<path d='M0,-1.33 L-1.33,0.67 L1.33,0.67 z'/>", true },
	{ "gpPt9", "<path d='M0,1.33 L-1.33,-0.67 L1.33,-0.67 z'/>", false },
	{ "gpPt10", "<path d='M0,1.33 L-1.33,-0.67 L1.33,-0.67 z'/>", true },
	{ "gpPt11", "<path d='M0,-1.4 L1.4,0 L0,1.4 L-1.4,0 z'/>", false },
	{ "gpPt12", "<path d='M0,-1.4 L1.4,0 L0,1.4 L-1.4,0 z'/>", true },
};

void svg_symbols(FILE *out)
{
	fputs("<svg width='0' height='0' aria-hidden='true' class='symbols'><defs>\n", out);
	for (size_t i = 0; i < sizeof(symbols) / sizeof(*symbols); i++)
		fprintf(out,
			"<g id='%s' stroke='currentColor' stroke-width='0.3' fill='%s'>%s</g>\n",
			symbols[i].id, symbols[i].filled ? "currentColor" : "none",
			symbols[i].shape);
	fputs("</defs></svg>\n", out);
}

struct attribute {
	const char *name, *value;
	int name_length, value_length;
};

static bool is(const char *text, int length, const char *word)
{
	return (size_t)length == strlen(word) && !strncmp(text, word, length);
}

/* The N of rgb(0, 0, N), by which a plot says which of its lines it is; -1: none. */
static int line_colour(const struct attribute *a)
{
	int red, green, blue;

	if (sscanf(a->value, "rgb( %d, %d, %d)", &red, &green, &blue) != 3 || red || green)
		return -1;
	return blue;
}

static void put_attribute(FILE *out, const struct attribute *a)
{
	static const char *const dropped[] = { "id", "font-family", "color" };
	int colour = line_colour(a);

	if (colour >= 0 &&
	    (is(a->name, a->name_length, "stroke") || is(a->name, a->name_length, "color"))) {
		fprintf(out, " class='s%d'", colour);
		return;
	}
	for (size_t i = 0; i < sizeof(dropped) / sizeof(*dropped); i++)
		if (is(a->name, a->name_length, dropped[i]))
			return;
	/* The grid has a class of its own. */
	if (is(a->value, a->value_length, "gray"))
		return;
	fprintf(out, " %.*s='", is(a->name, a->name_length, "xlink:href") ? 4 : a->name_length,
		is(a->name, a->name_length, "xlink:href") ? "href" : a->name);
	if (is(a->value, a->value_length, "black"))
		fputs("currentColor'", out);
	else
		fprintf(out, "%.*s'", a->value_length, a->value);
}

/* The attribute at @p; returns what follows it, or NULL: there is none. */
static const char *next_attribute(const char *p, struct attribute *a)
{
	const char *end;

	p += strspn(p, " \t\r\n");
	a->name = p;
	a->name_length = strcspn(p, "= \t\r\n/>");
	p += a->name_length;
	if (!a->name_length || *p != '=' || (p[1] != '"' && p[1] != '\''))
		return NULL;
	end = strchr(p + 2, p[1]);
	if (!end)
		return NULL;
	a->value = p + 2;
	a->value_length = end - a->value;
	return end + 1;
}

/* Past the end of the element that @tag opens: it is left out with all it holds. */
static const char *skip_element(const char *tag, const char *name)
{
	char end[16];
	const char *found;

	snprintf(end, sizeof(end), "</%s>", name);
	found = strstr(tag, end);
	return found ? found + strlen(end) : tag + strlen(tag);
}

static bool opens(const char *p, const char *name)
{
	size_t length = strlen(name);

	return !strncmp(p + 1, name, length) && !isalnum((unsigned char)p[1 + length]);
}

/* gnuplot opens a group for each colour it sets, drawn with or not. */
static const char *skip_empty_group(const char *p)
{
	const char *end = strchr(p, '>');

	if (!end || !opens(p, "g"))
		return NULL;
	end++;
	end += strspn(end, " \t\r\n");
	return strncmp(end, "</g>", 4) ? NULL : end + 4;
}

/* The tag at @p, its attributes turned; returns what follows it. */
static const char *put_tag(FILE *out, const char *p)
{
	struct attribute a;
	const char *next;
	int name = 1 + strcspn(p + 1, " \t\r\n/>");

	fprintf(out, "%.*s", name, p);
	p += name;
	while ((next = next_attribute(p, &a))) {
		put_attribute(out, &a);
		p = next;
	}
	p += strspn(p, " \t\r\n");
	for (; *p && *p != '>'; p++)
		fputc(*p, out);
	fputc('>', out);
	return *p ? p + 1 : p;
}

static const char *put_markup(FILE *out, const char *p)
{
	const char *after = skip_empty_group(p);

	if (after)
		return after;
	if (opens(p, "title"))
		return skip_element(p, "title");
	if (opens(p, "defs"))
		return skip_element(p, "defs");
	return put_tag(out, p);
}

static void put_body(FILE *out, const char *p)
{
	while (*p && strncmp(p, "</svg>", 6)) {
		if (*p == '<')
			p = put_markup(out, p);
		else if (isspace((unsigned char)*p) && isspace((unsigned char)p[1]))
			p++;
		else
			fputc(*p++, out);
	}
}

void svg_inline(FILE *out, const char *svg, const char *id, const char *title,
		const char *description)
{
	const char *box = strstr(svg, "viewBox=\""),
		   *body = strstr(svg, "<g id=\"gnuplot_canvas\"");

	if (!box || !body)
		return;
	box += strlen("viewBox=\"");
	fprintf(out,
		"<svg viewBox='%.*s' role='img' aria-labelledby='%s-t %s-d' class='plot'>\n"
		"<title id='%s-t'>",
		(int)strcspn(box, "\""), box, id, id, id);
	html_text(out, title);
	fprintf(out, "</title>\n<desc id='%s-d'>", id);
	html_text(out, description);
	fputs("</desc>\n", out);
	put_body(out, body);
	fputs("</svg>\n", out);
}
