// SPDX-License-Identifier: GPL-2.0-or-later
#include <sys/mman.h>

#include "shim.h"

#include <linux/zpool.h>

#ifndef __has_feature /* clang's */
#define __has_feature(feature) 0
#endif

#if defined(__SANITIZE_ADDRESS__) || __has_feature(address_sanitizer)
#include <sanitizer/asan_interface.h>
#define FORBID(address) __asan_poison_memory_region(address, PAGE_SIZE)
#define ALLOW(address)	__asan_unpoison_memory_region(address, PAGE_SIZE)
#elif __has_include(<valgrind/memcheck.h>)
#include <valgrind/memcheck.h>
#define FORBID(address) VALGRIND_MAKE_MEM_NOACCESS(address, PAGE_SIZE)
#define ALLOW(address)	VALGRIND_MAKE_MEM_UNDEFINED(address, PAGE_SIZE)
#else
#define FORBID(address) ((void)(address))
#define ALLOW(address)	((void)(address))
#endif

/* So many freed pages are kept from use: what still points at one finds it forbidden. */
enum { QUARANTINE = 256 };

bool (*shim_no_page)(void);
bool shim_no_memory;

static _Thread_local int locks_held;

static void stop(const char *what)
{
	fprintf(stderr, "shim: %s\n", what);
	abort();
}

int shim_match_string(const char *const *words, size_t n, const char *word)
{
	size_t length = strcspn(word, "\n");

	for (size_t i = 0; i < n; i++)
		if (strlen(words[i]) == length && !strncmp(words[i], word, length))
			return (int)i;
	return -EINVAL;
}

bool __list_add_valid(struct list_head *new, struct list_head *prev, struct list_head *next)
{
	if (next->prev != prev || prev->next != next)
		stop("an entry is added to a broken list");
	if (new == prev || new == next)
		stop("an entry is added twice");
	return true;
}

bool __list_del_entry_valid(struct list_head *entry)
{
	if ((uintptr_t)entry->next < PAGE_SIZE || (uintptr_t)entry->prev < PAGE_SIZE)
		stop("an entry is taken from a list that it is not on");
	if (entry->next->prev != entry || entry->prev->next != entry)
		stop("an entry is taken from a broken list");
	return true;
}

void spin_lock_init(spinlock_t *lock)
{
	pthread_mutexattr_t attributes;

	pthread_mutexattr_init(&attributes);
	pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_ERRORCHECK);
	pthread_mutex_init(&lock->mutex, &attributes);
	pthread_mutexattr_destroy(&attributes);
}

void spin_lock(spinlock_t *lock)
{
	if (pthread_mutex_lock(&lock->mutex))
		stop("a spinlock is taken by who holds it");
	locks_held++;
}

void spin_unlock(spinlock_t *lock)
{
	locks_held--;
	if (pthread_mutex_unlock(&lock->mutex))
		stop("a spinlock is given back by who does not hold it");
}

void shim_assert_unlocked(const char *where)
{
	if (locks_held)
		stop(where);
}

void *kzalloc(size_t bytes, gfp_t gfp)
{
	(void)gfp;
	shim_assert_unlocked("kzalloc() may sleep, and a spinlock is held");
	return shim_no_memory ? NULL : calloc(1, bytes);
}

void kfree(const void *memory)
{
	free((void *)memory);
}

/* Whoever wants a driver has it from build.h. */
void zpool_register_driver(struct zpool_driver *driver)
{
	(void)driver;
}

int zpool_unregister_driver(struct zpool_driver *driver)
{
	(void)driver;
	return 0;
}

/* Free pages are a queue: the longer one is free, the rather it is taken. */
static struct {
	pthread_mutex_t mutex;
	char *base;
	struct page pages[SHIM_PAGES];
	size_t touched, live, free;
	long first, last;
} arena = { .mutex = PTHREAD_MUTEX_INITIALIZER };

