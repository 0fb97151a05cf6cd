// SPDX-License-Identifier: GPL-2.0-or-later
/* Hold times from lock:contended_release: of those holds alone whose end is sure to be told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "bpf/contention.h"

enum {
	SLOT = SLOT_FIRST_NAMED,
	LOCKED = 1,
	WITH_PENDING = LOCKED | 1 << 8, /* a waiter on the pending bit */
	WITH_QUEUE = LOCKED | 1 << 18,	/* CPUs in the queue */
};

enum { WORDS = 64 };

static __u32 words[WORDS]; /* spinlocks: what is read is their memory */

static __u64 lock_at(int i)
{
	return (__u64)&words[i];
}

/* The collector gives the map its rows before it loads the program. */
static struct sim_map *hold_map(void)
{
	return SIM_SHAPED(&holds, NR_BANKS * MAX_SLOTS);
}

static struct time_stats hold_of(__u64 slot)
{
	return times_in(hold_map(), bank_slot(slot));
}

static int setup(void **state)
{
	boot(state);
	hold_map();
	know_range(lock_at(0), lock_at(1), SLOT);
	know_range(lock_at(1), lock_at(1) + sizeof(*words), SLOT + 1);
	words[0] = words[1] = LOCKED;
	sim_set(hold_times, true);
	return 0;
}

static void release(__u32 cpu, int i)
{
	sim.cpu = cpu;
	sim_run(contended_release, lock_at(i));
}

/* Gets it after a wait; the word is what the lock is then. */
static void get(__u32 cpu, int i, __u32 word)
{
	begin(cpu, lock_at(i), SPINS);
	pass(10);
	words[i] = word;
	end(cpu, lock_at(i));
}

static void with_a_waiter_behind_the_hold_is_exact(void **state)
{
	(void)state;
	get(0, 0, WITH_QUEUE);
	pass(42);
	release(0, 0);
	get(1, 0, WITH_PENDING);
	pass(8);
	release(1, 0);
	assert_times(hold_of(SLOT), 2, 50, 8, 42);
	assert_times(wait_of(SLOT), 2, 20, 10, 10);
}

/* Its end may or may not be told: a later release is not to be taken for it. */
static void without_one_nothing_is_counted(void **state)
{
	(void)state;
	get(0, 0, LOCKED);
	pass(1000000);
	release(0, 0);
	assert_int_equal(hold_of(SLOT).count, 0);
}

static void a_hold_counts_once(void **state)
{
	(void)state;
	get(0, 0, WITH_QUEUE);
	pass(5);
	release(0, 0);
	pass(1000000);
	release(0, 0);
	assert_int_equal(hold_of(SLOT).count, 1);
	assert_int_equal(hold_of(SLOT).max, 5);
}

static void who_never_waited_has_no_hold(void **state)
{
	(void)state;
	get(0, 0, WITH_QUEUE);
	release(1, 0);
	assert_int_equal(hold_of(SLOT).count, 0);
}

/* Two at once have each its own, unless they share an entry: then the later one has it. */
static void locks_within_each_other_are_not_mixed_up(void **state)
{
	(void)state;
	get(0, 0, WITH_QUEUE);
	pass(5);
	get(0, 1, WITH_QUEUE);
	pass(7);
	release(0, 1);
	release(0, 0);
	assert_times(hold_of(SLOT + 1), 1, 7, 7, 7);
	assert_in_range(hold_of(SLOT).count, 0, 1);
	if (hold_of(SLOT).count)
		assert_int_equal(hold_of(SLOT).total, 22);
}

static int shares_the_entry_of(int i)
{
	int other = i + 1;

	while (lock_hash(lock_at(other), HELD_BITS) != lock_hash(lock_at(i), HELD_BITS))
		other++;
	return other;
}

/* Comes when the program has found the hold and asks for its counters: its release is not told. */
static void interrupt(const char *helper)
{
	static int lookups;
	int other = shares_the_entry_of(0);

	if (strcmp(helper, "bpf_map_lookup_elem") || ++lookups < 2)
		return;
	sim.interrupt = NULL;
	get(0, other, WITH_QUEUE);
	pass(1);
	release(0, other);
}

static void an_interrupt_of_the_release_leaves_the_time_alone(void **state)
{
	int other = shares_the_entry_of(0);

	(void)state;
	if (other > 1)
		know_range(lock_at(other), lock_at(other + 1), SLOT + 1);
	get(0, 0, WITH_QUEUE);
	pass(42);
	sim.interrupt = interrupt;
	release(0, 0);
	assert_null(sim.interrupt);
	assert_times(hold_of(SLOT), 1, 42, 42, 42);
	assert_int_equal(hold_of(SLOT + 1).count, 0);
}

static void where_the_kernel_does_not_tell_nothing_is_noted(void **state)
{
	(void)state;
	sim_set(hold_times, false);
	get(0, 0, WITH_QUEUE);
	pass(5);
	release(0, 0);
	assert_int_equal(hold_of(SLOT).count, 0);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, setup, halt)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(with_a_waiter_behind_the_hold_is_exact),
		CASE(without_one_nothing_is_counted),
		CASE(a_hold_counts_once),
		CASE(who_never_waited_has_no_hold),
		CASE(locks_within_each_other_are_not_mixed_up),
		CASE(an_interrupt_of_the_release_leaves_the_time_alone),
		CASE(where_the_kernel_does_not_tell_nothing_is_noted),
	};

	return cmocka_run_group_tests_name("bpf holds", tests, NULL, NULL);
}
