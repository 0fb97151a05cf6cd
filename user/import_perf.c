// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * `perf lock contention`: with -x (Linux 6.6) numbers and nanoseconds between
 * separators, below a comment that names the columns; without it, and always in
 * 6.1, a table to read, whose times have two decimals and a unit.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "import_internal.h"

#define HEADER "# output: "
#define BLANKS " \t"

/* The figures first. Which there are, and their order, is the user's choice (-F). */
enum perf_column {
	PERF_CONTENDED,
	PERF_TOTAL,
	PERF_MAX,
	PERF_MIN,
	PERF_AVG,
	PERF_PID,
	PERF_COMM,
	PERF_OWNER,
	PERF_CGROUP,
	PERF_TYPE,
	PERF_CALLER,
	PERF_ADDRESS,
	PERF_SYMBOL,
	PERF_STACK,
	PERF_COLUMNS,
};

static const struct {
	const char *name;
	enum lock_column column;
} columns[PERF_COLUMNS] = {
	[PERF_CONTENDED] = { "contended", LOCK_CONTENDED },
	[PERF_TOTAL] = { "total wait", LOCK_WAIT_TOTAL },
	[PERF_MAX] = { "max wait", LOCK_WAIT_MAX },
	[PERF_MIN] = { "min wait", LOCK_WAIT_MIN },
	[PERF_AVG] = { "avg wait", LOCK_COLUMNS },
	[PERF_PID] = { "pid", LOCK_COLUMNS },
	[PERF_COMM] = { "comm", LOCK_COLUMNS },
	[PERF_OWNER] = { "owner", LOCK_COLUMNS },
	[PERF_CGROUP] = { "cgroup", LOCK_COLUMNS },
	[PERF_TYPE] = { "type", LOCK_COLUMNS },
	[PERF_CALLER] = { "caller", LOCK_COLUMNS },
	[PERF_ADDRESS] = { "address", LOCK_COLUMNS },
	[PERF_SYMBOL] = { "symbol", LOCK_COLUMNS },
	[PERF_STACK] = { "stacktrace", LOCK_COLUMNS },
};

struct layout {
	enum perf_column columns[PERF_COLUMNS];
	int n;
	char separator[16]; /* empty: blanks */
};

/* The fields of a line; NULL where the column is not there. */
struct fields {
	char *text[PERF_COLUMNS];
};

static bool is_time(enum perf_column column)
{
	return column > PERF_CONTENDED && column <= PERF_AVG;
}

/* The column whose name @text begins with, or -ENOENT. */
static int match_column(const char *text)
{
	for (int c = 0; c < PERF_COLUMNS; c++)
		if (!strncmp(text, columns[c].name, strlen(columns[c].name)))
			return c;
	return -ENOENT;
}

/* What stands between two names, but for the blank that perf puts before each. */
static int find_separator(struct layout *l, const char *rest)
{
	for (size_t i = 0; i < sizeof(l->separator) && rest[i]; i++) {
		if (rest[i] != ' ' || match_column(rest + i + 1) < 0)
			continue;
		snprintf(l->separator, sizeof(l->separator), "%.*s", (int)i, rest);
		return i ? 0 : -EINVAL;
	}
	return -EINVAL;
}

static int add_column(struct layout *l, int column)
{
	for (int i = 0; i < l->n; i++)
		if (l->columns[i] == (enum perf_column)column)
			return -EINVAL;
	l->columns[l->n++] = column;
	return 0;
}

static int parse_names(struct layout *l, const char *text, bool separated)
{
	for (;;) {
		int column;

		text += strspn(text, BLANKS);
		column = match_column(text);
		if (column < 0 || add_column(l, column))
			return -EINVAL;
		text += strlen(columns[column].name);
		if (!text[strspn(text, BLANKS)])
			return 0;
		if (separated && l->n == 1 && find_separator(l, text))
			return -EINVAL;
		if (strncmp(text, l->separator, strlen(l->separator)))
			return -EINVAL;
		text += strlen(l->separator);
	}
}

static bool has_column(const struct layout *l, enum perf_column column)
{
	for (int i = 0; i < l->n; i++)
		if (l->columns[i] == column)
			return true;
	return false;
}

