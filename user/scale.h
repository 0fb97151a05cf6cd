/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What `scale` predicts: the model of each arm, solved over numbers of CPUs and drives, with
 * intervals from models of resampled measurements. Prints nothing, but for scale_print.c.
 */
#ifndef LOCKSTAT_SWAP_SCALE_H
#define LOCKSTAT_SWAP_SCALE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "demand.h"
#include "swap_model.h"

enum { SCALE_ARMS = 8, SCALE_SIZES = 32, SCALE_DIRECTORIES = 16 };

struct scale_models {
	struct swap_model model;
	struct swap_model *resampled; /* as many as the case says; NULL: none */
};

struct scale_arm {
	char name[32];
	struct scale_models used;
	struct scale_models measured[2]; /* without the tracer, and with it */
};

struct scale_grid {
	size_t cpus[SCALE_SIZES], ncpus; /* ascending, as are the drives */
	size_t ssds[SCALE_SIZES], nssds;
	double gain;   /* by how much an arm has to be better, to pay */
	size_t pages;  /* to simulate for each row; 0: none */
	uint64_t seed; /* of the simulation */
};

/* NaN where there is none. */
struct scale_interval {
	double value, lo, hi;
};

struct scale_row {
	const struct scale_arm *arm;
	struct model_size size;
	struct model_use use;
	struct scale_interval throughput, ratio; /* the latter to the first arm */
	double simulated, in_turn; /* throughput, with the drives at random and in turn */
};

/* For a number of drives: where an arm stops scaling, and where it begins to pay. */
struct scale_summary {
	const struct scale_arm *arm;
	size_t ssds;
	struct scale_interval knee;   /* CPUs; INFINITY: nothing but the CPUs limits */
	struct scale_interval pays;   /* CPUs; INFINITY: not within those of the grid */
	const struct scale_row *best; /* with the highest ratio; NULL of the first arm */
};

/* What was measured of an arm on a machine: medians and extremes of @reps; and what the model says.
 */
struct scale_check {
	const struct scale_arm *arm;
	const char *run;
	struct model_size size;
	size_t reps;
	struct scale_interval contended, throughput; /* NaN: not measured */
	struct scale_interval model_contended, model_throughput;
	double at_random, simulated; /* contended, with the drives at random; simulated in turn */
};

/* A load, what it needs in each arm, and what follows. The first arm is the base. */
struct scale_case {
	char workload[64];
	bool untraced; /* it was measured without the tracer, too */
	bool slowed;   /* what is predicted is with it */
	struct scale_arm arms[SCALE_ARMS];
	size_t narms, nresampled;

	struct scale_row *rows; /* by drives, CPUs and arm */
	size_t nrows;
	struct scale_summary *summaries; /* by drives and arm */
	size_t nsummaries;
	struct scale_check *checks; /* by run, drives and arm; none without measurements */
	size_t nchecks;
};

/* How models are made of measurements. */
struct scale_choice {
	const char *workload; /* NULL: each */
	const char *const *arms;
	size_t narms;	  /* 0: all, the one with one lock for all drives first */
	bool own, traced; /* as in struct demand_choice */
	uint64_t seed;
};

/* Of the command line; 0: not given. */
struct scale_parameters {
	double work, service, iops, handover, handover_each;
	double out; /* share of the pages; NaN: not given */
	size_t inflight;
	struct model_lock holds[MODEL_LOCKS]; /* visits 0: as measured */
	size_t nholds;
};

struct scale_directories {
	const char *list[SCALE_DIRECTORIES];
	size_t n;
};

/* What cases are made of: one measurement, in @measured, and what it is checked against too. */
struct scale_sources {
	struct scale_directories measured; /* none: parameters only */
	struct scale_directories checks;
	struct scale_choice choice;
	struct scale_parameters parameters;
};

/* The class of that name, as most arms have it; NULL: the model does not know it. */
const struct model_lock *scale_class(const char *name);

/*
 * Puts what is given in the place of what was measured, but in the models that are checked only
 * what no measurement tells.
 */
void scale_use_parameters(const struct scale_parameters *parameters, struct scale_case *of);

/*
 * Makes the arms of a case of nothing but parameters: those chosen, else global and partition.
 * Returns NULL, or the name of an arm that is not known.
 */
const char *scale_make_arms(const struct scale_parameters *parameters,
			    const struct scale_choice *choice, struct scale_case *of);

/*
 * Makes a case of each load, with models and resampled ones; to be freed. What is missing
 * is said in demand->error, with -ENODATA.
 */
int scale_cases(struct demand *demand, const struct scale_choice *choice, struct scale_case **cases,
		size_t *n);

/*
 * Adds checks of the models, as measured, against @demand of @run, be it what they were made of
 * or of another number of CPUs. Returns 0 or -ENOMEM.
 */
int scale_check(struct scale_case *of, const struct demand *demand, const char *run,
		const struct scale_grid *grid);

/* The cases of directories, checked, with parameters put in. Logs what failed. */
int scale_measured_cases(const struct scale_sources *from, const struct scale_grid *grid,
			 struct scale_case **cases, size_t *n);

/* Fills in the rows and summaries. Returns 0 or -ENOMEM. */
int scale_predict(struct scale_case *of, const struct scale_grid *grid);

void scale_case_free(struct scale_case *of);

/* What limits @use, in words. */
const char *scale_limit_name(const struct scale_arm *arm, const struct model_use *use);

/* The middle 95% of @n values, which it sorts; NaN of none. */
void scale_set_interval(struct scale_interval *interval, double *values, size_t n);

/* The share of the acquisitions of swap_map that wait; NaN: there is no such lock. */
double scale_contended(const struct scale_row *row);

/* These log what failed and return 0 or a negative errno. */
int scale_print(const struct scale_case *cases, size_t n, const struct scale_grid *grid);
int scale_write_csv(const struct scale_case *cases, size_t n, const char *path);
int scale_write_json(const struct scale_case *cases, size_t n, const char *path);

#endif
