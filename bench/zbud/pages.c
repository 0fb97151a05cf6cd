// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * zbud-pages: how large pages of memory, or of files, become when compressed as zswap does it,
 * as lines "source,bytes,pages", once for each compressor. Pages of one repeated word, which
 * zswap does not compress, are counted as 0 bytes.
 */
#include <argp.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <lz4.h>
#include <lzo/lzo1x.h>

enum { PAGE = 4096, ROOM = 2 * PAGE, LONGEST = 4400 };

static const struct argp_option options[] = {
	{ "pid", 'p', "PID", 0, "its anonymous memory, instead of files", 0 },
	{ "most", 'm', "N", 0, "pages, taken evenly (all)", 0 },
	{ 0 }
};

static struct {
	const char *name;
	char **files;
	int nfiles;
	long pid, most;
} call;

static size_t of_lzo[LONGEST + 1], of_lz4[LONGEST + 1];
static unsigned long seen, every = 1;

static bool is_same_filled(const unsigned char *page)
{
	return !memcmp(page, page + sizeof(long), PAGE - sizeof(long));
}

static size_t with_lzo(const unsigned char *page)
{
	static unsigned char out[ROOM], work[LZO1X_1_MEM_COMPRESS];
	lzo_uint bytes = sizeof(out);

	return lzo1x_1_compress(page, PAGE, out, &bytes, work) == LZO_E_OK ? bytes : PAGE;
}

static size_t with_lz4(const unsigned char *page)
{
	static char out[ROOM];

	return LZ4_compress_default((const char *)page, out, PAGE, sizeof(out));
}

static void take(const unsigned char *page)
{
	bool same = is_same_filled(page);

	if (seen++ % every)
		return;
	of_lzo[same ? 0 : with_lzo(page)]++;
	of_lz4[same ? 0 : with_lz4(page)]++;
}

/* The page is in memory, or on swap: what was never touched is not read. */
static bool is_there(int pagemap, uint64_t address)
{
	uint64_t entry;

	return pread(pagemap, &entry, sizeof(entry), address / PAGE * sizeof(entry)) ==
		       sizeof(entry) &&
	       entry >> 62;
}

static void each_page(int memory, int pagemap, uint64_t start, uint64_t end,
		      void (*visit)(const unsigned char *page))
{
	unsigned char page[PAGE];

	for (; start < end; start += PAGE)
		if (is_there(pagemap, start) && pread(memory, page, PAGE, start) == PAGE)
			visit(page);
}

static void count(const unsigned char *page)
{
	(void)page;
	seen++;
}

/* Writable, private, of no file: also the heap and the stack. */
static bool is_anonymous(const char *line, uint64_t *start, uint64_t *end)
{
	char mode[5];
	unsigned long inode;

	return sscanf(line, "%lx-%lx %4s %*s %*s %lu", start, end, mode, &inode) == 4 && !inode &&
	       !strcmp(mode, "rw-p");
}

static FILE *open_of_process(const char *what)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%ld/%s", call.pid, what);
	return fopen(path, "re");
}

static int walk_process(void (*visit)(const unsigned char *page))
{
	FILE *maps = open_of_process("maps"), *memory = open_of_process("mem");
	FILE *pagemap = open_of_process("pagemap");
	uint64_t start, end;
	char line[4096];
	int err = maps && memory && pagemap ? 0 : -errno;

	while (!err && fgets(line, sizeof(line), maps))
		if (is_anonymous(line, &start, &end))
			each_page(fileno(memory), fileno(pagemap), start, end, visit);
	if (maps)
		fclose(maps);
	if (memory)
		fclose(memory);
	if (pagemap)
		fclose(pagemap);
	return err;
}

/* The end of a file does not fill its last page: the rest is zero, as in the page cache. */
static int walk_file(const char *path, void (*visit)(const unsigned char *page))
{
	FILE *file = fopen(path, "re");
	unsigned char page[PAGE];
	size_t n;

	if (!file)
		return -errno;
	while ((n = fread(page, 1, PAGE, file))) {
		memset(page + n, 0, PAGE - n);
		visit(page);
	}
	fclose(file);
	return 0;
}

static int walk(void (*visit)(const unsigned char *page))
{
	int err = call.pid ? walk_process(visit) : 0;

	for (int i = 0; i < call.nfiles && !err; i++)
		err = walk_file(call.files[i], visit);
	return err;
}

static void put(const size_t of[LONGEST + 1], const char *compressor)
{
	for (int i = 0; i <= LONGEST; i++)
		if (of[i])
			printf("%s-%s,%d,%zu\n", call.name, compressor, i, of[i]);
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	switch (key) {
	case 'p':
		call.pid = atol(arg);
		break;
	case 'm':
		call.most = atol(arg);
		break;
	case ARGP_KEY_ARG:
		if (call.name)
			return ARGP_ERR_UNKNOWN;
		call.name = arg;
		break;
	case ARGP_KEY_ARGS:
		call.files = state->argv + state->next;
		call.nfiles = state->argc - state->next;
		break;
	case ARGP_KEY_END:
		if (!call.name || !call.pid == !call.nfiles)
			argp_error(state, "a name, and a process or files");
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

static int compress_all(void)
{
	int err = 0;

	if (call.most > 0) {
		err = walk(count);
		every = seen / call.most + 1;
		seen = 0;
	}
	return err ? err : walk(take);
}

int main(int argc, char **argv)
{
	static const struct argp argp = {
		options,
		parse_option,
		"NAME [FILE...]",
		"How large pages become when compressed, as lines NAME-COMPRESSOR,bytes,pages.",
		0,
		0,
		0
	};
	int err;

	argp_err_exit_status = 2;
	argp_parse(&argp, argc, argv, 0, NULL, NULL);
	err = lzo_init() == LZO_E_OK ? compress_all() : -EINVAL;
	if (err) {
		fprintf(stderr, "zbud-pages: %s: %s\n", call.name, strerror(-err));
		return 1;
	}
	put(of_lzo, "lzo");
	put(of_lz4, "lz4");
	return fflush(stdout) ? 1 : 0;
}
