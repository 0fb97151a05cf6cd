// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * /proc/vmstat, /proc/stat and /proc/diskstats of two moments: six parts of the
 * input, a line of dashes between them.
 */
#include <math.h>
#include <string.h>

#include "fuzz.h"
#include "sysmetrics.h"

static const char dashes[] = "---\n";

struct input {
	const uint8_t *data;
	size_t size;
};

static struct input next_part(struct input *rest)
{
	const uint8_t *end = memmem(rest->data, rest->size, dashes, strlen(dashes));
	struct input part = { rest->data, end ? (size_t)(end - rest->data) : rest->size };
	size_t taken = part.size + (end ? strlen(dashes) : 0);

	rest->data += taken;
	rest->size -= taken;
	return part;
}

static int parse_part(int (*parse)(struct sysmetrics *now, FILE *file), struct sysmetrics *now,
		      struct input *rest)
{
	struct input part = next_part(rest);
	FILE *file = fuzz_stream(part.data, part.size);
	int err = parse(now, file);

	fclose(file);
	return err;
}

static int parse_moment(struct sysmetrics *now, double seconds, struct input *rest)
{
	int err;

	*now = (struct sysmetrics){
		.seconds = seconds,
		.devices = { { .name = "zram0" }, { .name = "nvme0n1" }, { .name = "nosuch" } },
		.nr_devices = 3,
	};
	err = parse_part(sysmetrics__parse_vmstat, now, rest);
	if (!err)
		err = parse_part(sysmetrics__parse_stat, now, rest);
	return err ? err : parse_part(sysmetrics__parse_diskstats, now, rest);
}

static void check_metrics(const struct metric *metrics, int n, struct input all)
{
	for (int i = 0; i < n; i++) {
		const char *device = metrics[i].device;

		fuzz_check(isfinite(metrics[i].value) && metrics[i].value >= 0, "no figure");
		fuzz_check(memmem(all.data, all.size, device, strlen(device)) != NULL,
			   "figures of a device that no file has");
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input all = { data, size }, rest = all;
	static struct metric metrics[MAX_METRICS];
	static struct sysmetrics from, to;
	int n;

	if (parse_moment(&from, 1, &rest) || parse_moment(&to, 2, &rest))
		return 0;
	n = sysmetrics__between(&from, &to, metrics);
	fuzz_check(n <= MAX_METRICS, "more figures than fit");
	check_metrics(metrics, n, all);
	return 0;
}
