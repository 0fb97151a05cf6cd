// SPDX-License-Identifier: GPL-2.0-or-later
/* Models by what the command line says. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "scale.h"

/* The classes whose locks the model knows the number of, as they are in most arms. */
static const struct model_lock classes[] = {
	{ .name = "swap_map", .copies = LOCK_PER_DRIVE },
	{ .name = "swap_avail", .copies = LOCK_SHARED },
	{ .name = "cluster", .copies = LOCK_PER_CLUSTER },
};

const struct model_lock *scale_class(const char *name)
{
	for (size_t i = 0; i < sizeof(classes) / sizeof(*classes); i++)
		if (!strcmp(classes[i].name, name))
			return &classes[i];
	return NULL;
}

static void set_hold(const struct model_lock *hold, struct swap_model *model)
{
	for (size_t i = 0; i < model->nlocks; i++) {
		if (strcmp(model->locks[i].name, hold->name))
			continue;
		model->locks[i].hold = hold->hold;
		if (hold->visits)
			model->locks[i].visits = hold->visits;
	}
}

static void set_drive(const struct scale_parameters *parameters, struct swap_model *model)
{
	double rate = parameters->iops, service = parameters->service;

	if (!rate && model->drive_time > 0)
		rate = model->drive_channels / model->drive_time;
	if (!service)
		service = model->drive_time;
	if (rate || service)
		model_set_drive(model, rate ? rate : 1 / service, service);
}

static void set_unmeasured(const struct scale_parameters *parameters, struct swap_model *model)
{
	model->handover = parameters->handover;
	model->handover_each = parameters->handover_each;
	if (parameters->inflight)
		model->inflight = parameters->inflight;
}

static void set_all(const struct scale_parameters *parameters, struct swap_model *model)
{
	if (parameters->work)
		model->work = parameters->work;
	for (size_t i = 0; i < parameters->nholds; i++)
		set_hold(&parameters->holds[i], model);
	if (!isnan(parameters->out))
		model->out = parameters->out;
	set_drive(parameters, model);
	set_unmeasured(parameters, model);
}

typedef void set_fn(const struct scale_parameters *parameters, struct swap_model *model);

static void set_models(const struct scale_parameters *parameters, set_fn *set, size_t n,
		       struct scale_models *models)
{
	set(parameters, &models->model);
	for (size_t i = 0; i < n; i++)
		set(parameters, &models->resampled[i]);
}

void scale_use_parameters(const struct scale_parameters *parameters, struct scale_case *of)
{
	for (size_t i = 0; i < of->narms; i++) {
		struct scale_arm *arm = &of->arms[i];

		set_models(parameters, set_all, of->nresampled, &arm->used);
		set_models(parameters, set_unmeasured, of->nresampled, &arm->measured[0]);
		set_models(parameters, set_unmeasured, of->nresampled, &arm->measured[1]);
	}
}

/* The arms differ in how many locks there are. */
static struct model_lock lock_of(const char *arm, struct model_lock lock)
{
	if (!strcmp(lock.name, "swap_map") && !strcmp(arm, "global"))
		lock.copies = LOCK_SHARED;
	if (!lock.visits)
		lock.visits = 1;
	if (!strcmp(lock.name, "swap_avail") && !strcmp(arm, "percpu"))
		lock.visits = 0;
	if (lock.copies == LOCK_PER_CLUSTER && strcmp(arm, "cluster"))
		lock.visits = 0;
	return lock;
}

static void make_arm(const struct scale_parameters *parameters, const char *name,
		     struct scale_arm *arm)
{
	snprintf(arm->name, sizeof(arm->name), "%s", name);
	/* as where each waits for its page, and memory stays as full as it is */
	arm->used.model.inflight = 1;
	arm->used.model.out = 0.5;
	set_all(parameters, &arm->used.model);
	for (size_t i = 0; i < parameters->nholds; i++)
		arm->used.model.locks[arm->used.model.nlocks++] =
			lock_of(name, parameters->holds[i]);
}

static bool is_design(const char *arm)
{
	return !strcmp(arm, "global") || !strcmp(arm, "partition") || !strcmp(arm, "cluster") ||
	       !strcmp(arm, "percpu");
}

const char *scale_make_arms(const struct scale_parameters *parameters,
			    const struct scale_choice *choice, struct scale_case *of)
{
	static const char *const usual[] = { "global", "partition" };
	const char *const *names = choice->narms ? choice->arms : usual;

	of->narms = choice->narms ? choice->narms : sizeof(usual) / sizeof(*usual);
	for (size_t i = 0; i < of->narms; i++) {
		if (!is_design(names[i]))
			return names[i];
		make_arm(parameters, names[i], &of->arms[i]);
	}
	return NULL;
}
