// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * /proc/lock_stat. A class is a line of a name, a colon and twelve figures;
 * names hold blanks and colons themselves. Below it stand, between dashes, the
 * functions that waited ("contention sites") and those waited for.
 */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "import_internal.h"

#define N(array) (sizeof(array) / sizeof(*(array)))

enum { NR_FIGURES = 12 };

/* In the order of the file; what has no column of locks.csv has LOCK_COLUMNS. */
static const struct {
	const char *name;
	bool time; /* microseconds with two decimals; else a number */
	enum lock_column column;
	enum lock_column needs; /* of nothing there is no smallest; stands before it */
} figures[NR_FIGURES] = {
	{ "con-bounces", false, LOCK_COLUMNS, LOCK_COLUMNS },
	{ "contentions", false, LOCK_CONTENDED, LOCK_COLUMNS },
	{ "waittime-min", true, LOCK_WAIT_MIN, LOCK_CONTENDED },
	{ "waittime-max", true, LOCK_WAIT_MAX, LOCK_CONTENDED },
	{ "waittime-total", true, LOCK_WAIT_TOTAL, LOCK_COLUMNS },
	{ "waittime-avg", true, LOCK_COLUMNS, LOCK_COLUMNS },
	{ "acq-bounces", false, LOCK_COLUMNS, LOCK_COLUMNS },
	{ "acquisitions", false, LOCK_ACQUIRED, LOCK_COLUMNS },
	{ "holdtime-min", true, LOCK_COLUMNS, LOCK_COLUMNS },
	{ "holdtime-max", true, LOCK_HOLD_MAX, LOCK_ACQUIRED },
	{ "holdtime-total", true, LOCK_HOLD_TOTAL, LOCK_COLUMNS },
	{ "holdtime-avg", true, LOCK_COLUMNS, LOCK_COLUMNS },
};

/*
 * Classes that only one place of the kernel initialises; lockdep names a lock by
 * the expression there. Many more names belong to several: &pool->lock, &xa->xa_lock.
 */
static const struct {
	const char *name;
	enum lock_class class;
} structural[] = {
	{ "&((cluster_info + ci)->lock)", CLASS_CLUSTER },
	{ "&((cluster_info + i)->lock)", CLASS_CLUSTER },
	{ "&cluster_info[i].lock", CLASS_CLUSTER },
	{ "&lruvec->lru_lock", CLASS_LRUVEC },
	{ "&zone->lock", CLASS_ZONE },
	{ "ptlock_ptr(page)", CLASS_PAGE_TABLE },
	{ "ptlock_ptr(ptdesc)", CLASS_PAGE_TABLE },
	{ "&mm->page_table_lock", CLASS_PAGE_TABLE },
	{ "&mm->mmap_lock", CLASS_MMAP },
};

/* &p->lock is si->lock, and a lock of others: it is ours where one of these waited. */
static const char *const takes_si_lock[] = {
	"__do_sys_swapoff",
	"__do_sys_swapon",
	"__se_sys_swapoff",
	"__se_sys_swapon",
	"__swap_duplicate",
	"__swap_entry_free",
	"add_swap_count_continuation",
	"cluster_alloc_swap_entry",
	"enable_swap_info",
	"folio_free_swap",
	"folio_swapped",
	"free_swap_and_cache",
	"free_swap_and_cache_nr",
	"get_swap_page_of_type",
	"get_swap_pages",
	"has_usable_swap",
	"put_swap_folio",
	"reinsert_swap_info",
	"scan_swap_map_slots",
	"swap_alloc_cluster",
	"swap_discard_work",
	"swap_do_scheduled_discard",
	"swap_entry_free",
	"swap_entry_range_free",
	"swap_free",
	"swap_free_cluster",
	"swap_free_nr",
	"swap_offset_available_and_locked",
	"swap_page_trans_huge_swapped",
	"swap_reclaim_full_clusters",
	"swap_swapcount",
	"swapcache_free_entries",
	"swapoff",
	"swp_swapcount",
};

static bool ends_with(const char *text, size_t length, const char *end)
{
	return length > strlen(end) && !strncmp(text + length - strlen(end), end, strlen(end));
}

/* "/1", a subclass, or "#2", the second class of that name */
static size_t without_number(const char *name, size_t length, char mark)
{
	size_t at = length;

	while (at && isdigit((unsigned char)name[at - 1]))
		at--;
	return at > 1 && at < length && name[at - 1] == mark ? at - 1 : length;
}

static bool is_class(const char *name, const char *of)
{
	size_t length = strlen(name);

	if (ends_with(name, length, "-R") || ends_with(name, length, "-W"))
		length -= 2;
	length = without_number(name, length, '/');
	length = without_number(name, length, '#');
	return length == strlen(of) && !strncmp(name, of, length);
}

static void classify(struct imported_row *row)
{
	import_name_symbol(row, row->lock);
	for (size_t i = 0; i < N(structural); i++)
		if (is_class(row->lock, structural[i].name))
			import_classify(row, structural[i].class, CONFIDENCE_STRUCTURAL);
}

