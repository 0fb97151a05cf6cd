// SPDX-License-Identifier: GPL-2.0-or-later
/* The JSON of a recording: its keys are those that the manual page describes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <json-c/json.h>

#include "cgroup.h"
#include "rows.h"

enum { MAX_KEYS = 100 };

struct keys {
	char *list[MAX_KEYS];
	size_t n;
};

static struct lock_set locks;
static struct lock_sample samples[MAX_ROWS];
static struct sysmetrics from, to;

/* This machine may have no cgroup. */
const char *cgroup_path(__u64 id)
{
	return id == 1 ? "/group" : NULL;
}

static void add_key(struct keys *keys, const char *key)
{
	for (size_t i = 0; i < keys->n; i++)
		if (!strcmp(keys->list[i], key))
			return;
	assert_true(keys->n < MAX_KEYS);
	keys->list[keys->n++] = strdup(key);
}

static bool has_key(const struct keys *keys, const char *key)
{
	for (size_t i = 0; i < keys->n; i++)
		if (!strcmp(keys->list[i], key))
			return true;
	return false;
}

static void free_keys(struct keys *keys)
{
	for (size_t i = 0; i < keys->n; i++)
		free(keys->list[i]);
	keys->n = 0;
}

/* Keys as jq has them: locks[].wait_ns.p50 */
static void collect(struct keys *keys, const char *path, struct json_object *object)
{
	size_t n =
		json_object_is_type(object, json_type_array) ? json_object_array_length(object) : 0;
	char below[256];

	for (size_t i = 0; i < n; i++) {
		snprintf(below, sizeof(below), "%s[]", path);
		collect(keys, below, json_object_array_get_idx(object, i));
	}
	if (!json_object_is_type(object, json_type_object))
		return;
	json_object_object_foreach(object, key, value)
	{
		snprintf(below, sizeof(below), "%s%s%s", path, *path ? "." : "", key);
		add_key(keys, below);
		collect(keys, below, value);
	}
}

/* What one recording with everything in it prints. */
static void collect_printed(struct keys *keys, enum backend backend, enum grouping by)
{
	const struct row_identity identity = { .kernel = "6.1", .backend = "b", .lockpath = "pv" };
	struct owner owner = { .id = 1, .row = SLOT_FIRST_NAMED, .stats = { .comm = "a" } };
	const struct owners owners = { .list = &owner, .n = 1 };
	const struct row_filter filter = {};
	const struct window window = { &from, &to, &locks, samples, &owners, 1 };
	struct json_object *object;
	size_t bytes;
	char *text;
	FILE *out = open_memstream(&text, &bytes);

	assert_int_equal(rows__write_json(out, &identity, backend, &filter, by, &window), 0);
	fclose(out);
	assert_ptr_equal(strchr(text, '\n'), text + bytes - 1);
	object = json_tokener_parse(text);
	assert_non_null(object);
	collect(keys, "", object);
	json_object_put(object);
	free(text);
}

/* Of the tags (.TP, then a line of .B) of that section. */
static void collect_described(struct keys *keys)
{
	FILE *page = fopen("docs/lockstat-swap.8.in", "r");
	bool here = false, tag = false;
	char line[1024];

	assert_non_null(page);
	while (fgets(line, sizeof(line), page)) {
		if (!strncmp(line, ".SH ", 4))
			here = !strcmp(line, ".SH JSON OF RECORD\n");
		if (here && tag && !strncmp(line, ".B ", 3))
			for (char *key = strtok(line + 3, " \n"); key; key = strtok(NULL, " \n"))
				add_key(keys, key);
		tag = !strcmp(line, ".TP\n");
	}
	fclose(page);
}

static int setup(void **state)
{
	const struct named_lock lock = {
		.class = CLASS_SWAP_MAP,
		.confidence = CONFIDENCE_STRUCTURAL,
		.device = "zram0",
		.lock = "swap_info[0]->lock",
	};

	(void)state;
	lock_set__init(&locks);
	lock_set__add(&locks, &lock, 100, 110);
	samples[SLOT_FIRST_NAMED].wait = (struct time_stats){ 1, 7, 7, 7, { [7] = 1 } };
	samples[SLOT_FIRST_NAMED].hold = (struct time_stats){ 1, 9, 9, 9, { [9] = 1 } };
	from = (struct sysmetrics){ .devices = { { .name = "zram0" } }, .nr_devices = 1 };
	to = from;
	to.seconds = 1;
	return 0;
}

static void the_manual_page_has_the_keys(void **state)
{
	struct keys printed = {}, described = {};

	(void)state;
	collect_printed(&printed, BACKEND_LOCKDEP, BY_TASK);
	collect_printed(&printed, BACKEND_CONTENTION, BY_CGROUP);
	collect_described(&described);
	assert_true(printed.n > 30);
	for (size_t i = 0; i < printed.n; i++)
		if (!has_key(&described, printed.list[i]))
			fail_msg("printed, not described: %s", printed.list[i]);
	for (size_t i = 0; i < described.n; i++)
		if (!has_key(&printed, described.list[i]))
			fail_msg("described, not printed: %s", described.list[i]);
	free_keys(&printed);
	free_keys(&described);
}

static void what_was_not_measured_is_not_there(void **state)
{
	struct keys keys = {};

	(void)state;
	memset(samples, 0, sizeof(samples));
	collect_printed(&keys, BACKEND_CONTENTION, BY_LOCK);
	assert_true(has_key(&keys, "locks[].wait_ns.total"));
	assert_false(has_key(&keys, "locks[].wait_ns.p50"));
	assert_false(has_key(&keys, "locks[].hold_ns"));
	assert_false(has_key(&keys, "locks[].acquired"));
	assert_false(has_key(&keys, "owners"));
	free_keys(&keys);
	collect_printed(&keys, BACKEND_NONE, BY_LOCK);
	assert_false(has_key(&keys, "locks"));
	free_keys(&keys);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(the_manual_page_has_the_keys, setup),
		cmocka_unit_test_setup(what_was_not_measured_is_not_there, setup),
	};

	return cmocka_run_group_tests_name("json", tests, NULL, NULL);
}
