/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The contract between the BPF programs and the collector: the layout of every
 * map value, and nothing else.
 *
 * A lock is known by the address range it lies in. A range has a slot, the row
 * that its events are counted in; a slot is dense, so that counting needs no
 * hash. Everything is double-buffered by the parity of the epoch: programs use
 * the bank of the current epoch while the collector owns the other one.
 */
#ifndef LOCKSTAT_H
#define LOCKSTAT_H

enum {
	SLOT_OTHER_SPIN = 0,  /* a lock without a name, waited for on the CPU */
	SLOT_OTHER_SLEEP = 1, /* a lock without a name, waited for asleep */
	SLOT_FIRST_NAMED = 2,
	MAX_SLOTS = 96,	  /* 29 swap devices with two rows each, and change */
	MAX_RANGES = 128, /* a power of two: the search halves it */
	RANGE_STEPS = 7,  /* log2(MAX_RANGES) */
	MAX_NESTED = 8,	  /* waits (or held locks) of one CPU or task at once */
	NR_BANKS = 2,

	/* Four buckets an octave: a percentile is off by at most 1/8 of itself. */
	HIST_SUB_BITS = 2,
	HIST_OCTAVES = 36, /* the last one ends at 2^37 ns, 137 s */
	HIST_BUCKETS = HIST_OCTAVES << HIST_SUB_BITS,
};

/* What became of each event; always in the output. */
enum ledger_entry {
	LEDGER_BEGINS,	   /* waits begun; lockdep: acquisitions begun */
	LEDGER_ENDS,	   /* begun ones that were seen to end, and counted */
	LEDGER_NESTED,	   /* of the begun ones: kept above another (information) */
	LEDGER_REPEATED,   /* begun again without an end: a mutex going to sleep after its spin */
	LEDGER_MISMATCHED, /* begun ones overtaken by the end of an outer one */
	LEDGER_DROPPED,	   /* begun ones for which there was no room */
	LEDGER_STRAY_ENDS, /* ends of what began before we looked (information) */
	NR_LEDGER,
};

/* Locks in [start, end) are counted in slot. Sorted by start, none overlap. */
struct lock_range {
	__u64 start;
	__u64 end;
	__u64 slot;
};

struct lock_table {
	struct lock_range ranges[MAX_RANGES]; /* unused: start = ~0 */
};

/* Times in ns. min is meaningful only where count is not 0. */
struct time_stats {
	__u64 count;
	__u64 total;
	__u64 min;
	__u64 max;
	__u64 hist[HIST_BUCKETS];
};

struct pending_lock {
	__u64 lock;	 /* address of the lock, or of its lockdep_map */
	__u64 since;	 /* ns: wait began; lockdep: hold began */
	__u64 contended; /* ns, lockdep only: wait began, 0 for none */
	__u32 slot;
	__u32 unsettled; /* lockdep only: since is still to be moved past our own work */
};

/* What one CPU or one task waits for or holds, the innermost last. */
struct pending_stack {
	__u64 depth;
	struct pending_lock locks[MAX_NESTED];
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
