#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# When two kernels are said to agree on the kernel tree's own tests: made-up results, no guest.
. "$(dirname -- "${BASH_SOURCE[0]}")/../lib.sh"
. "$TOP/tests/selftests-lib.sh"

# results KIND TRY LINE...: what that try left
results() {
	mkdir -p "$WORK/selftests.$1.$2/.lab" "$WORK/selftests.$1.$2/selftests"
	echo 0 >"$WORK/selftests.$1.$2/.lab/status"
	printf '%s\n' "${@:3}" 'exit 0' >"$WORK/selftests.$1.$2/selftests/test_of_some.txt"
}

results steady 1 'ok 1 first' 'not ok 2 second' 'ok 3 # SKIP third'
results steady 2 'ok 1 first' 'not ok 2 second' 'ok 3 # SKIP third'
results steady 3 'ok 1 first' 'not ok 2 second' 'ok 3 # SKIP third'
results same 1 'ok 1 first' 'not ok 2 second' 'ok 3 # SKIP third'
results lucky 1 'ok 1 first' 'ok 2 second' 'ok 3 # SKIP third'
results lucky 2 'ok 1 first' 'not ok 2 second' 'ok 3 # SKIP third'
results broken 1 'not ok 1 first' 'not ok 2 second' 'ok 3 # SKIP third'
results broken 2 'not ok 1 first' 'not ok 2 second' 'ok 3 # SKIP third'
results broken 3 'not ok 1 first' 'not ok 2 second' 'ok 3 # SKIP third'
results short 1 'ok 1 first'
results short 2 'ok 1 first'
results short 3 'ok 1 first'
results idle 1

never() { echo "ran $*" && return 1; }

agree() { selftests_agree never "$@"; }

disagree() { ! selftests_agree never "$@"; }

chance_is_told() {
	agree steady lucky
	grep -xF 'passed in try 1: test_of_some 2: second' "$WORK/verdicts.lucky"
	grep -xF 'failed in try 2: test_of_some 2: second' "$WORK/verdicts.lucky"
}

run_test 'the same verdicts agree at once' agree steady same
run_test 'what fails by chance does not differ, and is told' chance_is_told
run_test 'what differs in each try does' disagree steady broken
run_test 'so does a part that only one of them has' disagree steady short
run_test 'and a test that says nothing' disagree steady idle
