/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The contract between the BPF programs and the collector: the layout of every
 * map value, and nothing else.
 *
 * A lock is known by the address range it lies in, or by its address itself.
 * Either has a slot, where its events are counted; a slot is dense, so
 * that counting needs no hash. A lock that is not known is a stranger: it is
 * counted by its address in a small table, with the stack of whoever met it
 * first, and the collector finds out what it is. Everything is double-buffered by
 * the parity of the epoch: programs use the bank of the current epoch while the
 * collector owns the other one.
 */
#ifndef LOCKSTAT_H
#define LOCKSTAT_H

enum {
	SLOT_OTHER_SPIN = 0,  /* a lock without a name, waited for on the CPU */
	SLOT_OTHER_SLEEP = 1, /* a lock without a name, waited for asleep */
	SLOT_OTHER_SWAP = 2,  /* a lock without a name, met in the swap path */
	SLOT_NOT_SEEN = 3,    /* there was no room to look at it: it may be any lock */
	SLOT_FIRST_NAMED = 4,
	MAX_SLOTS = 128,  /* 29 swap devices with three each, and change */
	MAX_RANGES = 128, /* a power of two: the search halves it */
	/* In a pending wait only: a stranger, and with it SLOT_OTHER_SPIN or SLOT_OTHER_SLEEP. */
	SLOT_STRANGER = MAX_SLOTS,
	/* With the slot of a range, lockdep only: its locks are counted, and nothing is timed. */
	SLOT_COUNTED = 2 * MAX_SLOTS,

	KNOWN_BUCKET_BITS = 8,
	KNOWN_WAYS = 4, /* locks of one bucket */
	MAX_KNOWN = KNOWN_WAYS << KNOWN_BUCKET_BITS,
	STRANGER_BITS = 6,
	MAX_STRANGERS = 1 << STRANGER_BITS, /* at a time, on one CPU */
	STACK_DEPTH = 20,
	SAMPLE_DEPTH = 48, /* frames of a sampled stack */
	COMM_BYTES = 16,   /* TASK_COMM_LEN */
	HELD_BITS = 2,	   /* locks that a CPU holds at once, by hash */
	MAX_NESTED = 8,	   /* waits (or held locks) of one CPU or task at once */
	NR_BANKS = 2,

	/* Four buckets an octave: a percentile is off by at most 1/8 of itself. */
	HIST_SUB_BITS = 2,
	HIST_OCTAVES = 36, /* the last one ends at 2^37 ns, 137 s */
	HIST_BUCKETS = HIST_OCTAVES << HIST_SUB_BITS,
};

/* What became of each event; always in the output. */
enum ledger_entry {
	LEDGER_BEGINS,	    /* waits begun; lockdep: acquisitions begun */
	LEDGER_ENDS,	    /* begun ones that were seen to end, and counted */
	LEDGER_NESTED,	    /* of the begun ones: kept above another (information) */
	LEDGER_REPEATED,    /* begun again without an end: a mutex going to sleep after its spin */
	LEDGER_MISMATCHED,  /* begun ones overtaken by the end of an outer one */
	LEDGER_DROPPED,	    /* begun ones for which there was no room */
	LEDGER_BRIEF,	    /* waits that ended, but too brief to be wanted (information) */
	LEDGER_STRAY_ENDS,  /* ends of what began before we looked (information) */
	LEDGER_OWNERLESS,   /* waits counted for their lock, but no room for their owner */
	LEDGER_STACKS_LOST, /* waits drawn for a sample, but no room for their stack */
	NR_LEDGER,
};

/* Locks in [start, end) are counted in slot. Sorted by start, none overlap. */
struct lock_range {
	__u64 start;
	__u64 end;
	__u64 slot;
};

/* A single lock. Bucket b is known[b * KNOWN_WAYS] and those behind it. */
struct known_lock {
	__u64 lock; /* unused: 0 */
	__u64 slot;
};

struct lock_table {
	struct lock_range ranges[MAX_RANGES]; /* unused: start = ~0 */
	struct known_lock known[MAX_KNOWN];
};

/* Fibonacci hashing: the upper bits of a product with 2^64 / phi. */
static inline __u64 lock_hash(__u64 lock, unsigned int bits)
{
	return lock * 0x9e3779b97f4a7c15ULL >> (64 - bits);
}

/* Times in ns. min is meaningful only where count is not 0. */
struct time_stats {
	__u64 count;
	__u64 total;
	__u64 min;
	__u64 max;
	__u64 hist[HIST_BUCKETS];
};

