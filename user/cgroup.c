// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "cgroup.h"

static bool is_cgroup(int fd)
{
	struct statfs fs;

	return !fstatfs(fd, &fs) && fs.f_type == CGROUP2_SUPER_MAGIC;
}

/* Directories from @fd up to the root of the file system. Closes @fd. */
static int count_levels(int fd)
{
	int level = -1;

	while (fd >= 0 && is_cgroup(fd)) {
		int parent = openat(fd, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);

		close(fd);
		fd = parent;
		level++;
	}
	if (fd >= 0)
		close(fd);
	return level;
}

/* A directory's inode number is its cgroup's ID (fs/kernfs: 64-bit inode numbers). */
int cgroup_find(const char *directory, __u64 *id, int *level)
{
	int fd = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct stat st;

	if (fd < 0 || fstat(fd, &st)) {
		int err = -errno;

		if (fd >= 0)
			close(fd);
		return err;
	}
	if (!is_cgroup(fd)) {
		close(fd);
		return -ENOTSUP;
	}
	*id = st.st_ino;
	*level = count_levels(fd);
	return 0;
}
