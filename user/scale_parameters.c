// SPDX-License-Identifier: GPL-2.0-or-later
/* Models by what the command line says. */
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

void scale_set(const struct scale_parameters *parameters, struct swap_model *model)
{
	if (parameters->work)
		model->work = parameters->work;
	for (size_t i = 0; i < parameters->nholds; i++)
		set_hold(&parameters->holds[i], model);
	set_drive(parameters, model);
	model->handover = parameters->handover;
	model->handover_each = parameters->handover_each;
	model->inflight = parameters->inflight;
}

/* The arms differ in how many locks there are. */
static struct model_lock lock_of(const char *arm, struct model_lock lock)
{
	if (!strcmp(lock.name, "swap_map") && !strcmp(arm, "global"))
		lock.copies = LOCK_SHARED;
	if (!lock.visits)
		lock.visits = 1;
	if (lock.copies == LOCK_PER_CLUSTER && strcmp(arm, "cluster"))
		lock.visits = 0;
	return lock;
}

static void make_arm(const struct scale_parameters *parameters, const char *name,
		     struct scale_arm *arm)
{
	snprintf(arm->name, sizeof(arm->name), "%s", name);
	scale_set(parameters, &arm->model);
	for (size_t i = 0; i < parameters->nholds; i++)
		arm->model.locks[arm->model.nlocks++] = lock_of(name, parameters->holds[i]);
}

static bool is_design(const char *arm)
{
	return !strcmp(arm, "global") || !strcmp(arm, "partition") || !strcmp(arm, "cluster");
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
