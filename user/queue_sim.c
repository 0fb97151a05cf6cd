// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * All times are exponential. A lock's speed changes with its queue, so whenever that changes the
 * end of the hold under way is drawn anew, which makes no difference to what has no memory; the
 * end drawn before is out of date then, and passed over.
 */
#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "draw.h"
#include "queue_sim.h"

enum { NOBODY = UINT32_MAX };

struct page {
	uint32_t drive;
	uint32_t next; /* behind it in a queue */
};

struct queue {
	uint32_t first, last;
	size_t length;
};

struct lock {
	size_t class;
	struct queue queue; /* who holds it is the first */
	uint32_t drawn;	    /* how often the end of a hold was drawn */
};

struct drive {
	struct queue queue;
	size_t busy; /* channels */
};

enum event_kind {
	EVENT_WORKED, /* the page @which */
	EVENT_MOVED,
	EVENT_RELEASED, /* the lock @which */
};

struct event {
	double at;
	enum event_kind kind;
	uint32_t which, drawn;
};

struct sim {
	const struct swap_model *model;
	struct model_size size;
	const struct queue_sim_plan *plan;
	uint64_t random;
	size_t turns; /* taken */
	double now;
	struct event *events; /* a heap, the next one first */
	size_t nevents, room;
	struct page *pages;
	struct queue runnable; /* they have no CPU */
	size_t idle;	       /* CPUs */
	struct lock *locks;
	size_t first_lock[MODEL_LOCKS]; /* of each class */
	struct drive *drives;
	double visits; /* of a page, to all locks */
	size_t acquired[MODEL_LOCKS], contended[MODEL_LOCKS];
	size_t done;
	bool failed; /* no memory */
};

/* Above 0, up to 1. */
static double draw_share(struct sim *s)
{
	return ((draw_next(&s->random) >> 11) + 1) * 0x1p-53;
}

static double draw_time(struct sim *s, double mean)
{
	return -mean * log(draw_share(s));
}

static void swap_events(struct event *a, struct event *b)
{
	struct event old = *a;

	*a = *b;
	*b = old;
}

/* Ends that are out of date stay in the heap until their time, so that it may have to grow. */
static void push_event(struct sim *s, struct event event)
{
	size_t i = s->nevents;

	if (i == s->room) {
		struct event *events = reallocarray(s->events, i * 2 + 64, sizeof(*events));

		if (!events) {
			s->failed = true;
			return;
		}
		s->events = events;
		s->room = i * 2 + 64;
	}
	s->nevents++;
	s->events[i] = event;
	for (; i && s->events[i].at < s->events[(i - 1) / 2].at; i = (i - 1) / 2)
		swap_events(&s->events[i], &s->events[(i - 1) / 2]);
}

static struct event pop_event(struct sim *s)
{
	struct event first = s->events[0];
	size_t i = 0, child;

	s->events[0] = s->events[--s->nevents];
	while ((child = 2 * i + 1) < s->nevents) {
		if (child + 1 < s->nevents && s->events[child + 1].at < s->events[child].at)
			child++;
		if (s->events[i].at <= s->events[child].at)
			break;
		swap_events(&s->events[i], &s->events[child]);
		i = child;
	}
	return first;
}

static void enqueue(struct sim *s, struct queue *queue, uint32_t page)
{
	s->pages[page].next = NOBODY;
	if (queue->length++)
		s->pages[queue->last].next = page;
	else
		queue->first = page;
	queue->last = page;
}

static uint32_t dequeue(struct sim *s, struct queue *queue)
{
	uint32_t page = queue->first;

	queue->length--;
	queue->first = s->pages[page].next;
	return page;
}

static void schedule(struct sim *s, enum event_kind kind, uint32_t which, double mean)
{
	push_event(s, (struct event){
			      .at = s->now + draw_time(s, mean), .kind = kind, .which = which });
}

/* The work of a page is in parts, one before each lock and one after the last. */
static void work(struct sim *s, uint32_t page)
{
	schedule(s, EVENT_WORKED, page, s->model->work / (1 + s->visits));
}

static void draw_release(struct sim *s, uint32_t which)
{
	struct lock *lock = &s->locks[which];
	struct event event = { .kind = EVENT_RELEASED, .which = which, .drawn = ++lock->drawn };
	double mean;

	if (!lock->queue.length)
		return;
	mean = model_lock_time(s->model, &s->model->locks[lock->class], lock->queue.length);
	event.at = s->now + draw_time(s, mean);
	push_event(s, event);
}

static void acquire(struct sim *s, size_t class, uint32_t page)
{
	size_t copies = model_copies(&s->model->locks[class], s->size.ssds);
	size_t of_drive = copies / s->size.ssds;
	uint32_t which = s->first_lock[class];

	/* A page has its lock, or one of its locks, on its drive, unless all share it. */
	if (s->model->locks[class].copies != LOCK_SHARED)
		which += s->pages[page].drive * of_drive + draw_next(&s->random) % of_drive;
	s->acquired[class]++;
	s->contended[class] += s->locks[which].queue.length > 0;
	enqueue(s, &s->locks[which].queue, page);
	draw_release(s, which);
}

