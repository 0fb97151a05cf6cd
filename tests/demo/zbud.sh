#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What tests/vm/zbud.sh tests, longer, under KASAN and lockdep: the kernel finds nothing. Its report
# would end the guest.
. "$(dirname -- "${BASH_SOURCE[0]}")/../lib.sh"
. "$TOP/tests/zbud-lib.sh"

was_watched() {
	grep -e -debug "$WORK/$1/release"
	grep -i 'KernelAddressSanitizer initialized' "$WORK/$1/.lab/dmesg"
	grep -i 'lock dependency validator' "$WORK/$1/.lab/dmesg"
}

run_test 'the debug kernel builds' "$TOP/bench/lab/kernel.sh" --flavour debug
zbud_tests debug "${OPERATIONS:-30000}" 768
for policy in $ZBUD_POLICIES; do
	run_test "$policy: KASAN and lockdep looked on" was_watched "$policy"
done
