/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a recording waits for, as file descriptors. */
#ifndef LOCKSTAT_SWAP_WAKES_H
#define LOCKSTAT_SWAP_WAKES_H

#include <poll.h>
#include <stdbool.h>

enum wake {
	WAKE_SIGNAL,   /* SIGINT, SIGTERM or (without nohup) SIGHUP: end */
	WAKE_DURATION, /* the time is over */
	WAKE_CHILD,    /* the command has ended */
	WAKE_SWAPS,    /* swapon or swapoff */
	WAKE_INTERVAL, /* an interval is over */
	WAKE_LEARN,    /* time to find out what was met */
	NR_WAKES
};

struct wakes {
	struct pollfd fds[NR_WAKES];
};

/* Seconds; 0: never. Blocks the signals. 0 or a negative errno; close it in either case. */
int wakes__open(struct wakes *wakes, double interval, double duration);

/* Watches the process of @pidfd, which stays the caller's. */
void wakes__watch(struct wakes *wakes, int pidfd);

/* Waits, at most @timeout_ms (-1: for ever). Whether anything happened, or a negative errno. */
int wakes__wait(struct wakes *wakes, int timeout_ms);

/* Whether it happened in the last wait; a timer's expiry is told once. */
bool wakes__is(struct wakes *wakes, enum wake wake);

void wakes__close(struct wakes *wakes);

#endif
