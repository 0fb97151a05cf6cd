// SPDX-License-Identifier: GPL-2.0-or-later
/* Naming by stack: who waits is below the tracer and the locking primitives. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "callers.h"

#define N(array) (sizeof(array) / sizeof(*(array)))

/* Functions of 0x100 bytes each, told of out of order. */
enum {
	BPF_RUN = 0x1000,
	SLOWPATH = 0x1100,
	RAW_LOCK = 0x1200,
	ZS_FREE = 0x1300,
	SWAP_RANGE_FREE = 0x1400,
	SOMETHING = 0x1500,
	DO_SWAP_PAGE = 0x1600,
	ZS_LIKE = 0x1700,
	CLONE = 0x1800,
	XA_ERASE = 0x1900,
	INTERRUPT = 0x1a00,
	SLAB_FREE = 0x1b00,
	MUTEX_LOCK = 0x1c00,
	ALLOC_SWAP = 0x1d00,
	RINGBUF = 0x1e00,
	ATTACH = 0x1f00,
	CHARGE = 0x2000,
	SOFTIRQ = 0x2100,
	MODULES_LAST = 0x3100,
	JITTED = 0x9000000,
};

static int setup(void **state)
{
	(void)state;
	callers_add("do_swap_page", DO_SWAP_PAGE);
	callers_add("bpf_trace_run2", BPF_RUN);
	callers_add("_raw_spin_lock", RAW_LOCK);
	callers_add("native_queued_spin_lock_slowpath", SLOWPATH);
	callers_add("swap_range_free.constprop.0", SWAP_RANGE_FREE);
	callers_add("something", SOMETHING);
	callers_add("zs_free", ZS_FREE);
	callers_add("zsomething", ZS_LIKE);
	callers_add("unuse_pte.isra.0", CLONE);
	callers_add("xa_erase", XA_ERASE);
	callers_add("asm_sysvec_apic_timer_interrupt", INTERRUPT);
	callers_add("__slab_free", SLAB_FREE);
	callers_add("__mutex_lock.constprop.0", MUTEX_LOCK);
	callers_add("folio_alloc_swap", ALLOC_SWAP);
	callers_add("bpf_ringbuf_reserve", RINGBUF);
	callers_add("mem_cgroup_attach", ATTACH);
	callers_add("mem_cgroup_css_offline", CHARGE);
	callers_add("handle_softirqs", SOFTIRQ);
	callers_add("zs_last", MODULES_LAST);
	callers_add("of_another_module", 0x8000000);
	callers_ready();
	return 0;
}

static void the_first_below_the_primitives_names_it(void **state)
{
	const __u64 stack[] = { JITTED + 5,   BPF_RUN + 5, SLOWPATH + 5,
				RAW_LOCK + 5, ZS_FREE + 5, SOMETHING + 5 };

	(void)state;
	assert_int_equal(callers_class(stack, N(stack), true), CLASS_ZSMALLOC);
	assert_true(callers_in_swap(stack, N(stack)));
}

static void the_second_below_does_not(void **state)
{
	const __u64 stack[] = { BPF_RUN + 5, SLOWPATH + 5, RAW_LOCK + 5, SOMETHING + 5,
				ZS_FREE + 5 };

	(void)state;
	assert_int_equal(callers_class(stack, N(stack), true), CLASS_OTHER);
	assert_true(callers_in_swap(stack, N(stack)));
}

static void a_stack_without_primitive_names_nothing(void **state)
{
	const __u64 stack[] = { ZS_FREE + 5, SOMETHING + 5 };

	(void)state;
	assert_int_equal(callers_class(stack, N(stack), true), CLASS_OTHER);
	assert_int_equal(callers_class(stack, 0, true), CLASS_OTHER);
	assert_false(callers_in_swap(stack, 0));
}

/* A call may be the last instruction: its return address is the next function's. */
static void return_addresses_belong_to_the_call(void **state)
{
	const __u64 stack[] = { RAW_LOCK + 5, ZS_FREE + 0x100 };

	(void)state;
	assert_int_equal(callers_class(stack, N(stack), true), CLASS_ZSMALLOC);
}

static void a_prefix_is_no_more_than_it_says(void **state)
{
	const __u64 stack[] = { RAW_LOCK + 5, ZS_LIKE + 5 };

	(void)state;
	assert_int_equal(callers_class(stack, N(stack), true), CLASS_OTHER);
	assert_false(callers_in_swap(stack, N(stack)));
}

static void clones_are_their_functions(void **state)
{
	const __u64 stack[] = { RAW_LOCK + 5, CLONE + 5, SWAP_RANGE_FREE + 5 };

	(void)state;
	assert_int_equal(callers_class(stack, N(stack), true), CLASS_PAGE_TABLE);
	assert_true(callers_in_swap(stack, N(stack)));
}

static void below_all_symbols_is_nothing(void **state)
{
	const __u64 stack[] = { RAW_LOCK + 5, 0x10, ZS_FREE + 5 };

	(void)state;
	assert_int_equal(callers_class(stack, N(stack), true), CLASS_OTHER);
}

/* The next module may be loaded after the symbols were read. */
static void a_modules_last_function_has_an_end(void **state)
{
	const __u64 within[] = { RAW_LOCK + 5, MODULES_LAST + 0x200 };
	const __u64 behind[] = { RAW_LOCK + 5, MODULES_LAST + 0x2000 };

	(void)state;
	assert_int_equal(callers_class(within, N(within), true), CLASS_ZSMALLOC);
	assert_int_equal(callers_class(behind, N(behind), true), CLASS_OTHER);
}

