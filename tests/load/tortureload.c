// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * tortureload PROCESSES MIB STOP SEED [lossy]: swapping of which every word is verified, until
 * there is a file STOP.
 *
 * Each process has MIB of its own, and writes and verifies pages of it at random, while a thread
 * of it pages them out. It throws ranges away and writes them anew; it forks children that verify
 * what they inherit and write to their copies of it, and crowds of children, which are more
 * references to a page than a byte of the swap map can count. Of three processes one asks for huge
 * pages and one has shared memory (and no children, who would write to it).
 *
 * A page says who wrote it, where, and how often: one that says anything else is printed, ends
 * all, and exits 1. With "lossy" pages may be lost (SIGBUS) but not wrong, and nobody forks.
 * Prints a line for each thing that it counts. Lets others go first, who have to get on with what
 * they do to its swap devices.
 */
#include <errno.h>
#include <setjmp.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef MADV_PAGEOUT
#define MADV_PAGEOUT 21
#endif

enum { PAGE = 4096, WORDS = PAGE / sizeof(uint64_t), HUGE = 512 };
/* A byte of the swap map counts to 62, and goes on elsewhere. */
enum { CHILDREN = 4, CROWD = 70, CROWD_PAGES = 16 };
enum kind { PLAIN, WITH_HUGE_PAGES, SHARED, KINDS };

/* Of all processes, in memory that they share */
struct counts {
	_Atomic uint64_t written, verified, mismatches, forks, crowds, renewed, lost;
	atomic_bool crowded, stop;
};

struct worker {
	enum kind kind;
	uint64_t owner;
	char *memory;
	uint64_t pages;
	uint32_t *generations;
	uint64_t random;
	int children;
};

static struct counts *counts;
static bool lossy;
static sigjmp_buf recovery;

/* splitmix64's step */
static uint64_t mix(uint64_t seed)
{
	seed = (seed ^ seed >> 30) * 0xbf58476d1ce4e5b9;
	seed = (seed ^ seed >> 27) * 0x94d049bb133111eb;
	return seed ^ seed >> 31;
}

static uint64_t next_random(uint64_t *state)
{
	return mix(*state += 0x9e3779b97f4a7c15);
}

static uint64_t below(struct worker *w, uint64_t limit)
{
	return next_random(&w->random) % limit;
}

static void die(const char *what)
{
	fprintf(stderr, "tortureload: %s: %s\n", what, strerror(errno));
	_exit(1);
}

static uint64_t *page_at(const struct worker *w, uint64_t index)
{
	return (uint64_t *)(w->memory + index * PAGE);
}

/* Two words to read, for whoever finds the page in a wrong place, and 510 that do not compress */
static uint64_t word(const struct worker *w, uint64_t index, int i)
{
	uint64_t address = (uintptr_t)page_at(w, index), who = w->owner << 32;

	who |= w->generations[index];
	if (i == 0)
		return who;
	return i == 1 ? address : mix(who ^ address << 8 ^ i);
}

static void write_page(struct worker *w, uint64_t index)
{
	uint64_t *page = page_at(w, index);

	w->generations[index]++;
	for (int i = 0; i < WORDS; i++)
		page[i] = word(w, index, i);
	counts->written++;
}

static void report_mismatch(struct worker *w, uint64_t index, int i)
{
	uint64_t *page = page_at(w, index);

	counts->mismatches++;
	fprintf(stderr,
		"tortureload: mismatch: page %p of process %lu (kind %d), generation %u: word %d "
		"is %016lx, not %016lx; the page begins with %016lx %016lx\n",
		(void *)page, (unsigned long)w->owner, w->kind, w->generations[index], i,
		(unsigned long)page[i], (unsigned long)word(w, index, i), (unsigned long)page[0],
		(unsigned long)page[1]);
}

static void verify_page(struct worker *w, uint64_t index)
{
	uint64_t *page = page_at(w, index);

	for (int i = 0; i < WORDS; i++) {
		if (page[i] == word(w, index, i))
			continue;
		report_mismatch(w, index, i);
		_exit(1);
	}
	counts->verified++;
}

static void on_bus_error(int number)
{
	siglongjmp(recovery, number);
}

/* Whether that could be done; else the page is lost, which is for lossy ones alone. */
static bool try(void (*act)(struct worker *, uint64_t), struct worker *w, uint64_t index)
{
	if (sigsetjmp(recovery, 0)) {
		counts->lost++;
		return false;
	}
	act(w, index);
	return true;
}

static void drop_pages(struct worker *w, uint64_t index, uint64_t n)
{
	if (madvise(page_at(w, index), n * PAGE, w->kind == SHARED ? MADV_REMOVE : MADV_DONTNEED))
		die("madvise to drop pages");
}

