// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "callers.h"

enum kind {
	KIND_UNKNOWN,	/* nothing follows from it */
	KIND_TRACER,	/* ours where it is innermost; else of some other program */
	KIND_PLUMBING,	/* part of locking: the caller is farther out */
	KIND_SPINNING,	/* plumbing of spinlocks */
	KIND_SLEEPING,	/* plumbing of locks that are waited for asleep */
	KIND_INTERRUPT, /* what is farther out was interrupted, and has no part in it */
	KIND_FOREIGN,	/* takes locks of a subsystem that we have no class for */
	KIND_TAKES_ONE, /* takes locks of one class only */
	KIND_TAKES_TOO, /* of one class, and those of a swap device */
};

/* What a function's name says. Names from Linux 6.1 to 6.18; some are not in all. */
struct rule {
	const char *name; /* ends with * : a prefix */
	enum kind kind;
	enum lock_class class;
	bool in_swap;
};

#define PLUMBING(name)                                                                             \
	{                                                                                          \
		name, KIND_PLUMBING, CLASS_OTHER, false                                            \
	}
#define TRACER(name)                                                                               \
	{                                                                                          \
		name, KIND_TRACER, CLASS_OTHER, false                                              \
	}
#define SPINNING(name)                                                                             \
	{                                                                                          \
		name, KIND_SPINNING, CLASS_OTHER, false                                            \
	}
#define SLEEPING(name)                                                                             \
	{                                                                                          \
		name, KIND_SLEEPING, CLASS_OTHER, false                                            \
	}
#define UNKNOWN(name)                                                                              \
	{                                                                                          \
		name, KIND_UNKNOWN, CLASS_OTHER, false                                             \
	}
#define INTERRUPT(name)                                                                            \
	{                                                                                          \
		name, KIND_INTERRUPT, CLASS_OTHER, false                                           \
	}
#define FOREIGN(name)                                                                              \
	{                                                                                          \
		name, KIND_FOREIGN, CLASS_OTHER, false                                             \
	}
#define TAKES(class, name)                                                                         \
	{                                                                                          \
		name, KIND_TAKES_ONE, class, false                                                 \
	}
#define SWAPS(class, name)                                                                         \
	{                                                                                          \
		name, KIND_TAKES_ONE, class, true                                                  \
	}
#define TAKES_TOO(class, name)                                                                     \
	{                                                                                          \
		name, KIND_TAKES_TOO, class, true                                                  \
	}
#define SWAP_PATH(name)                                                                            \
	{                                                                                          \
		name, KIND_UNKNOWN, CLASS_OTHER, true                                              \
	}

