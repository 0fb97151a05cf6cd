#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Test suites from elsewhere on each arm of the swap locks: what LTP and the manual pages have of
# swapon(2) and swapoff(2), in words of our own, and the kernel's selftests, whose verdicts are those of
# the arm "stock", line by line. What is run, and what is not, says docs/suites.md.
# ARMS="stock partition", FLAVOUR=debug; NIGHTLY=1: all of the tests of memory cgroups
. "$(dirname -- "${BASH_SOURCE[0]}")/../lib.sh"
. "$TOP/tests/arms-lib.sh"
. "$TOP/tests/selftests-lib.sh"

SWAPCALLS=${SWAPCALLS:-$TOP/.output/tests/swapcalls}
FLAVOUR=${FLAVOUR:-lockstat}
# shellcheck disable=SC2031	# that is another, of a subshell
ARMS=${ARMS:-$(all_arms)}
CASES=34
MM_TESTS='madv_populate map_populate mlock2-tests mremap_dontunmap mremap_test'
CGROUP_TESTS=${NIGHTLY:+test_memcontrol}

kernel() { "$TOP/bench/lab/kernel.sh" --base "$base" --flavour "$FLAVOUR" | tail -1; }

compile() {
	local test

	mkdir -p "$WORK/programs.$base"
	for test in $MM_TESTS; do compile_selftest "$(kernel)" "mm/$test" "$WORK/programs.$base"; done
	for test in $CGROUP_TESTS; do compile_selftest "$(kernel)" "cgroup/$test" "$WORK/programs.$base"; done
}

# boot KIND TRY: the guest of an arm, KIND being BASE-ARM
boot() {
	local share=$WORK/selftests.$1.$2 arm=${1#"$base-"} params

	mapfile -t params < <(arm_options "$arm")
	mkdir -p "$share/.lab"
	cp -R "$WORK/programs.$base" "$share/selftests"
	cp "$SWAPCALLS" "$TOP/tests/vm/guest/selftests-lib.sh" "$share/"
	printf 'export %q\n' "MM_TESTS=$MM_TESTS" "CGROUP_TESTS=$CGROUP_TESTS" >"$share/.lab/env"
	"$TOP/bench/lab/run.sh" --kernel "$(kernel)" --share "$share" --job "$TOP/tests/vm/guest/suites-job.sh" \
		"${params[@]}" --ssds 3 --ssd-size 192M --mem 448 --no-selftest --timeout 1500 --append log_buf_len=4M || {
		tail -60 "$share/.lab/console.log"
		return 1
	}
}

calls_pass() {
	cat "$WORK/selftests.$base-$1.1/calls.txt"
	[ "$(grep -c '^ok ' "$WORK/selftests.$base-$1.1/calls.txt")" -eq $CASES ]
	! grep '^not ok ' "$WORK/selftests.$base-$1.1/calls.txt"
}

# Pages of the larger ones do: the others may be gone before.
they_swapped() {
	cat "$WORK/selftests.$base-$1.1/swapped.txt"
	awk '$2 > 0 { n++ } END { exit n < 2 }' "$WORK/selftests.$base-$1.1/swapped.txt"
}

# test_arm ARM
test_arm() {
	run_test "$base: $1: the suites run, no kernel warning" boot "$base-$1" 1
	run_test "$base: $1: swapon(2) and swapoff(2) do as documented" calls_pass "$1"
	run_test "$base: $1: pages of the kernel's selftests were swapped" they_swapped "$1"
}

for base in $(bases 6.1); do
	run_test "$base: the $FLAVOUR kernel builds" "$TOP/bench/lab/kernel.sh" --base "$base" --flavour "$FLAVOUR"
	run_test "$base: the kernel's selftests compile" compile
	for arm in $ARMS; do
		test_arm "$arm"
	done
	for arm in $ARMS; do
		[ "$arm" = stock ] ||
			run_test "$base: $arm: the kernel's selftests say what they say of stock" selftests_agree boot "$base-stock" "$base-$arm"
	done
	sed 's/^/# stock: /' "$WORK/verdicts.$base-stock" 2>/dev/null || true
done
