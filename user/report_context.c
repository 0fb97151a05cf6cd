// SPDX-License-Identifier: GPL-2.0-or-later
/* Where and with what it was measured: run.json as tables, whatever it holds. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "html.h"
#include "report_internal.h"

/* These have places of their own. */
static const char *const told_elsewhere[] = { "cells", "guest", "ledger", "command", "schema" };

static const struct {
	const char *name, *caption;
	bool folded; /* long, and for who repeats the run only */
} captions[] = {
	{ "kernels", "Kernels", false },
	{ "arms", "Arms and their parameters", false },
	{ "arms_left_out", "Arms left out", false },
	{ "host", "Host", false },
	{ "lab", "Guest, or what was used of the machine", false },
	{ "devices", "Devices", false },
	{ "swap_devices", "Swap devices", false },
	{ "ssd_class", "Speed class of the SSDs", false },
	{ "settings", "Settings fixed for the run", true },
	{ "workload_options", "Options of the workloads", false },
	{ "patches", "Kernel patches", true },
	{ "project", "State of the source", false },
	{ "load", "The load", false },
	{ "refused", "Tracers that did not start", false },
};

static bool is_told_elsewhere(const char *name)
{
	for (size_t i = 0; i < sizeof(told_elsewhere) / sizeof(*told_elsewhere); i++)
		if (!strcmp(told_elsewhere[i], name))
			return true;
	return false;
}

static bool is_object(struct json_object *value)
{
	return json_object_is_type(value, json_type_object);
}

static bool is_array(struct json_object *value)
{
	return json_object_is_type(value, json_type_array);
}

/* What is null, or an empty text, was not known. */
static const char *scalar_text(struct json_object *value)
{
	const char *text;

	if (json_object_is_type(value, json_type_boolean))
		return json_object_get_boolean(value) ? "yes" : "no";
	text = value ? json_object_get_string(value) : "";
	return *text ? text : "unknown";
}

static void put_list(FILE *out, struct json_object *list)
{
	for (size_t i = 0; i < json_object_array_length(list); i++)
		html_print(out, "%s%s", i ? " " : "",
			   scalar_text(json_object_array_get_idx(list, i)));
}

/* Objects within objects become lines with dotted names. */
static void put_pair(FILE *out, const char *prefix, const char *name, struct json_object *value)
{
	char full[256];

	snprintf(full, sizeof(full), "%s%s%s", prefix, *prefix ? "." : "", name);
	if (is_object(value)) {
		json_object_object_foreach(value, inner, member)
		{
			put_pair(out, full, inner, member);
		}
		return;
	}
	fputs("<tr>", out);
	html_element(out, "th scope='row'", "%s", full);
	fputs("<td class='wrap'>", out);
	if (is_array(value))
		put_list(out, value);
	else
		html_text(out, scalar_text(value));
	fputs("</td></tr>\n", out);
}

static void put_pairs(FILE *out, const char *caption, struct json_object *object)
{
	html_table_open(out, "%s", caption);
	html_table_columns(out, "what|value");
	json_object_object_foreach(object, name, value)
	{
		put_pair(out, "", name, value);
	}
	html_table_close(out);
}

/* Objects of one kind, as the lines of a table; in an object each has a name. */
struct matrix {
	struct json_object **rows;
	const char **names; /* NULL: they have none */
	size_t n;
};

static void free_matrix(struct matrix *m)
{
	free(m->rows);
	free(m->names);
}

static bool alloc_matrix(struct matrix *m, size_t n, bool named)
{
	m->rows = calloc(n + 1, sizeof(*m->rows));
	if (named)
		m->names = calloc(n + 1, sizeof(*m->names));
	return m->rows && (m->names || !named);
}

static bool fill_matrix(struct matrix *m, struct json_object *value)
{
	*m = (struct matrix){ 0 };
	if (is_array(value)) {
		if (!alloc_matrix(m, json_object_array_length(value), false))
			return false;
		for (; m->n < json_object_array_length(value); m->n++)
			m->rows[m->n] = json_object_array_get_idx(value, m->n);
		return true;
	}
	if (!alloc_matrix(m, json_object_object_length(value), true))
		return false;
	json_object_object_foreach(value, name, member)
	{
		m->names[m->n] = name;
		m->rows[m->n++] = member;
	}
	return true;
}

static bool is_matrix(const struct matrix *m)
{
	for (size_t i = 0; i < m->n; i++)
		if (!is_object(m->rows[i]))
			return false;
	return m->n > 0;
}

/* The names of the members that the lines have, each once; to be put. */
static struct json_object *column_names(const struct matrix *m)
{
	struct json_object *names = json_object_new_object();

	for (size_t i = 0; i < m->n; i++) {
		json_object_object_foreach(m->rows[i], name, value)
		{
			(void)value;
			json_object_object_add(names, name, NULL);
		}
	}
	return names;
}

static void put_cell(FILE *out, struct json_object *value)
{
	fputs("<td class='wrap'>", out);
	if (is_object(value) || is_array(value))
		html_text(out, json_object_to_json_string_ext(value, JSON_C_TO_STRING_PLAIN));
	else
		html_text(out, scalar_text(value));
	fputs("</td>", out);
}

static void put_matrix_row(FILE *out, const struct matrix *m, size_t i, struct json_object *columns)
{
	fputs("<tr>", out);
	if (m->names)
		html_element(out, "th scope='row'", "%s", m->names[i]);
	json_object_object_foreach(columns, column, unused)
	{
		(void)unused;
		put_cell(out, report_run_get(m->rows[i], column));
	}
	fputs("</tr>\n", out);
}

