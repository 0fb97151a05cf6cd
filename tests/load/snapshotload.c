// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * snapshotload STOP DEVICE...: what hibernation asks of swap, without hibernating: of one DEVICE
 * after the other what is free on it, a hundred times, and some pages of it, for a moment, until
 * there is a file STOP. One that is not swapped to at that time has none.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <linux/suspend_ioctls.h>

enum { PAGES = 64, LOOKS = 100 };

static unsigned long taken, absent, full, busy;

static int fail(const char *what)
{
	fprintf(stderr, "snapshotload: %s: %s\n", what, strerror(errno));
	return -1;
}

/* CPUs and devices that come and go at the moment make the whole wait. */
static int request(int fd, unsigned long number, void *arg)
{
	while (ioctl(fd, number, arg)) {
		if (errno != EBUSY)
			return -1;
		busy++;
		usleep(1000);
	}
	return 0;
}

static int take_pages(int fd)
{
	loff_t value;

	for (int i = 0; i < LOOKS; i++)
		if (request(fd, SNAPSHOT_AVAIL_SWAP_SIZE, &value))
			return fail("SNAPSHOT_AVAIL_SWAP_SIZE");
	for (int i = 0; i < PAGES; i++, taken++) {
		if (!request(fd, SNAPSHOT_ALLOC_SWAP_PAGE, &value))
			continue;
		if (errno != ENOSPC)
			return fail("SNAPSHOT_ALLOC_SWAP_PAGE");
		full++;
		break;
	}
	return request(fd, SNAPSHOT_FREE_SWAP_PAGES, NULL) ? fail("SNAPSHOT_FREE_SWAP_PAGES") : 0;
}

static int use_device(int fd, dev_t device)
{
	struct resume_swap_area area = { .dev = device };

	if (!request(fd, SNAPSHOT_SET_SWAP_AREA, &area))
		return take_pages(fd);
	if (errno != ENODEV)
		return fail("SNAPSHOT_SET_SWAP_AREA");
	absent++;
	return 0;
}

static int open_and_use(const char *path)
{
	struct stat st;
	int fd, err;

	if (stat(path, &st))
		return fail(path);
	fd = open("/dev/snapshot", O_RDONLY);
	if (fd < 0)
		return fail("/dev/snapshot");
	err = use_device(fd, st.st_rdev);
	close(fd);
	return err;
}

int main(int argc, char **argv)
{
	if (argc < 3) {
		fprintf(stderr, "usage: snapshotload STOP DEVICE...\n");
		return 2;
	}
	for (int i = 0; access(argv[1], F_OK); i++) {
		if (open_and_use(argv[2 + i % (argc - 2)]))
			return 1;
		usleep(300000);
	}
	printf("taken %lu\nabsent %lu\nno_room %lu\nbusy %lu\n", taken, absent, full, busy);
	return 0;
}