static void an_xarrays_lock_is_its_owners(void **state)
{
	const __u64 stack[] = { RAW_LOCK + 5, XA_ERASE + 5, ZS_FREE + 5 };

	(void)state;
	assert_int_equal(callers_class(stack, N(stack), true), CLASS_ZSMALLOC);
}

static void an_interrupt_is_not_part_of_what_it_interrupts(void **state)
{
	const __u64 stack[] = { RAW_LOCK + 5, SOMETHING + 5, INTERRUPT + 5, ZS_FREE + 5 };

	(void)state;
	assert_false(callers_in_swap(stack, N(stack)));
}

static void another_subsystems_lock_is_not_swaps(void **state)
{
	const __u64 stack[] = { RAW_LOCK + 5, SLAB_FREE + 5, ZS_FREE + 5 };

	(void)state;
	assert_int_equal(callers_class(stack, N(stack), true), CLASS_OTHER);
	assert_false(callers_in_swap(stack, N(stack)));
}

/* do_swap_page() takes a cluster's lock as well, on some kernels. */
static void without_devices_what_may_be_theirs_is_not_named(void **state)
{
	const __u64 stack[] = { RAW_LOCK + 5, DO_SWAP_PAGE + 5 };

	(void)state;
	assert_int_equal(callers_class(stack, N(stack), true), CLASS_PAGE_TABLE);
	assert_int_equal(callers_class(stack, N(stack), false), CLASS_OTHER);
	assert_true(callers_in_swap(stack, N(stack)));
}

/* folio_alloc_swap() takes swap_avail_lock, and up to 6.14 the mutex of a slot cache. */
static void a_mutex_is_not_a_spinlock(void **state)
{
	const __u64 spinning[] = { RAW_LOCK + 5, ALLOC_SWAP + 5 };
	const __u64 asleep[] = { MUTEX_LOCK + 5, ALLOC_SWAP + 5 };

	(void)state;
	assert_int_equal(callers_class(spinning, N(spinning), true), CLASS_SWAP_AVAIL);
	assert_int_equal(callers_class(asleep, N(asleep), true), CLASS_SWAP_SLOTS);
}

static void a_spinlock_in_a_mutex_is_not_the_mutex(void **state)
{
	const __u64 mutex[] = { MUTEX_LOCK + 5, ZS_FREE + 5 };
	const __u64 inner[] = { SLOWPATH + 5, RAW_LOCK + 5, MUTEX_LOCK + 5, ZS_FREE + 5 };

	(void)state;
	assert_int_equal(callers_class(mutex, N(mutex), true), CLASS_ZSMALLOC);
	assert_int_equal(callers_class(inner, N(inner), true), CLASS_OTHER);
}

static void another_tracers_lock_is_not_its_hosts(void **state)
{
	const __u64 stack[] = { BPF_RUN + 5, SLOWPATH + 5, RAW_LOCK + 5,
				RINGBUF + 5, BPF_RUN + 5,  ZS_FREE + 5 };

	(void)state;
	assert_int_equal(callers_class(stack, N(stack), true), CLASS_OTHER);
	assert_false(callers_in_swap(stack, N(stack)));
}

static void an_exception_goes_before_its_prefix(void **state)
{
	const __u64 rule[] = { RAW_LOCK + 5, CHARGE + 5 };
	const __u64 exception[] = { RAW_LOCK + 5, ATTACH + 5 };

	(void)state;
	assert_int_equal(callers_class(rule, N(rule), true), CLASS_MEMCG);
	assert_int_equal(callers_class(exception, N(exception), true), CLASS_OTHER);
}

static void a_softirq_is_not_part_of_who_let_it_run(void **state)
{
	const __u64 stack[] = { RAW_LOCK + 5, SOMETHING + 5, SOFTIRQ + 5, ZS_FREE + 5 };

	(void)state;
	assert_false(callers_in_swap(stack, N(stack)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_below_the_primitives_names_it),
		cmocka_unit_test(the_second_below_does_not),
		cmocka_unit_test(a_stack_without_primitive_names_nothing),
		cmocka_unit_test(return_addresses_belong_to_the_call),
		cmocka_unit_test(a_prefix_is_no_more_than_it_says),
		cmocka_unit_test(clones_are_their_functions),
		cmocka_unit_test(below_all_symbols_is_nothing),
		cmocka_unit_test(a_modules_last_function_has_an_end),
		cmocka_unit_test(an_xarrays_lock_is_its_owners),
		cmocka_unit_test(without_devices_what_may_be_theirs_is_not_named),
		cmocka_unit_test(another_subsystems_lock_is_not_swaps),
		cmocka_unit_test(a_mutex_is_not_a_spinlock),
		cmocka_unit_test(a_spinlock_in_a_mutex_is_not_the_mutex),
		cmocka_unit_test(another_tracers_lock_is_not_its_hosts),
		cmocka_unit_test(an_exception_goes_before_its_prefix),
		cmocka_unit_test(a_softirq_is_not_part_of_who_let_it_run),
		cmocka_unit_test(an_interrupt_is_not_part_of_what_it_interrupts),
	};

	return cmocka_run_group_tests_name("callers", tests, setup, NULL);
}