static void put_matrix(FILE *out, const char *caption, const struct matrix *m)
{
	struct json_object *columns = column_names(m);

	html_table_open(out, "%s", caption);
	if (m->names)
		html_table_column(out, false, "name");
	json_object_object_foreach(columns, column, unused)
	{
		(void)unused;
		html_table_column(out, false, "%s", column);
	}
	html_table_body(out);
	for (size_t i = 0; i < m->n; i++)
		put_matrix_row(out, m, i, columns);
	html_table_close(out);
	json_object_put(columns);
}

static int put_container(FILE *out, const char *caption, struct json_object *value)
{
	struct matrix m;
	int err = fill_matrix(&m, value) ? 0 : -ENOMEM;

	if (!err && is_matrix(&m))
		put_matrix(out, caption, &m);
	else if (!err && is_object(value) && m.n)
		put_pairs(out, caption, value);
	free_matrix(&m);
	return err;
}

/* What is not known here is shown under its own name. */
static int put_member(FILE *out, const char *name, struct json_object *value)
{
	const char *caption = name;
	bool folded = false;
	int err;

	for (size_t i = 0; i < sizeof(captions) / sizeof(*captions); i++)
		if (!strcmp(captions[i].name, name)) {
			caption = captions[i].caption;
			folded = captions[i].folded;
		}
	if (folded) {
		fputs("<details>", out);
		html_element(out, "summary", "%s", caption);
	}
	err = put_container(out, caption, value);
	if (folded)
		fputs("</details>\n", out);
	return err;
}

/* A list of words is a line of the first table; other containers have one of their own. */
static bool is_words(struct json_object *value)
{
	if (!is_array(value))
		return false;
	for (size_t i = 0; i < json_object_array_length(value); i++)
		if (is_object(json_object_array_get_idx(value, i)))
			return false;
	return true;
}

static bool is_line(struct json_object *value)
{
	return !is_object(value) && (!is_array(value) || is_words(value));
}

static void put_lines(struct report *r)
{
	html_table_open(r->out, "The run");
	html_table_columns(r->out, "what|value");
	json_object_object_foreach(r->run, name, value)
	{
		if (is_line(value) && !is_told_elsewhere(name))
			put_pair(r->out, "", name, value);
	}
	html_table_close(r->out);
}

static int put_containers(struct report *r)
{
	json_object_object_foreach(r->run, name, value)
	{
		int err;

		if (is_line(value) || is_told_elsewhere(name))
			continue;
		err = put_member(r->out, name, value);
		if (err)
			return err;
	}
	return 0;
}

/* What record itself saw, in the last cell of each kernel. */
static void put_guest(struct report *r)
{
	struct json_object *guest = report_run_get(r->run, "guest");

	if (!is_object(guest) || !json_object_object_length(guest))
		return;
	fputs("<details><summary>What the recorder saw, in the last cell of each "
	      "kernel</summary>\n",
	      r->out);
	json_object_object_foreach(guest, name, context)
	{
		if (is_object(context))
			put_pairs(r->out, name, context);
	}
	fputs("</details>\n", r->out);
}

static size_t count_steady(const struct report *r, bool steady)
{
	size_t n = 0;

	for (size_t i = 0; i < r->data.nmetrics.n; i++)
		n += !strcmp(r->data.metrics[i].metric, "steady") &&
		     (r->data.metrics[i].value == 1) == steady;
	return n;
}

static size_t count_cells(struct json_object *cells, const char *state)
{
	size_t n = 0;

	for (size_t i = 0; i < json_object_array_length(cells); i++)
		n += !strcmp(report_run_text(json_object_array_get_idx(cells, i), "state"), state);
	return n;
}

static void put_unfinished(FILE *out, struct json_object *cells)
{
	html_table_open(out, "Cells without a result");
	html_table_columns(out, "cell|state|reason|console");
	for (size_t i = 0; i < json_object_array_length(cells); i++) {
		struct json_object *cell = json_object_array_get_idx(cells, i);

		if (!strcmp(report_run_text(cell, "state"), "done"))
			continue;
		fputs("<tr>", out);
		html_element(out, "th scope='row'", "%s", report_run_text(cell, "id"));
		html_element(out, "td", "%s", report_run_text(cell, "state"));
		html_element(out, "td class='wrap'", "%s", report_run_text(cell, "reason"));
		html_element(out, "td class='wrap'", "%s", report_run_text(cell, "log"));
		fputs("</tr>\n", out);
	}
	html_table_close(out);
}

static void put_cells(struct report *r)
{
	struct json_object *cells = report_run_get(r->run, "cells");
	size_t steady = count_steady(r, true), unsteady = count_steady(r, false);

	if (is_array(cells)) {
		size_t all = json_object_array_length(cells), done = count_cells(cells, "done");

		html_element(r->out, "p", "Of %zu cells %zu are done, %zu failed, %zu are missing.",
			     all, done, count_cells(cells, "failed"),
			     count_cells(cells, "missing"));
		if (done < all)
			put_unfinished(r->out, cells);
	}
	if (steady + unsteady)
		html_element(r->out, "p",
			     "Swapping was steady before the measurement in %zu of %zu cells.",
			     steady, steady + unsteady);
	else
		html_element(r->out, "p", "Whether swapping was steady was not recorded.");
}

int report_context(struct report *r)
{
	int err = 0;

	if (!r->run) {
		html_element(r->out, "p", "There is no run.json: the context is not known.");
	} else {
		put_lines(r);
		put_cells(r);
		err = put_containers(r);
		put_guest(r);
	}
	return err;
}
