#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Each arm of the swap locks under all that swap meets, on a kernel with lockdep, KASAN and their
# kin: no page comes back wrong, no counter is off, every swapoff returns, no report. `make torture`
# is the same for longer.
# TORTURE_SECONDS=S: for each of ARMS="partition stock"; TORTURE_SEED=N: the steps of that run
. "$(dirname -- "${BASH_SOURCE[0]}")/../lib.sh"
. "$TOP/tests/arms-lib.sh"
. "$TOP/tests/torture-lib.sh"

# shellcheck disable=SC2031	# that is another, of a subshell
ARMS=${ARMS:-$(all_arms)}
FLAVOUR=${FLAVOUR:-debug}

# seconds_of ARM: more for the series' own scheme and for what the kernel had before it
seconds_of() {
	case $1 in
	partition | stock) echo "${TORTURE_SECONDS:-60}" ;;
	*) echo "${TORTURE_SECONDS:-20}" ;;
	esac
}

torture_arm() {
	local kernel

	kernel=$("$TOP/bench/lab/kernel.sh" --flavour "$FLAVOUR" 2>/dev/null | tail -1)
	torture_guest "$1" "$1" "$(seconds_of "$1")" "$kernel" || {
		tail -60 "$WORK/$1/.lab/console.log"
		return 1
	}
}

run_test "the $FLAVOUR kernel builds" "$TOP/bench/lab/kernel.sh" --flavour "$FLAVOUR"
for arm in $ARMS; do
	run_test "$arm: $(seconds_of "$arm") s of torture, seed $TORTURE_SEED" torture_arm "$arm"
	torture_figures "$arm"
done
