// SPDX-License-Identifier: GPL-2.0-or-later
/* What the programs of --balance have found, read from their maps. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/bpf.h>

#include "collector_internal.h"

struct taker {
	struct collector *c;
	struct balance_counts *counts;
	collector_imbalance_fn take;
	void *context;
};

static int read_counts(const struct taker *t)
{
	const struct {
		__u64 busy, counts[NR_BALANCE];
	} * cpus;
	void *values = calloc(t->c->nr_cpus, sizeof(*cpus));
	int err = values ? 0 : -ENOMEM;

	if (!err && bpf_map_lookup_elem(t->c->balance_maps.cpus, &(__u32){ 0 }, values))
		err = -errno;
	cpus = values;
	for (int cpu = 0; cpu < t->c->nr_cpus && !err; cpu++)
		for (int i = 0; i < NR_BALANCE; i++)
			t->counts->counts[i] += cpus[cpu].counts[i];
	free(values);
	return err;
}

static int take_told(const struct taker *t)
{
	struct imbalance_key key;
	struct imbalance imbalance;
	const void *last = NULL;
	int err = 0, map = t->c->balance_maps.imbalances;

	while (!err && !bpf_map_get_next_key(map, last, &key)) {
		if (bpf_map_lookup_elem(map, &key, &imbalance))
			return -errno;
		err = t->take(t->context, &key, &imbalance);
		last = &key;
	}
	return err;
}

static void read_class(const struct taker *t, __u64 name, struct imbalance *imbalance)
{
	if (collector__peek(t->c, name, imbalance->class, sizeof(imbalance->class) - 1))
		imbalance->class[0] = '\0';
}

static int take_held(const struct taker *t, const struct task_locks *locks,
		     const struct taken_lock *taken)
{
	struct imbalance imbalance = { .count = 1 };
	const struct imbalance_key key = {
		.site = taken->site,
		.name = taken->name,
		.tid = locks->tid,
		.kind = IMBALANCE_STILL_HELD,
	};

	t->counts->held++;
	memcpy(imbalance.comm, locks->comm, sizeof(imbalance.comm));
	read_class(t, taken->name, &imbalance);
	return t->take(t->context, &key, &imbalance);
}

/* What was told is in the hash. */
static int take_task(const struct taker *t, const struct task_locks *locks)
{
	int err = 0;

	for (__u32 i = 0; i < locks->depth && i < MAX_TAKEN && !err; i++) {
		if (!locks->taken[i].lock)
			continue;
		if (i < locks->told)
			t->counts->kept++;
		else
			err = take_held(t, locks, &locks->taken[i]);
	}
	return err;
}

static int take_tasks(const struct taker *t)
{
	struct task_bucket *bucket = malloc(sizeof(*bucket));
	int err = bucket ? 0 : -ENOMEM;

	for (__u32 key = 0; key < BALANCE_BUCKETS && !err; key++) {
		if (bpf_map_lookup_elem(t->c->balance_maps.tasks, &key, bucket))
			err = -errno;
		for (int way = 0; way < BALANCE_WAYS && !err; way++)
			if (bucket->ways[way].task)
				err = take_task(t, &bucket->ways[way]);
	}
	free(bucket);
	return err;
}

int collector__balance(struct collector *c, struct balance_counts *counts,
		       collector_imbalance_fn take, void *context)
{
	const struct taker t = { c, counts, take, context };
	int err;

	memset(counts, 0, sizeof(*counts));
	err = read_counts(&t);
	if (!err)
		err = take_told(&t);
	return err ? err : take_tasks(&t);
}
