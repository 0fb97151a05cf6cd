# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What every test script uses. A test is a function; `run_test NAME FUNCTION` prints a TAP line.
# In a test, the first command that fails fails it; `skip REASON` ends it as skipped.
set -euo pipefail

TOP=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)
LOCKSTAT_SWAP=${LOCKSTAT_SWAP:-$TOP/lockstat-swap}
SWAPLOAD=${SWAPLOAD:-$TOP/.output/swapload}
PAGEOUT=${PAGEOUT:-$TOP/.output/tests/pageout}
WORK=$(mktemp -d)
trap 'rm -rf -- "$WORK"' EXIT

# bases BASE...: the kernels to test on: BASES= or BASE= of the environment, else these
bases() { echo "${BASES:-${BASE:-$*}}"; }

skip() {
	echo "$1" >"$WORK/skip"
	exit 0
}

run_test() {
	local name=$1 status

	shift
	rm -f "$WORK/skip"
	set +e
	(
		set -e
		"$@"
	) >"$WORK/output" 2>&1
	status=$?
	set -e
	if [ $status -ne 0 ]; then
		echo "not ok - $name"
		sed 's/^/# /' "$WORK/output"
	elif [ -e "$WORK/skip" ]; then
		echo "ok - $name # SKIP $(cat "$WORK/skip")"
	else
		echo "ok - $name"
	fi
}

# expect STATUS PATTERN COMMAND...: that exit status, and one line on stderr that matches.
expect() {
	local want=$1 pattern=$2 got=0

	shift 2
	"$@" >"$WORK/stdout" 2>"$WORK/stderr" || got=$?
	cat "$WORK/stderr"
	if [ $got -ne "$want" ]; then
		echo "exit status $got, not $want: $*"
		return 1
	fi
	if ! grep -qE -- "$pattern" "$WORK/stderr"; then
		echo "stderr does not say '$pattern': $*"
		return 1
	fi
	if [ "$(wc -l <"$WORK/stderr")" -ne 1 ]; then
		echo "not one line on stderr: $*"
		return 1
	fi
}

# wait_until COMMAND...: until it succeeds. A busy machine may take many times as long as another:
# the five minutes are for what never comes.
wait_until() { wait_while $$ "$@"; }

# wait_while PID COMMAND...: the same, of what does not come when that process has ended
wait_while() {
	local process=$1 end=$((SECONDS + 300))

	shift
	until "$@" 2>/dev/null; do
		if [ $SECONDS -ge $end ]; then
			echo "never: $*"
			return 1
		fi
		[ -e "/proc/$process" ] || end=0 # once more
		sleep 0.1
	done
}

needs_root() {
	[ "$(id -u)" = 0 ] || skip 'needs root'
}

# as_nobody [SETPRIV-OPTION...] COMMAND...; tool_for_nobody puts the tool where that user reaches it.
as_nobody() {
	setpriv --reuid 65534 --regid 65534 --clear-groups "$@"
}

tool_for_nobody() {
	[ "$(id -u)" = 0 ] || skip 'needs root to drop it'
	cp "$LOCKSTAT_SWAP" "$WORK/tool" && chmod 755 "$WORK" "$WORK/tool"
}

# column FILE NAME: the values of a column of a CSV file without quoted commas.
column() {
	awk -F, -v name="$2" 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == name) c = i; next } { print $c }' "$1"
}
