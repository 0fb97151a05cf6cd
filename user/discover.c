// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * swap_info[] holds a pointer per swap type. Where the kernel shows its data
 * symbols, we look it up. Elsewhere get_swap_device(), a text symbol that is
 * always shown, addresses the array with a 32-bit displacement: each of the
 * first bytes of its code is tried as one. Whatever the source, an array is
 * believed only if the structures behind it agree with /proc/swaps in type,
 * priority, size and state, one for one.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "context.h"
#include "discover.h"
#include "discover_pools.h"
#include "kernel_btf.h"
#include "log.h"
#include "procswaps.h"
#include "symbols.h"
#include "zram_locks.h"

enum {
	SWP_USED = 1 << 0, /* include/linux/swap.h */
	SWP_SOLIDSTATE = 1 << 4,
	CODE_BYTES = 512, /* of get_swap_device() */
};

enum {
	FIELD_FLAGS,
	FIELD_PRIO,
	FIELD_TYPE,
	FIELD_MAX,
	FIELD_PAGES,
	FIELD_CLUSTERS,
	FIELD_SWAP_MAP,
	FIELD_LOCK,
	NR_FIELDS
};

struct discovery {
	struct collector *kernel; /* reads its memory, during an update */
	struct kernel_field fields[NR_FIELDS];
	struct kernel_field rotational_lock; /* of no bytes before 6.14 */
	struct pool_layout pools;
	__u32 spinlock_bytes, cluster_bytes, space_bytes;
	__u32 cluster_pages;	  /* SWAPFILE_CLUSTER */
	__u64 swap_info;	  /* address of the array once it is believed */
	struct zram_layout *zram; /* NULL: init_locks are not looked for */
	enum naming_way without;
	bool one_map_lock; /* booted with swap_lock=global */
	bool slots_wanted; /* by locks of the last update */
};

/* What we read of a struct swap_info_struct. */
struct swap_device {
	__u64 address;
	__u64 fields[NR_FIELDS]; /* FIELD_LOCK is not read */
};

/* HPAGE_PMD_NR. 512 with 4 KiB pages; arm64 has more with larger ones. */
static __u32 huge_page_pages(void)
{
	FILE *file = fopen("/sys/kernel/mm/transparent_hugepage/hpage_pmd_size", "re");
	unsigned long bytes = 0;

	if (file && fscanf(file, "%lu", &bytes) != 1)
		bytes = 0;
	if (file)
		fclose(file);
	return bytes ? bytes / sysconf(_SC_PAGESIZE) : 512;
}

/*
 * CONFIG_THP_SWAP shows as a function up to 6.9 (split_swap_cluster), since then
 * by one place in the percpu cluster for each order in place of a single one, and
 * from 6.12 on as many lists of clusters.
 */
static bool has_thp_swap(void)
{
	struct kernel_field places = { "percpu_cluster", "next", 0, 0 };
	struct kernel_field lists = { "swap_info_struct", "nonfull_clusters", 0, 0 };

	return symbol_address(SYMBOL_SPLIT_SWAP_CLUSTER) ||
	       (kernel_field_find(&places) && places.bytes > sizeof(__u32)) ||
	       (kernel_field_find(&lists) && lists.bytes > 2 * sizeof(__u64));
}

/* SWAPFILE_CLUSTER is 256, with CONFIG_THP_SWAP the pages of a huge page (mm/swapfile.c). */
static __u32 cluster_pages(void)
{
	return has_thp_swap() ? huge_page_pages() : 256;
}

static int read_layout(struct discovery *d)
{
	if (!kernel_btf())
		return -ENOTSUP;
	for (int f = 0; f < NR_FIELDS; f++) {
		if (kernel_field_find(&d->fields[f]))
			continue;
		log_debug("struct swap_info_struct has no %s", d->fields[f].member);
		return -ENOTSUP;
	}
	kernel_field_find(&d->rotational_lock);
	pool_layout__find(&d->pools);
	d->cluster_pages = cluster_pages();
	d->cluster_bytes = kernel_struct_bytes("swap_cluster_info");
	d->space_bytes = kernel_struct_bytes("address_space");
	d->spinlock_bytes = d->fields[FIELD_LOCK].bytes;
	return 0;
}

