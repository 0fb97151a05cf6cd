// SPDX-License-Identifier: GPL-2.0-or-later
#include "history.h"

enum { OBJECTS = 256, NESTED = 3, INSPECT_EVERY = 16 };

struct object {
	bool live;
	unsigned long handle;
	int size, page;
	enum model_slot slot;
	uint8_t content;
};

/* One call of reclaim or shrink: calls may lie within each other. */
struct reclaim {
	unsigned int wanted, reclaimed; /* pages */
	unsigned int retries, tried;	/* for each of them */
	int page;			/* under reclaim by it, or MODEL_NONE */
	unsigned long handles[2];	/* that are to be evicted, in this order */
	int n, next, ret;
	struct reclaim *outer;
};

static struct history {
	const struct zbud_build *build;
	void *pool;
	struct model model;
	struct object objects[OBJECTS];
	int live[OBJECTS], nlive;
	const uint8_t *bytes;
	size_t left;
	struct reclaim *reclaim;
	int depth, phase;
	bool page_expected, no_page;
	struct history_totals totals;
} h;

static void must(bool holds, const char *what)
{
	if (holds)
		return;
	fprintf(stderr, "zbud: %s (after %lu operations, %lu bytes left)\n", what,
		h.totals.operations, (unsigned long)h.left);
	abort();
}

static unsigned int next_byte(void)
{
	if (!h.left)
		return 0;
	h.left--;
	return *h.bytes++;
}

static unsigned int next_word(void)
{
	unsigned int high = next_byte();

	return high << 8 | next_byte();
}

/* FNV-1a */
static void trace(uint64_t what)
{
	h.totals.trace = (h.totals.trace ^ what) * 0x100000001b3;
}

static void run_operation(void);

/* What another CPU does meanwhile. */
static void run_nested(void)
{
	if (h.depth >= NESTED || !h.left || !(next_byte() & 1))
		return;
	h.depth++;
	h.totals.nested++;
	run_operation();
	h.depth--;
}

static bool asked_for_page(void)
{
	bool expected = h.page_expected, fails = h.no_page;

	must(expected, "a page is taken, although there is room");
	h.page_expected = false;
	run_nested();
	h.page_expected = false;
	return fails;
}

static void fill(const struct object *o)
{
	void *memory = h.build->driver->map(h.pool, o->handle, ZPOOL_MM_WO);
	unsigned long offset = (uintptr_t)memory & ~PAGE_MASK;

	must(offset >= ZBUD_CHUNK && offset + o->size <= PAGE_SIZE, "an object outside its page");
	memset(memory, o->content, o->size);
	h.build->driver->unmap(h.pool, o->handle);
}

static void verify(const struct object *o)
{
	const uint8_t *memory = h.build->driver->map(h.pool, o->handle, ZPOOL_MM_RO);

	must(memory[0] == o->content && !memcmp(memory, memory + 1, o->size - 1),
	     "an object was written over");
	h.build->driver->unmap(h.pool, o->handle);
}

static unsigned long handle_of(int page, enum model_slot slot)
{
	const struct model_page *p = &h.model.pages[page];
	unsigned long start = p->number << PAGE_SHIFT;

	return slot == MODEL_FIRST ? start + ZBUD_CHUNK
				   : start + PAGE_SIZE - p->chunks[MODEL_LAST] * ZBUD_CHUNK;
}

/* Handles are told by the number of their page, wherever the arena lies. */
static unsigned long relative(unsigned long handle)
{
	return (shim_page_number(handle) << PAGE_SHIFT) + (handle & ~PAGE_MASK);
}

static struct object *add_object(unsigned long handle, int size)
{
	int i = 0;

	while (h.objects[i].live)
		i++;
	h.objects[i] = (struct object){
		.live = true, .handle = handle, .size = size, .content = h.totals.allocations
	};
	h.live[h.nlive++] = i;
	h.totals.allocations++;
	return &h.objects[i];
}

static void place(int page, unsigned long handle, int size)
{
	struct object *o = add_object(handle, size);

	o->page = page;
	o->slot = model_place(&h.model, page, (size + ZBUD_CHUNK - 1) / ZBUD_CHUNK);
	must(relative(handle) == handle_of(page, o->slot), "an object elsewhere than it should be");
	trace((uint64_t)page << 32 | o->slot << 16 | size);
	fill(o);
}

static int expected_error(int size, gfp_t gfp)
{
	if (!size || gfp & __GFP_HIGHMEM)
		return -EINVAL;
	return size > ZBUD_MAX_SIZE ? -ENOSPC : 0;
}