/* What one CPU saw of one unknown lock. */
struct stranger {
	__u64 lock;   /* 0: a free entry */
	__u64 in_mm;  /* its place in the mm_struct of who met it, if less than that has bytes */
	__u32 asleep; /* SLOT_OTHER_SPIN or SLOT_OTHER_SLEEP */
	__u32 depth;  /* of the stack; 0: none was taken */
	__u64 stack[STACK_DEPTH]; /* the innermost first; frames of our own program too */
	struct time_stats wait;
};

struct pending_lock {
	__u64 lock;	 /* address of the lock, or of its lockdep_map */
	__u64 since;	 /* ns: wait began; lockdep: hold began */
	__u64 contended; /* ns, lockdep only: wait began, 0 for none */
	__u32 slot;
	__u32 unsettled; /* lockdep only: since is still to be moved past our own work */
};

/* A spinlock that a CPU has got after a wait, and others wait for (contended_release). */
struct held_lock {
	__u64 lock;  /* 0: none */
	__u64 since; /* ns */
	__u64 slot;
};

/* What one CPU or one task waits for or holds, the innermost last. */
struct pending_stack {
	__u64 depth;
	__u64 busy; /* of a CPU: a program is at work here, and whoever runs now interrupts it */
	struct pending_lock locks[MAX_NESTED];
};

/* Whom waits are counted for beside their lock, where that is asked for. */
enum owner_kind {
	OWNER_NONE,
	OWNER_TASK,   /* bpf_get_current_pid_tgid() */
	OWNER_CGROUP, /* ID of a cgroup (v2) */
};

/* With the CPU in the key nobody else counts in an entry at the same time. */
struct owner_key {
	__u64 owner;
	__u64 lock; /* where it was a stranger; else 0: one entry for all of the slot */
	__u32 cpu;
	__u16 bank;
	__u16 slot;
};

struct owner_stats {
	__u64 count;
	__u64 total; /* ns */
	__u64 min;
	__u64 max;
	char comm[COMM_BYTES]; /* of who waited first */
};

/* One wait in so many, with who waited and how it came to. */
struct stack_sample {
	__u64 lock;
	__u64 wait; /* ns */
	__u32 slot;
	__u32 depth; /* of the stack */
	char comm[COMM_BYTES];
	__u64 stack[SAMPLE_DEPTH]; /* the innermost first; frames of our own program too */
};

enum {
	BALANCE_BUCKET_BITS = 8,
	BALANCE_BUCKETS = 1 << BALANCE_BUCKET_BITS,
	BALANCE_WAYS = 4,      /* tasks of one bucket that hold locks at a time */
	MAX_TAKEN = 64,	       /* a power of two above lockdep's own limit (MAX_LOCK_DEPTH, 48) */
	MAX_IMBALANCES = 1024, /* different ones */
	CLASS_BYTES = 48,
};

/* What became of acquisitions and releases (--balance). */
enum balance_entry {
	BALANCE_TAKEN,	    /* acquisitions of tasks that are followed */
	BALANCE_LET_GO,	    /* releases of these */
	BALANCE_NOT_HELD,   /* releases of what their task had not taken */
	BALANCE_UNFOLLOWED, /* acquisitions of tasks that held locks before we looked */
	BALANCE_DROPPED,    /* acquisitions for which there was no room */
	BALANCE_LEFT,	    /* acquisitions of tasks that are gone and did not let go */
	BALANCE_UNTOLD,	    /* imbalances for which there was no room */
	NR_BALANCE,
};

struct taken_lock {
	__u64 lock; /* 0: let go, from below others */
	__u64 name; /* address of its class's name */
	__u64 site; /* who took it */
};

/* The locks that a task has taken, the last one last. */
struct task_locks {
	__u64 task; /* its task_struct; 0: free */
	__u32 tid;
	__u32 depth;
	__u32 told;   /* so many of them were told to be kept */
	__u32 beyond; /* further ones, for which there was no room */
	char comm[COMM_BYTES];
	struct taken_lock taken[MAX_TAKEN];
};

struct task_bucket {
	struct task_locks ways[BALANCE_WAYS];
};

enum imbalance_kind {
	IMBALANCE_NOT_RELEASED, /* its task went back to user space with it, or ended and is no more
				 */
	IMBALANCE_NOT_HELD,	/* released by a task that had not taken it */
	IMBALANCE_STILL_HELD,	/* at the end, which may be as it should */
};

struct imbalance_key {
	__u64 site;
	__u64 name;
	__u32 tid;
	__u32 kind;
};

struct imbalance {
	__u64 count;
	char comm[COMM_BYTES];
	char class[CLASS_BYTES];
};

/* A request to read kernel memory, and its answer. */
enum { PEEK_BYTES = 1024 };

struct peek {
	__u64 address;
	__u32 bytes;
	__s32 error; /* 0, or a negative errno */
	__u8 data[PEEK_BYTES];
};

#endif
