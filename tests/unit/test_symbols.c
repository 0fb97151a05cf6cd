// SPDX-License-Identifier: GPL-2.0-or-later
/* From return addresses to functions. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "symbols.h"

/* In the order of kallsyms: the kernel's sorted, modules' and programs' behind them. */
static char kallsyms[] = "0000000000000000 A fixed_percpu_data\n"
			 "ffffffff81000000 T first\n"
			 "ffffffff81000100 t second\n"
			 "ffffffff81000180 D data\n"
			 "ffffffff81000200 T third\n"
			 "ffffffffc0001000 t in_module\t[zram]\n"
			 "ffffffffc0000800 t other_module\t[loop]\n"
			 "not a line\n";

static void resolve(const __u64 *addresses, size_t n, char **names)
{
	FILE *file = fmemopen(kallsyms, sizeof(kallsyms) - 1, "r");

	assert_non_null(file);
	assert_int_equal(symbols_resolve(file, addresses, n, names), 0);
	fclose(file);
}

static void addresses_have_their_functions(void **state)
{
	const __u64 addresses[] = {
		0x1000, /* below all */
		0xffffffff81000010,
		0xffffffff81000090, /* two in one */
		0xffffffff81000100, /* behind a call that ends the first: not the second's start */
		0xffffffff81000101,
		0xffffffff81000190, /* data is no function */
		0xffffffff81000300,
		0xffffffffc0000900,
		0xffffffffc0001001,
	};
	static const char *const expected[] = {
		NULL,	  "first", "first",	   "first",	"second",
		"second", "third", "other_module", "in_module",
	};
	enum { N = sizeof(addresses) / sizeof(*addresses) };
	char *names[N] = {};

	(void)state;
	resolve(addresses, N, names);
	for (int i = 0; i < N; i++) {
		if (expected[i])
			assert_string_equal(names[i], expected[i]);
		else
			assert_null(names[i]);
		free(names[i]);
	}
}

static void no_address_is_fine(void **state)
{
	(void)state;
	resolve(NULL, 0, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_have_their_functions),
		cmocka_unit_test(no_address_is_fine),
	};

	return cmocka_run_group_tests_name("symbols", tests, NULL, NULL);
}
