// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "sysmetrics.h"

/* A counter that its file does not have. */
static const __u64 NOT_SHOWN = ~0ULL;

static const struct {
	const char *counter, *metric, *unit;
} vm_counters[NR_VM_COUNTERS] = {
	[VM_SWAPOUT] = { "pswpout", "swapout", "pages/s" },
	[VM_SWAPIN] = { "pswpin", "swapin", "pages/s" },
	[VM_MAJFAULT] = { "pgmajfault", "majfault", "faults/s" },
};

int sysmetrics__parse_vmstat(struct sysmetrics *now, FILE *file)
{
	unsigned long long value;
	char name[64];

	for (int i = 0; i < NR_VM_COUNTERS; i++)
		now->vm[i] = NOT_SHOWN;
	while (fscanf(file, "%63s %llu", name, &value) == 2)
		for (int i = 0; i < NR_VM_COUNTERS; i++)
			if (!strcmp(name, vm_counters[i].counter))
				now->vm[i] = value;
	return 0;
}

int sysmetrics__parse_stat(struct sysmetrics *now, FILE *file)
{
	unsigned long long user, nice, sys, idle, iowait, irq, softirq;

	if (fscanf(file, "cpu %llu %llu %llu %llu %llu %llu %llu", &user, &nice, &sys, &idle,
		   &iowait, &irq, &softirq) != 7)
		return -EPROTO;
	now->cpu_user = user + nice;
	now->cpu_sys = sys + irq + softirq;
	now->cpu_iowait = iowait;
	return 0;
}

static void take_diskstats_line(struct sysmetrics *now, const char *line)
{
	unsigned long long reads, writes, busy; /* sectors of 512 bytes, ms */
	char name[64];

	if (sscanf(line, "%*u %*u %63s %*u %*u %llu %*u %*u %*u %llu %*u %*u %llu", name, &reads,
		   &writes, &busy) != 4)
		return;
	for (int i = 0; i < now->nr_devices; i++) {
		struct device_counters *device = &now->devices[i];

		if (strcmp(device->name, name))
			continue;
		device->read_bytes = reads * 512;
		device->written_bytes = writes * 512;
		device->busy_ms = busy;
	}
}

int sysmetrics__parse_diskstats(struct sysmetrics *now, FILE *file)
{
	char line[512];

	for (int i = 0; i < now->nr_devices; i++) {
		struct device_counters *device = &now->devices[i];

		device->read_bytes = device->written_bytes = device->busy_ms = NOT_SHOWN;
	}
	while (fgets(line, sizeof(line), file))
		take_diskstats_line(now, line);
	return 0;
}

static void add_counted(struct sysmetrics *now, const char *name)
{
	struct device_counters *device = &now->devices[now->nr_devices++];

	snprintf(device->name, sizeof(device->name), "%s", name);
}

/*
 * A swap file has no line of its own in diskstats: its device carries other I/O too. Nor has a
 * node that is called otherwise than its disk, in as many characters as it likes.
 */
static int list_devices(struct sysmetrics *now)
{
	struct swap_entry entries[MAX_SWAP_DEVICES];
	int n = procswaps_read(entries);

	for (int i = 0; i < n; i++)
		if (!entries[i].is_file && strlen(entries[i].name) < sizeof(now->devices[0].name))
			add_counted(now, entries[i].name);
	procswaps_free(entries, n);
	return n < 0 ? n : 0;
}

static int read_with(int (*parse)(struct sysmetrics *now, FILE *file), const char *path,
		     struct sysmetrics *now)
{
	FILE *file = fopen(path, "re");
	int err;

	if (!file)
		return -errno;
	err = parse(now, file);
	fclose(file);
	return err;
}

int sysmetrics__read(struct sysmetrics *now)
{
	struct timespec clock;
	int err;

	memset(now, 0, sizeof(*now));
	clock_gettime(CLOCK_MONOTONIC, &clock);
	now->seconds = clock.tv_sec + clock.tv_nsec / 1e9;
	err = read_with(sysmetrics__parse_vmstat, "/proc/vmstat", now);
	if (!err)
		err = read_with(sysmetrics__parse_stat, "/proc/stat", now);
	if (!err)
		err = list_devices(now);
	return err ? err : read_with(sysmetrics__parse_diskstats, "/proc/diskstats", now);
}

static void add(struct metric *metrics, int *n, const char *device, const char *name,
		const char *unit, double value)
{
	struct metric *metric = &metrics[(*n)++];

	snprintf(metric->device, sizeof(metric->device), "%s", device);
	metric->name = name;
	metric->unit = unit;
	metric->value = value;
}

static const struct device_counters *device_of(const struct sysmetrics *from, const char *name)
{
	for (int i = 0; i < from->nr_devices; i++)
		if (!strcmp(from->devices[i].name, name))
			return &from->devices[i];
	return NULL;
}

/*
 * What is not shown is the highest of all: in order are two counters that were
 * both shown and did not go back, as iowait may and a device that was reset does.
 */
static bool in_order(__u64 from, __u64 to)
{
	return from <= to && to != NOT_SHOWN;
}

static void add_change(struct metric *metrics, int *n, const char *name, const char *unit,
		       __u64 from, __u64 to, double divisor)
{
	if (in_order(from, to))
		add(metrics, n, "", name, unit, (to - from) / divisor);
}

/* A device that came or was reset in between has no figure, not a wrong one. */
static void add_device(struct metric *metrics, int *n, double seconds,
		       const struct device_counters *from, const struct device_counters *to)
{
	if (!from || !in_order(from->read_bytes, to->read_bytes) ||
	    !in_order(from->written_bytes, to->written_bytes) ||
	    !in_order(from->busy_ms, to->busy_ms))
		return;
	add(metrics, n, to->name, "read", "bytes/s", (to->read_bytes - from->read_bytes) / seconds);
	add(metrics, n, to->name, "written", "bytes/s",
	    (to->written_bytes - from->written_bytes) / seconds);
	add(metrics, n, to->name, "busy", "ratio", (to->busy_ms - from->busy_ms) / seconds / 1000);
}

int sysmetrics__between(const struct sysmetrics *from, const struct sysmetrics *to,
			struct metric *metrics)
{
	double seconds = to->seconds - from->seconds;
	double hz = sysconf(_SC_CLK_TCK);
	int n = 0;

	add(metrics, &n, "", "window", "s", seconds);
	for (int i = 0; i < NR_VM_COUNTERS; i++)
		add_change(metrics, &n, vm_counters[i].metric, vm_counters[i].unit, from->vm[i],
			   to->vm[i], seconds);
	add_change(metrics, &n, "cpu_user", "s", from->cpu_user, to->cpu_user, hz);
	add_change(metrics, &n, "cpu_sys", "s", from->cpu_sys, to->cpu_sys, hz);
	add_change(metrics, &n, "cpu_iowait", "s", from->cpu_iowait, to->cpu_iowait, hz);
	for (int i = 0; i < to->nr_devices; i++)
		add_device(metrics, &n, seconds, device_of(from, to->devices[i].name),
			   &to->devices[i]);
	return n;
}