static void release(struct sim *s, const struct event *event)
{
	struct lock *lock = &s->locks[event->which];
	uint32_t page;

	if (event->drawn != lock->drawn)
		return;
	page = dequeue(s, &lock->queue);
	draw_release(s, event->which);
	work(s, page);
}

/* The page has a CPU. */
static void begin(struct sim *s, uint32_t page)
{
	bool in_turn = s->plan->in_turn && draw_share(s) <= s->model->out;
	size_t choice = in_turn ? s->turns++ : draw_next(&s->random);

	s->pages[page].drive = choice % s->size.ssds;
	work(s, page);
}

static void give_up_cpu(struct sim *s)
{
	if (s->runnable.length)
		begin(s, dequeue(s, &s->runnable));
	else
		s->idle++;
}

static void want_cpu(struct sim *s, uint32_t page)
{
	enqueue(s, &s->runnable, page);
	if (!s->idle)
		return;
	s->idle--;
	give_up_cpu(s);
}

static void move(struct sim *s, uint32_t page)
{
	struct drive *drive = &s->drives[s->pages[page].drive];

	if (drive->busy == s->model->drive_channels) {
		enqueue(s, &drive->queue, page);
		return;
	}
	drive->busy++;
	schedule(s, EVENT_MOVED, page, s->model->drive_time);
}

static void finish(struct sim *s, uint32_t page)
{
	s->done++;
	want_cpu(s, page);
}

static void moved(struct sim *s, uint32_t page)
{
	struct drive *drive = &s->drives[s->pages[page].drive];

	drive->busy--;
	if (drive->queue.length)
		move(s, dequeue(s, &drive->queue));
	finish(s, page);
}

/* Each lock as often as it is visited, and the end of the page's way once. */
static void worked(struct sim *s, uint32_t page)
{
	double at = draw_share(s) * (1 + s->visits);

	for (size_t class = 0; class < s->model->nlocks; class ++) {
		at -= s->model->locks[class].visits;
		if (at <= 0) {
			acquire(s, class, page);
			return;
		}
	}
	if (s->model->drive_time > 0)
		move(s, page);
	else
		finish(s, page);
	give_up_cpu(s);
}

static void step(struct sim *s)
{
	struct event event = pop_event(s);

	s->now = event.at;
	if (event.kind == EVENT_WORKED)
		worked(s, event.which);
	else if (event.kind == EVENT_MOVED)
		moved(s, event.which);
	else
		release(s, &event);
}

static void run_until(struct sim *s, size_t done)
{
	while (s->done < done && !s->failed)
		step(s);
}

static int make_locks(struct sim *s)
{
	size_t n = 0, made = 0;

	for (size_t i = 0; i < s->model->nlocks; i++) {
		s->first_lock[i] = n;
		n += model_copies(&s->model->locks[i], s->size.ssds);
		s->visits += s->model->locks[i].visits;
	}
	s->locks = calloc(n + 1, sizeof(*s->locks));
	if (!s->locks)
		return -ENOMEM;
	for (size_t i = 0; i < s->model->nlocks; i++)
		for (size_t end = made + model_copies(&s->model->locks[i], s->size.ssds);
		     made < end; made++)
			s->locks[made].class = i;
	return 0;
}

static int start(struct sim *s)
{
	size_t pages = s->size.cpus * (s->model->drive_time > 0 ? s->model->inflight : 1);
	int err = make_locks(s);

	s->pages = calloc(pages, sizeof(*s->pages));
	s->drives = calloc(s->size.ssds, sizeof(*s->drives));
	s->idle = s->size.cpus;
	if (err || !s->pages || !s->drives)
		return -ENOMEM;
	for (size_t i = 0; i < pages; i++)
		want_cpu(s, i);
	return 0;
}

static void measure(struct sim *s, struct queue_sim_result *result)
{
	size_t pages = s->plan->pages;
	double began;

	run_until(s, pages / 10);
	began = s->now;
	for (size_t i = 0; i < MODEL_LOCKS; i++)
		s->acquired[i] = s->contended[i] = 0;
	run_until(s, s->done + pages);
	result->throughput = pages / (s->now - began);
	for (size_t i = 0; i < MODEL_LOCKS; i++)
		result->contended[i] =
			s->acquired[i] ? (double)s->contended[i] / s->acquired[i] : 0;
}

int queue_sim(const struct swap_model *model, struct model_size size,
	      const struct queue_sim_plan *plan, struct queue_sim_result *result)
{
	struct sim s = { .model = model, .size = size, .plan = plan, .random = plan->seed };
	int err = start(&s);

	if (!err)
		measure(&s, result);
	if (s.failed)
		err = -ENOMEM;
	free(s.events);
	free(s.pages);
	free(s.locks);
	free(s.drives);
	return err;
}
