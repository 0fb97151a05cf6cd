#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# scale: its outputs, and the mistakes it turns away.
. "$(dirname -- "${BASH_SOURCE[0]}")/../lib.sh"

# A map lock of 1 us a page and 19 us of work, and drives of 250,000 pages/s.
PARAMETERS=(--work 19000 --hold "swap_map=250x4" --service 80000 --iops 250000 --inflight 32)

scale() { "$LOCKSTAT_SWAP" scale "$@"; }
parameters() { scale "${PARAMETERS[@]}" "$@"; }

# One CPU: 20 us a page. Many CPUs, many drives: 1 us under the one lock, for all of them together.
bounds() {
	parameters --cpus 1,256 --ssds 16 --csv "$WORK/rows.csv" >/dev/null
	column "$WORK/rows.csv" pages >"$WORK/pages"
	cat "$WORK/pages"
	awk 'function near(want) { return $1 > want * 0.999 && $1 < want * 1.001 }
		NR == 1 || NR == 2 { if (!near(50000)) exit 1 }
		NR == 3 { if (!near(1000000)) exit 1 }
		NR == 4 { if (!near(4000000)) exit 1 }
		END { exit NR != 4 }' "$WORK/pages"
	[ "$(column "$WORK/rows.csv" limit | paste -sd' ')" = 'cpu cpu swap_map drives' ]
}

files_agree() {
	parameters --cpus 2,16 --ssds 1,3 --csv "$WORK/rows.csv" --json "$WORK/rows.json" >"$WORK/table"
	jq -r '.rows[] | [.ssds, .cpus, .arm, .limit] | @csv' "$WORK/rows.json" | tr -d '"' >"$WORK/json"
	cut -d, -f3,4,5,9 "$WORK/rows.csv" | tail -n +2 >"$WORK/csv"
	diff "$WORK/csv" "$WORK/json"
	[ "$(wc -l <"$WORK/csv")" -eq 8 ]
	jq -e '.schema == 1 and (.models | length) == 2 and (.summaries | length) == 4' "$WORK/rows.json"
	grep -q '^3 SSDs$' "$WORK/table"
	parameters --cpus 2,16 --ssds 1,3 --csv - | diff - "$WORK/rows.csv"
	parameters --cpus 2,16 --ssds 1,3 --json - | diff - "$WORK/rows.json"
}

# Where it begins to pay: the first number of CPUs with 5% more, and none with one drive.
pays_from() {
	parameters --cpus 1,64 --ssds 1,8 --json "$WORK/rows.json" >/dev/null
	jq -e '.summaries[] | select(.ssds == 1 and .arm == "partition") | has("pays_from_cpus") | not' \
		"$WORK/rows.json"
	from=$(jq '.summaries[] | select(.ssds == 8 and .arm == "partition").pays_from_cpus' "$WORK/rows.json")
	parameters --cpus "$((from - 1)),$from" --ssds 8 --json "$WORK/rows.json" >/dev/null
	jq -e '[.rows[] | select(.arm == "partition").ratio] | .[0] < 1.05 and .[1] >= 1.05' "$WORK/rows.json"
}

simulation_agrees() {
	parameters --cpus 4,32 --ssds 2 --handover 100 --simulate 50000 --csv "$WORK/rows.csv" >/dev/null
	paste -d' ' <(column "$WORK/rows.csv" pages) <(column "$WORK/rows.csv" simulated) >"$WORK/both"
	cat "$WORK/both"
	awk '$2 < $1 * 0.98 || $2 > $1 * 1.02 { bad = 1 } END { exit bad || NR != 4 }' "$WORK/both"
	parameters --cpus 4,32 --ssds 2 --handover 100 --simulate 50000 --csv - | diff - "$WORK/rows.csv"
}

arms() {
	parameters --cpus 8 --ssds 2 --arm cluster --arm global --hold cluster=300x2 --csv "$WORK/rows.csv" >/dev/null
	[ "$(column "$WORK/rows.csv" arm | paste -sd' ')" = 'cluster global' ]
}

# Whatever the reference run's figures are, the arms' locks and the base are known.
from_results() {
	scale "$TOP/results/6.1-tcg-2cpu" --cpus 2 --ssds 3 --json "$WORK/rows.json" >"$WORK/table"
	jq -e '[.models[].workload] | unique == ["fio", "stress-ng"]' "$WORK/rows.json"
	jq -e '[.models[].arm] == ["global", "partition", "global", "partition"]' "$WORK/rows.json"
	jq -e '[.models[].locks[] | select(.class == "swap_map").one_for]
		== ["shared", "drive", "shared", "drive"]' "$WORK/rows.json"
	jq -e '[.rows[] | .pages_lo <= .pages and .pages <= .pages_hi] | all' "$WORK/rows.json"
	grep -q '^stress-ng: swap_map as measured' "$WORK/table"
}

