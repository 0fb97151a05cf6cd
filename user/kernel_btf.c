// SPDX-License-Identifier: GPL-2.0-or-later
#include <stddef.h>

#include <bpf/btf.h>

#include "kernel_btf.h"

static struct btf *loaded;

const struct btf *kernel_btf(void)
{
	if (!loaded)
		loaded = btf__load_vmlinux_btf();
	return loaded;
}

void kernel_btf_drop(void)
{
	btf__free(loaded);
	loaded = NULL;
}
