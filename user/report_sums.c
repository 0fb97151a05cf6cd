// SPDX-License-Identifier: GPL-2.0-or-later
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* strverscmp */
#endif
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report_series.h"
#include "report_sums.h"

bool report_chosen(const struct report_choice *choice, const struct report_cell *cell)
{
	return report_cells_agree(choice->context, cell, choice->mask) &&
	       cell->key[CELL_SSDS] == choice->ssds && cell->key[choice->key] == choice->value;
}

size_t report_chosen_cells(const struct report_choice *choice)
{
	size_t n = 0;

	for (size_t i = 0; i < choice->data->ncells.n; i++)
		n += report_chosen(choice, &choice->data->cells[i]);
	return n;
}

const char *report_most_ssds(const struct report_data *data, const struct report_cell *context,
			     unsigned int mask)
{
	const char *most = context->key[CELL_SSDS];

	for (size_t i = 0; i < data->ncells.n; i++)
		if (report_cells_agree(context, &data->cells[i], mask) &&
		    strverscmp(data->cells[i].key[CELL_SSDS], most) > 0)
			most = data->cells[i].key[CELL_SSDS];
	return most;
}

static struct report_lock_sum *find_lock(struct report_lock_sum *sums, size_t *n,
					 const struct report_lock *lock)
{
	for (size_t i = 0; i < *n; i++)
		if (sums[i].class == lock->class && sums[i].device == lock->device &&
		    sums[i].lock == lock->lock)
			return &sums[i];
	sums[*n] = (struct report_lock_sum){
		.class = lock->class, .device = lock->device, .lock = lock->lock, .wait_max = NAN
	};
	return &sums[(*n)++];
}

static void add_lock(struct report_lock_sum *sum, const struct report_lock *lock)
{
	sum->contended += lock->sums[SUM_CONTENDED];
	sum->wait += lock->sums[SUM_WAIT];
	sum->wait_max = fmax(sum->wait_max, lock->sums[MAX_WAIT]);
}

static bool is_named(const struct report_lock_sum *sum)
{
	return strcmp(sum->class, "other") != 0;
}

static void share_wait(struct report_lock_sum *sums, size_t n)
{
	double all = 0;

	for (size_t i = 0; i < n; i++)
		if (is_named(&sums[i]) && !isnan(sums[i].wait))
			all += sums[i].wait;
	for (size_t i = 0; i < n; i++)
		sums[i].share = is_named(&sums[i]) && all > 0 ? sums[i].wait / all : NAN;
}

/* Unknown waits come last. */
static int by_wait(const void *left, const void *right)
{
	const struct report_lock_sum *a = left, *b = right;
	double x = isnan(a->wait) ? -1 : a->wait, y = isnan(b->wait) ? -1 : b->wait;

	if (x != y)
		return x < y ? 1 : -1;
	return strverscmp(a->lock, b->lock);
}

struct report_lock_sum *report_lock_sums(const struct report_choice *choice, size_t *n)
{
	const struct report_data *data = choice->data;
	struct report_lock_sum *sums = calloc(data->nlocks.n + 1, sizeof(*sums));

	*n = 0;
	for (size_t i = 0; sums && i < data->nlocks.n; i++)
		if (report_chosen(choice, &data->cells[data->locks[i].cell]))
			add_lock(find_lock(sums, n, &data->locks[i]), &data->locks[i]);
	if (sums) {
		share_wait(sums, *n);
		qsort(sums, *n, sizeof(*sums), by_wait);
	}
	return sums;
}

static int by_from(const void *a, const void *b)
{
	double x = ((const struct report_bar *)a)->from, y = ((const struct report_bar *)b)->from;

	return (x > y) - (x < y);
}

/* Sorted bars of the same place become one. */
static size_t unite(struct report_bar *bars, size_t n)
{
	size_t kept = 0;

	for (size_t i = 0; i < n; i++) {
		if (kept && bars[kept - 1].from == bars[i].from)
			bars[kept - 1].count += bars[i].count;
		else
			bars[kept++] = bars[i];
	}
	return kept;
}

struct report_bar *report_histogram(const struct report_choice *choice, const char *class,
				    const char *figure, size_t *n)
{
	const struct report_data *data = choice->data;
	struct report_bar *bars = calloc(data->nbuckets.n + 1, sizeof(*bars));

	*n = 0;
	for (size_t i = 0; bars && i < data->nbuckets.n; i++) {
		const struct report_bucket *b = &data->buckets[i];

		if (!strcmp(b->class, class) && !strcmp(b->figure, figure) &&
		    report_chosen(choice, &data->cells[b->cell]))
			bars[(*n)++] =
				(struct report_bar){ b->from, isnan(b->to) ? INFINITY : b->to,
						     b->count };
	}
	if (bars) {
		qsort(bars, *n, sizeof(*bars), by_from);
		*n = unite(bars, *n);
	}
	return bars;
}