int discovery__open(struct discovery **discovery, enum backend backend, enum naming_way without)
{
	struct discovery *d = calloc(1, sizeof(*d));
	int err;

	*discovery = d;
	if (!d)
		return -ENOMEM;
	*d = (struct discovery){
		.without = without,
		.fields = {
			[FIELD_FLAGS] = { "swap_info_struct", "flags", 0, 0 },
			[FIELD_PRIO] = { "swap_info_struct", "prio", 0, 0 },
			[FIELD_TYPE] = { "swap_info_struct", "type", 0, 0 },
			[FIELD_MAX] = { "swap_info_struct", "max", 0, 0 },
			[FIELD_PAGES] = { "swap_info_struct", "pages", 0, 0 },
			[FIELD_CLUSTERS] = { "swap_info_struct", "cluster_info", 0, 0 },
			[FIELD_SWAP_MAP] = { "swap_info_struct", "swap_map", 0, 0 },
			[FIELD_LOCK] = { "swap_info_struct", "lock", 0, 0 },
		},
		.rotational_lock = { "swap_info_struct", "global_cluster_lock", 0, 0 },
		.one_map_lock = !strcmp(context_boot_arm(), "global"),
	};
	err = read_layout(d);
	/* Without acquisitions there is nothing of them to see before they contend. */
	if (!err && backend == BACKEND_LOCKDEP)
		err = zram_layout__open(&d->zram);
	return err;
}

static __u64 data_symbol(const struct discovery *d, enum symbol symbol)
{
	return d->without & NAMING_SYMBOLS ? 0 : symbol_address(symbol);
}

static int read_device(struct discovery *d, __u64 array, int type, struct swap_device *device)
{
	int err = collector__peek(d->kernel, array + type * sizeof(__u64), &device->address,
				  sizeof(device->address));

	memset(device->fields, 0, sizeof(device->fields));
	if (!err && !device->address)
		err = -ENOENT;
	for (int f = 0; f < FIELD_LOCK && !err; f++)
		err = collector__peek(d->kernel, device->address + d->fields[f].offset,
				      &device->fields[f], d->fields[f].bytes);
	return err;
}

/* Whether /proc/swaps lists it: not while a swapon is still at work. */
static bool is_listed(const struct swap_device *device)
{
	return device->fields[FIELD_FLAGS] & SWP_USED && device->fields[FIELD_SWAP_MAP];
}

static bool agrees(const struct swap_device *device, const struct swap_entry *entry)
{
	__u64 page_kib = sysconf(_SC_PAGESIZE) / 1024;

	return is_listed(device) && (__s16)device->fields[FIELD_PRIO] == entry->priority &&
	       (device->fields[FIELD_PAGES] & 0xffffffff) * page_kib == entry->size_kib;
}

/*
 * Reads the devices behind @array, one for each of @entries: /proc/swaps lists
 * the used types in order. Fails where anything disagrees.
 */
static int read_devices(struct discovery *d, __u64 array, const struct swap_entry *entries, int n,
			struct swap_device *devices)
{
	int found = 0;

	for (int type = 0; type < MAX_SWAP_DEVICES && found < n; type++) {
		struct swap_device *device = &devices[found];
		int err = read_device(d, array, type, device);

		if (err)
			return -ESTALE;
		if ((__s8)device->fields[FIELD_TYPE] != type)
			return -ESTALE;
		if (agrees(device, &entries[found]))
			found++;
		else if (is_listed(device))
			return -ESTALE;
	}
	return found == n ? 0 : -ESTALE;
}

static int search_code(struct discovery *d, const struct swap_entry *entries, int n,
		       struct swap_device *devices)
{
	unsigned char code[CODE_BYTES];
	int err = collector__peek(d->kernel, symbol_address(SYMBOL_GET_SWAP_DEVICE), code,
				  sizeof(code));

	for (size_t i = 0; !err && i + sizeof(__s32) <= sizeof(code); i++) {
		__s32 displacement;
		__u64 array;

		memcpy(&displacement, code + i, sizeof(displacement));
		array = (__s64)displacement;
		/* kernel text and data lie in the top 2 GiB, pointers are aligned */
		if (displacement >= 0 || array % sizeof(__u64))
			continue;
		if (read_devices(d, array, entries, n, devices))
			continue;
		log_debug("swap_info[] found at %#llx through the code of get_swap_device()",
			  array);
		d->swap_info = array;
		return 0;
	}
	return err ? err : -ESTALE;
}

