/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Reads kernel memory for the collector, which needs it to find the swap
 * devices' structures on kernels whose data symbols are hidden. An iterator is
 * the one program type that runs on demand and needs neither kprobes nor
 * fentry. It answers one request a run.
 */
#ifndef PEEK_BPF_H
#define PEEK_BPF_H

struct peek request = {};

SEC("iter/task")
int peek(struct bpf_iter__task *ctx)
{
	__u32 bytes = request.bytes;

	if (ctx->meta->seq_num)
		return 0;
	if (bytes > PEEK_BYTES)
		bytes = PEEK_BYTES;
	request.error = bpf_probe_read_kernel(request.data, bytes, (void *)request.address);
	/* The other tasks need not be visited: the reader gets EAGAIN now. */
	return 1;
}

#endif
