// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "wakes.h"

/* Much is new in the beginning, then little. */
static const double FIRST_LEARN = 0.1, LATER_LEARN = 1;

static struct timespec timespec_of(double seconds)
{
	return (struct timespec){ seconds, (seconds - (long)seconds) * 1e9 };
}

/* Expires after @first seconds, then every @next (0: no more). @first 0: no timer. */
static int timer_open(double first, double next)
{
	struct itimerspec spec = { timespec_of(next), timespec_of(first) };
	int fd = first ? timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK) : -1;

	if (fd >= 0)
		timerfd_settime(fd, 0, &spec, NULL);
	return fd;
}

static bool is_ignored(int signal)
{
	struct sigaction action;

	return !sigaction(signal, NULL, &action) && action.sa_handler == SIG_IGN;
}

static int signals_open(void)
{
	sigset_t signals;

	sigemptyset(&signals);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGTERM);
	/* Blocked, it would come to us in spite of nohup. */
	if (!is_ignored(SIGHUP))
		sigaddset(&signals, SIGHUP);
	/* Who closes our output has seen enough; what goes to files still does. */
	signal(SIGPIPE, SIG_IGN);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	return signalfd(-1, &signals, SFD_CLOEXEC);
}

/* /proc/swaps becomes readable (POLLPRI) at each swapon and swapoff. */
static int swaps_open(void)
{
	char nothing[4096];
	int fd = open("/proc/swaps", O_RDONLY | O_CLOEXEC);

	while (fd >= 0 && read(fd, nothing, sizeof(nothing)) > 0)
		;
	return fd;
}

int wakes__open(struct wakes *w, double interval, double duration)
{
	for (int i = 0; i < NR_WAKES; i++)
		w->fds[i] = (struct pollfd){ .fd = -1, .events = POLLIN };
	w->fds[WAKE_SIGNAL].fd = signals_open();
	w->fds[WAKE_SWAPS].fd = swaps_open();
	w->fds[WAKE_SWAPS].events = POLLPRI;
	if (w->fds[WAKE_SIGNAL].fd < 0 || w->fds[WAKE_SWAPS].fd < 0)
		return -errno;
	w->fds[WAKE_INTERVAL].fd = timer_open(interval, interval);
	w->fds[WAKE_DURATION].fd = timer_open(duration, 0);
	w->fds[WAKE_LEARN].fd = timer_open(FIRST_LEARN, LATER_LEARN);
	return 0;
}

void wakes__watch(struct wakes *w, int pidfd)
{
	w->fds[WAKE_CHILD].fd = pidfd;
}

int wakes__wait(struct wakes *w, int timeout_ms)
{
	int n = poll(w->fds, NR_WAKES, timeout_ms);

	if (n >= 0)
		return n > 0;
	for (int i = 0; i < NR_WAKES; i++)
		w->fds[i].revents = 0;
	return errno == EINTR ? 1 : -errno;
}

bool wakes__is(struct wakes *w, enum wake wake)
{
	unsigned long long expirations;

	if (!w->fds[wake].revents)
		return false;
	if (wake == WAKE_INTERVAL || wake == WAKE_LEARN)
		return read(w->fds[wake].fd, &expirations, sizeof(expirations)) > 0;
	return true;
}

void wakes__close(struct wakes *w)
{
	for (int i = 0; i < NR_WAKES; i++)
		if (w->fds[i].fd > 0 && i != WAKE_CHILD)
			close(w->fds[i].fd);
}