static int find_devices(struct discovery *d, const struct swap_entry *entries, int n,
			struct swap_device *devices)
{
	__u64 symbol = data_symbol(d, SYMBOL_SWAP_INFO);
	__u64 array = d->swap_info ? d->swap_info : symbol;

	if (!n)
		return 0;
	if (array && !read_devices(d, array, entries, n, devices))
		return 0;
	if (array || d->without & NAMING_CODE || !symbol_address(SYMBOL_GET_SWAP_DEVICE))
		return -ESTALE;
	return search_code(d, entries, n, devices);
}

/* One range, one row; a row too many stays among the others, and is said. */
static void add_lock(struct discovery *d, struct lock_set *locks, enum lock_class class,
		     enum lock_confidence confidence, const char *device, const char *expression,
		     __u64 start, __u64 bytes)
{
	struct named_lock lock = { .class = class, .confidence = confidence, .device = device };
	int err;

	if (!start || !bytes)
		return;
	snprintf(lock.lock, sizeof(lock.lock), "%s", expression);
	err = lock_set__add(locks, &lock, start, start + bytes);
	if (err == -EAGAIN)
		d->slots_wanted = true;
	else if (err)
		log_warning("%s of %s is counted as other: %s", expression, device,
			    err == -ENOSPC ? "no room for so many devices" : strerror(-err));
	if (err)
		locks->devices_known = false;
}

static void add_symbols(struct discovery *d, struct lock_set *locks)
{
	static const struct {
		enum symbol symbol;
		enum lock_class class;
	} globals[] = {
		{ SYMBOL_SWAP_LOCK, CLASS_SWAP_LOCK },
		{ SYMBOL_SWAP_AVAIL_LOCK, CLASS_SWAP_AVAIL },
		{ SYMBOL_SWAP_MAP_LOCK, CLASS_SWAP_MAP },
	};

	for (size_t i = 0; i < sizeof(globals) / sizeof(*globals); i++) {
		enum symbol symbol = globals[i].symbol;

		/* The lock of all maps is in use only in the arm that has it. */
		if (symbol == SYMBOL_SWAP_MAP_LOCK && !d->one_map_lock)
			continue;
		add_lock(d, locks, globals[i].class, CONFIDENCE_SYMBOL, "all", symbol_name(symbol),
			 data_symbol(d, symbol), d->spinlock_bytes);
	}
}

/* One that zswap makes later is found at the next swapon; until then its callers name it. */
static void add_pools(struct discovery *d, struct lock_set *locks)
{
	struct pool_lock found[MAX_POOLS];
	int n = discover_pools(&d->pools, d->kernel, data_symbol(d, SYMBOL_ZSWAP_POOLS), found);

	for (int i = 0; i < n; i++)
		add_lock(d, locks, found[i].class, CONFIDENCE_STRUCTURAL, "all",
			 found[i].expression, found[i].address, d->spinlock_bytes);
}

/*
 * The swap cache of a device up to 6.17: an array of address spaces, one for
 * each 64 MiB (mm/swap_state.c). Only kernels that show data symbols tell where.
 */
static void add_swap_cache(struct discovery *d, struct lock_set *locks, int type, const char *name)
{
	__u64 spaces = data_symbol(d, SYMBOL_SWAPPER_SPACES);
	__u64 numbers = data_symbol(d, SYMBOL_NR_SWAPPER_SPACES);
	char expression[64];
	__u32 number = 0;
	__u64 start = 0;

	if (!spaces || !numbers ||
	    collector__peek(d->kernel, spaces + type * sizeof(start), &start, sizeof(start)) ||
	    collector__peek(d->kernel, numbers + type * sizeof(number), &number, sizeof(number)))
		return;
	snprintf(expression, sizeof(expression), "swapper_spaces[%d][].i_pages", type);
	add_lock(d, locks, CLASS_SWAP_CACHE, CONFIDENCE_STRUCTURAL, name, expression, start,
		 (__u64)number * d->space_bytes);
}

