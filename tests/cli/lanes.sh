#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The tests' own runner: each script runs once, in whichever lane, none is lost, and none is passed that
# said nothing.
. "$(dirname -- "${BASH_SOURCE[0]}")/../lib.sh"

tree=$WORK/tree

# script NAME COMMAND...: of the tests of a tree of our own; who runs when is kept
script() {
	mkdir -p "$(dirname "$tree/tests/$1")"
	{
		echo '#!/bin/bash'
		[[ $1 != */alone* ]] || echo '# Alone: it says so'
		printf 'echo "begin %s" >>"%s"\n' "$1" "$WORK/times"
		printf '%s\n' "${@:2}"
		printf 'echo "end %s" >>"%s"\n' "$1" "$WORK/times"
	} >"$tree/tests/$1.sh"
	chmod +x "$tree/tests/$1.sh"
}

new_tree() {
	rm -rf "$tree" "$WORK/times"
	mkdir -p "$tree/tests"
	cp "$TOP/tests/run.sh" "$TOP/tests/lane.sh" "$tree/tests/"
}

# runs STATUS COUNTS GROUP...
runs() {
	local got=0

	SIGNALS_ARE='' "$tree/tests/run.sh" "${@:3}" >"$WORK/said" 2>&1 || got=$?
	cat "$WORK/said"
	[ "$got" -eq "$1" ]
	[ "$(tail -1 "$WORK/said")" = "$2" ]
}

each_runs_once() {
	local name lanes

	new_tree
	for name in cli/a cli/b root/c vm/d vm/e vm/f; do script $name 'sleep 0.1' 'echo "ok - it"' 'echo "ok - that # SKIP today"'; done
	for lanes in 1 2; do
		rm -f "$WORK/times"
		LANES=$lanes runs 0 '6 passed, 0 failed, 6 skipped' cli root vm
		[ "$(sed -n 's/^begin //p' "$WORK/times" | sort | paste -sd ' ')" = 'cli/a cli/b root/c vm/d vm/e vm/f' ]
	done
}

failures_are_counted() {
	new_tree
	script cli/fails 'echo "not ok - it"' 'echo "ok - that"'
	script cli/dies 'echo "ok - it"' 'exit 3'
	script cli/says-nothing
	runs 1 '2 passed, 3 failed, 0 skipped' cli
	grep -qx 'not ok - tests/cli/dies.sh ended with status 3' "$WORK/said"
	grep -qx 'not ok - tests/cli/says-nothing.sh ran no test' "$WORK/said"
}

# The two that are at once see each other begin before they end.
lanes_are_at_once() {
	new_tree
	script root/host "until grep -q 'begin vm/guest' '$WORK/times'; do sleep 0.1; done" 'echo "ok - it"'
	script vm/guest "until grep -q 'begin root/host' '$WORK/times'; do sleep 0.1; done" 'echo "ok - it"'
	script vm/alone 'sleep 0.5' 'echo "ok - it"'
	runs 0 '3 passed, 0 failed, 0 skipped' root vm
	diff <(head -2 "$WORK/times") <(printf '%s vm/alone\n' begin end)
}

the_night_has_more() {
	new_tree
	script vm/long '# Nightly: it is long' 'echo "ok - it"'
	script vm/short 'echo "ok - that"'
	NIGHTLY='' runs 0 '1 passed, 0 failed, 0 skipped' vm
	NIGHTLY='' runs 0 '1 passed, 0 failed, 0 skipped' vm/long
	NIGHTLY=1 runs 0 '2 passed, 0 failed, 0 skipped' vm
}

# Who waits for one script sees how far it is.
a_single_one_is_seen_at_once() {
	new_tree
	script cli/slow 'echo "ok - it"' "until grep -q 'ok - it' '$WORK/said'; do sleep 0.1; done"
	runs 0 '1 passed, 0 failed, 0 skipped' cli
}

what_did_not_run_is_told() {
	new_tree
	# shellcheck disable=SC2016	# for the script
	script cli/kills 'echo "ok - it"' 'kill -KILL $PPID'
	script cli/another 'echo "ok - it"'
	script cli/later 'echo "ok - it"'
	LANES=1 runs 1 '1 passed, 2 failed, 0 skipped' cli
	grep -qx 'not ok - not run to its end: tests/cli/later.sh' "$WORK/said"
}

# Where nothing can be noted no lane has begun anything.
a_full_disk_passes_nothing() {
	new_tree
	script cli/one 'echo "ok - it"'
	script cli/two 'echo "ok - it"'
	mkdir "$WORK/bin"
	printf '#!/bin/sh\ncase $* in *begun*two*) exit 1 ;; esac\nexec /bin/mkdir "$@"\n' >"$WORK/bin/mkdir"
	chmod +x "$WORK/bin/mkdir"
	PATH=$WORK/bin:$PATH runs 1 '1 passed, 1 failed, 0 skipped' cli
}

run_test 'each script runs once, in one lane or two' each_runs_once
run_test 'what fails, dies or says nothing is counted' failures_are_counted
run_test 'two run at once, and who has to be alone is' lanes_are_at_once
run_test 'what is long is left to the night, unless it is named' the_night_has_more
run_test 'what a single one prints is seen at once' a_single_one_is_seen_at_once
run_test 'what a lane that died did not run is told' what_did_not_run_is_told
run_test 'so is what could not be begun' a_full_disk_passes_nothing
run_test 'no such group' expect 2 "^run.sh: no such group: 'nothing' " "$TOP/tests/run.sh" nothing
