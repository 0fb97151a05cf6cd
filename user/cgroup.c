// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <linux/magic.h>
#include <mntent.h>
#include <search.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
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

struct cgroup {
	__u64 id;
	char *path; /* NULL: looked for, and not found */
};

static void *cgroups; /* a tree, by ID */
static bool walked;   /* all that there are now are known */

static int by_id(const void *left, const void *right)
{
	const struct cgroup *a = left, *b = right;

	return (a->id > b->id) - (a->id < b->id);
}

static const struct cgroup *find_known(__u64 id)
{
	const struct cgroup key = { .id = id };
	struct cgroup *const *found = tfind(&key, &cgroups, by_id);

	return found ? *found : NULL;
}

static void remember(__u64 id, const char *path)
{
	struct cgroup *cgroup = find_known(id) ? NULL : malloc(sizeof(*cgroup));

	if (!cgroup)
		return;
	*cgroup = (struct cgroup){ id, path ? strdup(path) : NULL };
	if (!tsearch(cgroup, &cgroups, by_id)) {
		free(cgroup->path);
		free(cgroup);
	}
}

/* Where the file system is mounted; the caller's to free. */
static char *mount_point(void)
{
	FILE *mounts = setmntent("/proc/self/mounts", "re");
	struct mntent *entry;
	char *path = NULL;

	while (mounts && !path && (entry = getmntent(mounts)))
		if (!strcmp(entry->mnt_type, "cgroup2"))
			path = strdup(entry->mnt_dir);
	if (mounts)
		endmntent(mounts);
	return path;
}

/* Dozens of files in each group are not looked at, so that who is, is looked at here. */
static void remember_directory(const char *path, size_t root_length)
{
	struct stat st;

	if (!lstat(path, &st))
		remember(st.st_ino, path[root_length] ? path + root_length : "/");
}

static void walk(char *root)
{
	char *const roots[] = { root, NULL };
	FTS *tree = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR | FTS_XDEV | FTS_NOSTAT, NULL);
	size_t length = strlen(root);
	FTSENT *entry;

	while (tree && (entry = fts_read(tree)))
		if (entry->fts_info == FTS_D)
			remember_directory(entry->fts_path, length);
	if (tree)
		fts_close(tree);
}

static void walk_once(void)
{
	char *root = walked ? NULL : mount_point();

	if (root)
		walk(root);
	free(root);
	walked = true;
}

void cgroups_changed(void)
{
	walked = false;
}

const char *cgroup_path(__u64 id)
{
	const struct cgroup *cgroup = find_known(id);

	if (cgroup)
		return cgroup->path;
	walk_once();
	remember(id, NULL);
	cgroup = find_known(id);
	return cgroup ? cgroup->path : NULL;
}