/* The first that fits decides. */
static const struct rule rules[] = {
	TRACER("bpf_*"),
	TRACER("__bpf_*"),
	TRACER("__traceiter_*"),
	TRACER("trace_contention_*"),
	SPINNING("_raw_spin_*"),
	PLUMBING("_raw_read_*"),
	PLUMBING("_raw_write_*"),
	PLUMBING("do_raw_*"),
	SPINNING("queued_spin_*"),
	PLUMBING("queued_read_*"),
	PLUMBING("queued_write_*"),
	SPINNING("native_queued_*"),
	SPINNING("__pv_queued_*"),
	PLUMBING("lock_acquire"),
	PLUMBING("lock_contended"),
	SLEEPING("mutex_lock*"),
	SLEEPING("__mutex_lock*"),
	SLEEPING("__ww_mutex*"),
	SLEEPING("down_read*"),
	SLEEPING("down_write*"),
	SLEEPING("__down_*"),
	SLEEPING("rwsem_*"),
	SLEEPING("percpu_down_*"),
	SLEEPING("__percpu_down*"),
	SLEEPING("percpu_rwsem_*"),
	SLEEPING("__percpu_rwsem*"),
	/* an xarray's lock belongs to whom the xarray belongs to */
	PLUMBING("xa_*"),
	PLUMBING("__xa_*"),

	/* the slab allocator, wait queues and the scheduler, whoever calls them */
	FOREIGN("kmem_cache_*"),
	FOREIGN("__slab_*"),
	FOREIGN("___slab_*"),
	FOREIGN("get_partial_node*"),
	FOREIGN("get_any_partial"),
	FOREIGN("__put_partials"),
	FOREIGN("__unfreeze_partials"),
	FOREIGN("deactivate_slab"),
	FOREIGN("barn_*"),
	/* shadow nodes of the swap cache are in such a list, like many other things */
	FOREIGN("list_lru_*"),
	FOREIGN("prepare_to_wait*"),
	FOREIGN("finish_wait"),
	FOREIGN("__wake_up*"),
	FOREIGN("try_to_wake_up"),
	FOREIGN("complete*"),
	FOREIGN("__schedule"),
	FOREIGN("raw_spin_rq_lock*"),
	FOREIGN("psi_*"),

	INTERRUPT("asm_sysvec_*"),
	INTERRUPT("asm_common_interrupt"),
	INTERRUPT("asm_exc_nmi"),
	/* also where local_bh_enable() runs them */
	INTERRUPT("__do_softirq"),
	INTERRUPT("handle_softirqs"),

	SWAPS(CLASS_SWAP_AVAIL, "add_to_avail_list"),
	SWAPS(CLASS_SWAP_AVAIL, "del_from_avail_list"),
	SWAPS(CLASS_SWAP_AVAIL, "__del_from_avail_list"),
	TAKES_TOO(CLASS_SWAP_AVAIL, "folio_alloc_swap"),
	TAKES_TOO(CLASS_SWAP_AVAIL, "get_swap_pages"),
	/* up to 6.14; the mutex of that cache is taken in folio_alloc_swap() */
	SWAPS(CLASS_SWAP_SLOTS, "free_swap_slot"),
	SWAPS(CLASS_SWAP_SLOTS, "drain_slots_cache_cpu"),
	SWAPS(CLASS_SWAP_CACHE, "add_to_swap_cache"),
	SWAPS(CLASS_SWAP_CACHE, "delete_from_swap_cache"),
	SWAPS(CLASS_SWAP_CACHE, "clear_shadow_from_swap_cache"),
	SWAPS(CLASS_ZSWAP, "zswap_*"),
	SWAPS(CLASS_ZBUD, "zbud_*"),
	SWAPS(CLASS_ZSMALLOC, "zs_*"),
	SWAPS(CLASS_ZSMALLOC, "__zs_*"),
	SWAPS(CLASS_ZSMALLOC, "async_free_zspage"),
	UNKNOWN("zram_remove"), /* the disk's open_mutex */
	SWAPS(CLASS_ZRAM, "zram_*"),
	SWAPS(CLASS_ZRAM, "__zram_*"),
	SWAPS(CLASS_ZRAM, "zcomp_*"),

	/* memory cgroups' functions that take other locks: list_lru's, ptl, mmap_lock, alloc_lock
	 */
	UNKNOWN("memcg_list_lru_*"),
	UNKNOWN("memcg_destroy_list_lru"),
	UNKNOWN("memcg_reparent_list_lru*"),
	UNKNOWN("mem_cgroup_move_*"),
	UNKNOWN("mem_cgroup_count_precharge*"),
	UNKNOWN("mem_cgroup_can_attach"),
	UNKNOWN("mem_cgroup_attach"),
	UNKNOWN("mem_cgroup_lru_gen_attach"),
	UNKNOWN("mem_cgroup_out_of_memory"), /* oom_lock */

	/* swap_cgroup.c before the swap path in general */
	TAKES(CLASS_MEMCG, "swap_cgroup_*"),
	TAKES(CLASS_MEMCG, "mem_cgroup_*"),
	TAKES(CLASS_MEMCG, "__mem_cgroup_*"),
	TAKES(CLASS_MEMCG, "memcg_*"),
	TAKES(CLASS_MEMCG, "try_charge_memcg"),
	TAKES(CLASS_MEMCG, "refill_stock"),
	TAKES(CLASS_MEMCG, "drain_all_stock"),
	TAKES(CLASS_MEMCG, "obj_cgroup_*"),

	TAKES(CLASS_PAGE_TABLE, "pte_offset_map_lock"),
	TAKES(CLASS_PAGE_TABLE, "__pte_offset_map_lock"),
	TAKES(CLASS_PAGE_TABLE, "pte_offset_map_rw_nolock"),
	TAKES(CLASS_PAGE_TABLE, "page_vma_mapped_walk"),
	TAKES(CLASS_PAGE_TABLE, "map_pte"),
	TAKES(CLASS_PAGE_TABLE, "do_anonymous_page"),
	TAKES_TOO(CLASS_PAGE_TABLE, "do_swap_page"),
	TAKES(CLASS_PAGE_TABLE, "do_wp_page"),
	TAKES(CLASS_PAGE_TABLE, "wp_page_copy"),
	TAKES(CLASS_PAGE_TABLE, "finish_fault"),
	TAKES(CLASS_PAGE_TABLE, "handle_pte_fault"),
	TAKES(CLASS_PAGE_TABLE, "__handle_mm_fault"),
	TAKES(CLASS_PAGE_TABLE, "zap_pte_range"),
	TAKES(CLASS_PAGE_TABLE, "unmap_page_range"),
	TAKES(CLASS_PAGE_TABLE, "copy_pte_range"),
	TAKES(CLASS_PAGE_TABLE, "copy_page_range"),
	TAKES(CLASS_PAGE_TABLE, "change_pte_range"),
	TAKES(CLASS_PAGE_TABLE, "madvise_cold_or_pageout_pte_range"),
	TAKES(CLASS_PAGE_TABLE, "madvise_free_pte_range"),
	TAKES(CLASS_PAGE_TABLE, "swapin_walk_pmd_entry"),
	TAKES(CLASS_PAGE_TABLE, "follow_page_pte"),
	TAKES(CLASS_PAGE_TABLE, "move_ptes"),
	TAKES_TOO(CLASS_PAGE_TABLE, "unuse_pte"),
	TAKES_TOO(CLASS_PAGE_TABLE, "unuse_pte_range"),
	TAKES(CLASS_PAGE_TABLE, "__pte_alloc"),
	TAKES(CLASS_PAGE_TABLE, "__pmd_alloc"),
	TAKES(CLASS_PAGE_TABLE, "__pud_alloc"),

	TAKES(CLASS_BLOCK, "blk_*"),
	TAKES(CLASS_BLOCK, "__blk_*"),
	TAKES(CLASS_BLOCK, "blkcg_*"),
	TAKES(CLASS_BLOCK, "blkg_*"),
	TAKES(CLASS_BLOCK, "bio_*"),
	TAKES(CLASS_BLOCK, "submit_bio*"),
	TAKES(CLASS_BLOCK, "elv_*"),
	TAKES(CLASS_BLOCK, "dd_*"),
	TAKES(CLASS_BLOCK, "bfq_*"),
	TAKES(CLASS_BLOCK, "kyber_*"),
	TAKES(CLASS_BLOCK, "sbitmap_*"),
	TAKES(CLASS_BLOCK, "__sbitmap_*"),
	TAKES(CLASS_BLOCK, "rq_qos_*"),
	TAKES(CLASS_BLOCK, "wbt_*"),
	TAKES(CLASS_BLOCK, "nvme_*"),
	TAKES(CLASS_BLOCK, "virtio_queue_rq*"),
	TAKES(CLASS_BLOCK, "virtblk_*"),
	TAKES(CLASS_BLOCK, "loop_*"),
	TAKES(CLASS_BLOCK, "lo_*"),
	TAKES(CLASS_BLOCK, "brd_*"),

	/* of the swap cache up to 6.17, or of a file: nothing is claimed, and nothing left out */
	SWAP_PATH("__remove_mapping"),
	SWAP_PATH("swap_*"),
	SWAP_PATH("__swap_*"),
	SWAP_PATH("folio_alloc_swap*"),
	SWAP_PATH("folio_free_swap"),
	SWAP_PATH("folio_dup_swap"),
	SWAP_PATH("get_swap_page*"),
	SWAP_PATH("add_to_swap*"),
	SWAP_PATH("put_swap_*"),
	SWAP_PATH("free_swap_*"),
	SWAP_PATH("swapin_*"),
	SWAP_PATH("swapcache_*"),
	SWAP_PATH("read_swap_cache*"),
	SWAP_PATH("__read_swap_cache*"),
};

