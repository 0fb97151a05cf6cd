// SPDX-License-Identifier: GPL-2.0-or-later
/* What the programs counted, read from their maps. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/bpf.h>

#include "collector_internal.h"
#include "hist.h"

/* Adds up one value over the CPUs, and empties it. */
static int drain(struct collector *c, int map, __u32 key, struct time_stats *sum)
{
	__u64 before = sum->count;

	if (bpf_map_lookup_elem(map, &key, c->per_cpu))
		return -errno;
	for (int cpu = 0; cpu < c->nr_cpus; cpu++)
		time_stats__merge(sum, &c->per_cpu[cpu]);
	if (sum->count == before)
		return 0;
	memset(c->per_cpu, 0, c->nr_cpus * sizeof(*c->per_cpu));
	return bpf_map_update_elem(map, &key, c->per_cpu, BPF_ANY) ? -errno : 0;
}

/* What was met by address may be no spinlock, whose word tells of waiters: no hold of it. */
static int drain_rows(struct collector *c, __u32 bank, const struct lock_set *locks,
		      struct lock_sample *samples)
{
	int err = 0;

	for (__u32 slot = 0; slot < MAX_SLOTS && !err; slot++) {
		__u32 key = bank * MAX_SLOTS + slot, row = locks->slots[slot].row;

		if (!locks->slots[slot].used)
			continue;
		err = drain(c, c->maps.waits, key, &samples[row].wait);
		if (!err && c->maps.holds >= 0 && !locks->rows[row].by_address)
			err = drain(c, c->maps.holds, key, &samples[row].hold);
	}
	return err;
}

/* Copies one entry of every CPU, and empties it if any is in use. */
static int drain_entry(struct collector *c, __u32 key, struct stranger *entry)
{
	struct stranger *empty;
	bool used = false;
	int err;

	if (bpf_map_lookup_elem(c->maps.strangers, &key, entry))
		return -errno;
	for (int cpu = 0; cpu < c->nr_cpus; cpu++)
		used |= entry[cpu].lock != 0;
	if (!used)
		return 0;
	empty = calloc(c->nr_cpus, sizeof(*empty));
	if (!empty)
		return -ENOMEM;
	err = bpf_map_update_elem(c->maps.strangers, &key, empty, BPF_ANY) ? -errno : 0;
	free(empty);
	return err;
}

static void list_met(struct collector *c, bool with_stack, struct strangers *strangers)
{
	for (size_t i = 0; i < (size_t)c->nr_cpus * MAX_STRANGERS; i++)
		if (c->strangers[i].lock && (c->strangers[i].depth > 0) == with_stack)
			c->met[strangers->n++] = &c->strangers[i];
}

static int drain_strangers(struct collector *c, __u32 bank, struct strangers *strangers)
{
	int err = 0;

	for (__u32 i = 0; i < MAX_STRANGERS && !err; i++)
		err = drain_entry(c, bank * MAX_STRANGERS + i, &c->strangers[i * c->nr_cpus]);
	*strangers = (struct strangers){ .list = c->met };
	list_met(c, true, strangers);
	list_met(c, false, strangers);
	return err;
}

int collector_drain(struct collector *c, __u32 bank, const struct lock_set *locks,
		    struct lock_sample *samples, struct strangers *strangers)
{
	int err = drain_rows(c, bank, locks, samples);

	return err ? err : drain_strangers(c, bank, strangers);
}

/* Takes one entry away if it is of @bank. */
static int take_owner(struct collector *c, const struct owner_key *key, collector_owner_fn take,
		      void *context)
{
	struct owner_stats stats;

	if (bpf_map_lookup_elem(c->maps.owners, key, &stats))
		return -errno;
	take(context, key, &stats);
	return bpf_map_delete_elem(c->maps.owners, key) ? -errno : 0;
}

/*
 * The programs only add, and to the other bank: an entry found stays where it is
 * until it is deleted here, which is after the next one has been found.
 */
int collector__take_owners(struct collector *c, collector_owner_fn take, void *context)
{
	const __u16 bank = !(*c->epoch & 1);
	struct owner_key key, next;
	bool more =
		c->owner_kind != OWNER_NONE && !bpf_map_get_next_key(c->maps.owners, NULL, &key);
	int err = 0;

	while (more && !err) {
		more = !bpf_map_get_next_key(c->maps.owners, &key, &next);
		if (key.bank == bank)
			err = take_owner(c, &key, take, context);
		key = next;
	}
	return err;
}

