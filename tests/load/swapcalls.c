// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * swapcalls DIRECTORY CGROUP MOST DRIVE DRIVE: swapon(2) and swapoff(2) do what their manual page
 * says, and a process larger than its memory gets through.
 *
 * Swap files are made in DIRECTORY; CGROUP is a memory cgroup of version 2 to go into; MOST is how
 * many areas this kernel can have at a time. Both DRIVEs are overwritten. Prints "ok" or "not ok"
 * for each case, the reason in a line before it. Each begins with no swap, and has failed as well
 * if it cannot be taken off afterwards. Exits 1 if any failed.
 */
#include <assert.h>
#include <byteswap.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/swap.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef MADV_PAGEOUT
#define MADV_PAGEOUT 21
#endif

enum { PAGE = 4096, WORDS = PAGE / sizeof(uint64_t), KIB = PAGE / 1024, MIB = 1024 / KIB };
enum { FILE_PAGES = 2 * MIB, TINY_PAGES = 10, DRIVE_PAGES = 48 * MIB, LARGE = 16 * MIB };
/* Slots that are kept for a CPU count as used: 64 to allocate, 64 to free. */
enum { KEPT_SLOTS = 128, ORDINARY_USER = 65534 };
/* bit 19 is the first that means nothing */
enum { FIRST_UNKNOWN_FLAG = 0x80000, DISCARD_ONCE = 0x20000, DISCARD_PAGES = 0x40000 };

/* The first page of a swap area */
struct header {
	char boot[1024];
	uint32_t version, last_page, bad_pages;
	uint8_t ids[32];
	uint32_t padding[117];
	uint32_t bad[637];
	char unused[2];
	char magic[10];
};

static_assert(sizeof(struct header) == PAGE, "the header is a page");

struct area {
	long kib, used;
	int priority;
};

static const char *cgroup, *drives[2];
static int most;

static void die(const char *what)
{
	fprintf(stderr, "swapcalls: %s: %s\n", what, strerror(errno));
	exit(2);
}

/* Why a case fails */
__attribute__((format(printf, 1, 2))) static bool no(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	printf("# ");
	vprintf(format, args);
	printf("\n");
	va_end(args);
	return false;
}

static const char *error_name(int error)
{
	return error ? strerrorname_np(error) : "no error";
}

/* What a call returned: it failed, for this reason */
static bool refused(int error, int result)
{
	int got = result ? errno : 0;

	return got == error || no("%s, not %s", error_name(got), error_name(error));
}

static bool works(const char *what, int result)
{
	return !result || no("%s: %s", what, error_name(errno));
}

static bool equals(const char *what, long got, long expected)
{
	return got == expected || no("%s: %ld, not %ld", what, got, expected);
}

static bool reaches(const char *what, long got, long least)
{
	return got >= least || no("%s: %ld, less than %ld", what, got, least);
}

/* In KiB */
static long meminfo(const char *name)
{
	FILE *file = fopen("/proc/meminfo", "r");
	size_t length = strlen(name);
	char line[256];
	long value = -1;

	while (file && value < 0 && fgets(line, sizeof(line), file))
		if (!strncmp(line, name, length) && line[length] == ':')
			value = atol(line + length + 1);
	if (value < 0)
		die("/proc/meminfo");
	fclose(file);
	return value;
}

static bool next_area(FILE *file, char *path, struct area *area)
{
	return fscanf(file, "%4095s %*s %ld %ld %d", path, &area->kib, &area->used,
		      &area->priority) == 4;
}

static FILE *open_swaps(void)
{
	FILE *file = fopen("/proc/swaps", "r");

	if (!file || fscanf(file, "%*[^\n]"))
		die("/proc/swaps");
	return file;
}

static bool find_area(const char *path, struct area *area)
{
	char wanted[PATH_MAX], found[PATH_MAX] = "";
	FILE *file = open_swaps();

	if (!realpath(path, wanted))
		die(path);
	while (strcmp(found, wanted) && next_area(file, found, area))
		;
	fclose(file);
	return !strcmp(found, wanted) || no("%s is not in /proc/swaps", path);
}

