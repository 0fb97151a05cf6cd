// SPDX-License-Identifier: GPL-2.0-or-later
/* From directories to cases, and their checks. */
#include <errno.h>

#include "log.h"
#include "scale.h"

static int check_cases(const struct demand *demand, const char *run, const struct scale_grid *grid,
		       struct scale_case *cases, size_t n)
{
	int err = 0;

	for (size_t i = 0; i < n && !err; i++)
		err = scale_check(&cases[i], demand, run, grid);
	if (err)
		log_error("out of memory");
	return err;
}

static size_t count_checks(const struct scale_case *cases, size_t n)
{
	size_t sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += cases[i].nchecks;
	return sum;
}

static int read_directory(struct demand *demand, const char *directory)
{
	int err = demand_read(demand, directory);

	if (err)
		log_error("%s", demand->error); /* it names the file or the directory */
	return err;
}

static int check_directory(const char *run, const struct scale_grid *grid, struct scale_case *cases,
			   size_t n)
{
	struct demand demand = { 0 };
	size_t before = count_checks(cases, n);
	int err = read_directory(&demand, run);

	if (!err)
		err = check_cases(&demand, run, grid, cases, n);
	if (!err && count_checks(cases, n) == before) {
		log_error(demand.cpus ? "%s: none of these loads and arms was measured there"
				      : "%s: no run.json that tells the number of CPUs",
			  run);
		err = -ENODATA;
	}
	demand_free(&demand);
	return err;
}

static int make_cases(const struct scale_sources *from, struct demand *demand,
		      struct scale_case **cases, size_t *n)
{
	int err = 0;

	for (size_t i = 0; i < from->measured.n && !err; i++)
		err = read_directory(demand, from->measured.list[i]);
	if (err)
		return err;
	err = scale_cases(demand, &from->choice, cases, n);
	if (err)
		log_error("%s: %s", from->measured.list[0], demand->error);
	for (size_t i = 0; i < *n && !err; i++)
		scale_use_parameters(&from->parameters, &(*cases)[i]);
	return err;
}

int scale_measured_cases(const struct scale_sources *from, const struct scale_grid *grid,
			 struct scale_case **cases, size_t *n)
{
	struct demand demand = { 0 };
	int err = make_cases(from, &demand, cases, n);

	if (!err)
		err = check_cases(&demand, from->measured.list[0], grid, *cases, *n);
	demand_free(&demand);
	for (size_t i = 0; i < from->checks.n && !err; i++)
		err = check_directory(from->checks.list[i], grid, *cases, *n);
	return err;
}
