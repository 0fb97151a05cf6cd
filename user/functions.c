// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>

#include "functions.h"
#include "symbols.h"

int functions__add(struct functions *f, __u64 address)
{
	if (f->n == f->room) {
		size_t room = f->room ? 2 * f->room : 64;
		__u64 *addresses = reallocarray(f->addresses, room, sizeof(*addresses));

		if (!addresses)
			return -ENOMEM;
		f->addresses = addresses;
		f->room = room;
	}
	f->addresses[f->n++] = address;
	return 0;
}

static int by_address(const void *left, const void *right)
{
	const __u64 *a = left, *b = right;

	return (*a > *b) - (*a < *b);
}

static void drop_equal(struct functions *f)
{
	size_t kept = 0;

	for (size_t i = 0; i < f->n; i++)
		if (!kept || f->addresses[kept - 1] != f->addresses[i])
			f->addresses[kept++] = f->addresses[i];
	f->n = kept;
}

int functions__resolve(struct functions *f, FILE *kallsyms)
{
	if (!f->n)
		return 0;
	qsort(f->addresses, f->n, sizeof(*f->addresses), by_address);
	drop_equal(f);
	f->names = calloc(f->n, sizeof(*f->names));
	return f->names ? symbols_resolve(kallsyms, f->addresses, f->n, f->names) : -ENOMEM;
}

const char *functions__at(const struct functions *f, __u64 address)
{
	const __u64 *found =
		f->names ? bsearch(&address, f->addresses, f->n, sizeof(*f->addresses), by_address)
			 : NULL;

	return found ? f->names[found - f->addresses] : NULL;
}

void functions__free(struct functions *f)
{
	for (size_t i = 0; i < f->n && f->names; i++)
		free(f->names[i]);
	free(f->names);
	free(f->addresses);
}