enum { NR_RULES = sizeof(rules) / sizeof(*rules) };

enum { MAX_FUNCTION_BYTES = 16 << 10, PAGE_BYTES = 4 << 10 };

struct function {
	__u64 address, end;
	int rule; /* -1: none */
};

/* Sorted by address once they are ready. */
static struct {
	struct function *list;
	size_t n, room;
} functions;

/* A compiler's clone (.constprop.0, .isra.0) is the function it was made of. */
static bool fits(const struct rule *rule, const char *name)
{
	size_t length = strlen(rule->name);

	if (rule->name[length - 1] == '*')
		return !strncmp(rule->name, name, length - 1);
	return !strncmp(rule->name, name, length) && (!name[length] || name[length] == '.');
}

static int find_rule(const char *name)
{
	for (int i = 0; i < NR_RULES; i++)
		if (rules[i].name[0] == name[0] && fits(&rules[i], name))
			return i;
	return -1;
}

int callers_add(const char *name, __u64 address)
{
	if (functions.n == functions.room) {
		size_t room = functions.room ? 2 * functions.room : 1 << 16;
		struct function *list = reallocarray(functions.list, room, sizeof(*list));

		if (!list)
			return -ENOMEM;
		functions.list = list;
		functions.room = room;
	}
	functions.list[functions.n++] = (struct function){ address, 0, find_rule(name) };
	return 0;
}