double report_histogram_count(const struct report_bar *bars, size_t n)
{
	double count = 0;

	for (size_t i = 0; i < n; i++)
		count += bars[i].count;
	return count;
}

double report_histogram_below(const struct report_bar *bars, size_t n, double share)
{
	double wanted = share * report_histogram_count(bars, n), seen = 0;

	for (size_t i = 0; i < n; i++) {
		seen += bars[i].count;
		if (seen >= wanted)
			return bars[i].to;
	}
	return NAN;
}

static struct report_device *find_device(struct report_device *devices, size_t *n, const char *name)
{
	for (size_t i = 0; i < *n; i++)
		if (devices[i].name == name)
			return &devices[i];
	devices[*n].name = name;
	return &devices[(*n)++];
}

static void add_device_metric(struct report_device *devices, size_t *n,
			      const struct report_metric *metric, double seconds)
{
	bool written = !strcmp(metric->metric, "written");
	struct report_device *device;

	if (!*metric->device || (!written && strcmp(metric->metric, "read")))
		return;
	device = find_device(devices, n, metric->device);
	if (written)
		device->written += metric->value * seconds;
	else
		device->read += metric->value * seconds;
}

static void share_devices(struct report_device *devices, size_t n)
{
	double written = 0, read = 0;

	for (size_t i = 0; i < n; i++) {
		written += devices[i].written;
		read += devices[i].read;
	}
	for (size_t i = 0; i < n; i++) {
		devices[i].written_share = written > 0 ? devices[i].written / written : NAN;
		devices[i].read_share = read > 0 ? devices[i].read / read : NAN;
	}
}

static int by_name(const void *a, const void *b)
{
	return strverscmp(((const struct report_device *)a)->name,
			  ((const struct report_device *)b)->name);
}

struct report_device *report_devices(const struct report_choice *choice, size_t *n)
{
	const struct report_data *data = choice->data;
	struct report_device *devices = calloc(data->nmetrics.n + 1, sizeof(*devices));

	*n = 0;
	for (size_t i = 0; devices && i < data->nmetrics.n; i++) {
		const struct report_cell *cell = &data->cells[data->metrics[i].cell];

		if (report_chosen(choice, cell))
			add_device_metric(devices, n, &data->metrics[i],
					  report_data_metric(data, cell, "window"));
	}
	if (devices) {
		share_devices(devices, *n);
		qsort(devices, *n, sizeof(*devices), by_name);
	}
	return devices;
}

/* Files of older versions may lack an entry that is information only. */
static double entry(const struct report_data *data, const struct report_cell *cell,
		    const char *name)
{
	char metric[64];
	double value;

	snprintf(metric, sizeof(metric), "ledger_%s", name);
	value = report_data_metric(data, cell, metric);
	return isnan(value) ? 0 : value;
}

static void read_ledger(const struct report_data *data, const struct report_cell *cell,
			struct ledger *ledger)
{
	struct ledger_figure figures[LEDGER_FIGURES];

	*ledger = (struct ledger){ 0 };
	ledger__figures(ledger, figures);
	for (int i = 0; i < NR_LEDGER; i++)
		ledger->counts[i] = entry(data, cell, figures[i].name);
	ledger->in_flight = entry(data, cell, "in_flight");
	ledger->missed = entry(data, cell, "missed");
	ledger->residual = entry(data, cell, "residual");
}

/* What cells leave over must not cancel out. */
static void add_ledger(struct ledger *sum, const struct ledger *ledger)
{
	for (int i = 0; i < NR_LEDGER; i++)
		sum->counts[i] += ledger->counts[i];
	sum->in_flight += ledger->in_flight;
	sum->missed += ledger->missed;
	sum->residual += llabs(ledger->residual);
}

/* What the file says is left over is not taken for granted. */
void report_ledger_add(struct report_ledger *ledger, struct ledger one)
{
	if (ledger__residual(&one))
		one.residual = ledger__residual(&one);
	add_ledger(&ledger->sum, &one);
	ledger->cells++;
	ledger->open += one.residual != 0;
	ledger->lossy += ledger__loss(&one) > LEDGER_LOSS_THRESHOLD;
	ledger->worst = fmax(ledger->worst, ledger__loss(&one));
}

void report_ledger_sum(const struct report_data *data, struct report_ledger *ledger)
{
	*ledger = (struct report_ledger){ 0 };
	for (size_t i = 0; i < data->ncells.n; i++) {
		struct ledger one;

		if (isnan(report_data_metric(data, &data->cells[i], "ledger_begins")))
			continue;
		read_ledger(data, &data->cells[i], &one);
		report_ledger_add(ledger, one);
	}
}
