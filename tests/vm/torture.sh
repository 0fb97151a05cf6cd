#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Arms of the swap locks under all that swap meets, on kernels (BASE=, default 6.1; BASES= for several) with
# lockdep, KASAN and their kin (FLAVOUR=kcsan: with KCSAN): no page comes back wrong, no counter is off, every
# swapoff returns, no report. `make torture` is the same of each arm and flavour, and for longer.
# TORTURE_SECONDS=S: for each of ARMS="partition stock+swap_avail=percpu", a parameter more than the arm's behind
# the +; TORTURE_SEED=N: the steps of that run
. "$(dirname -- "${BASH_SOURCE[0]}")/../lib.sh"
. "$TOP/tests/arms-lib.sh"
. "$TOP/tests/torture-lib.sh"

# The one that has nearly all of the series; or each, and a device found without a lock for many slots at once
# shellcheck disable=SC2031	# that is another, of a subshell
ARMS=${ARMS:-${NIGHTLY:+$(all_arms) stock+swap_avail=percpu}}
ARMS=${ARMS:-percpu}
FLAVOURS=${FLAVOUR:-debug${NIGHTLY:+ kcsan}}
TORTURE_SECONDS=${TORTURE_SECONDS:-60}

kernel() { "$TOP/bench/lab/kernel.sh" --base "$base" --flavour "$flavour" | tail -1; }

# torture_arm NAME ARM[+PARAM]
torture_arm() {
	local kernel param=()

	[[ $2 != *+* ]] || param=("${2#*+}")
	kernel=$(kernel)
	torture_guest "$1" "${2%%+*}" "$TORTURE_SECONDS" "$kernel" "${param[@]}" || {
		tail -60 "$WORK/$1/.lab/console.log"
		return 1
	}
	! unknown_races "$1" "$kernel" | grep .
}

for base in $(bases 6.1); do
	for flavour in $FLAVOURS; do
		echo "# $base, $flavour: at least $((TORTURE_SECONDS * 6 / 5 + 120)) s for each of: $ARMS"
		run_test "$base: the $flavour kernel builds" kernel
		for arm in $ARMS; do
			run_test "$base, $flavour: $arm: $TORTURE_SECONDS s of torture, seed $TORTURE_SEED" \
				torture_arm "$base-$flavour-$arm" "$arm"
			torture_figures "$base-$flavour-$arm"
		done
	done
done
