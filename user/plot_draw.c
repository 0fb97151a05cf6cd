// SPDX-License-Identifier: GPL-2.0-or-later
/* gnuplot as a child process: the script in a file without a name, the picture through a pipe. */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "log.h"
#include "plot.h"

extern char **environ;

struct drawing {
	FILE *script, *messages;
	int picture[2];
	pid_t pid;
};

static FILE *nameless(const char *purpose)
{
	int fd = memfd_create(purpose, MFD_CLOEXEC);

	return fd < 0 ? NULL : fdopen(fd, "w+");
}

static int open_all(struct drawing *d)
{
	d->script = nameless("script");
	d->messages = nameless("messages");
	if (!d->script || !d->messages || pipe2(d->picture, O_CLOEXEC))
		return -errno;
	return 0;
}

/* -d: nobody's settings but ours. */
static int start(struct drawing *d)
{
	char *const command[] = { "gnuplot", "-d", "-", NULL };
	posix_spawn_file_actions_t files;
	int err;

	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_adddup2(&files, fileno(d->script), STDIN_FILENO);
	posix_spawn_file_actions_adddup2(&files, d->picture[1], STDOUT_FILENO);
	posix_spawn_file_actions_adddup2(&files, fileno(d->messages), STDERR_FILENO);
	err = posix_spawnp(&d->pid, command[0], &files, NULL, command, environ);
	posix_spawn_file_actions_destroy(&files);
	return -err;
}

/* All that comes until the end, as a string; NULL if that failed. */
static char *read_all(int fd)
{
	char *text = NULL;
	size_t bytes;
	FILE *copy = open_memstream(&text, &bytes);
	char part[16384];
	ssize_t n;

	if (!copy)
		return NULL;
	while ((n = read(fd, part, sizeof(part))) > 0 || (n < 0 && errno == EINTR))
		if (n > 0)
			fwrite(part, 1, n, copy);
	if (fclose(copy) || n < 0) {
		free(text);
		return NULL;
	}
	return text;
}

/* What gnuplot said first that is more than an empty line or an echo of the script. */
static void say_messages(FILE *messages)
{
	char line[256] = "it gave no reason", next[256];

	rewind(messages);
	while (fgets(next, sizeof(next), messages))
		if (strstr(next, "line "))
			strcpy(line, next);
	line[strcspn(line, "\n")] = '\0';
	log_error("gnuplot failed: %s", line + strspn(line, " \t"));
}

static int finish(struct drawing *d, char **svg)
{
	int status;

	close(d->picture[1]);
	d->picture[1] = -1;
	*svg = read_all(d->picture[0]);
	while (waitpid(d->pid, &status, 0) < 0 && errno == EINTR)
		;
	if (!*svg || !WIFEXITED(status) || WEXITSTATUS(status) || !strstr(*svg, "</svg>")) {
		say_messages(d->messages);
		free(*svg);
		*svg = NULL;
		return -EIO;
	}
	return 0;
}

static void close_all(struct drawing *d)
{
	for (int i = 0; i < 2; i++)
		if (d->picture[i] >= 0)
			close(d->picture[i]);
	if (d->script)
		fclose(d->script);
	if (d->messages)
		fclose(d->messages);
}

static int write_script(struct drawing *d, const struct plot *plot)
{
	plot_script(d->script, plot);
	if (fflush(d->script) || ferror(d->script))
		return -EIO;
	return lseek(fileno(d->script), 0, SEEK_SET) ? -errno : 0;
}

int plot_draw(const struct plot *plot, char **svg)
{
	struct drawing d = { .picture = { -1, -1 } };
	int err = open_all(&d);

	if (!err)
		err = write_script(&d, plot);
	if (!err)
		err = start(&d);
	if (err == -ENOENT)
		log_error("the curves need gnuplot, which is not installed; on Debian: apt install "
			  "gnuplot-nox");
	else if (err)
		log_error("cannot run gnuplot: %s", strerror(-err));
	else
		err = finish(&d, svg);
	close_all(&d);
	return err;
}