static int by_address(const void *left, const void *right)
{
	const struct function *a = left, *b = right;

	return (a->address > b->address) - (a->address < b->address);
}

/*
 * It ends where the next begins. Behind the last of a module there may be a gap,
 * for what is loaded later: of that function only its first page is believed.
 */
static __u64 end_of(const struct function *f, const struct function *next)
{
	__u64 page = (f->address | (PAGE_BYTES - 1)) + 1;

	return next->address - f->address > MAX_FUNCTION_BYTES ? page : next->address;
}

void callers_forget(void)
{
	free(functions.list);
	memset(&functions, 0, sizeof(functions));
}

void callers_ready(void)
{
	struct function *list = functions.list;
	size_t kept = 0;

	if (!list)
		return;
	qsort(list, functions.n, sizeof(*list), by_address);
	for (size_t i = 0; i < functions.n; i++) {
		if (list[i].rule < 0)
			continue;
		list[kept] = list[i];
		list[kept].end =
			i + 1 < functions.n ? end_of(&list[i], &list[i + 1]) : list[i].address;
		kept++;
	}
	functions.n = kept;
	functions.room = kept;
	list = reallocarray(functions.list, kept + 1, sizeof(*list));
	if (list)
		functions.list = list;
}

/* The rule of the function @address lies in; NULL where there is none. */
static const struct rule *rule_of(__u64 address)
{
	size_t low = 0, high = functions.n;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (functions.list[middle].address <= address)
			low = middle + 1;
		else
			high = middle;
	}
	if (!low || address >= functions.list[low - 1].end)
		return NULL;
	return &rules[functions.list[low - 1].rule];
}

/* Waited for asleep they are not: another lock that the function takes must be meant. */
static bool spins_only(enum lock_class class)
{
	return class == CLASS_SWAP_CACHE || class == CLASS_PAGE_TABLE;
}

static enum lock_class class_taken(const struct rule *rule, bool asleep, bool devices_known)
{
	if (!rule || rule->kind < KIND_TAKES_ONE)
		return CLASS_OTHER;
	if (rule->kind == KIND_TAKES_TOO && !devices_known)
		return CLASS_OTHER;
	/* mm/swap_slots.c: the mutex of a CPU's slots, taken in folio_alloc_swap() */
	if (asleep && rule->class == CLASS_SWAP_AVAIL)
		return CLASS_SWAP_SLOTS;
	return asleep && spins_only(rule->class) ? CLASS_OTHER : rule->class;
}

static bool is_locking(const struct rule *rule)
{
	return rule && rule->kind >= KIND_PLUMBING && rule->kind <= KIND_SLEEPING;
}

/*
 * Return addresses: the call before one may be the last instruction of its
 * function, so each is looked up a byte earlier. Frames before the first
 * locking primitive are the tracer's, whose program is in no symbol table; a
 * tracer below it is another one, and the lock is its own. A spinlock within a
 * mutex is not the mutex, which is waited for at the same time.
 */
enum lock_class callers_class(const __u64 *stack, unsigned int depth, bool devices_known)
{
	bool below = false, spinning = false, asleep = false;

	for (unsigned int i = 0; i < depth; i++) {
		const struct rule *rule = rule_of(stack[i] - 1);

		if (!is_locking(rule)) {
			if (below)
				return class_taken(rule, asleep, devices_known);
			continue;
		}
		if (spinning && rule->kind == KIND_SLEEPING)
			return CLASS_OTHER;
		below = true;
		spinning |= rule->kind == KIND_SPINNING;
		asleep |= rule->kind == KIND_SLEEPING;
	}
	return CLASS_OTHER;
}

static bool ends_swaps_part(const struct rule *rule, bool below)
{
	return rule->kind == KIND_INTERRUPT || rule->kind == KIND_FOREIGN ||
	       (below && rule->kind == KIND_TRACER);
}

bool callers_in_swap(const __u64 *stack, unsigned int depth)
{
	bool below = false;

	for (unsigned int i = 0; i < depth; i++) {
		const struct rule *rule = rule_of(stack[i] - 1);

		if (!rule)
			continue;
		if (ends_swaps_part(rule, below))
			return false;
		if (rule->in_swap)
			return true;
		below |= is_locking(rule);
	}
	return false;
}
