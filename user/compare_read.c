// SPDX-License-Identifier: GPL-2.0-or-later
/* The files and directories of the comparison, row by row. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "compare_reading.h"

static bool row_matches(const struct reading *r)
{
	const struct compare_query *q = r->set->query;

	for (size_t i = 0; i < q->nwhere; i++)
		if (r->in->where[i] < 0 ||
		    strcmp(compare_field(r, r->in->where[i]), q->where[i].value))
			return false;
	return true;
}

/* Not of the compared column's world: a drive's ceiling has no arm, a metric no class. */
static bool is_elsewhere(const struct reading *r, const struct cell *cell)
{
	const struct compare_set *set = r->set;

	if (set->by_file || !*set->query->base)
		return false;
	if (set->by_cell >= 0)
		return !*cell->setting->column[set->by_cell];
	return !*compare_field(r, r->in->by);
}

/* As text they would be what nobody measured: a number of drives, threads or repetitions is one. */
static int check_numbers(const struct reading *r)
{
	static const enum cell_column numbers[] = { CELL_SSDS, CELL_THREADS, CELL_REP };
	uint64_t number;
	int n = 0;

	for (size_t i = 0; i < COMPARE_COUNT(numbers) && n >= 0; i++)
		n = csv_reader_u64(r->csv, r->in->cell[numbers[i]], &number);
	return n < 0 ? n : 0;
}

static int read_row(const struct reading *r)
{
	int err = check_numbers(r);
	struct cell *cell = err ? NULL : compare_find_cell(r);
	struct group *group;

	if (!err && !cell)
		err = compare_set_no_memory(r->set);
	/* Also of rows that --where leaves out: they say how far to trust the others. */
	if (!err && r->input == INPUT_METRICS)
		err = compare_take_ledger(r, cell);
	if (err || !row_matches(r) || is_elsewhere(r, cell))
		return err;
	group = compare_find_group(r, cell);
	if (!group)
		return compare_set_no_memory(r->set);
	return r->input == INPUT_LOCKS ? compare_add_locks(r, cell, group)
				       : compare_add_metric(r, cell, group);
}

static int find_kind(struct reading *r)
{
	if (csv_reader_has(r->csv, "class") && csv_reader_has(r->csv, "lock"))
		r->input = INPUT_LOCKS;
	else if (csv_reader_has(r->csv, "metric") && csv_reader_has(r->csv, "value"))
		r->input = INPUT_METRICS;
	else
		return compare_set_fail(r->set, -EINVAL,
					"%s:1: neither locks.csv (no columns 'class', 'lock') nor "
					"metrics.csv ('metric', 'value')",
					r->set->files[r->file]);
	r->in = &r->set->inputs[r->input];
	return compare_resolve(r->set, r->input);
}

static int read_rows(struct reading *r)
{
	const struct column *columns;
	size_t n;
	int err = find_kind(r);

	if (err)
		return err;
	columns = compare_columns(r->input, &n);
	err = csv_reader_bind(r->csv, columns, n);
	while (!err) {
		err = csv_reader_next(r->csv);
		if (err <= 0)
			break;
		err = read_row(r);
	}
	return err;
}

static int add_file(struct compare_set *set, const char *name)
{
	const char **files = reallocarray(set->files, set->nfiles + 1, sizeof(*files));

	if (!files)
		return compare_set_no_memory(set);
	set->files = files;
	files[set->nfiles++] = name;
	return 0;
}

static int read_file(struct compare_set *set, struct source *source, const char *name)
{
	struct reading r = { .set = set, .source = source, .file = set->nfiles };
	int err = add_file(set, name);

	if (err)
		return err;
	err = csv_reader_open(&r.csv, name);
	if (!err)
		err = read_rows(&r);
	/* Whatever failed last has said why: the set, or else the reader. */
	if (err && !*set->error)
		compare_set_fail(set, err, "%s", csv_reader_error(r.csv));
	csv_reader_close(r.csv);
	return err;
}

/* Its path as one of the set's strings, or NULL. */
static const char *file_in(struct compare_set *set, const char *dir, const char *file)
{
	const char *interned = NULL;
	char *path;

	if (asprintf(&path, "%s/%s", dir, file) < 0)
		return NULL;
	interned = compare_intern(set, path);
	free(path);
	return interned;
}

static int read_directory(struct compare_set *set, struct source *source)
{
	static const char *const names[] = { "locks.csv", "metrics.csv" };
	const char *path = file_in(set, source->name, "run.json");
	size_t found = 0;
	int err =
		path ? compare_context_read(&source->context, path, set->error, sizeof(set->error))
		     : compare_set_no_memory(set);

	if (err == -ENOENT)
		err = 0;
	for (size_t i = 0; i < COMPARE_COUNT(names) && !err; i++) {
		struct stat st;

		path = file_in(set, source->name, names[i]);
		if (!path)
			return compare_set_no_memory(set);
		if (stat(path, &st) && errno == ENOENT)
			continue;
		found++;
		err = read_file(set, source, path);
	}
	if (!err && !found)
		return compare_set_fail(set, -ENOENT, "%s: no locks.csv and no metrics.csv in it",
					source->name);
	return err;
}

static struct source *add_source(struct compare_set *set, const char *path)
{
	struct source **list = reallocarray(set->sources, set->nsources + 1, sizeof(*list));
	struct source *source;

	if (!list)
		return NULL;
	set->sources = list;
	source = arena__take(&set->memory, sizeof(*source), _Alignof(struct source));
	if (!source)
		return NULL;
	source->name = compare_intern(set, path);
	list[set->nsources++] = source;
	return source->name ? source : NULL;
}

/* Its repetitions would count as others. */
static int check_new(struct compare_set *set, const struct source *source)
{
	for (size_t i = 0; i + 1 < set->nsources; i++)
		if (set->sources[i]->device == source->device &&
		    set->sources[i]->inode == source->inode)
			return compare_set_fail(set, -EBADRQC, "%s and %s are the same",
						set->sources[i]->name, source->name);
	return 0;
}

int compare_set_read(struct compare_set *set, const char *path)
{
	struct source *source = add_source(set, path);
	struct stat st = {};
	int err;

	if (!source)
		return compare_set_no_memory(set);
	/* What cannot be looked at cannot be opened either, which says why. */
	if (!strcmp(path, "-") || stat(path, &st))
		return read_file(set, source, source->name);
	source->device = st.st_dev;
	source->inode = st.st_ino;
	err = check_new(set, source);
	if (err)
		return err;
	return S_ISDIR(st.st_mode) ? read_directory(set, source)
				   : read_file(set, source, source->name);
}
