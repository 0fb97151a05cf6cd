/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The COMMAND under observation: started held, so that nothing of it is missed. */
#ifndef LOCKSTAT_SWAP_CHILD_H
#define LOCKSTAT_SWAP_CHILD_H

#include <stdbool.h>
#include <sys/types.h>

struct child {
	pid_t pid;	   /* 0: none */
	int pidfd;	   /* readable when it has ended */
	int go;		   /* pipe that holds it back */
	bool has_terminal; /* got it from us */
};

/* Forks @command, which waits for child__go(). Failures have been said. */
int child__prepare(struct child *child, char **command);
void child__go(struct child *child);

/*
 * Ends it if it still runs (SIGTERM, after five seconds SIGKILL) and waits.
 * Returns false, having said so, if it failed by itself. No child is fine.
 */
bool child__end(struct child *child);

#endif
