// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * resetload DEVICE SYSFS CYCLES THREADS MICROSECONDS [close]
 *
 * Resets DEVICE by SYSFS/reset and sizes it anew by SYSFS/disksize, CYCLES
 * times, under direct I/O of THREADS, with a rest of MICROSECONDS in between.
 * With "close" the threads open the device for one I/O each: a guard that
 * resets no open device gets its turn between them.
 *
 * Each page written says who wrote it, as which of his writes, and where. A
 * page read is wrong if it is torn or out of place, if its write had returned
 * before a reset began that has ended since, or if it is not what the thread
 * itself wrote last with no reset since. I/O may fail as it does on a device
 * without a size, in no other way. Prints the figures; exits 1 if a page or an
 * error was wrong.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/fs.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

enum {
	PAGE = 4096,
	WORDS = PAGE / sizeof(uint64_t),
	MAX_THREADS = 16,
	PAGES = 1024, /* of the smaller size; all I/O is within it */
	MAX_WRITES = 1 << 22,
};

/* What is expected of a page by the thread whose it is */
struct page_state {
	uint64_t seq;	/* of the write that it holds; 0: zeroes */
	uint64_t epoch; /* what was said of resets then, 0: nothing is expected */
};

struct thread {
	pthread_t id;
	uint64_t number, writes, reads, discards, exact, zeros, foreign;
	uint64_t eio, enospc, eof, refused, random, longest_ns;
	uint64_t last;		 /* page written or discarded */
	_Atomic uint32_t *ended; /* by write: resets begun when it had returned, plus 1 */
	struct page_state pages[PAGES];
	uint64_t *buffer;
};

static const char *device;
static int reopens, n_threads;
static struct thread threads[MAX_THREADS];
static _Atomic uint64_t begun, done; /* resets */
static atomic_bool stop, wrong;

static uint64_t mix(uint64_t seed)
{
	seed = (seed ^ seed >> 30) * 0xbf58476d1ce4e5b9;
	seed = (seed ^ seed >> 27) * 0x94d049bb133111eb;
	return seed ^ seed >> 31;
}

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000ull + t.tv_nsec;
}

__attribute__((format(printf, 1, 2))) static void complain(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fputs("resetload: ", stderr);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
	va_end(args);
	atomic_store(&wrong, 1);
}

/* Resets so far if none is going on, else 0; the first number is 1. */
static uint64_t epoch_now(void)
{
	uint64_t n = atomic_load(&done);

	return atomic_load(&begun) == n ? n + 1 : 0;
}

static void fill(uint64_t *page, uint64_t thread, uint64_t seq, uint64_t index)
{
	uint64_t seed = mix(thread << 56 ^ seq << 16 ^ index);

	page[0] = thread + 1;
	page[1] = seq;
	page[2] = index;
	/* Half of it compresses, so that the pool holds objects of its own. */
	for (int i = 3; i < WORDS; i++)
		page[i] = i % 2 ? seed : mix(seed ^ i);
}

static int is_zero(const uint64_t *page)
{
	return !page[0] && !memcmp(page, page + 1, PAGE - sizeof(*page));
}

static int is_whole(const uint64_t *page, uint64_t index)
{
	uint64_t expected[WORDS];

	if (page[0] < 1 || page[0] > (uint64_t)n_threads || page[1] >= MAX_WRITES ||
	    page[2] != index)
		return 0;
	fill(expected, page[0] - 1, page[1], index);
	return !memcmp(page, expected, PAGE);
}

/* Had its write returned before the reset began of which ended_resets is the last that ended? */
static int is_stale(const uint64_t *page, uint64_t ended_resets)
{
	uint32_t ended = atomic_load(&threads[page[0] - 1].ended[page[1]]);

	return ended && ended_resets >= ended;
}

static void check_content(struct thread *t, uint64_t index, uint64_t ended_resets)
{
	const uint64_t *page = t->buffer;

	if (is_zero(page))
		t->zeros++;
	else if (!is_whole(page, index))
		complain("page %" PRIu64 " is torn or out of place: %" PRIx64 " %" PRIx64
			 " %" PRIx64,
			 index, page[0], page[1], page[2]);
	else if (is_stale(page, ended_resets))
		complain("page %" PRIu64 ": write %" PRIu64 " of thread %" PRIu64
			 " reappeared after reset %" PRIu64,
			 index, page[1], page[0] - 1, ended_resets);
	else if (page[0] != t->number + 1)
		t->foreign++;
}