# A seed draws the same, another one others; what is given on the command line counts.
seeds_and_overrides() {
	local results=("$TOP/results/6.1-tcg-2cpu" --workload fio --cpus 4 --ssds 2 --csv -)

	scale "${results[@]}" >"$WORK/one"
	scale "${results[@]}" | diff - "$WORK/one"
	scale "${results[@]}" --seed 2 >"$WORK/other"
	if cmp "$WORK/one" "$WORK/other"; then return 1; fi
	scale "${results[@]}" --hold swap_map=0 >"$WORK/two"
	[ "$(column "$WORK/two" contended | sort -u)" = 0 ]
}

# The parameters and what they give are those of docs/scale.md.
three_ssds_of_2013() {
	scale --work 26600 --hold swap_map=347x4 --handover-each 50 --iops 270000 --service 80000 --inflight 32 \
		--cpus 16 --ssds 2,3 --csv "$WORK/rows.csv" >/dev/null
	column "$WORK/rows.csv" pages >"$WORK/pages"
	cat "$WORK/pages"
	awk '{ pages[NR] = $1 }
		END { exit !(NR == 4 && pages[1] > 488000 * 0.99 && pages[1] < 488000 * 1.01 &&
			pages[3] / pages[1] > 0.999 && pages[3] / pages[1] < 1.001 &&
			pages[4] / pages[3] > 1.14 && pages[4] / pages[3] < 1.16) }' "$WORK/pages"
}

no_directory() { expect 1 '/nowhere/locks.csv: No such file' scale /nowhere; }
no_holds() { expect 1 'no hold times under .pageout.' scale "$TOP/results/6.1-tcg-2cpu" --workload pageout; }
measured_arm() { expect 1 "no hold times of arm 'cluster'" scale "$TOP/results/6.1-tcg-2cpu" --arm cluster; }
two_directories() { expect 2 "unexpected argument 'b'" scale a b; }
without_work() { expect 2 '--work is needed' scale --hold swap_map=100; }
unknown_class() { expect 2 "not 'swap_cache'" parameters --hold swap_cache=100; }
no_time() { expect 2 'CLASS=NS' parameters --hold swap_map; }
bad_times() { expect 2 '--hold wants a number' parameters --hold swap_map=100xmany; }
bad_list() { expect 2 "--cpus wants 1 to 512, not ''" parameters --cpus 1,,2; }
unsorted_list() { expect 2 'ascending' parameters --ssds 4,2; }
too_many_cpus() { expect 2 "not '513'" parameters --cpus 513; }
nan() { expect 2 '--iops wants' parameters --iops nan; }
no_work() { expect 2 '--work wants' scale --work 0; }
unknown_arm() { expect 2 "not 'stock'" parameters --arm stock; }
unknown_option() { expect 2 'unrecognized option' scale --nonsense; }
no_such_place() { expect 1 "cannot write '/nowhere/x'" parameters --csv /nowhere/x; }

full_disk() {
	expect 1 'cannot write|cannot print' parameters --json /dev/full
	local status=0
	parameters >/dev/full 2>"$WORK/stderr" || status=$?
	[ $status -eq 1 ]
	grep -q 'cannot print' "$WORK/stderr"
}

run_test 'scale with one CPU and with many gives what bounds it' bounds
run_test 'scale says the same in CSV, JSON and table' files_agree
run_test 'scale finds where an arm begins to pay' pays_from
run_test 'scale agrees with its simulation, which is repeatable' simulation_agrees
run_test 'scale takes arms in the order given' arms
run_test 'scale makes models of a result directory' from_results
run_test 'scale draws by its seed, and takes what it is given' seeds_and_overrides
run_test 'scale says of three SSDs of 2013 what its page says' three_ssds_of_2013
run_test 'scale says that there is no such directory' no_directory
run_test 'scale says that a load has no hold times' no_holds
run_test 'scale says that an arm has no hold times' measured_arm
run_test 'scale takes one directory' two_directories
run_test 'scale without a model is a mistake' without_work
run_test 'scale refuses an unknown class of locks' unknown_class
run_test 'scale refuses a hold without a time' no_time
run_test 'scale refuses a hold with a bad number of times' bad_times
run_test 'scale refuses a hole in a list' bad_list
run_test 'scale refuses a list that is not ascending' unsorted_list
run_test 'scale refuses too many CPUs' too_many_cpus
run_test 'scale refuses what is no number' nan
run_test 'scale refuses work of no time' no_work
run_test 'scale refuses an unknown arm' unknown_arm
run_test 'scale refuses an unknown option' unknown_option
run_test 'scale says when it cannot write' no_such_place
run_test 'scale says when the disk is full' full_disk
