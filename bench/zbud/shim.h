/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What mm/zbud.c takes from the kernel, in user space: enough to compile it as it is. The
 * linked lists and the zpool interface are the kernel's own headers; source.sh has this file
 * stand for all others. Pages come from an arena in which a freed one must not be touched
 * (ASan, valgrind), and whatever must not happen under a spinlock ends the program.
 */
#ifndef LOCKSTAT_SWAP_ZBUD_SHIM_H
#define LOCKSTAT_SWAP_ZBUD_SHIM_H

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef unsigned long long u64;
typedef unsigned int gfp_t;
typedef unsigned short umode_t;
typedef struct {
	int counter;
} atomic_t;

struct list_head {
	struct list_head *next, *prev;
};

struct hlist_head {
	struct hlist_node *first;
};

struct hlist_node {
	struct hlist_node *next, **pprev;
};

#define PAGE_SHIFT    12
#define PAGE_SIZE     (1UL << PAGE_SHIFT)
#define PAGE_MASK     (~(PAGE_SIZE - 1))
#define GFP_KERNEL    0U
#define __GFP_HIGHMEM 2U
#define __init
#define __exit

#define likely(x)			__builtin_expect(!!(x), 1)
#define unlikely(x)			__builtin_expect(!!(x), 0)
#define READ_ONCE(x)			(*(const volatile __typeof__(x) *)&(x))
#define WRITE_ONCE(x, value)		(*(volatile __typeof__(x) *)&(x) = (value))
#define smp_store_release(p, v)		__atomic_store_n(p, v, __ATOMIC_RELEASE)
#define smp_load_acquire(p)		__atomic_load_n(p, __ATOMIC_ACQUIRE)
#define container_of(ptr, type, member) ((type *)((char *)(ptr)-offsetof(type, member)))
#define BUILD_BUG_ON(condition)		_Static_assert(!(condition), #condition)
#define ARRAY_SIZE(array)		(sizeof(array) / sizeof(*(array)))

/* Modules: the file's own structures are reached from build.c, which includes it. */
#define THIS_MODULE NULL
#define MODULE_ALIAS(alias)
#define MODULE_LICENSE(license)
#define MODULE_AUTHOR(author)
#define MODULE_DESCRIPTION(description)
#define MODULE_PARM_DESC(parameter, description)
#define module_init(function) _Static_assert(1, "")
#define module_exit(function) _Static_assert(1, "")
#define pr_info(...)	      ((void)0)

struct kernel_param {
	const struct kernel_param_ops *ops;
	void *arg;
};

struct kernel_param_ops {
	int (*set)(const char *val, const struct kernel_param *kp);
	int (*get)(char *buffer, const struct kernel_param *kp);
};

#define module_param_cb(name, functions, argument, mode)                                           \
	static const struct kernel_param shim_param_##name = { functions, argument }

int shim_match_string(const char *const *words, size_t n, const char *word);
#define sysfs_match_string(words, word) shim_match_string(words, ARRAY_SIZE(words), word)
#define sysfs_emit(buffer, ...)		snprintf(buffer, PAGE_SIZE, __VA_ARGS__)

/* Static keys: a counter is tested where the kernel patches code. */
struct static_key_false {
	int enabled;
};
#define DEFINE_STATIC_KEY_FALSE(name) struct static_key_false name
#define static_branch_unlikely(key)   (__atomic_load_n(&(key)->enabled, __ATOMIC_RELAXED) > 0)
#define static_branch_inc(key)	      ((void)__atomic_add_fetch(&(key)->enabled, 1, __ATOMIC_RELAXED))
#define static_branch_dec(key)	      ((void)__atomic_sub_fetch(&(key)->enabled, 1, __ATOMIC_RELAXED))

/* With CONFIG_DEBUG_LIST list.h asks of each change. A broken list ends the program. */
bool __list_add_valid(struct list_head *new, struct list_head *prev, struct list_head *next);
bool __list_del_entry_valid(struct list_head *entry);

/* Taken twice by one thread, or given back by another, it ends the program. */
typedef struct {
	pthread_mutex_t mutex;
} spinlock_t;

void spin_lock_init(spinlock_t *lock);
void spin_lock(spinlock_t *lock);
void spin_unlock(spinlock_t *lock);

/* Memory */
struct page {
	bool live;
	long next; /* of the free ones */
};

void *kzalloc(size_t bytes, gfp_t gfp);
void kfree(const void *memory);
struct page *alloc_page(gfp_t gfp);
void __free_page(struct page *page);
void *page_address(const struct page *page);
struct page *virt_to_page(const void *address);

/* debugfs and seq_file */
struct seq_file {
	void *private;
	FILE *out;
};

struct file_operations {
	int (*show)(struct seq_file *s, void *v);
};

struct dentry;

#define DEFINE_SHOW_ATTRIBUTE(name)                                                                \
	static const struct file_operations name##_fops = { .show = name##_show }
#define seq_printf(s, ...) fprintf((s)->out, __VA_ARGS__)
#define seq_puts(s, text)  fputs(text, (s)->out)

struct dentry *debugfs_create_dir(const char *name, struct dentry *parent);
struct dentry *debugfs_create_file(const char *name, umode_t mode, struct dentry *parent,
				   void *data, const struct file_operations *fops);
void debugfs_remove_recursive(struct dentry *dentry);

/*
 * What is not the kernel's: for those who drive the allocator.
 */
enum { SHIM_PAGES = 1 << 16 };

/* Called wherever a page is asked for; the lock is not held. A true one: there is none. */
extern bool (*shim_no_page)(void);
/* kzalloc() has nothing left. */
extern bool shim_no_memory;

size_t shim_live_pages(void);
/* Of the page that @address lies in, from 0. */
size_t shim_page_number(unsigned long address);
size_t shim_debugfs_entries(void);
/* The file's text, for free(); NULL: there is no such file. */
char *shim_debugfs_read(const char *dir, const char *name);

/* Ends the program, unless no spinlock is held by this thread. */
void shim_assert_unlocked(const char *where);

#endif
