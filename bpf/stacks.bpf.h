/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Stacks of some waits, drawn at random, so that each wait has the same chance
 * and their times times the rate estimate the whole. Taken when the wait ends:
 * the slow path, and so who called it, is still there.
 */
#ifndef STACKS_BPF_H
#define STACKS_BPF_H

const volatile __u32 stack_every = 0; /* waits for one stack; 0: none */

/* The collector sizes it, and reads it by and by: nobody is woken. */
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} stack_samples SEC(".maps");

static __always_inline void sample_stack(void *ctx, __u64 lock, __u64 slot, __u64 ns)
{
	struct stack_sample *sample;
	long bytes;

	if (!stack_every || bpf_get_prandom_u32() % stack_every)
		return;
	sample = bpf_ringbuf_reserve(&stack_samples, sizeof(*sample), 0);
	if (!sample) {
		ledger_add(LEDGER_STACKS_LOST, 1);
		return;
	}
	sample->lock = lock;
	sample->wait = ns;
	sample->slot = slot;
	bpf_get_current_comm(sample->comm, sizeof(sample->comm));
	bytes = bpf_get_stack(ctx, sample->stack, sizeof(sample->stack), 0);
	sample->depth = bytes > 0 ? bytes / sizeof(*sample->stack) : 0;
	bpf_ringbuf_submit(sample, BPF_RB_NO_WAKEUP);
}

#endif
