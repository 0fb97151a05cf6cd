#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# usage: lane.sh DIR SCRIPT...: runs those of the scripts that no other lane of DIR has begun. What one
# prints comes in one piece, where there is a DIR/single as it prints it, and is added to DIR/all; which have
# ended, to DIR/ended. A part of run.sh.
set -euo pipefail
export CMOCKA_MESSAGE_OUTPUT=TAP

# judge SCRIPT STATUS OUTPUT: one that dies without a verdict is a failed test, too
judge() {
	if [ "$2" -ne 0 ] && ! grep -q '^not ok' "$3"; then
		echo "not ok - $1 ended with status $2"
	elif ! grep -qE '^(not )?ok ' "$3"; then
		echo "not ok - $1 ran no test"
	fi
}

run_single() {
	local status=0 start=$SECONDS verdict

	"$1" 2>&1 | tee "$dir/all" || status=$?
	verdict=$(judge "$1" $status "$dir/all")
	echo "${verdict:-# $1: $((SECONDS - start)) s}" | tee -a "$dir/all"
}

run_script() {
	local output=$dir/output.$$ status=0 start=$SECONDS verdict

	"$1" >"$output" 2>&1 || status=$?
	verdict=$(judge "$1" $status "$output")
	echo "${verdict:-# $1: $((SECONDS - start)) s}" | cat "$output" - | flock "$dir/printing" tee -a "$dir/all"
}

dir=$1
shift
for script in "$@"; do
	if ! mkdir "$dir/begun.${script//\//-}" 2>/dev/null; then
		continue
	elif [ -e "$dir/single" ]; then
		run_single "$script"
	else
		run_script "$script"
	fi
	echo "$script" >>"$dir/ended"
done
