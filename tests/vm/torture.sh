#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Each arm of the swap locks under all that swap meets, on a kernel with lockdep, KASAN and their
# kin (FLAVOUR=kcsan: with KCSAN): no page comes back wrong, no counter is off, every swapoff
# returns, no report. `make torture` is the same for longer.
# TORTURE_SECONDS=S: for each of ARMS="partition stock"; TORTURE_SEED=N: the steps of that run
. "$(dirname -- "${BASH_SOURCE[0]}")/../lib.sh"
. "$TOP/tests/arms-lib.sh"
. "$TOP/tests/torture-lib.sh"

# shellcheck disable=SC2031	# that is another, of a subshell
ARMS=${ARMS:-$(all_arms)}
FLAVOUR=${FLAVOUR:-debug}
TORTURE_SECONDS=${TORTURE_SECONDS:-60}

torture_arm() {
	local kernel

	kernel=$("$TOP/bench/lab/kernel.sh" --flavour "$FLAVOUR" | tail -1)
	torture_guest "$1" "$1" "$TORTURE_SECONDS" "$kernel" || {
		tail -60 "$WORK/$1/.lab/console.log"
		return 1
	}
	! unknown_races "$1" | grep .
}

run_test "the $FLAVOUR kernel builds" "$TOP/bench/lab/kernel.sh" --flavour "$FLAVOUR"
for arm in $ARMS; do
	run_test "$arm: $TORTURE_SECONDS s of torture, seed $TORTURE_SEED" torture_arm "$arm"
	torture_figures "$arm"
done