struct stack_taker {
	collector_stack_fn take;
	void *context;
};

static int take_stack(void *context, void *data, size_t bytes)
{
	const struct stack_taker *taker = context;

	if (bytes >= sizeof(struct stack_sample))
		taker->take(taker->context, data);
	return 0;
}

int collector__take_stacks(struct collector *c, collector_stack_fn take, void *context)
{
	struct stack_taker taker = { take, context };
	struct ring_buffer *ring = ring_buffer__new(c->maps.stacks, take_stack, &taker, NULL);
	int n;

	if (!ring)
		return -errno;
	n = ring_buffer__consume(ring);
	ring_buffer__free(ring);
	return n < 0 ? n : 0;
}

/* One value of every CPU, to be freed; NULL (and errno) without. */
static void *read_cpus(struct collector *c, int map, __u32 key, size_t bytes)
{
	void *values = calloc(c->nr_cpus, bytes);

	if (values && bpf_map_lookup_elem(map, &key, values)) {
		free(values);
		values = NULL;
	}
	return values;
}

/* Slots of strangers are none, and are not given back. */
static void note_pending(bool *slots, __u64 slot)
{
	if (slot < MAX_SLOTS)
		slots[slot] = true;
}

static int find_waits(struct collector *c, bool *slots)
{
	struct pending_stack *stacks = read_cpus(c, c->maps.pending, 0, sizeof(*stacks));

	if (!stacks)
		return -errno;
	for (int cpu = 0; cpu < c->nr_cpus; cpu++)
		for (__u64 i = 0; i < stacks[cpu].depth && i < MAX_NESTED; i++)
			note_pending(slots, stacks[cpu].locks[i].slot);
	free(stacks);
	return 0;
}

static int find_holds(struct collector *c, __u32 key, bool *slots)
{
	struct held_lock *held = read_cpus(c, c->maps.held, key, sizeof(*held));

	if (!held)
		return -errno;
	for (int cpu = 0; cpu < c->nr_cpus; cpu++)
		if (held[cpu].lock)
			note_pending(slots, held[cpu].slot);
	free(held);
	return 0;
}

/* No device's lock is waited for asleep: what tasks have is not looked at. */
int collector__find_pending(struct collector *c, bool *slots)
{
	int err = find_waits(c, slots);

	for (__u32 key = 0; key < 1 << HELD_BITS && c->maps.held >= 0 && !err; key++)
		err = find_holds(c, key, slots);
	return err;
}

/* Holes (lock 0) were released already. */
static __u64 count_pending(const struct pending_stack *stack)
{
	__u64 n = 0;

	for (__u64 i = 0; i < stack->depth && i < MAX_NESTED; i++)
		n += stack->locks[i].lock != 0;
	return n;
}

static int count_in_flight(struct collector *c, __u64 *in_flight)
{
	struct pending_stack *stacks = read_cpus(c, c->maps.pending, 0, sizeof(*stacks));
	int err;

	if (!stacks)
		return -errno;
	for (int cpu = 0; cpu < c->nr_cpus; cpu++)
		*in_flight += count_pending(&stacks[cpu]);
	free(stacks);
	if (!c->in_flight)
		return 0;
	*c->tasks_in_flight = 0;
	err = collector_run_iterator(c->in_flight);
	*in_flight += *c->tasks_in_flight;
	return err;
}

int collector__ledger(struct collector *c, struct ledger *ledger)
{
	__u64 *per_cpu = calloc(c->nr_cpus, sizeof(*per_cpu));
	int err = per_cpu ? 0 : -ENOMEM;

	memset(ledger, 0, sizeof(*ledger));
	for (__u32 entry = 0; entry < NR_LEDGER && !err; entry++) {
		if (bpf_map_lookup_elem(c->maps.ledger, &entry, per_cpu))
			err = -errno;
		for (int cpu = 0; cpu < c->nr_cpus && !err; cpu++)
			ledger->counts[entry] += per_cpu[cpu];
	}
	free(per_cpu);
	if (!err)
		err = count_in_flight(c, &ledger->in_flight);
	if (*c->enabled)
		c->missed_at_stop = collector_missed(c);
	ledger->missed = c->missed_at_stop - c->missed_at_start;
	ledger->residual = ledger__residual(ledger);
	return err;
}
