#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# usage: run.sh [unit] [cli] [fuzz] [root] [vm] [demo]: runs these groups of tests (default: all
# but demo, which builds a kernel of its own); GROUP/NAME is one script of a group.
# The last line counts; the exit status is 1 if any failed.
set -euo pipefail

# Under nohup, or behind a shell's &, signals are ignored, and who tests them waits for ever.
if [ "${SIGNALS_ARE:-}" != default ]; then
	SIGNALS_ARE=default exec env --default-signal=HUP,INT,QUIT,PIPE,TERM "$0" "$@"
fi
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.."
export HOME=${HOME:-~} # a service may have none; kernels are kept there

passed=0 failed=0 skipped=0

count() {
	while IFS= read -r line; do
		printf '%s\n' "$line"
		case $line in
		'ok '*'# SKIP'*) skipped=$((skipped + 1)) ;;
		'ok '*) passed=$((passed + 1)) ;;
		'not ok '*) failed=$((failed + 1)) ;;
		esac
	done
}

# A script that dies without a verdict is a failed test, too.
run_script() {
	local output status=0 start=$SECONDS

	output=$(mktemp)
	"$@" >"$output" 2>&1 || status=$?
	count <"$output"
	[ $((SECONDS - start)) -lt 2 ] || echo "# $1: $((SECONDS - start)) s"
	if [ $status -ne 0 ] && ! grep -q '^not ok' "$output"; then
		echo "not ok - $1 ended with status $status"
		failed=$((failed + 1))
	elif ! grep -qE '^(not )?ok ' "$output"; then
		echo "not ok - $1 ran no test"
		failed=$((failed + 1))
	fi
	rm -f -- "$output"
}

run_group() {
	local test

	echo "== $1"
	case $1 in
	unit)
		for test in .output/tests/test_*; do
			case $test in *.d) continue ;; esac
			CMOCKA_MESSAGE_OUTPUT=TAP run_script "$test"
		done
		;;
	cli | fuzz | root | vm | demo)
		for test in "tests/$1"/*.sh; do
			run_script "$test"
		done
		;;
	cli/* | root/* | vm/* | demo/*) run_script "tests/$1.sh" ;;
	*)
		echo "run.sh: no such group: '$1' (unit, cli, fuzz, root, vm, demo)" >&2
		exit 2
		;;
	esac
}

[ $# -gt 0 ] || set -- unit cli fuzz root vm
for group in "$@"; do
	run_group "$group"
done
echo "$passed passed, $failed failed, $skipped skipped"
[ $failed -eq 0 ]