static bool all_off(void)
{
	char path[PATH_MAX];
	struct area area;
	bool off = true;

	for (;;) {
		FILE *file = open_swaps();
		bool found = next_area(file, path, &area);

		fclose(file);
		if (!found || !off)
			return off && equals("SwapTotal without swap", meminfo("SwapTotal"), 0) &&
			       equals("SwapFree without swap", meminfo("SwapFree"), 0);
		off = works(path, swapoff(path));
	}
}

static struct header new_header(uint32_t pages)
{
	struct header header = { .version = 1, .last_page = pages - 1 };

	memcpy(header.magic, "SWAPSPACE2", sizeof(header.magic));
	return header;
}

static void write_header(const char *path, struct header header)
{
	int fd = open(path, O_WRONLY);

	if (fd < 0 || pwrite(fd, &header, PAGE, 0) != PAGE || fsync(fd))
		die(path);
	close(fd);
}

/* A file of zeros: none of its pages is missing */
static void make_file(const char *path, uint32_t pages)
{
	static const char zeros[PAGE];
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	for (uint32_t i = 0; i < pages; i++)
		if (fd < 0 || write(fd, zeros, PAGE) != PAGE)
			die(path);
	if (fsync(fd))
		die(path);
	close(fd);
}

static void make_file_area(const char *path, uint32_t pages)
{
	make_file(path, pages);
	write_header(path, new_header(pages));
}

static bool add_file(int flags)
{
	make_file_area("area", FILE_PAGES);
	return works("swapon", swapon("area", flags));
}

static bool add_drive(int i, int flags)
{
	write_header(drives[i], new_header(DRIVE_PAGES));
	return works("swapon", swapon(drives[i], flags));
}

/* splitmix64's step */
static uint64_t mix(uint64_t seed)
{
	seed = (seed ^ seed >> 30) * 0xbf58476d1ce4e5b9;
	seed = (seed ^ seed >> 27) * 0x94d049bb133111eb;
	return seed ^ seed >> 31;
}

/* Pages of which each word is another, and none compresses */
static uint64_t *new_memory(long pages)
{
	uint64_t *memory = mmap(NULL, pages * PAGE, PROT_READ | PROT_WRITE,
				MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		die("mmap");
	for (long i = 0; i < pages * WORDS; i++)
		memory[i] = mix(i + 1);
	return memory;
}

static bool is_intact(const uint64_t *memory, long pages)
{
	for (long i = 0; i < pages * WORDS; i++)
		if (memory[i] != mix(i + 1))
			return no("word %ld of %ld pages came back wrong", i, pages);
	return true;
}

static bool page_out(uint64_t *memory, long pages)
{
	return works("MADV_PAGEOUT", madvise(memory, pages * PAGE, MADV_PAGEOUT));
}

static bool swaps_to(const char *path, long pages)
{
	uint64_t *memory = new_memory(pages);
	struct area area;
	bool passes = page_out(memory, pages) && find_area(path, &area) &&
		      reaches("KiB used", area.used, pages * KIB / 2) && is_intact(memory, pages);

	munmap(memory, pages * PAGE);
	return passes;
}

static long swap_used(void)
{
	return (meminfo("SwapTotal") - meminfo("SwapFree")) / KIB;
}

/* But for what is kept */
static bool is_free_again(const char *what, long pages)
{
	long kept = KEPT_SLOTS * sysconf(_SC_NPROCESSORS_ONLN);

	return pages <= kept || no("%s: %ld pages are still used", what, pages);
}

static void set_file(const char *path, const char *value)
{
	int fd = open(path, O_WRONLY);

	if (fd < 0 || write(fd, value, strlen(value)) < 0)
		die(path);
	close(fd);
}

static void set_cgroup(const char *name, const char *value)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", cgroup, name);
	set_file(path, value);
}

