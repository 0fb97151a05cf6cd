// SPDX-License-Identifier: GPL-2.0-or-later
/* One access: timed, told by its fault, verified. */
#include "clock.h"
#include "run.h"

/* What fault, if any, the access that took @ns had. */
static enum timed fault_of(struct run *r, uint64_t ns)
{
	struct faults before = r->faults;

	if (r->options->classify == CLASSIFY_TIME && ns < r->slice->crew->fault_ns)
		return TIMED_NONE;
	r->faults = faults_now();
	if (r->faults.major > before.major)
		return TIMED_MAJOR;
	return r->faults.minor > before.minor ? TIMED_MINOR : TIMED_NONE;
}

static void count_late(struct run *r, uint64_t due_ns, uint64_t start)
{
	if (due_ns < r->last_ns)
		r->tally->queued++;
	else
		latency__add(&r->tally->timed[TIMED_LATE], start - due_ns);
}

/* @due_ns is 0 in a closed loop. */
static void count_times(struct run *r, uint64_t due_ns, uint64_t start, uint64_t end)
{
	enum timed fault = fault_of(r, end - start);

	latency__add(&r->tally->timed[fault], end - (due_ns ? due_ns : start));
	if (!due_ns)
		return;
	latency__add(&r->tally->timed[TIMED_SERVICE], end - start);
	count_late(r, due_ns, start);
}

static uint64_t name_of(const struct run *r, uint64_t page)
{
	return page_name(r->slice->index, page);
}

static void verify(struct run *r, uint64_t page, uint64_t generation, bool begun)
{
	struct worker *w = r->slice->worker;
	struct corruption wrong;

	r->tally->verified++;
	if (content__verify(&r->options->content, page_at(r, page), name_of(r, page), generation,
			    begun, &wrong))
		return;
	if (!r->tally->corrupt++ && !w->wrong.generation)
		w->wrong = wrong;
}

static void finish_write(struct run *r, uint64_t page, uint32_t generation)
{
	content__end_write(&r->options->content, page_at(r, page), name_of(r, page), generation);
	r->slice->worker->generations[page] = generation;
}

/* Only the first touch is timed: the rest finds the page there. */
void touch_page(struct run *r, uint64_t page, bool write, uint64_t due_ns)
{
	volatile uint64_t *words = page_at(r, page);
	uint32_t generation = r->slice->worker->generations[page];
	uint64_t start, end;

	if (r->options->classify == CLASSIFY_EXACT)
		r->faults = faults_now();
	start = clock_ns();
	if (write)
		content__begin_write(&r->options->content, words, generation + 1);
	else
		(void)words[0];
	end = clock_ns();
	count_times(r, due_ns, start, end);
	r->tally->reads += !write;
	r->tally->address_hash = mix(r->tally->address_hash + page + 1);
	verify(r, page, generation, write);
	if (write)
		finish_write(r, page, generation + 1);
	count_operations(r, 1);
}

void touch_new(struct run *r, uint64_t page)
{
	uint64_t start = clock_ns();

	/* 0 is what a new page is full of anyway */
	*(volatile uint64_t *)page_at(r, page) = 0;
	count_times(r, 0, start, clock_ns());
	content__fill(&r->options->content, page_at(r, page), name_of(r, page));
	r->slice->worker->generations[page] = 1;
	count_operations(r, 1);
}

bool wants_write(struct run *r)
{
	return rng__unit(&r->shares) >= r->options->read_share;
}