static void arena_map(void)
{
	void *memory = mmap(NULL, SHIM_PAGES * PAGE_SIZE, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (memory == MAP_FAILED)
		stop("no memory for the arena");
	arena.base = memory;
}

static struct page *take_page(void)
{
	struct page *page;

	if (!arena.base)
		arena_map();
	if (arena.free > QUARANTINE || arena.touched == SHIM_PAGES) {
		if (!arena.free)
			return NULL;
		page = &arena.pages[arena.first];
		arena.first = page->next;
		arena.free--;
	} else {
		page = &arena.pages[arena.touched++];
	}
	page->live = true;
	arena.live++;
	return page;
}

/* What the kernel's pages hold is nobody's to rely on either. */
struct page *alloc_page(gfp_t gfp)
{
	struct page *page;

	(void)gfp;
	shim_assert_unlocked("alloc_page() may sleep, and a spinlock is held");
	if (shim_no_page && shim_no_page())
		return NULL;
	pthread_mutex_lock(&arena.mutex);
	page = take_page();
	pthread_mutex_unlock(&arena.mutex);
	if (page) {
		ALLOW(page_address(page));
		memset(page_address(page), 0xa5, PAGE_SIZE);
	}
	return page;
}

void __free_page(struct page *page)
{
	pthread_mutex_lock(&arena.mutex);
	if (!page->live)
		stop("a page is freed twice");
	FORBID(page_address(page));
	page->live = false;
	if (arena.free++)
		arena.pages[arena.last].next = page - arena.pages;
	else
		arena.first = page - arena.pages;
	arena.last = page - arena.pages;
	arena.live--;
	pthread_mutex_unlock(&arena.mutex);
}

void *page_address(const struct page *page)
{
	return arena.base + (page - arena.pages) * PAGE_SIZE;
}

size_t shim_page_number(unsigned long address)
{
	size_t number = (address - (uintptr_t)arena.base) / PAGE_SIZE;

	if (number >= SHIM_PAGES)
		stop("an address is not of the arena");
	return number;
}

struct page *virt_to_page(const void *address)
{
	return &arena.pages[shim_page_number((uintptr_t)address)];
}

size_t shim_live_pages(void)
{
	return arena.live;
}

struct dentry {
	char name[32];
	struct dentry *parent, *next;
	void *data;
	const struct file_operations *fops;
};

static struct dentry *entries;

struct dentry *debugfs_create_file(const char *name, umode_t mode, struct dentry *parent,
				   void *data, const struct file_operations *fops)
{
	struct dentry *new = calloc(1, sizeof(*new));

	(void)mode;
	shim_assert_unlocked("debugfs may sleep, and a spinlock is held");
	if (!new)
		stop("no memory");
	snprintf(new->name, sizeof(new->name), "%s", name);
	new->parent = parent;
	new->data = data;
	new->fops = fops;
	new->next = entries;
	entries = new;
	return new;
}

struct dentry *debugfs_create_dir(const char *name, struct dentry *parent)
{
	return debugfs_create_file(name, 0755, parent, NULL, NULL);
}

static bool lies_in(const struct dentry *entry, const struct dentry *dir)
{
	for (; entry; entry = entry->parent)
		if (entry == dir)
			return true;
	return false;
}

/* Children are made after their directory, and so come first. */
void debugfs_remove_recursive(struct dentry *dentry)
{
	struct dentry **at = &entries;

	shim_assert_unlocked("debugfs may sleep, and a spinlock is held");
	while (*at) {
		struct dentry *entry = *at;

		if (lies_in(entry, dentry)) {
			*at = entry->next;
			free(entry);
		} else {
			at = &entry->next;
		}
	}
}

size_t shim_debugfs_entries(void)
{
	size_t n = 0;

	for (const struct dentry *entry = entries; entry; entry = entry->next)
		n++;
	return n;
}

static char *show(const struct dentry *entry)
{
	char *text = NULL;
	size_t bytes;
	struct seq_file s = { entry->data, open_memstream(&text, &bytes) };

	if (!s.out || entry->fops->show(&s, NULL))
		stop("a file of debugfs cannot be read");
	fclose(s.out);
	return text;
}

char *shim_debugfs_read(const char *dir, const char *name)
{
	for (const struct dentry *entry = entries; entry; entry = entry->next)
		if (entry->fops && !strcmp(entry->name, name) && !strcmp(entry->parent->name, dir))
			return show(entry);
	return NULL;
}