static long swapped_of_cgroup(void)
{
	char path[PATH_MAX];
	long bytes = -1;
	FILE *file;

	snprintf(path, sizeof(path), "%s/memory.swap.current", cgroup);
	file = fopen(path, "r");
	if (!file || fscanf(file, "%ld", &bytes) != 1)
		die(path);
	fclose(file);
	return bytes / PAGE;
}

static bool in_child(bool (*act)(void))
{
	int status;
	pid_t child;

	fflush(stdout);
	child = fork();
	if (child < 0)
		die("fork");
	if (!child)
		exit(!act());
	if (waitpid(child, &status, 0) != child)
		die("waitpid");
	return !status || no("the process ended with status %#x", status);
}

/* The call of an ordinary user */
static int as_user(int (*call)(const char *path))
{
	int result, error;

	if (seteuid(ORDINARY_USER))
		die("seteuid");
	result = call("area");
	error = errno;
	if (seteuid(0))
		die("seteuid");
	errno = error;
	return result;
}

static int swapon_plain(const char *path)
{
	return swapon(path, 0);
}

/* swapon */

static bool adds_file(void)
{
	struct area area;

	return add_file(0) && find_area("area", &area) &&
	       equals("its size in KiB", area.kib, (FILE_PAGES - 1) * KIB) &&
	       equals("SwapTotal", meminfo("SwapTotal"), area.kib) &&
	       equals("SwapFree", meminfo("SwapFree"), area.kib) &&
	       swaps_to("area", FILE_PAGES / 2);
}

static bool adds_drive(void)
{
	struct area area;

	return add_drive(0, 0) && find_area(drives[0], &area) &&
	       equals("its size in KiB", area.kib, (DRIVE_PAGES - 1) * KIB) &&
	       equals("SwapTotal", meminfo("SwapTotal"), area.kib) && swaps_to(drives[0], MIB);
}

static bool swaps_in_cgroup(void)
{
	uint64_t *memory;

	set_cgroup("cgroup.procs", "0");
	memory = new_memory(MIB);
	return page_out(memory, MIB) &&
	       reaches("swap of the cgroup", swapped_of_cgroup(), MIB / 2) &&
	       is_intact(memory, MIB);
}

static bool adds_file_for_cgroup(void)
{
	return add_file(0) && in_child(swaps_in_cgroup) &&
	       is_free_again("swap of the cgroup", swapped_of_cgroup());
}

static bool leaves_bad_pages_out(void)
{
	struct header header = new_header(DRIVE_PAGES);
	struct area area;

	header.bad_pages = 2;
	header.bad[0] = 5;
	header.bad[1] = DRIVE_PAGES - 1;
	write_header(drives[0], header);
	return works("swapon", swapon(drives[0], 0)) && find_area(drives[0], &area) &&
	       equals("its size in KiB", area.kib, (DRIVE_PAGES - 3) * KIB);
}

static bool takes_other_byte_order(void)
{
	struct header header = new_header(DRIVE_PAGES);
	struct area area;

	header.version = bswap_32(header.version);
	header.last_page = bswap_32(header.last_page);
	write_header(drives[0], header);
	return works("swapon", swapon(drives[0], 0)) && find_area(drives[0], &area) &&
	       equals("its size in KiB", area.kib, (DRIVE_PAGES - 1) * KIB);
}

static bool takes_flag(int flags)
{
	return add_drive(0, flags) && swaps_to(drives[0], MIB) && all_off();
}

static bool takes_discard_flags(void)
{
	return takes_flag(SWAP_FLAG_DISCARD) && takes_flag(SWAP_FLAG_DISCARD | DISCARD_ONCE) &&
	       takes_flag(SWAP_FLAG_DISCARD | DISCARD_PAGES);
}

static bool refuses_unknown_flags(void)
{
	bool passes = true;

	make_file_area("area", FILE_PAGES);
	for (long flag = FIRST_UNKNOWN_FLAG; flag < INT_MAX; flag <<= 1)
		passes &= refused(EINVAL, swapon("area", flag));
	return passes;
}

