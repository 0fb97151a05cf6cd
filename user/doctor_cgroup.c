// SPDX-License-Identifier: GPL-2.0-or-later
#include <mntent.h>
#include <string.h>

#include "doctor_internal.h"
#include "procfiles.h"

static bool lists_memory(const char *directory)
{
	char path[4096], line[256];

	snprintf(path, sizeof(path), "%s/cgroup.controllers", directory);
	procfiles_first_line(path, line, sizeof(line));
	return procfiles_has_word(line, "memory");
}

static enum memory_cgroup memory_cgroup_of(const struct mntent *mount)
{
	if (!strcmp(mount->mnt_type, "cgroup"))
		return hasmntopt(mount, "memory") ? MEMORY_CGROUP_V1 : MEMORY_CGROUP_OFF;
	if (!strcmp(mount->mnt_type, "cgroup2"))
		return lists_memory(mount->mnt_dir) ? MEMORY_CGROUP_V2 : MEMORY_CGROUP_OFF;
	return MEMORY_CGROUP_NONE;
}

/* Both may be mounted: a controller is in one of them. */
enum memory_cgroup doctor_memory_cgroup(FILE *mounts)
{
	enum memory_cgroup best = MEMORY_CGROUP_NONE;
	struct mntent *mount;

	while ((mount = getmntent(mounts))) {
		enum memory_cgroup here = memory_cgroup_of(mount);

		if (here > best)
			best = here;
	}
	return best;
}