static void allocate(int size, gfp_t gfp, bool no_page)
{
	int page = MODEL_NONE, err = expected_error(size, gfp), ret;
	unsigned long handle = 0;

	if (!err)
		page = model_find(&h.model, (size + ZBUD_CHUNK - 1) / ZBUD_CHUNK);
	h.page_expected = !err && page < 0;
	if (h.page_expected && no_page)
		err = -ENOMEM;
	h.no_page = no_page;
	ret = h.build->driver->malloc(h.pool, size, gfp, &handle);
	must(ret == err, "an allocation returns what it should not");
	must(!h.page_expected, "no page is taken, although there is no room");
	trace(-ret);
	if (err)
		return;
	if (page < 0) {
		page = model_new_page(&h.model);
		must(page >= 0, "the model is full");
		h.model.pages[page].number = shim_page_number(handle);
	}
	place(page, handle, size);
}

static void forget(int at)
{
	h.objects[h.live[at]].live = false;
	h.live[at] = h.live[--h.nlive];
}

static void free_object(int at)
{
	const struct object *o = &h.objects[h.live[at]];

	verify(o);
	trace(o->page << 1 | o->slot);
	h.build->driver->free(h.pool, o->handle);
	model_free(&h.model, o->page, o->slot);
	forget(at);
}

static int find_live(unsigned long handle)
{
	for (int i = 0; i < h.nlive; i++)
		if (h.objects[h.live[i]].handle == handle)
			return i;
	return MODEL_NONE;
}

/* Of the page before: nothing comes between that and the next page, or the end. */
static void end_page(struct reclaim *r)
{
	if (r->page < 0)
		return;
	must(r->ret || r->next == r->n, "a handle is not evicted");
	if (model_reclaimed(&h.model, r->page)) {
		r->reclaimed++;
		r->tried = 0;
	}
	r->page = MODEL_NONE;
}

static void begin_page(struct reclaim *r)
{
	const struct model_page *p;

	must(r->reclaimed < r->wanted, "more is reclaimed than asked for");
	must(r->tried++ < r->retries, "reclaim tries too often");
	r->page = model_reclaim(&h.model);
	must(r->page >= 0, "there is nothing to reclaim");
	p = &h.model.pages[r->page];
	r->n = r->next = r->ret = 0;
	for (enum model_slot slot = MODEL_FIRST; slot <= MODEL_LAST; slot++)
		if (p->chunks[slot])
			r->handles[r->n++] = handle_of(r->page, slot);
}

/* As zswap: what is evicted is freed, and what is gone by then was evicted well. */
static int evict_handle(unsigned long handle)
{
	unsigned int plan = next_byte();
	int at;

	if (plan & 1)
		run_nested();
	at = find_live(handle);
	h.totals.stale_evictions += at < 0;
	if (at >= 0 && (plan & 6) == 6)
		return -EAGAIN;
	if (at >= 0)
		free_object(at);
	if (plan & 8)
		run_nested();
	return 0;
}

static int evict(struct zpool *zpool, unsigned long handle)
{
	struct reclaim *r = h.reclaim;

	must((void *)zpool == &h, "an eviction of another pool");
	shim_assert_unlocked("an eviction may sleep, and a spinlock is held");
	must(r != NULL, "an eviction, although nobody reclaims");
	if (r->page >= 0 && (r->ret || r->next == r->n))
		end_page(r);
	if (r->page < 0)
		begin_page(r);
	must(relative(handle) == r->handles[r->next++],
	     "another handle is evicted than it should be");
	r->ret = evict_handle(handle);
	h.reclaim = r;
	h.model.counts[r->ret ? MODEL_REFUSED : MODEL_EVICTED]++;
	trace(r->ret ? 1 : 2);
	return r->ret;
}

static int expected_reclaim(const struct reclaim *r)
{
	if (r->wanted && r->reclaimed == r->wanted)
		return 0;
	return r->wanted && r->retries && r->tried == r->retries ? -EAGAIN : -EINVAL;
}

static void end_reclaim(struct reclaim *r, int ret)
{
	end_page(r);
	h.reclaim = r->outer;
	trace(-ret);
	must(ret == expected_reclaim(r), "reclaim returns what it should not");
	must(ret != -EINVAL || h.model.live == h.model.under_reclaim || !r->retries || !r->wanted,
	     "there is something to reclaim, and it is not");
}

static void reclaim(unsigned int retries)
{
	struct reclaim r = {
		.wanted = 1, .retries = retries, .page = MODEL_NONE, .outer = h.reclaim
	};

	h.reclaim = &r;
	end_reclaim(&r, h.build->reclaim(h.pool, retries));
}