static bool refuses_missing(void)
{
	return refused(ENOENT, swapon("missing", 0));
}

static bool refuses_zeros(void)
{
	make_file("area", FILE_PAGES);
	return refused(EINVAL, swapon("area", 0));
}

static bool refuses_character_device(void)
{
	return refused(EINVAL, swapon("/dev/zero", 0));
}

static bool refuses_tmpfs(void)
{
	make_file_area("/dev/shm/area", FILE_PAGES);
	return refused(EINVAL, swapon("/dev/shm/area", 0));
}

static bool refuses_user(void)
{
	make_file_area("area", FILE_PAGES);
	return refused(EPERM, as_user(swapon_plain));
}

static bool refuses_busy_file(void)
{
	return add_file(0) && refused(EBUSY, swapon("area", 0));
}

static bool refuses_busy_drive(void)
{
	return add_drive(0, 0) && refused(EBUSY, swapon(drives[0], 0));
}

static bool refuses_holes(void)
{
	make_file_area("area", 1);
	if (truncate("area", FILE_PAGES * PAGE))
		die("area");
	write_header("area", new_header(FILE_PAGES));
	return refused(EINVAL, swapon("area", 0));
}

static bool refuses_short_file(void)
{
	make_file_area("area", FILE_PAGES);
	write_header("area", new_header(FILE_PAGES + 1));
	return refused(EINVAL, swapon("area", 0));
}

static bool refuses_file_with_bad_pages(void)
{
	struct header header = new_header(FILE_PAGES);

	make_file("area", FILE_PAGES);
	header.bad_pages = 1;
	header.bad[0] = 1;
	write_header("area", header);
	return refused(EINVAL, swapon("area", 0));
}

static bool refuses_drive_with(struct header header)
{
	write_header(drives[0], header);
	return refused(EINVAL, swapon(drives[0], 0));
}

static bool refuses_version(void)
{
	struct header header = new_header(DRIVE_PAGES);

	header.version = 2;
	return refuses_drive_with(header);
}

static bool refuses_empty_area(void)
{
	return refuses_drive_with(new_header(1));
}

static bool refuses_bad_page_count(void)
{
	struct header header = new_header(DRIVE_PAGES);

	header.bad_pages = sizeof(header.bad) / sizeof(*header.bad) + 1;
	return refuses_drive_with(header);
}

static bool refuses_bad_page_outside(void)
{
	struct header header = new_header(DRIVE_PAGES);

	header.bad_pages = 1;
	header.bad[0] = DRIVE_PAGES;
	return refuses_drive_with(header);
}

static bool has_priority(int priority)
{
	struct area area;

	return add_file(SWAP_FLAG_PREFER | priority) && find_area("area", &area) &&
	       equals("its priority", area.priority, priority) && works("swapoff", swapoff("area"));
}

static bool takes_priorities(void)
{
	return has_priority(0) && has_priority(17) && has_priority(SWAP_FLAG_PRIO_MASK);
}

static bool lowers_priorities(void)
{
	struct area first, second;

	return add_drive(0, 0) && add_drive(1, 0) && find_area(drives[0], &first) &&
	       find_area(drives[1], &second) &&
	       reaches("-1 - the priority of the first", -1 - first.priority, 0) &&
	       reaches("how much less the second has", first.priority - second.priority, 1);
}

/* What is used of each drive, in pages, when some are swapped out */
static bool swap_to_both(int first_priority, int second_priority, long used[2])
{
	enum { PAGES = 4 * MIB };
	struct area areas[2];
	uint64_t *memory;
	bool passes;

	if (!add_drive(0, SWAP_FLAG_PREFER | first_priority) ||
	    !add_drive(1, SWAP_FLAG_PREFER | second_priority))
		return false;
	memory = new_memory(PAGES);
	passes = page_out(memory, PAGES) && find_area(drives[0], &areas[0]) &&
		 find_area(drives[1], &areas[1]) && is_intact(memory, PAGES);
	for (int i = 0; passes && i < 2; i++)
		used[i] = areas[i].used / KIB;
	munmap(memory, PAGES * PAGE);
	return passes;
}

