// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Preloaded into QEMU: a request for an emulated drive takes a drive's time. QEMU hands each to
 * a worker thread of its own, up to 64 at once, which sleeps here first: requests wait beside
 * each other, as in an SSD, and cost the host no CPU time meanwhile.
 *
 *   SSD_DELAY_DIR        the drives' raw files are ssd0, ssd1, ... in it
 *   SSD_DELAY_READ_NS    what a read is to take,
 *   SSD_DELAY_WRITE_NS   and a write: in nanoseconds, 0 for no longer than it does
 */
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#define MAX_DRIVES 8

enum way { READ, WRITE };

static struct {
	dev_t dev;
	ino_t ino[MAX_DRIVES];
	int count;
	long long ns[2];
} drives;

static long long number_of(const char *name)
{
	const char *value = getenv(name);

	return value ? atoll(value) : 0;
}

/* QEMU opens a drive's file more than once: the inode, not a descriptor, is what stays. */
__attribute__((constructor)) static void know_drives(void)
{
	const char *dir = getenv("SSD_DELAY_DIR");
	char path[4096];
	struct stat st;

	drives.ns[READ] = number_of("SSD_DELAY_READ_NS");
	drives.ns[WRITE] = number_of("SSD_DELAY_WRITE_NS");
	while (dir && drives.count < MAX_DRIVES) {
		snprintf(path, sizeof(path), "%s/ssd%d", dir, drives.count);
		if (stat(path, &st))
			break;
		drives.dev = st.st_dev;
		drives.ino[drives.count++] = st.st_ino;
	}
}

static int is_drive(int fd)
{
	struct stat st;

	if (fstat(fd, &st) || st.st_dev != drives.dev)
		return 0;
	for (int i = 0; i < drives.count; i++) {
		if (drives.ino[i] == st.st_ino)
			return 1;
	}
	return 0;
}

/* A thread's sleep is else up to 50 us longer, for the kernel to gather timers. */
static void sleep_exactly(long long ns)
{
	static __thread int exact;
	struct timespec left = { ns / 1000000000, ns % 1000000000 };

	if (!exact) {
		prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL);
		exact = 1;
	}
	while (nanosleep(&left, &left) && errno == EINTR)
		;
}

static void delay(int fd, enum way way)
{
	if (drives.ns[way] > 0 && is_drive(fd))
		sleep_exactly(drives.ns[way]);
}

#define DELAYED(name, way, buffer, amount)                                                         \
	ssize_t name(int fd, buffer b, amount n, off64_t offset)                                   \
	{                                                                                          \
		static ssize_t (*real)(int, buffer, amount, off64_t);                              \
                                                                                                   \
		if (!real)                                                                         \
			real = (ssize_t(*)(int, buffer, amount, off64_t))dlsym(RTLD_NEXT, #name);  \
		delay(fd, way);                                                                    \
		return real(fd, b, n, offset);                                                     \
	}

DELAYED(pread64, READ, void *, size_t)
DELAYED(pwrite64, WRITE, const void *, size_t)
DELAYED(preadv64, READ, const struct iovec *, int)
DELAYED(pwritev64, WRITE, const struct iovec *, int)
