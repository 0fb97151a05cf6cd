// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "clock.h"
#include "run.h"

#ifndef MADV_PAGEOUT
#define MADV_PAGEOUT 21
#endif

static int populate(struct run *r)
{
	uint64_t pages = r->slice->crew->pages;

	for (uint64_t page = 0; page < pages && !stopped(r); page++)
		touch_new(r, page);
	return 0;
}

/* Where the kernel has no MADV_PAGEOUT, it says EINVAL. */
int push_out(struct run *r, uint64_t page, uint64_t pages)
{
	uint64_t page_size = r->slice->crew->page_size, start = clock_ns();

	if (madvise(page_at(r, page), pages * page_size, MADV_PAGEOUT)) {
		r->slice->worker->failed = "MADV_PAGEOUT, which Linux has since 5.4,";
		return errno == EINVAL ? -ENOTSUP : -errno;
	}
	latency__add(&r->tally->timed[TIMED_CALL], clock_ns() - start);
	return 0;
}

static int release(struct run *r, uint64_t page, uint64_t pages)
{
	uint64_t bytes = pages * r->slice->crew->page_size, start = clock_ns();
	bool unmap = r->options->free_by == FREE_MUNMAP;

	if (unmap ? munmap(page_at(r, page), bytes)
		  : madvise(page_at(r, page), bytes, MADV_DONTNEED)) {
		r->slice->worker->failed = unmap ? "munmap()" : "madvise(MADV_DONTNEED)";
		return -errno;
	}
	latency__add(&r->tally->timed[TIMED_CALL], clock_ns() - start);
	return 0;
}

/* The slice from its start to its end, --batch pages a call. */
static int in_batches(struct run *r, int (*call)(struct run *, uint64_t page, uint64_t pages))
{
	uint64_t pages = r->slice->crew->pages, batch = r->options->batch;
	int err = 0;

	for (uint64_t page = 0; page < pages && !err && !stopped(r); page += batch) {
		uint64_t n = pages - page < batch ? pages - page : batch;

		err = call(r, page, n);
		if (!err)
			count_operations(r, n);
	}
	return err;
}

static int visit_all(struct run *r)
{
	uint64_t pages = r->slice->crew->pages;

	for (uint64_t i = 0; i < pages && !stopped(r); i++)
		touch_page(r, access_stream__visit(&r->stream, i), wants_write(r), 0);
	return 0;
}

/* The exit itself is timed by who waits for it. */
static int free_slice(struct run *r)
{
	if (r->options->free_by == FREE_EXIT) {
		count_operations(r, r->slice->crew->pages);
		return 0;
	}
	return in_batches(r, release);
}

static int run_phase(struct run *r, enum phase phase)
{
	switch (phase) {
	case PHASE_POPULATE:
		return populate(r);
	case PHASE_OUT:
		return in_batches(r, push_out);
	case PHASE_IN:
		return visit_all(r);
	case PHASE_MIXED:
		return mixed(r);
	case PHASE_FREE:
		return free_slice(r);
	}
	__builtin_unreachable();
}

int phases__run(struct slice *s)
{
	const struct options *o = s->crew->options;
	struct faults before = faults_now(), after;
	struct run r = {
		.slice = s,
		.options = o,
		.tally = &s->worker->tally,
		.faults = before,
		.stream = access_stream_of(o->access, s->crew->pages, o->seed, s->index,
					   s->crew->phase),
		.shares = rng_of(o->seed, s->index, s->crew->phase, 'r'),
	};
	int err;

	*r.tally = (struct tally){ .begin_ns = clock_ns() };
	count_operations(&r, 0);
	err = run_phase(&r, o->phases[s->crew->phase]);
	r.tally->end_ns = clock_ns();
	after = faults_now();
	r.tally->major = after.major - before.major;
	r.tally->minor = after.minor - before.minor;
	return err;
}

/* Bit 62 of an entry of the page map (Documentation/admin-guide/mm/pagemap.rst). */
int64_t phases__count_swapped(const struct slice *s)
{
	enum { CHUNK = 512 };
	int fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	uint64_t entries[CHUNK], first = (uintptr_t)s->worker->memory / s->crew->page_size;
	int64_t swapped = 0;

	for (uint64_t page = 0; page < s->crew->pages && swapped >= 0; page += CHUNK) {
		uint64_t n = s->crew->pages - page < CHUNK ? s->crew->pages - page : CHUNK;
		ssize_t want = n * sizeof(*entries);

		if (pread(fd, entries, want, (first + page) * sizeof(*entries)) != want)
			swapped = -1;
		for (uint64_t i = 0; i < n && swapped >= 0; i++)
			swapped += entries[i] >> 62 & 1;
	}
	if (fd >= 0)
		close(fd);
	return swapped;
}
