/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the lines of the table are about, as its grouping has it; the printer alone uses it. */
#ifndef LOCKSTAT_SWAP_ROWS_LINES_H
#define LOCKSTAT_SWAP_ROWS_LINES_H

#include "rows.h"

struct line {
	const char *key;		  /* class or device; NULL: of an owner */
	const struct named_lock *lock;	  /* where a line is a lock */
	const char *expression;		  /* of that lock */
	const struct lock_sample *sample; /* NULL: of an owner */
	const struct owner *owner;
	__u64 wait, contended; /* what it is sorted by; ns and events */
};

/* The costliest first. All zero: none. */
struct lines {
	struct line *list;
	size_t n;
	struct lock_sample *sums; /* of groups */
	struct owner *totals;	  /* of owners, over the locks */
};

int lines__collect(struct lines *lines, const struct view *view, const struct window *window);
void lines__free(struct lines *lines);

#endif