/* "11405.07" us, to ns */
static int parse_time(const char *text, uint64_t *ns)
{
	const char *point = strchr(text, '.');
	char digits[32];

	/* Without its point it is in hundredths, tens of ns. */
	if (!point || point == text || strlen(point) != 3 || strlen(text) > sizeof(digits))
		return -EINVAL;
	snprintf(digits, sizeof(digits), "%.*s%s", (int)(point - text), text, point + 1);
	if (import_number(digits, ns) || *ns > UINT64_MAX / 10)
		return -EINVAL;
	*ns *= 10;
	return 0;
}

static int parse_figure(struct import *im, struct imported_row *row, int i, const char *text)
{
	uint64_t value;
	int err = figures[i].time ? parse_time(text, &value) : import_number(text, &value);

	if (err)
		return import_reject(im, "%s: '%.40s' is not a %s", figures[i].name, text,
				     figures[i].time ? "time" : "whole number");
	if (figures[i].column == LOCK_COLUMNS)
		return 0;
	if (figures[i].needs == LOCK_COLUMNS || row->figures[figures[i].needs])
		import_measure(row, figures[i].column, value);
	return 0;
}

static int parse_figures(struct import *im, struct imported_row *row, char *text)
{
	char *word, *rest;
	int i = 0;

	for (word = strtok_r(text, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
		int err;

		if (i == NR_FIGURES)
			return import_reject(im, "more than %d figures", NR_FIGURES);
		err = parse_figure(im, row, i++, word);
		if (err)
			return err;
	}
	return i == NR_FIGURES ? 0 : import_reject(im, "%d figures, not %d", i, NR_FIGURES);
}

/* The figures hold no colon: the last one ends the name. */
static int parse_class(struct import *im)
{
	char *name = im->text + strspn(im->text, " "), *colon = strrchr(name, ':');
	struct imported_row *row;

	if (!colon || colon == name)
		return import_reject(im, "neither a lock class nor a contention site");
	*colon = '\0';
	row = import_add(im, name);
	if (!row)
		return -ENOMEM;
	classify(row);
	return parse_figures(im, row, colon + 1);
}

static bool waits_for_si_lock(const char *function)
{
	size_t length = strcspn(function, "+. ");

	for (size_t i = 0; i < N(takes_si_lock); i++)
		if (strlen(takes_si_lock[i]) == length &&
		    !strncmp(takes_si_lock[i], function, length))
			return true;
	return false;
}

/* "&p->lock#2   736   [<000000002e0fb555>] get_swap_pages+0x139/0x950" */
static int parse_site(struct import *im, const char *function)
{
	struct imported_row *row = im->n ? &im->rows[im->n - 1] : NULL;

	if (!row)
		return import_reject(im, "a contention site before the first lock class");
	if (is_class(row->lock, "&p->lock") && waits_for_si_lock(function))
		import_classify(row, CLASS_SWAP_MAP, CONFIDENCE_CALLER);
	return 0;
}

static int parse_line(struct import *im)
{
	const char *address = strstr(im->text, " [<"), *function;

	if (!im->text[strspn(im->text, " -.")])
		return 0;
	function = address ? strstr(address, ">] ") : NULL;
	return function ? parse_site(im, function + 3) : parse_class(im);
}

/* The header names the columns as we know them, with other blanks. */
static bool is_header(char *text)
{
	char *word, *rest;
	int i = 0;

	text += strspn(text, " ");
	if (strncmp(text, "class name ", 11))
		return false;
	for (word = strtok_r(text + 11, " ", &rest); word; word = strtok_r(NULL, " ", &rest))
		if (i == NR_FIGURES || strcmp(word, figures[i++].name))
			return false;
	return i == NR_FIGURES;
}

static int parse_version(struct import *im)
{
	static const char start[] = "lock_stat version ";
	int n = import_line(im);

	if (n < 0)
		return n;
	if (strncmp(im->text, start, sizeof(start) - 1))
		return import_reject(im, "not a copy of /proc/lock_stat");
	if (strcmp(im->text + sizeof(start) - 1, "0.4"))
		return import_reject(im, "lock_stat version '%.20s', not 0.4",
				     im->text + sizeof(start) - 1);
	return 0;
}

/* Up to the names of the columns. */
static int parse_head(struct import *im)
{
	int n = parse_version(im);

	while (!n) {
		n = import_line(im);
		if (n <= 0)
			return n ? n : import_reject(im, "truncated: no names of columns");
		n = 0;
		if (!strncmp(im->text, "*WARNING*", 9))
			snprintf(im->warning, sizeof(im->warning),
				 "the kernel had switched lockdep off: what came then is missing");
		else if (is_header(im->text))
			return 0;
		else if (im->text[strspn(im->text, "-")])
			n = import_reject(im, "not the columns of lock_stat 0.4");
	}
	return n;
}

int import_lock_stat(struct import *im, FILE *file, const char *name)
{
	int err;

	import_begin(im, file, name);
	err = parse_head(im);
	while (!err) {
		err = import_line(im);
		if (err <= 0)
			break;
		err = parse_line(im);
	}
	return err;
}
