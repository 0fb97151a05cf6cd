// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "child.h"
#include "log.h"

/* As shells do it: not found, and found but not executable. */
enum { EXEC_NOT_FOUND = 127, EXEC_FAILED = 126, KILL_AFTER_MS = 5000 };

static void run_command(int go, char **command)
{
	sigset_t none;
	char byte;
	int err;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	signal(SIGTTOU, SIG_DFL);
	/* End of file without a byte: the parent gave up before the start. */
	if (read(go, &byte, 1) != 1)
		_exit(0);
	execvp(command[0], command);
	err = errno;
	log_error("cannot run '%s': %s", command[0], strerror(err));
	_exit(err == ENOENT ? EXEC_NOT_FOUND : EXEC_FAILED);
}

/* Makes @group the one that the terminal's keys go to, as shells do it. */
static void give_terminal(pid_t group)
{
	signal(SIGTTOU, SIG_IGN);
	tcsetpgrp(STDIN_FILENO, group);
}

int child__prepare(struct child *child, char **command)
{
	int go[2], err;

	if (pipe2(go, O_CLOEXEC))
		goto failed;
	child->pid = fork();
	if (child->pid < 0)
		goto failed;
	if (!child->pid) {
		close(go[1]);
		run_command(go[0], command);
	}
	/* A group of its own: what the command started ends with it. */
	setpgid(child->pid, child->pid);
	close(go[0]);
	child->go = go[1];
	child->pidfd = syscall(SYS_pidfd_open, child->pid, 0);
	if (child->pidfd >= 0)
		return 0;
failed:
	err = -errno;
	log_error("cannot start '%s': %s", command[0], strerror(-err));
	return err;
}

void child__go(struct child *child)
{
	if (!child->pid)
		return;
	child->has_terminal = tcgetpgrp(STDIN_FILENO) == getpgrp();
	if (child->has_terminal)
		give_terminal(child->pid);
	if (write(child->go, "", 1) != 1)
		log_debug("the command ended before its start");
	close(child->go);
	child->go = 0;
}

static bool has_ended(const struct child *child, int wait_ms)
{
	struct pollfd ended = { .fd = child->pidfd, .events = POLLIN };

	return poll(&ended, 1, wait_ms) > 0;
}

bool child__end(struct child *child)
{
	bool by_us = false;
	int status;

	if (child->pid <= 0)
		return true;
	if (child->go)
		close(child->go);
	else if (!has_ended(child, 0)) {
		by_us = true;
		kill(-child->pid, SIGTERM);
		if (!has_ended(child, KILL_AFTER_MS))
			kill(-child->pid, SIGKILL);
	}
	waitpid(child->pid, &status, 0);
	close(child->pidfd);
	if (child->has_terminal)
		give_terminal(getpgrp());
	if (by_us || (WIFEXITED(status) && !WEXITSTATUS(status)))
		return true;
	if (WIFSIGNALED(status)) {
		if (WTERMSIG(status) == SIGINT) /* Ctrl-C: the user's wish */
			return true;
		log_error("the command was killed by signal %d (%s)", WTERMSIG(status),
			  strsignal(WTERMSIG(status)));
		return false;
	}
	if (WEXITSTATUS(status) != EXEC_NOT_FOUND && WEXITSTATUS(status) != EXEC_FAILED)
		log_error("the command failed with status %d", WEXITSTATUS(status));
	return false;
}