static bool uses_higher_priority_first(void)
{
	long used[2];

	return swap_to_both(5, 9, used) && equals("used of the lower", used[0], 0) &&
	       reaches("used of the higher", used[1], 2 * MIB);
}

static bool uses_equal_priorities_in_turn(void)
{
	long used[2];

	return swap_to_both(5, 5, used) && reaches("used of the first", used[0], MIB) &&
	       reaches("used of the second", used[1], MIB);
}

static bool takes_as_many_as_there_can_be(void)
{
	char path[16];
	int added;

	for (added = 0; added <= most; added++) {
		snprintf(path, sizeof(path), "area.%d", added);
		make_file_area(path, TINY_PAGES);
		if (swapon(path, 0))
			break;
	}
	return refused(EPERM, added <= most ? -1 : 0) && equals("areas", added, most) &&
	       equals("SwapTotal", meminfo("SwapTotal"), most * (TINY_PAGES - 1) * KIB);
}

static bool protects_file(void)
{
	int fd;
	bool passes;

	if (!add_file(0))
		return false;
	fd = open("area", O_WRONLY);
	if (fd < 0)
		die("area");
	passes = refused(ETXTBSY, write(fd, "", 1) == 1 ? 0 : -1) &&
		 refused(ETXTBSY, ftruncate(fd, 0)) && refused(EPERM, unlink("area"));
	close(fd);
	return passes;
}

/* swapoff */

static bool swapoff_refuses_missing(void)
{
	return refused(ENOENT, swapoff("missing"));
}

static bool swapoff_refuses_unused(void)
{
	make_file_area("area", FILE_PAGES);
	return refused(EINVAL, swapoff("area"));
}

static bool swapoff_refuses_user(void)
{
	struct area area;

	return add_file(0) && refused(EPERM, as_user(swapoff)) && find_area("area", &area);
}

/* Memory is not overcommitted, and what there is of it is swap. */
static bool swapoff_refuses_without_memory(void)
{
	struct area area;
	uint64_t *memory;
	int result, error;

	if (!add_drive(0, 0))
		return false;
	memory = new_memory(LARGE); /* more than the counter may be off */
	set_file("/proc/sys/vm/overcommit_ratio", "0");
	set_file("/proc/sys/vm/overcommit_memory", "2");
	result = swapoff(drives[0]);
	error = errno;
	set_file("/proc/sys/vm/overcommit_memory", "1");
	munmap(memory, LARGE * PAGE);
	errno = error;
	return refused(ENOMEM, result) && find_area(drives[0], &area);
}

static bool swapoff_brings_all_back(void)
{
	uint64_t *memory;
	bool passes;

	if (!add_drive(0, 0))
		return false;
	memory = new_memory(LARGE);
	passes = page_out(memory, LARGE) && reaches("pages swapped", swap_used(), LARGE / 2) &&
		 works("swapoff", swapoff(drives[0])) &&
		 equals("SwapTotal", meminfo("SwapTotal"), 0) && is_intact(memory, LARGE);
	munmap(memory, LARGE * PAGE);
	return passes;
}

static bool swapoff_moves_to_the_next(void)
{
	struct area area;
	uint64_t *memory;
	bool passes;

	if (!add_drive(0, SWAP_FLAG_PREFER | 9) || !add_drive(1, SWAP_FLAG_PREFER | 5))
		return false;
	memory = new_memory(MIB);
	passes = page_out(memory, MIB) && works("swapoff", swapoff(drives[0])) &&
		 page_out(memory, MIB) && find_area(drives[1], &area) &&
		 reaches("KiB used", area.used, MIB * KIB / 2) && is_intact(memory, MIB);
	munmap(memory, MIB * PAGE);
	return passes;
}

/* swapping */

