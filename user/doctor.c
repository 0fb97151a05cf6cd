// SPDX-License-Identifier: GPL-2.0-or-later
/* lockstat-swap doctor: the command line and the output. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <json-c/json.h>

#include "columns.h"
#include "commands.h"
#include "doctor.h"
#include "log.h"
#include "usage.h"

enum { OPT_JSON = 1000 };

static const struct argp_option options[] = {
	{ "json", OPT_JSON, NULL, 0, "print one JSON object", 0 }, { 0 }
};

static const char doc[] =
	"Tell what this kernel and machine can show, what would mislead, and what to do about it."
	" It also runs without root, and then says what root would add.\v"
	"Each finding is ok, a note (less is shown than could be), a warning (who does not know it"
	" will misread the figures) or a failure (nothing can be recorded for this reason).\n\n"
	"Exit status: 0 recording is possible; 1 failed; 2 usage; 4 recording is impossible here.";

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	bool *json = state->input;

	if (key != OPT_JSON)
		return usage_parse_common(key, arg, state);
	*json = true;
	return 0;
}

enum { INDENT = 11, WIDTH = 100 };

static void print_wrapped(const char *lead, const char *text)
{
	char words[512];
	int column = 0;

	snprintf(words, sizeof(words), "%s%s", lead, text);
	for (char *word = strtok(words, " "); *text && word; word = strtok(NULL, " ")) {
		bool fits = column && column + 1 + (int)strlen(word) <= WIDTH;

		if (fits)
			column += printf(" %s", word);
		else
			column = printf("%s%*s%s", column ? "\n" : "", INDENT, "", word);
	}
	if (column)
		putchar('\n');
}

static bool same_explanation(const struct finding *a, const struct finding *b)
{
	return !strcmp(a->consequence, b->consequence) && !strcmp(a->cure, b->cure);
}

/* What several findings in a row have in common is said once, under the last. */
static void print_findings(const struct finding *findings, int n)
{
	for (int i = 0; i < n; i++) {
		const struct finding *f = &findings[i];

		printf("%-9s %-26s %s\n", doctor_status_name(f->status), f->name, f->found);
		if (i + 1 < n && same_explanation(f, f + 1))
			continue;
		print_wrapped("", f->consequence);
		print_wrapped("cure: ", f->cure);
	}
}

static void print_verdict(const struct doctor_facts *facts)
{
	if (!doctor_can_record(facts))
		printf("\nrecording is impossible here: see the failures\n");
	else
		printf("\nrecording is possible: lockstat-swap record%s\n",
		       facts->lockdep && facts->lockdep != DOCTOR_NOT_TRIED
			       ? " --backend contention"
			       : "");
}

static void add_string(struct json_object *object, const char *key, const char *value)
{
	json_object_object_add(object, key, json_object_new_string(value));
}

static struct json_object *finding_object(const struct finding *f)
{
	struct json_object *object = json_object_new_object();

	add_string(object, "name", f->name);
	add_string(object, "status", doctor_status_name(f->status));
	add_string(object, "found", f->found);
	add_string(object, "consequence", f->consequence);
	add_string(object, "cure", f->cure);
	return object;
}

static void print_json(const struct doctor_facts *facts, const struct finding *findings, int n)
{
	struct json_object *object = json_object_new_object();
	struct json_object *list = json_object_new_array();

	for (int i = 0; i < n; i++)
		json_object_array_add(list, finding_object(&findings[i]));
	json_object_object_add(object, "schema", json_object_new_int(CSV_SCHEMA));
	add_string(object, "kernel", facts->kernel);
	json_object_object_add(object, "findings", list);
	json_object_object_add(object, "can_record",
			       json_object_new_boolean(doctor_can_record(facts)));
	puts(json_object_to_json_string_ext(object, JSON_C_TO_STRING_PRETTY |
							    JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(object);
}

int cmd_doctor(int argc, char **argv)
{
	static const struct argp argp = { options, parse_option, NULL, doc, 0, 0, 0 };
	static struct doctor_facts facts;
	static struct finding findings[MAX_FINDINGS];
	bool json = false;
	int n;

	usage_parse(&argp, argc, argv, &json);
	log_take_libbpf();
	doctor_examine(&facts);
	n = doctor_judge(&facts, findings);
	if (json) {
		print_json(&facts, findings, n);
	} else {
		print_findings(findings, n);
		print_verdict(&facts);
	}
	if (fflush(stdout) || ferror(stdout)) {
		log_error("cannot print: %s", strerror(errno));
		return EXIT_FAILED;
	}
	return doctor_can_record(&facts) ? EXIT_DONE : EXIT_UNSUPPORTED;
}