/* What the thread wrote last has to be there, if no reset has begun since. */
static void check_own(struct thread *t, uint64_t index, uint64_t seq, uint64_t epoch)
{
	if (!epoch || epoch_now() != epoch)
		return;
	t->exact++;
	if (seq ? t->buffer[1] != seq : !is_zero(t->buffer))
		complain("page %" PRIu64 " of thread %" PRIu64 " holds write %" PRIu64
			 ", not %" PRIu64,
			 index, t->number, t->buffer[1], seq);
}

/*
 * What a device that has no size, or is just being reset, may answer. Who asks again at once keeps
 * others from giving it one.
 */
static void count_error(struct thread *t, const char *what, int error)
{
	switch (error) {
	case 0:
		t->eof++;
		break;
	case EIO:
		t->eio++;
		break;
	case ENOSPC:
		t->enospc++;
		break;
	default:
		complain("%s: %s", what, strerror(error));
	}
	usleep(1000);
}

static uint64_t own_page(const struct thread *t, uint64_t random)
{
	return random % (PAGES / n_threads) * n_threads + t->number;
}

static void write_page(struct thread *t, int fd, uint64_t index)
{
	uint64_t seq = ++t->writes, epoch = epoch_now();
	ssize_t n;

	t->last = index;
	t->pages[index].epoch = 0;
	fill(t->buffer, t->number, seq, index);
	n = pwrite(fd, t->buffer, PAGE, index * PAGE);
	if (n != PAGE)
		return count_error(t, "write", n < 0 ? errno : 0);
	atomic_store(&t->ended[seq], atomic_load(&begun) + 1);
	if (epoch && epoch_now() == epoch)
		t->pages[index] = (struct page_state){ .seq = seq, .epoch = epoch };
}

static void read_page(struct thread *t, int fd, uint64_t index)
{
	uint64_t ended_resets = atomic_load(&done);
	struct page_state expected = t->pages[index];
	ssize_t n = pread(fd, t->buffer, PAGE, index * PAGE);

	t->reads++;
	if (n != PAGE)
		return count_error(t, "read", n < 0 ? errno : 0);
	check_content(t, index, ended_resets);
	check_own(t, index, expected.seq, expected.epoch);
}

/* Beyond the end, which is what a device without a size is: EINVAL */
static void discard_page(struct thread *t, int fd, uint64_t index)
{
	uint64_t range[2] = { index * PAGE, PAGE }, epoch = epoch_now();

	t->discards++;
	t->last = index;
	t->pages[index].epoch = 0;
	if (ioctl(fd, BLKDISCARD, range))
		return count_error(t, "discard", errno == EINVAL ? 0 : errno);
	if (epoch && epoch_now() == epoch)
		t->pages[index] = (struct page_state){ .seq = 0, .epoch = epoch };
}

static void do_io(struct thread *t, int fd)
{
	uint64_t random = t->random = mix(t->random + 0x9e3779b97f4a7c15), start = now_ns();
	uint64_t place = random >> 8, took;

	switch (random % 16) {
	case 0:
		discard_page(t, fd, own_page(t, place));
		break;
	case 1 ... 6:
		write_page(t, fd, own_page(t, place));
		break;
	case 7 ... 10:
		read_page(t, fd, t->last);
		break;
	case 11 ... 12:
		read_page(t, fd, own_page(t, place));
		break;
	default:
		read_page(t, fd, place % PAGES);
	}
	took = now_ns() - start;
	if (took > t->longest_ns)
		t->longest_ns = took;
}

/* A guard that resets no open device claims it meanwhile: EBUSY. */
static int open_device(struct thread *t)
{
	int fd = open(device, O_RDWR | O_DIRECT);

	if (fd < 0 && errno == EBUSY)
		t->refused++;
	else if (fd < 0)
		complain("%s: %s", device, strerror(errno));
	return fd;
}

