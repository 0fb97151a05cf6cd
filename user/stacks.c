// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "functions.h"
#include "stacks.h"
#include "symbols.h"

enum { MAX_STACKS = 1 << 15 }; /* different ones, some 14 MB */

struct stack {
	char comm[COMM_BYTES];
	unsigned int row; /* of the locks */
	__u32 depth;
	__u64 frames[SAMPLE_DEPTH]; /* the innermost first */
	__u64 wait;		    /* ns, of the samples */
};

struct stacks {
	unsigned int every;
	FILE *kallsyms;
	struct stack *list;
	size_t n, room;
	bool full; /* of different stacks, and no more memory is wanted */
	__u64 left_out;
};

int stacks__open(struct stacks **stacks, unsigned int every)
{
	struct stacks *s = calloc(1, sizeof(*s));

	*stacks = s;
	if (!s)
		return -ENOMEM;
	if (!symbols_shown())
		return -EACCES;
	s->every = every;
	s->kallsyms = fopen("/proc/kallsyms", "re");
	return s->kallsyms ? 0 : -errno;
}

/* All but the time. */
static int compare_stacks(const void *left, const void *right)
{
	const struct stack *a = left, *b = right;
	int difference = memcmp(a->comm, b->comm, sizeof(a->comm));

	if (!difference)
		difference = (a->row > b->row) - (a->row < b->row);
	if (!difference)
		difference = (a->depth > b->depth) - (a->depth < b->depth);
	return difference ? difference
			  : memcmp(a->frames, b->frames, a->depth * sizeof(*a->frames));
}

static void merge_equal(struct stacks *s)
{
	size_t kept = 0;

	qsort(s->list, s->n, sizeof(*s->list), compare_stacks);
	for (size_t i = 0; i < s->n; i++) {
		if (kept && !compare_stacks(&s->list[kept - 1], &s->list[i]))
			s->list[kept - 1].wait += s->list[i].wait;
		else
			s->list[kept++] = s->list[i];
	}
	s->n = kept;
}

/* Equal ones are merged before more memory is asked for. */
static int make_room(struct stacks *s)
{
	size_t room = s->room ? 2 * s->room : 1024;
	struct stack *list;

	if (s->full)
		return -ENOSPC;
	if (s->n < s->room)
		return 0;
	merge_equal(s);
	if (s->n < s->room / 2)
		return 0;
	list = room <= MAX_STACKS ? reallocarray(s->list, room, sizeof(*list)) : NULL;
	s->full = !list && s->n > s->room - s->room / 8;
	if (!list)
		return s->full ? -ENOSPC : 0;
	s->list = list;
	s->room = room;
	return 0;
}

void stacks__add(struct stacks *s, const struct lock_set *locks, const struct stack_sample *sample)
{
	struct stack *stack;

	if (make_room(s)) {
		s->left_out++;
		return;
	}
	stack = &s->list[s->n++];
	memset(stack, 0, sizeof(*stack));
	memcpy(stack->comm, sample->comm, sizeof(stack->comm) - 1);
	stack->row = lock_set__row_of_wait(locks, sample->slot, sample->lock);
	stack->depth = sample->depth;
	memcpy(stack->frames, sample->stack, sample->depth * sizeof(*stack->frames));
	stack->wait = sample->wait;
}

__u64 stacks__left_out(const struct stacks *s)
{
	return s->left_out;
}

static int collect_addresses(const struct stacks *s, struct functions *f)
{
	int err = 0;

	for (size_t i = 0; i < s->n; i++)
		for (__u32 frame = 0; frame < s->list[i].depth && !err; frame++)
			err = functions__add(f, s->list[i].frames[frame]);
	return err;
}

static bool is_tracers(const char *name)
{
	return name && (!strncmp(name, "bpf_trace_run", 13) || !strncmp(name, "__bpf_trace_", 12) ||
			!strncmp(name, "__traceiter_", 12));
}

/* The innermost frames are our own program's, which may have no name, and what led to it. */
static __u32 skip_tracer(const struct functions *f, const struct stack *stack)
{
	__u32 i = 0;

	while (i < stack->depth && !is_tracers(functions__at(f, stack->frames[i])))
		i++;
	while (i < stack->depth && is_tracers(functions__at(f, stack->frames[i])))
		i++;
	return i < stack->depth ? i : 0;
}

/* Semicolons part the frames, so a task's name goes without. */
static void put_comm(FILE *out, const char *comm)
{
	for (; *comm; comm++)
		fputc(*comm == ';' || (unsigned char)*comm < ' ' ? '_' : *comm, out);
}

static void put_stack(const struct stacks *s, const struct functions *f,
		      const struct lock_set *locks, const struct stack *stack, FILE *out)
{
	const struct named_lock *lock = &locks->rows[stack->row];
	__u32 first = skip_tracer(f, stack);

	put_comm(out, stack->comm);
	for (__u32 i = stack->depth; i > first; i--) {
		const char *name = functions__at(f, stack->frames[i - 1]);

		if (name)
			fprintf(out, ";%s", name);
		else
			fprintf(out, ";%#llx", stack->frames[i - 1]);
	}
	fprintf(out, ";[%s%s%s] %llu\n", lock_class_name(lock->class), *lock->device ? " " : "",
		lock->device, stack->wait * s->every);
}

int stacks__write(struct stacks *s, const struct lock_set *locks, FILE *out)
{
	struct functions f = {};
	int err;

	merge_equal(s);
	err = collect_addresses(s, &f);
	if (!err)
		err = functions__resolve(&f, s->kallsyms);
	for (size_t i = 0; i < s->n && !err; i++)
		put_stack(s, &f, locks, &s->list[i], out);
	functions__free(&f);
	if (!err && (fflush(out) || ferror(out)))
		err = -errno;
	return err;
}

void stacks__close(struct stacks *s)
{
	if (!s)
		return;
	if (s->kallsyms)
		fclose(s->kallsyms);
	free(s->list);
	free(s);
}
