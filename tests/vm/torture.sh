#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Arms of the swap locks under all that swap meets, on a kernel (BASE=, default 6.1) with lockdep, KASAN and
# their kin (FLAVOUR=kcsan: with KCSAN): no page comes back wrong, no counter is off, every swapoff
# returns, no report. `make torture` is the same of each arm, and for longer.
# TORTURE_SECONDS=S: for each of ARMS="partition stock" (default: one that has nearly all of the series, with
# NIGHTLY=1 each); TORTURE_SEED=N: the steps of that run
. "$(dirname -- "${BASH_SOURCE[0]}")/../lib.sh"
. "$TOP/tests/arms-lib.sh"
. "$TOP/tests/torture-lib.sh"

# shellcheck disable=SC2031	# that is another, of a subshell
ARMS=${ARMS:-${NIGHTLY:+$(all_arms)}}
FLAVOUR=${FLAVOUR:-debug}
TORTURE_SECONDS=${TORTURE_SECONDS:-60}

kernel() { "$TOP/bench/lab/kernel.sh" --base "$base" --flavour "$FLAVOUR" | tail -1; }

torture_arm() {
	torture_guest "$base-$1" "$1" "$TORTURE_SECONDS" "$(kernel)" || {
		tail -60 "$WORK/$base-$1/.lab/console.log"
		return 1
	}
	! unknown_races "$base-$1" | grep .
}

for base in $(bases 6.1); do
	echo "# $base: at least $((TORTURE_SECONDS * 6 / 5 + 120)) s for each of: ${ARMS:-percpu}"
	run_test "$base: the $FLAVOUR kernel builds" kernel
	for arm in ${ARMS:-percpu}; do
		run_test "$base: $arm: $TORTURE_SECONDS s of torture, seed $TORTURE_SEED" torture_arm "$arm"
		torture_figures "$base-$arm"
	done
done
