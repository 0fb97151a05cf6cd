// SPDX-License-Identifier: GPL-2.0-or-later
/* The commands that make the run, and this page, again. */
#include <string.h>

#include "html.h"
#include "report_internal.h"

static bool is_plain(const char *word)
{
	return *word && !word[strspn(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
					   "0123456789_-+=./,:@%")];
}

/* A word as a shell takes it. */
static void put_word(FILE *out, const char *word)
{
	if (is_plain(word)) {
		html_text(out, word);
		return;
	}
	html_text(out, "'");
	for (; *word; word++)
		html_print(out, *word == '\'' ? "'\\''" : "%c", *word);
	html_text(out, "'");
}

/* Where its commands are typed, the tool is there, and not in the PATH. */
static void put_tool(FILE *out, const char *words)
{
	html_print(out, strncmp(words, "lockstat-swap", strlen("lockstat-swap")) ? "%s" : "./%s",
		   words);
}

/* The first word is the tool and its command: "lockstat-swap record". */
static void put_words(FILE *out, struct json_object *words)
{
	for (size_t i = 0; i < json_object_array_length(words); i++) {
		const char *word = json_object_get_string(json_object_array_get_idx(words, i));

		if (i)
			fputc(' ', out);
		if (i)
			put_word(out, word ? word : "");
		else
			put_tool(out, word ? word : "");
	}
}

/* The bench names itself without its folder: from the top of the tree it has one. */
static void put_bench(FILE *out, const char *command)
{
	const char *bench = strstr(command, "bench.sh ");
	bool bare = bench && (bench == command || bench[-1] == ' ');

	if (bare)
		html_print(out, "%.*sbench/%s", (int)(bench - command), command, bench);
	else
		html_text(out, command);
}

static void put_source(struct report *r)
{
	struct json_object *project = report_run_get(r->run, "project");
	const char *commit = report_run_text(project, "commit");

	if (*commit)
		html_element(r->out, "p", "At the top of the source, commit %s%s:", commit,
			     json_object_get_boolean(report_run_get(project, "modified"))
				     ? " with changes that were not committed"
				     : "");
	else
		html_element(r->out, "p", "The commit of the source is not known.");
}

static void put_commands(struct report *r, struct json_object *command)
{
	bool recording = json_object_is_type(command, json_type_array);

	put_source(r);
	fputs("<pre tabindex='0'><code>", r->out);
	if (recording)
		put_words(r->out, command);
	else
		put_bench(r->out, json_object_get_string(command));
	/* The bench writes below results/, wherever this copy is. */
	fprintf(r->out, "\n./lockstat-swap report %s", recording ? "" : "results/");
	put_word(r->out, report_directory(r));
	if (r->by.base) {
		fputs(" --base ", r->out);
		put_word(r->out, r->by.base);
	}
	fputs("</code></pre>\n", r->out);
}

int report_repeat(struct report *r)
{
	struct json_object *command = report_run_get(r->run, "command");

	if (json_object_is_type(command, json_type_array) ||
	    json_object_is_type(command, json_type_string))
		put_commands(r, command);
	else
		html_element(r->out, "p", "%s",
			     r->run ? "run.json does not say by which command it was made."
				    : "There is no run.json: the command is not known.");
	return 0;
}