/* Lossy ones may just be mapping them anew, which begins with their being locked. */
static void page_out(struct worker *w, uint64_t index, uint64_t n)
{
	if (madvise(page_at(w, index), n * PAGE, MADV_PAGEOUT) && !(lossy && errno == EINVAL))
		die("madvise to page out");
}

/* What is lost is written anew, and may be lost again meanwhile. */
static void do_to_page(void (*act)(struct worker *, uint64_t), struct worker *w, uint64_t index)
{
	while (!try(act, w, index)) {
		drop_pages(w, index, 1);
		act = write_page;
	}
}

/* A huge page goes out whole only before children share it, or a part of it goes. */
static void write_range(struct worker *w, uint64_t first, uint64_t n)
{
	for (uint64_t i = 0; i < n; i++)
		do_to_page(write_page, w, first + i);
	if (w->kind == WITH_HUGE_PAGES)
		page_out(w, first, n);
}

/* Where pages may be lost, all else is locked in memory. */
static void let_swap(enum kind kind, void *memory, uint64_t bytes)
{
	if (kind == WITH_HUGE_PAGES && madvise(memory, bytes, MADV_HUGEPAGE))
		die("madvise for huge pages");
	if (lossy && munlock(memory, bytes))
		die("munlock");
}

/* The page table, which stays when pages are dropped, would keep huge ones out. */
static void map_anew(struct worker *w, uint64_t first, uint64_t n)
{
	void *memory = page_at(w, first);
	int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED;

	if (mmap(memory, n * PAGE, PROT_READ | PROT_WRITE, flags, -1, 0) == MAP_FAILED)
		die("mmap");
	let_swap(w->kind, memory, n * PAGE);
}

static void renew_range(struct worker *w)
{
	bool huge = w->kind == WITH_HUGE_PAGES;
	uint64_t n = huge ? HUGE : 32, first = below(w, w->pages / n) * n;

	(huge ? map_anew : drop_pages)(w, first, n);
	write_range(w, first, n);
	counts->renewed++;
}

static void end_child(struct worker *w)
{
	int status;

	if (wait(&status) < 0)
		die("wait");
	if (status) {
		fprintf(stderr, "tortureload: a child of %lu ended with status %#x\n",
			(unsigned long)w->owner, status);
		_exit(1);
	}
	w->children--;
}

static bool is_child(struct worker *w)
{
	pid_t pid = fork();

	if (pid < 0)
		die("fork");
	if (!pid)
		return true;
	w->children++;
	counts->forks++;
	return false;
}

static void verify_inheritance(struct worker *w)
{
	uint64_t index;

	for (int i = 0; i < 32; i++)
		verify_page(w, below(w, w->pages));
	w->owner = getpid();
	for (int i = 0; i < 8; i++) {
		index = below(w, w->pages);
		write_page(w, index);
		verify_page(w, index);
	}
	_exit(0);
}

static void fork_child(struct worker *w)
{
	while (w->children >= CHILDREN)
		end_child(w);
	if (is_child(w))
		verify_inheritance(w);
}

/* All at once, so that all let go of the same entries at the same time */
static void verify_together(struct worker *w, uint64_t first, const int gate[2])
{
	char c;

	close(gate[1]);
	if (read(gate[0], &c, 1) < 0)
		die("read");
	for (int i = 0; i < CROWD_PAGES; i++)
		verify_page(w, first + i);
	_exit(0);
}

/* One at a time: each takes 8 MiB of the kernel, which the cgroup has to have. */
static void fork_crowd(struct worker *w)
{
	uint64_t first = below(w, w->pages - CROWD_PAGES);
	int gate[2];

	if (atomic_exchange(&counts->crowded, true))
		return;
	if (pipe(gate))
		die("pipe");
	page_out(w, first, CROWD_PAGES);
	for (int i = 0; i < CROWD; i++)
		if (is_child(w))
			verify_together(w, first, gate);
	close(gate[0]);
	close(gate[1]);
	while (w->children)
		end_child(w);
	counts->crowds++;
	counts->crowded = false;
}

static bool may_fork(const struct worker *w)
{
	return !lossy && w->kind != SHARED;
}

static void do_something(struct worker *w)
{
	uint64_t choice = below(w, 512);

	if (choice < 4 && may_fork(w))
		fork_crowd(w);
	else if (choice < 24 && may_fork(w))
		fork_child(w);
	else if (choice < 28)
		renew_range(w);
	else
		do_to_page(choice % 3 ? verify_page : write_page, w, below(w, w->pages));
}

