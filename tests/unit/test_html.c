// SPDX-License-Identifier: GPL-2.0-or-later
/* Text stays text in a page; gnuplot's pictures become part of it. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "html.h"
#include "plot.h"
#include "svg.h"

static char *text;
static size_t bytes;
static FILE *out;

static int setup(void **state)
{
	(void)state;
	out = open_memstream(&text, &bytes);
	return out ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	free(text);
	text = NULL;
	return 0;
}

static void written(const char *expected)
{
	assert_int_equal(fclose(out), 0);
	assert_string_equal(text, expected);
}

static void has(const char *part)
{
	if (!strstr(text, part))
		fail_msg("no '%s' in: %s", part, text);
}

static void has_not(const char *part)
{
	if (strstr(text, part))
		fail_msg("'%s' in: %s", part, text);
}

static void markup_in_a_text_is_escaped(void **state)
{
	(void)state;
	html_text(out, "<script>\"a\" & 'b'</script>");
	written("&lt;script&gt;&quot;a&quot; &amp; &#39;b&#39;&lt;/script&gt;");
}

static void characters_that_no_page_may_have_are_replaced(void **state)
{
	(void)state;
	html_text(out, "a\x01"
		       "b\x1b[0m\x7f\xff\xc3|\xc3\xa9\t\n");
	written("a?b?[0m???|\xc3\xa9\t\n");
}

static void an_element_ends_with_its_name_alone(void **state)
{
	(void)state;
	html_element(out, "td class='n'", "%d < %s", 1, "&");
	written("<td class='n'>1 &lt; &amp;</td>\n");
}

static void a_table_has_caption_and_scopes(void **state)
{
	(void)state;
	html_table_open(out, "<%s>", "x");
	html_table_columns(out, "name|#count");
	html_table_close(out);
	assert_int_equal(fclose(out), 0);
	has("<caption>&lt;x&gt;</caption>");
	has("<th scope='col'>name</th><th scope='col' class='n'>count</th></tr></thead>");
}

static const char drawn[] =
	"<?xml version=\"1.0\"?>\n<svg \n viewBox=\"0 0 34 23\"\n "
	"xmlns=\"http://www.w3.org/2000/svg\">\n"
	"<title>Gnuplot</title>\n<g id=\"gnuplot_canvas\">\n<defs>\n<circle id='gpDot' "
	"r='0.5'/></defs>\n"
	"<g fill=\"none\" color=\"white\" stroke=\"currentColor\">\n</g>\n"
	"<g fill=\"none\" color=\"black\" stroke=\"currentColor\">\n"
	"\t<path stroke='gray' class=\"gridline\"  d='M1,2 L3,4  '/></g>\n"
	"\t<g id=\"gnuplot_plot_1\" ><title>$line0</title>\n"
	"<g stroke=\"black\"><path stroke='rgb(  0,   0,   2)'  d='M5,6'/>"
	"<use xlink:href='#gpPt6' transform='scale(3)' color='rgb(  0,   0,   2)'/>"
	"<g fill=\"black\" font-family=\"Arial\"><text> 0.5</text></g></g></g>\n</g>\n</svg>\n";

static void a_picture_takes_the_colours_of_the_page(void **state)
{
	(void)state;
	svg_inline(out, drawn, "p1", "a < b", "1 & 2");
	assert_int_equal(fclose(out), 0);
	has("<svg viewBox='0 0 34 23' role='img' aria-labelledby='p1-t p1-d'");
	has("<title id='p1-t'>a &lt; b</title>");
	has("<desc id='p1-d'>1 &amp; 2</desc>");
	has("<path class='s2' d='M5,6'/>");
	has("<use href='#gpPt6' transform='scale(3)' class='s2'/>");
	has("<path class='gridline' d='M1,2 L3,4  '/>");
	has("<g stroke='currentColor'>");
	has("<g fill='currentColor'><text> 0.5</text></g>");
	has_not("black");
	has_not("gnuplot");
	has_not("gpDot");
	has_not("http");
	has_not("white");
}

static void a_picture_cut_off_is_no_danger(void **state)
{
	size_t n = strlen(drawn);

	(void)state;
	for (size_t cut = 0; cut < n; cut++) {
		/* On the heap, where a sanitizer sees a step too far. */
		char *part = strndup(drawn, cut);

		assert_non_null(part);
		svg_inline(out, part, "p1", "", "");
		free(part);
	}
	assert_int_equal(fclose(out), 0);
}

static void a_script_has_numbers_and_styles(void **state)
{
	const struct plot_point points[] = { { 1, 5, 4, 6 }, { 2, 7, NAN, NAN } };
	const struct plot_point dots[] = { { 1, 4.5, 0, 0 } };
	struct plot_line lines[] = { { 0, points, 2, dots, 1 }, { 9, points, 1, NULL, 0 } };
	double ticks[] = { 1, 2 };
	const struct plot plot = { .x_label = "SSDs",
				   .ticks = ticks,
				   .nticks = 2,
				   .from = 0.5,
				   .to = 2.5,
				   .lines = lines,
				   .n = 2 };

	(void)state;
	plot_script(out, &plot);
	assert_int_equal(fclose(out), 0);
	has("set xrange [0.5:2.5]");
	has("set xtics (1, 2)");
	has("$line0 << END\n1 5 4 6\n2 7 7 7\nEND\n");
	has("$dots0 << END\n1 4.5 ");
	has("$line1 using 1:2 with linespoints lc rgb '#00000a'");
	has_not("$dots1");
	has_not("nan");
}

static void styles_differ_in_more_than_colour(void **state)
{
	char *swatches[PLOT_STYLES];

	(void)state;
	fclose(out);
	free(text);
	for (size_t i = 0; i < PLOT_STYLES; i++) {
		out = open_memstream(&swatches[i], &bytes);
		plot_swatch(out, i);
		fclose(out);
		/* The colour is the class; what is left must tell them apart. */
		for (char *p; (p = strstr(swatches[i], "class='s"));)
			memset(p, ' ', strcspn(p + 8, "'") + 9);
	}
	for (size_t i = 0; i < PLOT_STYLES; i++)
		for (size_t j = 0; j < i; j++) {
			char *a = strstr(swatches[i], "dasharray"),
			     *b = strstr(swatches[j], "dasharray");

			assert_string_not_equal(a, b);
		}
	for (size_t i = 0; i < PLOT_STYLES; i++)
		free(swatches[i]);
	text = NULL;
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		T(markup_in_a_text_is_escaped),
		T(characters_that_no_page_may_have_are_replaced),
		T(an_element_ends_with_its_name_alone),
		T(a_table_has_caption_and_scopes),
		T(a_picture_takes_the_colours_of_the_page),
		T(a_picture_cut_off_is_no_danger),
		T(a_script_has_numbers_and_styles),
		T(styles_differ_in_more_than_colour),
	};

	return cmocka_run_group_tests_name("html", tests, NULL, NULL);
}
