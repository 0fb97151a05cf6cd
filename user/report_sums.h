/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sums over the repetitions of an arm: its locks, its histograms, its devices, the ledger. Pure. */
#ifndef LOCKSTAT_SWAP_REPORT_SUMS_H
#define LOCKSTAT_SWAP_REPORT_SUMS_H

#include "ledger.h"
#include "report_data.h"

/*
 * The cells of which something is added up: those like @context in @mask, with this number of
 * SSDs and this value of the column @key.
 */
struct report_choice {
	const struct report_data *data;
	const struct report_cell *context;
	unsigned int mask;
	int key;
	const char *ssds, *value; /* of the data's own strings */
};

bool report_chosen(const struct report_choice *choice, const struct report_cell *cell);
size_t report_chosen_cells(const struct report_choice *choice);

/* The largest number of SSDs among the cells like @context in @mask. */
const char *report_most_ssds(const struct report_data *data, const struct report_cell *context,
			     unsigned int mask);

struct report_lock_sum {
	const char *class, *device, *lock;
	double contended, wait, wait_max; /* ns; NaN: not measured */
	double share; /* of the wait for all named locks; NaN: not one of them */
};

/* By wait, the most first; to be freed. NULL without memory. */
struct report_lock_sum *report_lock_sums(const struct report_choice *choice, size_t *n);

struct report_bar {
	double from, to; /* ns; @to is infinite for the last */
	double count;
};

/* Ascending; to be freed. NULL without memory. */
struct report_bar *report_histogram(const struct report_choice *choice, const char *class,
				    const char *figure, size_t *n);

/* The end of the bar below which that share of all lies; infinite, if it is the last. */
double report_histogram_below(const struct report_bar *bars, size_t n, double share);
double report_histogram_count(const struct report_bar *bars, size_t n);

struct report_device {
	const char *name;
	double written, read;		  /* bytes */
	double written_share, read_share; /* NaN: there was nothing to share */
};

/* By name; to be freed. NULL without memory. */
struct report_device *report_devices(const struct report_choice *choice, size_t *n);

/* Of all cells. */
struct report_ledger {
	struct ledger sum;
	size_t cells; /* that have one */
	size_t open;  /* of which the equation leaves something over */
	size_t lossy; /* that lost more than LEDGER_LOSS_THRESHOLD */
	double worst; /* share lost of that which lost most */
};

/* Adds a cell's; @ledger begins zeroed. */
void report_ledger_add(struct report_ledger *ledger, struct ledger one);
void report_ledger_sum(const struct report_data *data, struct report_ledger *ledger);

#endif