/* Beside the process's own faults: parts of huge pages, and whole ones */
static void *keep_paging_out(void *arg)
{
	struct worker *w = arg;
	uint64_t state = w->owner, first, n;

	for (;;) {
		first = next_random(&state) % w->pages;
		n = next_random(&state) % 64 + 1;
		if (w->kind == WITH_HUGE_PAGES && n % 4)
			first -= first % HUGE, n = HUGE;
		if (first + n > w->pages)
			n = w->pages - first;
		page_out(w, first, n);
		usleep(next_random(&state) % 65536);
	}
	return NULL;
}

static char *map_memory(enum kind kind, uint64_t bytes)
{
	int flags = (kind == SHARED ? MAP_SHARED : MAP_PRIVATE) | MAP_ANONYMOUS;
	uintptr_t huge = HUGE * PAGE;
	char *memory = mmap(NULL, bytes + huge, PROT_READ | PROT_WRITE, flags, -1, 0);

	if (memory == MAP_FAILED)
		die("mmap");
	return memory + -(uintptr_t)memory % huge;
}

/* All but the pages under test stays in memory, where nothing gets lost. */
static void lock_memory(void)
{
	if (mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT))
		die("mlockall");
}

static void expect_losses(void)
{
	struct sigaction action = { .sa_handler = on_bus_error, .sa_flags = SA_NODEFER };

	lock_memory();
	sigaction(SIGBUS, &action, NULL);
}

static void start(struct worker *w, int number, uint64_t pages, uint64_t seed)
{
	pthread_t pager;

	*w = (struct worker){ .kind = number % KINDS, .owner = getpid(), .pages = pages };
	w->random = mix(seed + number);
	if (lossy)
		lock_memory();
	w->memory = map_memory(w->kind, pages * PAGE);
	w->generations = (uint32_t *)map_memory(PLAIN, pages * sizeof(uint32_t));
	let_swap(w->kind, w->memory, pages * PAGE);
	write_range(w, 0, pages);
	errno = pthread_create(&pager, NULL, keep_paging_out, w);
	if (errno)
		die("pthread_create");
}

/* Begins with a crowd, which is seldom later, and ends with a look at all that it has. */
static int run(int number, uint64_t pages, uint64_t seed)
{
	struct worker w;

	start(&w, number, pages, seed);
	if (may_fork(&w))
		fork_crowd(&w);
	while (!counts->stop && !counts->mismatches)
		do_something(&w);
	for (uint64_t i = 0; i < pages && !counts->mismatches; i++)
		do_to_page(verify_page, &w, i);
	while (w.children)
		end_child(&w);
	return counts->mismatches != 0;
}

static void *await_stop(void *path)
{
	while (access(path, F_OK))
		usleep(100000);
	counts->stop = true;
	return NULL;
}

static int wait_for_all(void)
{
	int failed = 0, status;
	pid_t pid;

	while ((pid = wait(&status)) > 0) {
		if (status)
			fprintf(stderr, "tortureload: process %d ended with status %#x\n", pid,
				status);
		failed |= status;
	}
	return failed != 0;
}

static void report(void)
{
	const struct {
		const char *name;
		uint64_t count;
	} rows[] = {
		{ "written", counts->written },
		{ "verified", counts->verified },
		{ "mismatches", counts->mismatches },
		{ "forks", counts->forks },
		{ "crowds", counts->crowds },
		{ "renewed", counts->renewed },
		{ "lost", counts->lost },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		printf("%s%s %lu\n", lossy ? "lossy:" : "", rows[i].name,
		       (unsigned long)rows[i].count);
}

int main(int argc, char **argv)
{
	int processes = argc >= 5 ? atoi(argv[1]) : 0, mib = argc >= 5 ? atoi(argv[2]) : 0, failed;
	pthread_t watcher;

	lossy = argc == 6 && !strcmp(argv[5], "lossy");
	if (processes < 1 || mib < 2 || mib % 2 || argc > 5 + lossy) {
		fprintf(stderr, "usage: tortureload PROCESSES MIB STOP SEED [lossy]\n");
		return 2;
	}
	counts = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (counts == MAP_FAILED)
		die("mmap");
	if (lossy)
		expect_losses();
	if (nice(5) < 0)
		die("nice");
	for (int i = 0; i < processes; i++)
		if (!fork())
			_exit(run(i, mib * 256UL, strtoull(argv[4], NULL, 0)));
	errno = pthread_create(&watcher, NULL, await_stop, argv[3]);
	if (errno)
		die("pthread_create");
	failed = wait_for_all();
	report();
	return failed;
}