/* zpool's way: page after page, with eight tries for each. */
static void shrink(unsigned int pages)
{
	struct reclaim r = {
		.wanted = pages, .retries = 8, .page = MODEL_NONE, .outer = h.reclaim
	};
	unsigned int reclaimed;
	int ret;

	h.reclaim = &r;
	ret = h.build->driver->shrink(h.pool, pages, &reclaimed);
	end_reclaim(&r, ret);
	must(reclaimed == r.reclaimed, "more or less was reclaimed than said");
}

/* Around the ends of chunks, or anything; also what is refused. */
static int next_size(void)
{
	unsigned int word = next_word();

	if (word & 0x8000)
		return (word >> 2) % (ZBUD_CHUNKS + 2) * ZBUD_CHUNK + (word & 3) -
		       (word & 3 ? 2 : 0);
	return word % (ZBUD_MAX_SIZE + 160);
}

static void allocate_next(bool no_page)
{
	int size = next_size();

	if (h.nlive < OBJECTS - 2 * NESTED)
		allocate(size < 0 ? 0 : size, size % 61 ? GFP_KERNEL : __GFP_HIGHMEM, no_page);
}

static void free_any(void)
{
	if (h.nlive)
		free_object(next_word() % h.nlive);
}

/* As many are allocated as freed, or more, or fewer. */
static bool allocation_is_due(unsigned int byte)
{
	static const unsigned int shares[] = { 16, 26, 8 };

	return byte % 32 < shares[h.phase];
}

static void run_operation(void)
{
	unsigned int byte = next_byte();

	if (byte < 224 && allocation_is_due(byte))
		allocate_next(byte < 8);
	else if (byte < 240)
		free_any();
	else if (byte < 248)
		reclaim(next_byte() % 10);
	else if (byte < 252)
		shrink(next_byte() % 4);
	else
		h.phase = next_byte() % 3;
	h.totals.operations++;
}

static void inspect(void)
{
	const char *wrong = h.build->inspect(h.pool, h.model.under_reclaim);

	must(!wrong, wrong);
	must(h.build->driver->total_size(h.pool) == h.model.live * PAGE_SIZE, "the size is wrong");
}

static void inspect_statistics(void)
{
	static const char *const names[MODEL_COUNTS] = {
		[MODEL_LRU_HEAD] = "alloc_lru_head", [MODEL_BEST_FIT] = "alloc_best_fit",
		[MODEL_NEW_PAGE] = "alloc_new_page", [MODEL_FREED] = "freed",
		[MODEL_RECLAIMED] = "reclaimed",     [MODEL_PUT_BACK] = "put_back",
		[MODEL_EVICTED] = "evicted",	     [MODEL_REFUSED] = "refused",
	};
	char *text = shim_debugfs_read("history", "stats"), line[64];

	must(text != NULL, "there are no statistics");
	for (int i = 0; i < MODEL_COUNTS; i++) {
		snprintf(line, sizeof(line), "\n%s %lu\n", names[i], h.model.counts[i]);
		must(strstr(text, line) != NULL, line);
	}
	free(text);
}

void history_set_policy(const struct zbud_build *build, const char *policy)
{
	must(!build->policy->ops->set(policy, build->policy), "no such policy");
}

static void begin(const struct zbud_build *build, const char *policy, const uint8_t *bytes,
		  size_t n)
{
	static const struct zpool_ops ops = { .evict = evict };

	memset(&h, 0, sizeof(h));
	h.build = build;
	h.bytes = bytes;
	h.left = n;
	h.model.lrufirst = policy && !strcmp(policy, "lrufirst");
	shim_no_page = asked_for_page;
	if (policy)
		history_set_policy(build, policy);
	h.pool = build->driver->create("history", GFP_KERNEL, &ops, (struct zpool *)&h);
	must(h.pool != NULL, "no pool");
}

static void end(struct history_totals *totals)
{
	inspect();
	if (h.build->policy)
		inspect_statistics();
	while (h.nlive)
		free_object(h.nlive - 1);
	inspect();
	must(!h.model.live, "the model keeps a page");
	h.build->driver->destroy(h.pool);
	must(!shim_debugfs_read("history", "stats"), "statistics of a pool that is gone");
	shim_no_page = NULL;
	memcpy(h.totals.counts, h.model.counts, sizeof(h.totals.counts));
	if (totals)
		*totals = h.totals;
}

void history_run(const struct zbud_build *build, const char *policy, const uint8_t *bytes, size_t n,
		 struct history_totals *totals)
{
	size_t pages = shim_live_pages();

	begin(build, policy, bytes, n);
	while (h.left) {
		run_operation();
		if (h.totals.operations % INSPECT_EVERY == 0)
			inspect();
	}
	end(totals);
	must(shim_live_pages() == pages, "pages are lost");
}
