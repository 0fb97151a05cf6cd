// SPDX-License-Identifier: GPL-2.0-or-later
#include "zsmalloc.h"

#include <stdlib.h>

enum {
	PAGE = 4096,
	SMALLEST = 32,
	STEP = 16,
	CLASSES = (PAGE - SMALLEST) / STEP + 1,
	HANDLE = 8,
	MAX_PAGES = 4,
};

enum fullness { EMPTY, ALMOST_EMPTY, ALMOST_FULL, FULL, FULLNESSES };

struct zspage {
	struct size_class *class;
	int used;
	enum fullness fullness;
	struct zspage *prev, *next;
};

struct size_class {
	int size, objects, pages;
	struct zspage *first[FULLNESSES];
};

struct zsmalloc {
	struct size_class classes[CLASSES];
	struct size_class *of[CLASSES]; /* the one that this one was merged with, or itself */
	size_t pages;
};

/* As many pages as waste the least, in whole percent. */
static int pages_of_zspage(int size)
{
	int best = 1, most = 0;

	for (int i = 1; i <= MAX_PAGES; i++) {
		int bytes = i * PAGE, used = (bytes - bytes % size) * 100 / bytes;

		if (used > most) {
			most = used;
			best = i;
		}
	}
	return best;
}

/* From the largest: a class that would be alike the one above is that one. */
struct zsmalloc *zsmalloc_new(void)
{
	struct zsmalloc *z = calloc(1, sizeof(*z));
	struct size_class *above = NULL;

	for (int i = CLASSES - 1; z && i >= 0; i--) {
		int size = SMALLEST + i * STEP, pages = pages_of_zspage(size);
		int objects = pages * PAGE / size;

		if (!above || above->pages != pages || above->objects != objects) {
			above = &z->classes[i];
			above->size = size;
			above->pages = pages;
			above->objects = objects;
		}
		z->of[i] = above;
	}
	return z;
}

static struct size_class *class_of(const struct zsmalloc *z, int size)
{
	int i = 0;

	size += HANDLE;
	if (size > SMALLEST)
		i = (size - SMALLEST + STEP - 1) / STEP;
	return z->of[i < CLASSES ? i : CLASSES - 1];
}

void zsmalloc_class(const struct zsmalloc *z, int size, int *object, int *objects, int *pages)
{
	const struct size_class *class = class_of(z, size);

	*object = class->size;
	*objects = class->objects;
	*pages = class->pages;
}

static enum fullness fullness_of(const struct zspage *page)
{
	if (!page->used)
		return EMPTY;
	if (page->used == page->class->objects)
		return FULL;
	return page->used <= 3 * page->class->objects / 4 ? ALMOST_EMPTY : ALMOST_FULL;
}

/* The fuller one first, of it and the list's first. */
static void insert(struct zspage *page)
{
	struct zspage **first = &page->class->first[page->fullness];
	struct zspage *after = *first && page->used < (*first)->used ? *first : NULL;

	page->prev = after;
	page->next = after ? after->next : *first;
	if (after)
		after->next = page;
	else
		*first = page;
	if (page->next)
		page->next->prev = page;
}

static void take_out(struct zspage *page)
{
	if (page->prev)
		page->prev->next = page->next;
	else
		page->class->first[page->fullness] = page->next;
	if (page->next)
		page->next->prev = page->prev;
}

static void sort_in(struct zspage *page)
{
	enum fullness now = fullness_of(page);

	if (now == page->fullness)
		return;
	take_out(page);
	page->fullness = now;
	insert(page);
}

static struct zspage *with_room(const struct size_class *class)
{
	for (int i = ALMOST_FULL; i >= ALMOST_EMPTY; i--)
		if (class->first[i])
			return class->first[i];
	return NULL;
}

static struct zspage *new_zspage(struct zsmalloc *z, struct size_class *class)
{
	struct zspage *page = calloc(1, sizeof(*page));

	if (!page)
		return NULL;
	z->pages += class->pages;
	page->class = class;
	page->fullness = EMPTY;
	insert(page);
	return page;
}

bool zsmalloc_store(struct zsmalloc *z, int size, unsigned long *handle)
{
	struct size_class *class;
	struct zspage *page;

	if (size <= 0 || size > PAGE)
		return false;
	class = class_of(z, size);
	page = with_room(class);
	if (!page)
		page = new_zspage(z, class);
	if (!page)
		return false;
	page->used++;
	sort_in(page);
	*handle = (unsigned long)page;
	return true;
}

static void drop_zspage(struct zsmalloc *z, struct zspage *page)
{
	take_out(page);
	z->pages -= page->class->pages;
	free(page);
}

void zsmalloc_drop(struct zsmalloc *z, unsigned long handle)
{
	struct zspage *page = (struct zspage *)handle;

	page->used--;
	sort_in(page);
	if (!page->used)
		drop_zspage(z, page);
}

size_t zsmalloc_pages(const struct zsmalloc *z)
{
	return z->pages;
}

void zsmalloc_free(struct zsmalloc *z)
{
	for (int i = 0; z && i < CLASSES; i++)
		for (int f = 0; f < FULLNESSES; f++)
			while (z->classes[i].first[f])
				drop_zspage(z, z->classes[i].first[f]);
	free(z);
}
