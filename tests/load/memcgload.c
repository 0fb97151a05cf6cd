// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * memcgload STEP ARGUMENT...: what memory cgroups have to survive, one step at a time.
 *
 * dead DIRECTORY FILE N: makes N cgroups in DIRECTORY (version 2), in each of
 * them a page of FILE, and removes them: the pages stay. Says how many.
 *
 * file FILE PAGES: maps that much of FILE, writes it, checks it, says so, and
 * checks it again at each line of input.
 *
 * anon PAGES: the same with pages of its own.
 *
 * churn PAGES: touches that many pages and frees them, over and over until
 * SIGINT, and says how many a second that were.
 *
 * A page that is not what was written exits 1; a cgroup that cannot be made, 3.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { PAGE = 4096, NO_CGROUP = 3 };

static void die(const char *what)
{
	fprintf(stderr, "memcgload: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void enter(const char *cgroup)
{
	char path[512];
	int fd;

	snprintf(path, sizeof(path), "%s/cgroup.procs", cgroup);
	fd = open(path, O_WRONLY);
	if (fd < 0 || write(fd, "0", 1) != 1)
		die(path);
	close(fd);
}

static void leave_page(int fd, long i)
{
	if (pwrite(fd, &i, sizeof(i), (off_t)i * PAGE) != sizeof(i))
		die("the file's page");
}

/* A cgroup with a member cannot be removed, so this process goes elsewhere first. */
static int one_dead(const char *directory, const char *home, int fd, long i)
{
	char cgroup[400];

	snprintf(cgroup, sizeof(cgroup), "%s/%ld", directory, i);
	if (mkdir(cgroup, 0755))
		return -errno;
	enter(cgroup);
	leave_page(fd, i);
	enter(home);
	if (rmdir(cgroup))
		die(cgroup);
	return 0;
}

static int dead(const char *directory, const char *file, long n)
{
	char home[400];
	long i;
	int err = 0, fd = open(file, O_RDWR | O_CREAT, 0600);

	if (fd < 0)
		die(file);
	snprintf(home, sizeof(home), "%s/home", directory);
	if (mkdir(home, 0755) && errno != EEXIST)
		die(home);
	for (i = 0; i < n && !err; i++)
		err = one_dead(directory, home, fd, i);
	if (!err) {
		printf("made %ld\n", n);
		return 0;
	}
	printf("made %ld, then: %s\n", i - 1, strerror(-err));
	return NO_CGROUP;
}

static volatile uint64_t *map_pages(const char *file, size_t pages)
{
	int flags = file ? MAP_SHARED : MAP_PRIVATE | MAP_ANONYMOUS;
	int fd = file ? open(file, O_RDWR | O_CREAT, 0600) : -1;
	void *map;

	if (file && (fd < 0 || ftruncate(fd, pages * PAGE)))
		die(file);
	map = mmap(NULL, pages * PAGE, PROT_READ | PROT_WRITE, flags, fd, 0);
	if (map == MAP_FAILED)
		die("mmap");
	return map;
}

/* Bits of which nothing compresses to next to nothing. */
static uint64_t word(size_t page, size_t i)
{
	uint64_t x = (page * 512 + i + 1) * 0x9e3779b97f4a7c15;

	return x ^ x >> 29;
}

static void fill(volatile uint64_t *map, size_t pages)
{
	for (size_t page = 0; page < pages; page++)
		for (size_t i = 0; i < PAGE / sizeof(*map); i++)
			map[page * (PAGE / sizeof(*map)) + i] = word(page, i);
}

static void check(volatile uint64_t *map, size_t pages)
{
	for (size_t page = 0; page < pages; page++) {
		for (size_t i = 0; i < PAGE / sizeof(*map); i++) {
			if (map[page * (PAGE / sizeof(*map)) + i] == word(page, i))
				continue;
			fprintf(stderr, "memcgload: page %zu is not what was written\n", page);
			exit(1);
		}
	}
}

static int hold(const char *file, size_t pages)
{
	volatile uint64_t *map = map_pages(file, pages);
	char line[16];

	fill(map, pages);
	do {
		check(map, pages);
		puts("ready");
		fflush(stdout);
	} while (fgets(line, sizeof(line), stdin));
	return 0;
}

static volatile sig_atomic_t ended;

static void end(int signal)
{
	(void)signal;
	ended = 1;
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

static int churn(size_t pages)
{
	double start = now(), touched = 0;

	signal(SIGINT, end);
	while (!ended) {
		volatile uint64_t *map = map_pages(NULL, pages);

		for (size_t page = 0; page < pages; page++)
			map[page * (PAGE / sizeof(*map))] = page;
		touched += pages;
		munmap((void *)map, pages * PAGE);
	}
	printf("%.0f\n", touched / (now() - start));
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 5 && !strcmp(argv[1], "dead"))
		return dead(argv[2], argv[3], atol(argv[4]));
	if (argc == 4 && !strcmp(argv[1], "file"))
		return hold(argv[2], atol(argv[3]));
	if (argc == 3 && !strcmp(argv[1], "churn"))
		return churn(atol(argv[2]));
	if (argc == 3 && !strcmp(argv[1], "anon"))
		return hold(NULL, atol(argv[2]));
	fprintf(stderr, "usage: memcgload dead DIRECTORY FILE N | file FILE PAGES | churn PAGES"
			" | anon PAGES\n");
	return 2;
}
