// SPDX-License-Identifier: GPL-2.0-or-later
#include <stddef.h>
#include <stdio.h>
#include <string.h>

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

bool kernel_has_tracepoint(const char *name)
{
	char type[64];

	snprintf(type, sizeof(type), "btf_trace_%s", name);
	return kernel_btf() && btf__find_by_name_kind(kernel_btf(), type, BTF_KIND_TYPEDEF) > 0;
}

static bool find_member(const struct btf *btf, const struct btf_type *type, __u32 base,
			struct kernel_field *field)
{
	for (__u32 i = 0; i < btf_vlen(type); i++) {
		const struct btf_member *m = btf_members(type) + i;
		const struct btf_type *inner = btf__type_by_id(btf, m->type);
		__u32 offset = base + btf_member_bit_offset(type, i) / 8;

		if (!m->name_off && btf_is_composite(inner)) {
			if (find_member(btf, inner, offset, field))
				return true;
		} else if (!strcmp(btf__name_by_offset(btf, m->name_off), field->member)) {
			field->offset = offset;
			field->bytes = btf__resolve_size(btf, m->type);
			return true;
		}
	}
	return false;
}

static const struct btf_type *find_struct(const char *name)
{
	int id = kernel_btf() ? btf__find_by_name_kind(kernel_btf(), name, BTF_KIND_STRUCT) : -1;

	return id > 0 ? btf__type_by_id(kernel_btf(), id) : NULL;
}

bool kernel_field_find(struct kernel_field *field)
{
	const struct btf_type *type = find_struct(field->type);

	return type && find_member(kernel_btf(), type, 0, field);
}

__u32 kernel_struct_bytes(const char *name)
{
	const struct btf_type *type = find_struct(name);

	return type ? type->size : 0;
}