static void *run_thread(void *arg)
{
	struct thread *t = arg;
	int fd = -1;

	while (!atomic_load(&stop) && !atomic_load(&wrong) && t->writes < MAX_WRITES - 1) {
		if (fd < 0)
			fd = open_device(t);
		if (fd < 0)
			continue;
		do_io(t, fd);
		if (!reopens)
			continue;
		close(fd);
		fd = -1;
		usleep(t->random % 2048);
	}
	if (fd >= 0)
		close(fd);
	return NULL;
}

static int start_thread(struct thread *t, int number)
{
	t->number = t->last = number;
	t->random = number;
	t->buffer = aligned_alloc(PAGE, PAGE);
	t->ended = mmap(NULL, MAX_WRITES * sizeof(*t->ended), PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (!t->buffer || t->ended == MAP_FAILED)
		return ENOMEM;
	return pthread_create(&t->id, NULL, run_thread, t);
}

static int write_file(const char *dir, const char *name, const char *text)
{
	char path[256];
	int fd, err = 0;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	fd = open(path, O_WRONLY);
	if (fd < 0)
		return -errno;
	if (write(fd, text, strlen(text)) < 0)
		err = -errno;
	close(fd);
	return err;
}

/* One reset and one new size, every other one larger. Returns how often the reset was refused. */
static long cycle(const char *sysfs, int n)
{
	long refused = 0;
	int err;

	atomic_store(&begun, n);
	while ((err = write_file(sysfs, "reset", "1")) == -EBUSY && !atomic_load(&wrong)) {
		refused++;
		usleep(200);
	}
	if (!err) {
		atomic_store(&done, n);
		err = write_file(sysfs, "disksize", n % 2 ? "8M" : "4M");
	}
	if (err)
		complain("cycle %d: %s", n, strerror(-err));
	return refused;
}

static void report(int cycles, long refused)
{
	struct thread sum = {};

	for (int i = 0; i < n_threads; i++) {
		struct thread *t = &threads[i];

		sum.writes += t->writes, sum.reads += t->reads, sum.discards += t->discards;
		sum.exact += t->exact, sum.zeros += t->zeros, sum.foreign += t->foreign;
		sum.eio += t->eio, sum.enospc += t->enospc, sum.eof += t->eof,
			sum.refused += t->refused;
		if (t->longest_ns > sum.longest_ns)
			sum.longest_ns = t->longest_ns;
	}
	printf("resets %d, refused %ld times; %" PRIu64 " writes, %" PRIu64 " reads, %" PRIu64
	       " discards, opens refused %" PRIu64 "\n",
	       cycles, refused, sum.writes, sum.reads, sum.discards, sum.refused);
	printf("of the reads %" PRIu64 " were of what had to be there, %" PRIu64
	       " of zeroes, %" PRIu64 " of others' writes\n",
	       sum.exact, sum.zeros, sum.foreign);
	printf("without a size: EIO %" PRIu64 ", ENOSPC %" PRIu64 ", end of device %" PRIu64
	       "; longest I/O %.1f ms\n",
	       sum.eio, sum.enospc, sum.eof, sum.longest_ns / 1e6);
}

int main(int argc, char **argv)
{
	int cycles = argc > 5 ? atoi(argv[3]) : 0, done_cycles = 0;
	long refused = 0;

	n_threads = argc > 5 ? atoi(argv[4]) : 0;
	if (cycles < 1 || n_threads < 1 || n_threads > MAX_THREADS || argc > 7 ||
	    (argc == 7 && strcmp(argv[6], "close"))) {
		fprintf(stderr,
			"usage: resetload DEVICE SYSFS CYCLES THREADS MICROSECONDS [close]\n");
		return 2;
	}
	device = argv[1];
	reopens = argc == 7;
	for (int i = 0; i < n_threads; i++)
		if (start_thread(&threads[i], i)) {
			fprintf(stderr, "resetload: cannot start a thread\n");
			return 1; /* the others end with the process */
		}
	while (done_cycles < cycles && !atomic_load(&wrong)) {
		usleep(atoi(argv[5]));
		refused += cycle(argv[2], ++done_cycles);
	}
	atomic_store(&stop, 1);
	for (int i = 0; i < n_threads; i++)
		pthread_join(threads[i].id, NULL);
	report(done_cycles, refused);
	return atomic_load(&wrong);
}