/*
 * A rotational device has, from 6.14 on, a second lock that its allocations pass
 * through (cluster_alloc_swap_entry() in mm/swapfile.c). It guards the map as well.
 */
static void add_map_locks(struct discovery *d, struct lock_set *locks,
			  const struct swap_device *device, const char *name)
{
	bool two = d->rotational_lock.bytes && !(device->fields[FIELD_FLAGS] & SWP_SOLIDSTATE);
	char expression[64];

	snprintf(expression, sizeof(expression), "swap_info[%d]->lock%s",
		 (__s8)device->fields[FIELD_TYPE], two ? " or ->global_cluster_lock" : "");
	add_lock(d, locks, CLASS_SWAP_MAP, CONFIDENCE_STRUCTURAL, name, expression,
		 device->address + d->fields[FIELD_LOCK].offset, d->spinlock_bytes);
	if (two)
		add_lock(d, locks, CLASS_SWAP_MAP, CONFIDENCE_STRUCTURAL, name, expression,
			 device->address + d->rotational_lock.offset, d->rotational_lock.bytes);
}

static void add_device(struct discovery *d, struct lock_set *locks,
		       const struct swap_device *device, const char *name)
{
	__u64 pages = device->fields[FIELD_MAX] & 0xffffffff;
	__u64 clusters = (pages + d->cluster_pages - 1) / d->cluster_pages;
	char expression[64];
	int type = (__s8)device->fields[FIELD_TYPE];

	if (!d->one_map_lock)
		add_map_locks(d, locks, device, name);
	snprintf(expression, sizeof(expression), "swap_info[%d]->cluster_info[].lock", type);
	add_lock(d, locks, CLASS_CLUSTER, CONFIDENCE_STRUCTURAL, name, expression,
		 device->fields[FIELD_CLUSTERS], clusters * d->cluster_bytes);
	add_swap_cache(d, locks, type, name);
}

/*
 * A device that goes is noticed when swap devices change, not before: until then what else comes
 * to lie there would be counted for it.
 */
static void add_zram(struct discovery *d, struct lock_set *locks)
{
	__u64 index = data_symbol(d, SYMBOL_ZRAM_INDEX_IDR);
	struct zram_lock found[MAX_ZRAM_LOCKS];
	int n = d->zram && index ? zram_locks__find(d->zram, d->kernel, index, found) : 0;

	for (int i = 0; i < n; i++) {
		const struct named_lock lock = {
			.class = CLASS_ZRAM,
			.confidence = CONFIDENCE_STRUCTURAL,
			.counted = true,
			.device = found[i].device,
			.lock = "zram.init_lock",
		};

		if (lock_set__add(locks, &lock, found[i].start, found[i].end))
			log_debug("no room for the init_lock of %s", lock.device);
	}
}

static int update(struct discovery *d, struct lock_set *locks, const struct swap_entry *entries,
		  int n)
{
	struct swap_device devices[MAX_SWAP_DEVICES];
	int err = n < 0 ? n : find_devices(d, entries, n, devices);

	locks->devices_known = !err;
	if (err) {
		/* A swap_info_struct stays where it is for ever, its clusters do not. */
		lock_set__drop_ranges(locks, CLASS_CLUSTER);
		lock_set__drop_ranges(locks, CLASS_SWAP_CACHE);
		return err;
	}
	lock_set__clear_ranges(locks);
	d->slots_wanted = false;
	add_symbols(d, locks);
	add_pools(d, locks);
	for (int i = 0; i < n; i++)
		add_device(d, locks, &devices[i], entries[i].name);
	add_zram(d, locks);
	return d->slots_wanted ? -EAGAIN : n;
}

int discovery__update(struct discovery *d, struct collector *kernel, struct lock_set *locks)
{
	struct swap_entry entries[MAX_SWAP_DEVICES];
	int n = procswaps_read(entries), known;

	d->kernel = kernel;
	known = update(d, locks, entries, n);
	procswaps_free(entries, n);
	return known;
}

void discovery__close(struct discovery *d)
{
	if (d)
		zram_layout__close(d->zram);
	free(d);
}
