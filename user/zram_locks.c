// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * zram_index_idr holds a pointer per device, in an xarray (include/linux/xarray.h): a pointer
 * alone is its head, more are in nodes, which have a bit set that no pointer has. A structure is
 * believed to be a device if its disk points back to it.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "kernel_btf.h"
#include "zram_locks.h"

enum {
	XA_TAGS = 3,
	XA_INTERNAL = 2,
	XA_FIRST_NODE = 4096, /* below it there are special entries */
	XA_LEVELS = 3,	      /* of 64 slots each: more devices than there can be */
	XA_SLOTS = 64,
};

enum {
	IDR_TREE,
	TREE_HEAD,
	NODE_SLOTS,
	ZRAM_LOCK,
	ZRAM_DISK,
	ZRAM_SIZE,
	DISK_ZRAM,
	DISK_NAME,
	LOCK_MAP, /* only with lockdep */
	NR_ZRAM_FIELDS
};

struct zram_layout {
	struct kernel_field fields[NR_ZRAM_FIELDS];
};

struct search {
	const struct zram_layout *layout;
	struct collector *kernel;
	struct zram_lock *locks;
	int n;
};

static bool find_fields(struct zram_layout *layout)
{
	for (int f = 0; f < NR_ZRAM_FIELDS; f++)
		if (!kernel_field_find(&layout->fields[f]))
			return false;
	return layout->fields[NODE_SLOTS].bytes <= XA_SLOTS * sizeof(__u64) &&
	       layout->fields[DISK_NAME].bytes <= DISK_NAME_BYTES;
}

int zram_layout__open(struct zram_layout **layout)
{
	struct zram_layout *l = malloc(sizeof(*l));

	*layout = l;
	if (!l)
		return -ENOMEM;
	*l = (struct zram_layout){ {
		[IDR_TREE] = { "idr", "idr_rt", 0, 0 },
		[TREE_HEAD] = { "xarray", "xa_head", 0, 0 },
		[NODE_SLOTS] = { "xa_node", "slots", 0, 0 },
		[ZRAM_LOCK] = { "zram", "init_lock", 0, 0 },
		[ZRAM_DISK] = { "zram", "disk", 0, 0 },
		[ZRAM_SIZE] = { "zram", "disksize", 0, 0 },
		[DISK_ZRAM] = { "gendisk", "private_data", 0, 0 },
		[DISK_NAME] = { "gendisk", "disk_name", 0, 0 },
		[LOCK_MAP] = { "rw_semaphore", "dep_map", 0, 0 },
	} };
	if (!find_fields(l)) {
		free(l);
		*layout = NULL;
	}
	return 0;
}

void zram_layout__close(struct zram_layout *layout)
{
	free(layout);
}

static int read_field(const struct search *s, __u64 base, int field, void *data)
{
	const struct kernel_field *f = &s->layout->fields[field];

	return collector__peek(s->kernel, base + f->offset, data, f->bytes);
}

/* The name of the disk is cut off by the kernel where it would be longer. */
static bool is_sized_device(const struct search *s, __u64 zram, char *name)
{
	__u64 disk = 0, back = 0, bytes = 0;

	return !read_field(s, zram, ZRAM_DISK, &disk) && !read_field(s, disk, DISK_ZRAM, &back) &&
	       back == zram && !read_field(s, zram, ZRAM_SIZE, &bytes) && bytes &&
	       !read_field(s, disk, DISK_NAME, name);
}

static void take_device(struct search *s, __u64 zram)
{
	const struct kernel_field *fields = s->layout->fields;
	struct zram_lock *lock = &s->locks[s->n];

	if (s->n == MAX_ZRAM_LOCKS || !is_sized_device(s, zram, lock->device))
		return;
	lock->start = zram + fields[ZRAM_LOCK].offset + fields[LOCK_MAP].offset;
	lock->end = lock->start + fields[LOCK_MAP].bytes;
	s->n++;
}

static bool is_node(__u64 entry)
{
	return (entry & XA_TAGS) == XA_INTERNAL && entry > XA_FIRST_NODE;
}

static void take_entry(struct search *s, __u64 entry, int levels)
{
	__u64 slots[XA_SLOTS] = {};

	if (entry && !(entry & XA_TAGS))
		take_device(s, entry);
	if (!is_node(entry) || !levels || read_field(s, entry - XA_INTERNAL, NODE_SLOTS, slots))
		return;
	for (int i = 0; i < XA_SLOTS; i++)
		take_entry(s, slots[i], levels - 1);
}

int zram_locks__find(const struct zram_layout *layout, struct collector *kernel, __u64 index,
		     struct zram_lock locks[static MAX_ZRAM_LOCKS])
{
	struct search search = { layout, kernel, locks, 0 };
	__u64 head = 0;

	if (!read_field(&search, index + layout->fields[IDR_TREE].offset, TREE_HEAD, &head))
		take_entry(&search, head, XA_LEVELS);
	return search.n;
}
