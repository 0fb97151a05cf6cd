// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A run against itself: repetitions of one arm of the results in results/ are drawn at random,
 * with replacement, for either side of a comparison that knows nothing of it. What it then calls
 * different is false. The draws are seeded: a rate changes only with the code or the results.
 */
#include "compare_files.h"

#include <stdint.h>

enum { DRAWS = 1000, MAX_ROWS = 4096, MAX_REPS = 32, ARM_COLUMN = 4, REP_COLUMN = 10 };

/* A row without its arm and its repetition: what comes before, between and behind them. */
struct source_row {
	char *text;
	const char *part[3];
	int length[3];
	int rep;
};

struct source {
	char header[1024];
	struct source_row rows[MAX_ROWS];
	int n;
};

static struct source locks, metrics;
static uint64_t seed;

/* splitmix64 */
static unsigned int draw(unsigned int below)
{
	uint64_t z = seed += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return (z ^ z >> 31) % below;
}

static char *column(char *text, int n)
{
	for (; n; n--)
		text = strchr(text, ',') + 1;
	return text;
}

static bool has(char *text, int n, const char *value)
{
	size_t length = strlen(value);

	text = column(text, n);
	return !strncmp(text, value, length) && text[length] == ',';
}

static void keep_row(struct source *source, const char *line)
{
	struct source_row *row = &source->rows[source->n++];
	char *arm, *rep, *end;

	assert_true(source->n < MAX_ROWS);
	row->text = strdup(line);
	assert_non_null(row->text);
	arm = column(row->text, ARM_COLUMN);
	rep = column(row->text, REP_COLUMN);
	row->rep = strtol(rep, &end, 10);
	row->part[0] = row->text;
	row->length[0] = arm - row->text;
	row->part[1] = column(arm, 1);
	row->length[1] = rep - row->part[1];
	row->part[2] = end;
	row->length[2] = strlen(end);
}

/* The rows of @path of this kernel and arm. */
static void load(struct source *source, const char *path, const char *kernel, const char *arm)
{
	FILE *file = fopen(path, "r");
	char line[1024];

	assert_non_null(file);
	assert_non_null(fgets(source->header, sizeof(source->header), file));
	while (fgets(line, sizeof(line), file))
		if (has(line, 2, kernel) && has(line, ARM_COLUMN, arm))
			keep_row(source, line);
	fclose(file);
	assert_true(source->n > 0);
}

static void unload(struct source *source)
{
	for (int i = 0; i < source->n; i++)
		free(source->rows[i].text);
	source->n = 0;
}

static void write_rep(const struct source *source, int from, const char *arm, int rep)
{
	for (int i = 0; i < source->n; i++) {
		const struct source_row *row = &source->rows[i];

		if (row->rep == from)
			fprintf(out, "%.*s%s,%.*s%d%.*s", row->length[0], row->part[0], arm,
				row->length[1], row->part[1], rep, row->length[2], row->part[2]);
	}
}

static void write_draw(const struct source *source, int file, const int (*from)[MAX_REPS], int reps)
{
	static const char *const arms[] = { "a", "b" };

	out = fopen(paths[file], "w");
	assert_non_null(out);
	fputs(source->header, out);
	for (int arm = 0; arm < 2; arm++)
		for (int i = 0; i < reps; i++)
			write_rep(source, from[arm][i], arms[arm], i + 1);
	end();
}

struct tally {
	int tables; /* with a line called different */
	int lines, called, below;
	int paired;
};

static void count(struct tally *tally)
{
	int called = 0;

	for (size_t i = 0; i < nrows; i++) {
		if (isnan(rows[i].p_holm))
			continue;
		tally->lines++;
		tally->paired += rows[i].pairs > 0;
		tally->below += rows[i].p < STATS_ALPHA;
		called += rows[i].verdict == VERDICT_LOWER || rows[i].verdict == VERDICT_HIGHER;
	}
	tally->called += called;
	tally->tables += called > 0;
}

/* @known repetitions are drawn from, @reps of them for each side. */
static void against_itself(const char *name, int known, int reps, enum compare_pairing pairing)
{
	static const struct compare_query by_arm = { .by = "arm", .base = "a" };
	struct compare_query query = by_arm;
	struct tally tally = {};
	int from[2][MAX_REPS];

	seed = 20261121;
	query.pairing = pairing;
	for (int i = 0; i < DRAWS; i++) {
		for (int k = 0; k < 2 * reps; k++)
			from[k % 2][k / 2] = 1 + draw(known);
		write_draw(&metrics, 0, from, reps);
		if (locks.n)
			write_draw(&locks, 1, from, reps);
		assert_int_equal(run(&query, locks.n ? 2 : 1), 0);
		count(&tally);
		compare_set_free(set);
		set = NULL;
	}
	print_message(
		"%-14s n %2d, %5.1f lines a table, %3.0f%% paired: p < 0.05 in %.2f%% of the lines;"
		" called different: %.3f%% of the lines, %.1f%% of the tables\n",
		name, reps, (double)tally.lines / DRAWS, 100.0 * tally.paired / tally.lines,
		100.0 * tally.below / tally.lines, 100.0 * tally.called / tally.lines,
		100.0 * tally.tables / DRAWS);
	assert_true(tally.lines > 3 * DRAWS);
	assert_true(tally.below < STATS_ALPHA * tally.lines);
	assert_true(tally.tables < STATS_ALPHA * DRAWS);
}

static void an_arm_in_guests_differs_from_itself_in_5_percent_at_most(void **state)
{
	(void)state;
	load(&metrics, "results/6.1-tcg-2cpu/metrics.csv", "6.1.192-timing", "global");
	load(&locks, "results/6.1-tcg-2cpu/locks.csv", "6.1.192-lockstat", "global");
	against_itself("6.1-tcg-2cpu", 4, 10, PAIRING_AUTO);
	against_itself("6.1-tcg-2cpu", 4, 10, PAIRING_ALWAYS);
	unload(&metrics);
	unload(&locks);
}

static void a_tracer_on_the_host_differs_from_itself_in_5_percent_at_most(void **state)
{
	(void)state;
	load(&metrics, "results/6.18-host-2cpu/metrics.csv", "6.18.44-fc-v669", "lockstat-swap");
	against_itself("6.18-host-2cpu", 20, 10, PAIRING_AUTO);
	against_itself("6.18-host-2cpu", 20, 20, PAIRING_AUTO);
	against_itself("6.18-host-2cpu", 20, 10, PAIRING_NEVER);
	unload(&metrics);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		T(an_arm_in_guests_differs_from_itself_in_5_percent_at_most),
		T(a_tracer_on_the_host_differs_from_itself_in_5_percent_at_most),
	};

	return cmocka_run_group_tests_name("compare a run against itself", tests, NULL, NULL);
}
