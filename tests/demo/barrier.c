// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How a handler looks at the size of a device before it uses the tables, as in the patch of the
 * thread and as in ours. For ARM64, where the order of two loads is what the barriers make it;
 * the macros are that architecture's in Linux 6.1.
 */
struct zram {
	void *meta;
	unsigned char init_done;
	unsigned int nr_slots;
};

#define barrier_rmb() asm volatile("dmb ishld" ::: "memory")

/* init_done(): "smp_rmb(); return zram->init_done;" */
void *thread_handler(struct zram *zram)
{
	barrier_rmb();
	if (!zram->init_done)
		return 0;
	return zram->meta;
}

/* zram_nr_slots(): smp_load_acquire() */
void *our_handler(struct zram *zram)
{
	unsigned int nr_slots;

	asm volatile("ldar %w0, %1" : "=r"(nr_slots) : "Q"(zram->nr_slots) : "memory");
	if (!nr_slots)
		return 0;
	return zram->meta;
}
