// SPDX-License-Identifier: GPL-2.0-or-later
/* The machine that the other tests run BPF programs on must itself be right. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_tracing.h>

#define MAP(name, kind, entries)                                                                   \
	struct {                                                                                   \
		__uint(type, kind);                                                                \
		__uint(max_entries, entries);                                                      \
		__type(key, __u32);                                                                \
		__type(value, __u64);                                                              \
	} name SEC(".maps")

MAP(array, SIM_ARRAY, 4);
MAP(percpu_array, SIM_PERCPU_ARRAY, 4);
MAP(hash, SIM_HASH, 2);
MAP(percpu_hash, SIM_PERCPU_HASH, 2);
MAP(lru_hash, SIM_LRU_HASH, 2);

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, __u64);
} storage SEC(".maps");

static __u64 first_runs, second_runs;

SEC("tp_btf/first")
int BPF_PROG(first, __u32 n)
{
	bpf_ktime_get_ns();
	first_runs += n;
	return 0;
}

SEC("tp_btf/second")
int BPF_PROG(second)
{
	bpf_ktime_get_ns();
	second_runs++;
	return 0;
}

static struct sim_task some[2];

static int setup(void **state)
{
	(void)state;
	sim_reset();
	sim.tasks[0] = &some[0];
	first_runs = second_runs = 0;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	sim_reset();
	return 0;
}

static __u64 value_of(__u64 *value)
{
	assert_non_null(value);
	return *value;
}

static void an_array_has_all_its_keys_and_no_other(void **state)
{
	__u64 seven = 7;
	__u32 key;

	(void)state;
	for (key = 0; key < 4; key++)
		assert_int_equal(value_of(bpf_map_lookup_elem(&array, &key)), 0);
	assert_null(bpf_map_lookup_elem(&array, &key));
	assert_int_equal(bpf_map_update_elem(&array, &key, &seven, 0), -E2BIG);
	key = 3;
	assert_int_equal(bpf_map_update_elem(&array, &key, &seven, 0), 0);
	assert_int_equal(bpf_map_update_elem(&array, &key, &seven, SIM_NOEXIST), -EEXIST);
	assert_int_equal(value_of(bpf_map_lookup_elem(&array, &key)), 7);
	assert_int_equal(bpf_map_delete_elem(&array, &key), -EINVAL);
}

static void per_cpu_values_are_apart(void **state)
{
	__u64 seven = 7;
	__u32 key = 1;

	(void)state;
	bpf_map_update_elem(&percpu_array, &key, &seven, 0);
	bpf_map_update_elem(&percpu_hash, &key, &seven, 0);
	bpf_map_update_elem(&array, &key, &seven, 0);
	sim.cpu = 1;
	assert_int_equal(value_of(bpf_map_lookup_elem(&percpu_array, &key)), 0);
	assert_int_equal(value_of(bpf_map_lookup_elem(&percpu_hash, &key)), 0);
	assert_int_equal(value_of(bpf_map_lookup_elem(&array, &key)), 7);
	assert_int_equal(value_of(sim_value(&percpu_hash, &key, 0)), 7);
}

static void a_hash_has_what_was_put_in(void **state)
{
	__u32 keys[] = { 10, 20, 30 };
	__u64 seven = 7;

	(void)state;
	assert_null(bpf_map_lookup_elem(&hash, &keys[0]));
	assert_int_equal(bpf_map_update_elem(&hash, &keys[0], &seven, SIM_EXIST), -ENOENT);
	assert_int_equal(bpf_map_update_elem(&hash, &keys[0], &seven, SIM_NOEXIST), 0);
	assert_int_equal(bpf_map_update_elem(&hash, &keys[0], &seven, SIM_NOEXIST), -EEXIST);
	assert_int_equal(bpf_map_update_elem(&hash, &keys[1], &seven, 0), 0);
	assert_int_equal(bpf_map_update_elem(&hash, &keys[2], &seven, 0), -E2BIG);
	assert_int_equal(bpf_map_delete_elem(&hash, &keys[0]), 0);
	assert_int_equal(bpf_map_delete_elem(&hash, &keys[0]), -ENOENT);
	assert_null(bpf_map_lookup_elem(&hash, &keys[0]));
	assert_int_equal(bpf_map_update_elem(&hash, &keys[2], &seven, 0), 0);
	sim.no_memory = true;
	bpf_map_delete_elem(&hash, &keys[2]);
	assert_int_equal(bpf_map_update_elem(&hash, &keys[2], &seven, 0), -ENOMEM);
}

static void an_lru_hash_forgets_what_was_not_used(void **state)
{
	__u32 keys[] = { 10, 20, 30 };
	__u64 seven = 7;

	(void)state;
	bpf_map_update_elem(&lru_hash, &keys[0], &seven, 0);
	bpf_map_update_elem(&lru_hash, &keys[1], &seven, 0);
	bpf_map_lookup_elem(&lru_hash, &keys[0]);
	assert_int_equal(bpf_map_update_elem(&lru_hash, &keys[2], &seven, 0), 0);
	assert_null(bpf_map_lookup_elem(&lru_hash, &keys[1]));
	assert_non_null(bpf_map_lookup_elem(&lru_hash, &keys[0]));
}

static void storage_is_a_tasks_own(void **state)
{
	__u64 *value;

	(void)state;
	assert_null(bpf_task_storage_get(&storage, bpf_get_current_task_btf(), 0, 0));
	value = bpf_task_storage_get(&storage, bpf_get_current_task_btf(), 0, SIM_CREATE);
	*value = 5;
	sim.cpu = 1;
	sim.tasks[1] = &some[1];
	assert_null(bpf_task_storage_get(&storage, bpf_get_current_task_btf(), 0, 0));
	assert_ptr_equal(bpf_task_storage_get(&storage, &some[0].kernel, 0, 0), value);
}

static void run_both(const char *helper)
{
	assert_string_equal(helper, "bpf_ktime_get_ns");
	sim_run(first, 100);
	sim_run(second);
}

/* The interrupted program is turned away, the other one runs, uninterrupted. */
static void each_program_has_its_own_guard(void **state)
{
	(void)state;
	sim.interrupt = run_both;
	sim_run(first, 1);
	assert_int_equal(first_runs, 1);
	assert_int_equal(second_runs, 1);
	assert_int_equal(sim_program(first)->missed, 1);
	assert_int_equal(sim_program(second)->missed, 0);
	sim_run(second);
	assert_int_equal(first_runs, 101);
	assert_int_equal(sim_program(second)->missed, 1);
}

static void memory_that_is_not_there_cannot_be_read(void **state)
{
	__u64 there = 5, read = 6;

	(void)state;
	assert_int_equal(bpf_probe_read_kernel(&read, sizeof(read), &there), 0);
	assert_int_equal(read, 5);
	assert_int_equal(bpf_probe_read_kernel(&read, sizeof(read), NULL), -EFAULT);
	assert_int_equal(read, 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(an_array_has_all_its_keys_and_no_other),
		TEST(per_cpu_values_are_apart),
		TEST(a_hash_has_what_was_put_in),
		TEST(an_lru_hash_forgets_what_was_not_used),
		TEST(storage_is_a_tasks_own),
		TEST(each_program_has_its_own_guard),
		TEST(memory_that_is_not_there_cannot_be_read),
	};

	return cmocka_run_group_tests_name("bpf sim", tests, NULL, NULL);
}