static bool fills_more_than_its_cgroup(void)
{
	uint64_t *memory;

	set_cgroup("cgroup.procs", "0");
	memory = new_memory(2 * LARGE);
	return reaches("swap of the cgroup", swapped_of_cgroup(), LARGE) &&
	       is_intact(memory, 2 * LARGE);
}

static bool gets_through_small_cgroup(void)
{
	bool passes;

	set_cgroup("memory.max", "16M");
	passes = add_drive(0, 0) && in_child(fills_more_than_its_cgroup) &&
		 is_free_again("swap", swap_used());
	set_cgroup("memory.max", "max");
	return passes;
}

static const struct {
	const char *name;
	bool (*passes)(void);
} cases[] = {
	{ "swapon adds a file, with its size", adds_file },
	{ "swapon adds a drive, with its size", adds_drive },
	{ "swapon adds a file that a memory cgroup swaps to", adds_file_for_cgroup },
	{ "swapon leaves bad pages out", leaves_bad_pages_out },
	{ "swapon takes an area of the other byte order", takes_other_byte_order },
	{ "swapon takes flags for discards", takes_discard_flags },
	{ "swapon: EINVAL for unknown flags", refuses_unknown_flags },
	{ "swapon: ENOENT for a missing file", refuses_missing },
	{ "swapon: EINVAL for a file that is no swap area", refuses_zeros },
	{ "swapon: EINVAL for what is neither file nor block device", refuses_character_device },
	{ "swapon: EINVAL for a file on tmpfs", refuses_tmpfs },
	{ "swapon: EPERM for an ordinary user", refuses_user },
	{ "swapon: EBUSY for a file in use", refuses_busy_file },
	{ "swapon: EBUSY for a drive in use", refuses_busy_drive },
	{ "swapon: EINVAL for a file with holes", refuses_holes },
	{ "swapon: EINVAL for an area longer than its file", refuses_short_file },
	{ "swapon: EINVAL for a file with bad pages", refuses_file_with_bad_pages },
	{ "swapon: EINVAL for another version", refuses_version },
	{ "swapon: EINVAL for an empty area", refuses_empty_area },
	{ "swapon: EINVAL for too many bad pages", refuses_bad_page_count },
	{ "swapon: EINVAL for a bad page behind the end", refuses_bad_page_outside },
	{ "swapon takes a priority", takes_priorities },
	{ "swapon gives lower and lower priorities by itself", lowers_priorities },
	{ "the area of higher priority is used first", uses_higher_priority_first },
	{ "areas of equal priority are used in turn", uses_equal_priorities_in_turn },
	{ "swapon: EPERM when there are as many areas as there can be",
	  takes_as_many_as_there_can_be },
	{ "a file in use is neither written, cut nor removed", protects_file },
	{ "swapoff: ENOENT for a missing file", swapoff_refuses_missing },
	{ "swapoff: EINVAL for an area not in use", swapoff_refuses_unused },
	{ "swapoff: EPERM for an ordinary user", swapoff_refuses_user },
	{ "swapoff: ENOMEM where memory may not be overcommitted", swapoff_refuses_without_memory },
	{ "swapoff of a large area in use brings all back", swapoff_brings_all_back },
	{ "swapoff leaves what is swapped next to the other area", swapoff_moves_to_the_next },
	{ "a process larger than its cgroup gets through, and swap is free again",
	  gets_through_small_cgroup },
};

int main(int argc, char **argv)
{
	int failed = 0;

	if (argc != 6 || atoi(argv[3]) < 1) {
		fprintf(stderr, "usage: swapcalls DIRECTORY CGROUP MOST DRIVE DRIVE\n");
		return 2;
	}
	if (chdir(argv[1]))
		die(argv[1]);
	cgroup = argv[2];
	most = atoi(argv[3]);
	memcpy(drives, argv + 4, sizeof(drives));
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		bool passes = cases[i].passes();

		passes &= all_off();
		printf("%s - %s\n", passes ? "ok" : "not ok", cases[i].name);
		failed += !passes;
	}
	return failed != 0;
}
