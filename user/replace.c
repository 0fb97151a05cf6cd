// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "replace.h"

static int open_beside(struct replacement *r, const char *path)
{
	int fd;

	if (asprintf(&r->name, "%s.XXXXXX", path) < 0)
		return -ENOMEM;
	fd = mkstemp(r->name);
	if (fd < 0)
		return -errno;
	/* Who reads it may be another user. */
	fchmod(fd, 0644);
	r->out = fdopen(fd, "w");
	if (r->out)
		return 0;
	close(fd);
	unlink(r->name);
	return -ENOMEM;
}

int replace__begin(struct replacement *r, const char *path)
{
	struct stat st;
	int err;

	*r = (struct replacement){ 0 };
	if (!stat(path, &st) && !S_ISREG(st.st_mode))
		return -EINVAL;
	err = open_beside(r, path);
	if (err) {
		free(r->name);
		r->name = NULL;
	}
	return err;
}

int replace__end(struct replacement *r, const char *path)
{
	int err = 0;

	errno = 0;
	if (ferror(r->out) | fclose(r->out) || rename(r->name, path)) {
		err = errno ? -errno : -EIO;
		unlink(r->name);
	}
	free(r->name);
	r->name = NULL;
	return err;
}
