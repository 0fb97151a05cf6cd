/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The system's own counters over the window in which locks are recorded. */
#ifndef LOCKSTAT_SWAP_SYSMETRICS_H
#define LOCKSTAT_SWAP_SYSMETRICS_H

#include <linux/types.h>

#include "procswaps.h"

enum { VM_SWAPOUT, VM_SWAPIN, VM_MAJFAULT, NR_VM_COUNTERS };

enum { DISK_NAME_BYTES = 64 }; /* the kernel's DISK_NAME_LEN is 32 */

struct device_counters {
	char name[DISK_NAME_BYTES];
	__u64 read_bytes, written_bytes, busy_ms;
};

struct sysmetrics {
	double seconds;			     /* monotonic */
	__u64 vm[NR_VM_COUNTERS];	     /* pages, pages, faults */
	__u64 cpu_user, cpu_sys, cpu_iowait; /* clock ticks, all CPUs */
	struct device_counters devices[MAX_SWAP_DEVICES];
	int nr_devices;
};

/* A figure made from the counters of two moments. */
struct metric {
	char device[DISK_NAME_BYTES]; /* empty: the system */
	const char *name, *unit;
	double value;
};

enum { MAX_METRICS = 16 + 3 * MAX_SWAP_DEVICES };

int sysmetrics__read(struct sysmetrics *now);

/* What it reads, file by file. Diskstats is asked for the devices that @now has by name. */
int sysmetrics__parse_vmstat(struct sysmetrics *now, FILE *file);
int sysmetrics__parse_stat(struct sysmetrics *now, FILE *file);
int sysmetrics__parse_diskstats(struct sysmetrics *now, FILE *file);

/* Returns how many metrics (at most MAX_METRICS) were made. */
int sysmetrics__between(const struct sysmetrics *from, const struct sysmetrics *to,
			struct metric *metrics);

#endif
