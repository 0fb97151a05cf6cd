// SPDX-License-Identifier: GPL-2.0-or-later
#include "model.h"

#include "build.h"

static int free_chunks(const struct model_page *page)
{
	return ZBUD_CHUNKS - page->chunks[MODEL_FIRST] - page->chunks[MODEL_LAST];
}

static bool is_listed(const struct model_page *page)
{
	return page->live && !page->under_reclaim;
}

static bool has_room(const struct model_page *page, int chunks)
{
	return is_listed(page) && !(page->chunks[MODEL_FIRST] && page->chunks[MODEL_LAST]) &&
	       free_chunks(page) >= chunks;
}

static bool fits_better(const struct model_page *page, const struct model_page *than)
{
	if (free_chunks(page) != free_chunks(than))
		return free_chunks(page) < free_chunks(than);
	return page->listed > than->listed;
}

static int best_fit(const struct model *m, int chunks)
{
	int best = MODEL_NONE;

	for (int i = 0; i < MODEL_PAGES; i++)
		if (has_room(&m->pages[i], chunks) &&
		    (best < 0 || fits_better(&m->pages[i], &m->pages[best])))
			best = i;
	return best;
}

/* The head of the LRU list was used last, its tail first. */
static int lru_end(const struct model *m, bool head)
{
	int end = MODEL_NONE;

	for (int i = 0; i < MODEL_PAGES; i++)
		if (is_listed(&m->pages[i]) &&
		    (end < 0 || (m->pages[i].used > m->pages[end].used) == head))
			end = i;
	return end;
}

static bool takes_head(const struct model *m, int page, int chunks)
{
	return m->lrufirst && page >= 0 && has_room(&m->pages[page], chunks);
}

int model_find(const struct model *m, int chunks)
{
	int head = m->lrufirst ? lru_end(m, true) : MODEL_NONE;

	return takes_head(m, head, chunks) ? head : best_fit(m, chunks);
}

int model_new_page(struct model *m)
{
	for (int i = 0; i < MODEL_PAGES; i++) {
		if (m->pages[i].live)
			continue;
		m->pages[i] = (struct model_page){ .live = true };
		m->live++;
		return i;
	}
	return MODEL_NONE;
}

static void count_allocation(struct model *m, int page, int chunks)
{
	const struct model_page *p = &m->pages[page];

	if (!p->chunks[MODEL_FIRST] && !p->chunks[MODEL_LAST])
		m->counts[MODEL_NEW_PAGE]++;
	else if (m->lrufirst && lru_end(m, true) == page && takes_head(m, page, chunks))
		m->counts[MODEL_LRU_HEAD]++;
	else
		m->counts[MODEL_BEST_FIT]++;
}

enum model_slot model_place(struct model *m, int page, int chunks)
{
	struct model_page *p = &m->pages[page];
	enum model_slot slot = p->chunks[MODEL_FIRST] ? MODEL_LAST : MODEL_FIRST;

	count_allocation(m, page, chunks);
	p->chunks[slot] = chunks;
	p->listed = p->used = ++m->clock;
	return slot;
}

static void drop_if_empty(struct model *m, struct model_page *page)
{
	page->live = page->chunks[MODEL_FIRST] || page->chunks[MODEL_LAST];
	m->live -= !page->live;
}

void model_free(struct model *m, int page, enum model_slot slot)
{
	struct model_page *p = &m->pages[page];

	m->counts[MODEL_FREED]++;
	p->chunks[slot] = 0;
	p->listed = ++m->clock;
	if (!p->under_reclaim)
		drop_if_empty(m, p);
}

int model_reclaim(struct model *m)
{
	int page = lru_end(m, false);

	if (page >= 0) {
		m->pages[page].under_reclaim = true;
		m->under_reclaim++;
	}
	return page;
}

bool model_reclaimed(struct model *m, int page)
{
	struct model_page *p = &m->pages[page];

	p->under_reclaim = false;
	p->listed = p->used = ++m->clock;
	m->under_reclaim--;
	drop_if_empty(m, p);
	m->counts[p->live ? MODEL_PUT_BACK : MODEL_RECLAIMED]++;
	return !p->live;
}