static int parse_header(struct import *im, struct layout *l)
{
	bool separated;
	int n;

	do
		n = import_line(im);
	while (n > 0 && !im->text[strspn(im->text, BLANKS)]);
	if (n < 0)
		return n;
	separated = !strncmp(im->text, HEADER, strlen(HEADER));
	if (!n || (!separated && match_column(im->text + strspn(im->text, BLANKS)) < 0))
		return import_reject(im, "not the output of perf lock contention");
	if (parse_names(l, im->text + (separated ? strlen(HEADER) : 0), separated))
		return import_reject(im, "the columns' names are not as perf writes them");
	if (!has_column(l, PERF_CALLER) && !has_column(l, PERF_SYMBOL) &&
	    !has_column(l, PERF_COMM) && !has_column(l, PERF_OWNER) && !has_column(l, PERF_CGROUP))
		return import_reject(im, "no column says what was waited for");
	return 0;
}

/* Behind that many words. */
static char *skip_words(char *text, int n)
{
	while (n--) {
		text += strspn(text, BLANKS);
		text += strcspn(text, BLANKS);
	}
	return text;
}

/* Where a field ends; NULL where it is the last of its line. A time has a unit in the table. */
static char *field_end(const struct layout *l, enum perf_column column, char *field)
{
	char *end;

	if (*l->separator)
		return strstr(field, l->separator);
	end = skip_words(field, is_time(column) ? 2 : 1);
	return *end ? end : NULL;
}

static char *skip_before_field(const struct layout *l, char *text)
{
	if (!*l->separator)
		return text + strspn(text, BLANKS);
	return *text == ' ' ? text + 1 : text;
}

/* The last field holds what is left, separators too; a stack may be missing. */
static int split_line(struct import *im, const struct layout *l, struct fields *fields)
{
	char *rest = im->text;

	for (int i = 0; i < l->n; i++) {
		char *field = skip_before_field(l, rest), *end = NULL;
		bool last = i == l->n - 1;

		if (!last)
			end = field_end(l, l->columns[i], field);
		if (!last && !end && l->columns[i + 1] != PERF_STACK)
			return import_reject(im, "%d fields, the header has %d", i + 1, l->n);
		fields->text[l->columns[i]] = field;
		if (!end)
			return 0;
		*end = '\0';
		rest = end + (*l->separator ? strlen(l->separator) : 1);
	}
	return 0;
}

/* "4890", or "4.89 us" */
static int parse_time(const char *text, uint64_t *ns)
{
	static const struct {
		const char *name;
		double ns;
	} units[] = {
		{ "ns", 1 },  { "us", 1e3 },	 { "ms", 1e6 },
		{ "s", 1e9 }, { "m", 60 * 1e9 }, { "h", 3600 * 1e9 },
	};
	size_t digits = strspn(text, "0123456789.");
	char *end;
	double value;

	if (!import_number(text, ns))
		return 0;
	value = strtod(text, &end);
	if (!digits || end != text + digits)
		return -EINVAL;
	end += strspn(end, BLANKS);
	for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++) {
		if (strcmp(units[i].name, end) || value * units[i].ns > 1e19)
			continue;
		*ns = value * units[i].ns + 0.5;
		return 0;
	}
	return -EINVAL;
}

static int parse_figure(struct import *im, struct imported_row *row, enum perf_column column,
			const char *text)
{
	uint64_t value;
	int err = is_time(column) ? parse_time(text, &value) : import_number(text, &value);

	if (err)
		return import_reject(im, "%s: '%.40s' is not a %s", columns[column].name, text,
				     is_time(column) ? "time" : "whole number");
	if (columns[column].column != LOCK_COLUMNS)
		import_measure(row, columns[column].column, value);
	return 0;
}

/*
 * perf skips a fixed number of frames before it looks for the caller: three in
 * 6.1, four in 6.12. Where the kernel has fewer, it names the caller's caller, so that of one
 * recording 6.1 may say zs_free and 6.12 zram_free_page. What the function takes itself
 * is not enough, then: these call nothing that takes another lock.
 */
static const struct {
	const char *name;
	enum lock_class class;
} takes_one[] = {
	{ "folio_lruvec_lock", CLASS_LRUVEC },
	{ "folio_lruvec_lock_irq", CLASS_LRUVEC },
	{ "folio_lruvec_lock_irqsave", CLASS_LRUVEC },
	{ "pte_offset_map_lock", CLASS_PAGE_TABLE },
	{ "__pte_offset_map_lock", CLASS_PAGE_TABLE },
	{ "free_pcppages_bulk", CLASS_ZONE },
	{ "rmqueue_bulk", CLASS_ZONE },
	{ "add_to_avail_list", CLASS_SWAP_AVAIL },
	{ "del_from_avail_list", CLASS_SWAP_AVAIL },
};

/* "func+0x1f0"; without an offset it is the last call of the function before. */
static void name_by_caller(struct imported_row *row)
{
	size_t length = strcspn(row->lock, "+.");

	if (!strchr(row->lock, '+'))
		return;
	for (size_t i = 0; i < sizeof(takes_one) / sizeof(*takes_one); i++)
		if (strlen(takes_one[i].name) == length &&
		    !strncmp(takes_one[i].name, row->lock, length))
			import_classify(row, takes_one[i].class, CONFIDENCE_CALLER);
}

/* perf -l knows the locks that are symbols, and some by the structure they lie in. */
static void name_by_symbol(struct imported_row *row)
{
	import_name_symbol(row, row->lock);
	if (!strcmp(row->lock, "mmap_lock"))
		import_classify(row, CLASS_MMAP, CONFIDENCE_STRUCTURAL);
	else if (!strcmp(row->lock, "zone_lock"))
		import_classify(row, CLASS_ZONE, CONFIDENCE_STRUCTURAL);
}

/* A thread or cgroup waited for any lock, an owner held any. */
static struct imported_row *add_any(struct import *im, const struct fields *fields)
{
	const char *who = fields->text[PERF_COMM];
	char lock[256];

	if (!who)
		who = fields->text[PERF_OWNER] ? fields->text[PERF_OWNER]
					       : fields->text[PERF_CGROUP];
	snprintf(lock, sizeof(lock), "any of %s", who);
	return import_add(im, lock);
}

/* The table has the type behind the symbol, in brackets. */
static void cut_type(char *symbol)
{
	char *bracket = strrchr(symbol, '(');

	if (bracket && bracket > symbol && bracket[-1] == ' ')
		bracket--;
	if (bracket)
		*bracket = '\0';
}

static struct imported_row *add_row(struct import *im, const struct fields *fields)
{
	const char *caller = fields->text[PERF_CALLER], *symbol = fields->text[PERF_SYMBOL];
	const char *address = fields->text[PERF_ADDRESS];
	struct imported_row *row;

	if (!caller && !symbol)
		return add_any(im, fields);
	if (symbol && !fields->text[PERF_TYPE])
		cut_type(fields->text[PERF_SYMBOL]);
	if (!caller && !*symbol && address)
		return import_add(im, address);
	row = import_add(im, caller ? caller : symbol);
	if (row && caller)
		name_by_caller(row);
	else if (row)
		name_by_symbol(row);
	return row;
}

static int parse_row(struct import *im, const struct layout *l)
{
	struct fields fields = { 0 };
	struct imported_row *row;
	int err = split_line(im, l, &fields);

	if (err)
		return err;
	row = add_row(im, &fields);
	if (!row)
		return -ENOMEM;
	for (int c = PERF_CONTENDED; c <= PERF_AVG && !err; c++)
		if (fields.text[c])
			err = parse_figure(im, row, c, fields.text[c]);
	return err;
}

/* "# debug: total=93, bad=2, ...", or "bad: 2, total: 93" below the table */
static void parse_losses(struct import *im, const char *text)
{
	const char *total = strstr(text, "total"), *bad = strstr(text, "bad");
	unsigned long lost = bad ? strtoul(bad + strcspn(bad, "0123456789"), NULL, 10) : 0;
	unsigned long all = total ? strtoul(total + strcspn(total, "0123456789"), NULL, 10) : 0;

	if (lost && all)
		snprintf(im->warning, sizeof(im->warning), "perf lost %lu of %lu waits", lost, all);
}

/* What perf says of itself, to the end of the file. */
static int parse_footer(struct import *im)
{
	int n;

	while ((n = import_line(im)) > 0)
		if (!strncmp(im->text, "bad: ", 5))
			parse_losses(im, im->text);
	return n;
}

static int parse_line(struct import *im, const struct layout *l)
{
	if (!strncmp(im->text, "# debug: ", 9)) {
		parse_losses(im, im->text);
		return 0;
	}
	/* In the table, stacks are indented by tabs (-v). */
	if (!im->text[strspn(im->text, BLANKS)] || (!*l->separator && *im->text == '\t'))
		return 0;
	if (!strncmp(im->text, "=== output for debug", 20))
		return parse_footer(im);
	return parse_row(im, l);
}

int import_perf(struct import *im, FILE *file, const char *name)
{
	struct layout layout = { 0 };
	int err;

	import_begin(im, file, name);
	err = parse_header(im, &layout);
	while (!err) {
		err = import_line(im);
		if (err <= 0)
			break;
		err = parse_line(im, &layout);
	}
	return err;
}
