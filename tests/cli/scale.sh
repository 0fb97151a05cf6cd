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

# Two CPUs, two drives: in turn they meet on one in 2^2 - 1 times, at random on every other.
drives_in_turn() {
	local share

	for share in 0 100; do
		parameters --cpus 2 --ssds 2 --swapout $share --csv - | awk -F, '$5 == "partition" { print $11 }'
	done >"$WORK/contended"
	cat "$WORK/contended"
	awk 'NR == 1 { random = $1 } END { exit !(random > 0 && $1 / random > 0.666 && $1 / random < 0.667) }' "$WORK/contended"
	parameters --cpus 2 --ssds 2 --swapout 100 --simulate 50000 --csv "$WORK/rows.csv" >/dev/null
	paste -d' ' <(column "$WORK/rows.csv" simulated) <(column "$WORK/rows.csv" simulated_in_turn) >"$WORK/both"
	cat "$WORK/both"
	awk '$2 < $1 * 0.98 || $2 > $1 * 1.02 { bad = 1 } END { exit bad || NR != 2 || $1 == $2 }' "$WORK/both"
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

# With the tracer in one directory, without it in another: as from one that has both.
two_directories() {
	local locks=$TOP/results/6.1-tcg-2cpu-locks throughput=$TOP/results/6.1-tcg-2cpu-throughput

	scale "$locks" "$throughput" --workload fio --cpus 2 --ssds 2 --json "$WORK/two.json" >"$WORK/table"
	if grep -q 'slowed by the tracer' "$WORK/table"; then return 1; fi
	jq -e 'all(.checks[]; .model_pages_lo <= .model_pages and .model_pages <= .model_pages_hi
		and .pages_lo <= .pages and .pages <= .pages_hi)' "$WORK/two.json"
	mkdir "$WORK/joined"
	cp "$locks/locks.csv" "$locks/run.json" "$WORK/joined"
	{
		cat "$locks/metrics.csv"
		tail -n +2 "$throughput/metrics.csv" | grep -v ,ceiling,
	} >"$WORK/joined/metrics.csv"
	# the drives are those of the kernel without a tracer, where they were measured there
	scale "$WORK/joined" --workload fio --cpus 2 --ssds 2 --json "$WORK/one.json" >/dev/null
	jq -n -e --slurpfile one "$WORK/one.json" --slurpfile two "$WORK/two.json" '
		[$one[0].models[].work_ns] == [$two[0].models[].work_ns]
		and [$one[0].models[].locks] == [$two[0].models[].locks]
		and all(range(2); $one[0].models[.].drive_ns != $two[0].models[.].drive_ns)'
	jq -n -e --slurpfile one "$WORK/one.json" --slurpfile two "$WORK/two.json" '
		[$one[0].checks[] | .contended, .model_contended] == [$two[0].checks[] | .contended, .model_contended]'
}

# The same measurements as of a machine with four CPUs: there more wait, and as much was measured.
checked_elsewhere() {
	cp -R "$TOP/results/6.1-tcg-2cpu-locks" "$WORK/four"
	jq '.guest[].cpus = 4' "$TOP/results/6.1-tcg-2cpu-locks/run.json" >"$WORK/four/run.json"
	scale "$TOP/results/6.1-tcg-2cpu-locks" --workload fio --cpus 2 --ssds 2 --check "$WORK/four" \
		--simulate 100000 --json "$WORK/rows.json" >"$WORK/table"
	jq -e '[.checks[] | .cpus] == [range(8) | 2] + [range(8) | 4] and all(.checks[]; .repetitions == 10)' "$WORK/rows.json"
	jq -e '[.checks[] | select(.cpus == 2).contended] == [.checks[] | select(.cpus == 4).contended]' "$WORK/rows.json"
	jq -e '.checks[:8] as $two | .checks[8:] as $four | all(range(8); $four[.].model_contended > 2 * $two[.].model_contended)' "$WORK/rows.json"
	jq -e 'all(.checks[]; .model_contended_lo <= .model_contended and .model_contended <= .model_contended_hi
		and .model_contended <= .model_contended_at_random)' "$WORK/rows.json"
	jq -e 'all(.checks[]; (.simulated_contended_in_turn / .model_contended - 1 | fabs) < 0.1)' "$WORK/rows.json"
	jq -e 'all(.checks[]; has("model_pages") | not)' "$WORK/rows.json"
	grep -qF "fio: swap_map as measured in $WORK/four, and by the model" "$WORK/table"
	grep -q 'slowed by the tracer' "$WORK/table"
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

nothing_to_check() {
	expect 1 'none of these loads and arms was measured there' scale "$TOP/results/6.1-tcg-2cpu-locks" --workload swapload \
		--check "$TOP/results/6.1-tcg-2cpu"
}

no_number_of_cpus() {
	cp -R "$TOP/results/6.1-tcg-2cpu-locks" "$WORK/unknown"
	rm "$WORK/unknown/run.json"
	expect 1 'tells the number of CPUs' scale "$TOP/results/6.1-tcg-2cpu-locks" --workload fio --check "$WORK/unknown"
}

no_directory_to_check() { expect 1 '/nowhere/locks.csv: No such file' scale "$TOP/results/6.1-tcg-2cpu-locks" --workload fio --check /nowhere; }
nothing_to_hold() { expect 2 'nothing to --check' parameters --check "$TOP/results/6.1-tcg-2cpu"; }
bad_share() { expect 2 '--swapout wants a number' parameters --swapout 101; }
# The checks in docs/scale.md, in tenths of a percent. From one CPU, which sees no waits.
checks_of_the_page() {
	scale "$TOP/results/6.1-tcg-1cpu-scale" --check "$TOP/results/6.1-tcg-2cpu-scale" \
		--check "$TOP/results/6.1-tcg-4cpu-scale" --cpus 1 --ssds 1 --json "$WORK/rows.json" >/dev/null
	jq -r '.checks | sort_by(.cpus, .workload, .arm)[]
		| [.cpus, .workload, .arm, (.contended, .model_contended | . * 1000 | round)] | join(" ")' "$WORK/rows.json" >"$WORK/checks"
	diff - "$WORK/checks" <<'END'
1 stress-ng global 0 0
1 stress-ng partition 0 0
1 swapload global 0 0
1 swapload partition 0 0
2 stress-ng global 56 44
2 stress-ng partition 27 19
2 swapload global 87 71
2 swapload partition 38 31
4 stress-ng global 125 131
4 stress-ng partition 49 61
END
}

no_directory() { expect 1 '/nowhere/locks.csv: No such file' scale /nowhere; }
no_holds() { expect 1 'no hold times under .pageout.' scale "$TOP/results/6.1-tcg-2cpu" --workload pageout; }
measured_arm() { expect 1 "no hold times of arm 'cluster'" scale "$TOP/results/6.1-tcg-2cpu" --arm cluster; }
no_second_directory() { expect 1 '/nowhere/locks.csv: No such file' scale "$TOP/results/6.1-tcg-2cpu-locks" /nowhere; }
same_directory() { expect 1 "locks.csv:[0-9]+: repetition .* was in an earlier directory" scale "$TOP/results/6.1-tcg-2cpu"{,}; }

other_cpus() {
	mkdir "$WORK/eight"
	cp "$TOP"/results/6.1-tcg-2cpu-throughput/*.csv "$WORK/eight"
	jq '.guest[].cpus = 8' "$TOP/results/6.1-tcg-2cpu-throughput/run.json" >"$WORK/eight/run.json"
	expect 1 "$WORK/eight: measured on another number of CPUs" scale "$TOP/results/6.1-tcg-2cpu-locks" "$WORK/eight"
}
without_work() { expect 2 '--work is needed' scale --hold swap_map=100; }
unknown_class() { expect 2 "not 'swap_cache'" parameters --hold swap_cache=100; }
no_time() { expect 2 'CLASS=NS' parameters --hold swap_map; }
bad_times() { expect 2 '--hold wants a number' parameters --hold swap_map=100xmany; }
bad_list() { expect 2 "--cpus wants 1 to 512, not ''" parameters --cpus 1,,2; }
unsorted_list() { expect 2 'ascending' parameters --ssds 4,2; }
too_many_cpus() { expect 2 "not '513'" parameters --cpus 513; }
nan() { expect 2 '--iops wants' parameters --iops nan; }
no_work() { expect 2 '--work wants' scale --work 0; }
# Another lock of 1 us for all holds up 16 drives, and nothing does without it.
percpu_has_no_swap_avail() {
	parameters --hold swap_avail=1000 --arm partition --arm percpu --cpus 256 --ssds 16 --csv "$WORK/rows.csv" >/dev/null
	column "$WORK/rows.csv" limit | paste -sd ' ' | tee "$WORK/limits"
	grep -qx 'swap_avail drives' "$WORK/limits"
}
unknown_arm() { expect 2 "not 'stock'" parameters --arm stock; }
unknown_option() { expect 2 'unrecognized option' scale --nonsense; }
broken_csv() {
	cp -R "$TOP/results/6.1-tcg-2cpu" "$WORK/broken"
	sed -i '7s/lockdep/lock,dep/' "$WORK/broken/locks.csv"
	expect 1 "^lockstat-swap: $WORK/broken/locks.csv:7: " scale "$WORK/broken"
}
no_such_place() { expect 1 "cannot write '/nowhere/x'" parameters --csv /nowhere/x; }

full_disk() {
	expect 1 "cannot write '/dev/full': No space left on device" parameters --json /dev/full
	local status=0
	parameters >/dev/full 2>"$WORK/stderr" || status=$?
	[ $status -eq 1 ]
	grep -q 'cannot print' "$WORK/stderr"
}

# percpu_gain HOLD...: of percpu by partition, pages a second: CPUs, and the gain with each number of drives
percpu_gain() {
	scale --arm partition --arm percpu --inflight 2 --iops 100000000 --service 1 --ssds 1,2,4,8 --cpus 16,32,64,128 \
		--work 94500 --hold "swap_map=$1" --hold "swap_avail=$2" --csv - |
		awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
			$at["arm"] == "percpu" { row[$at["cpus"]] = row[$at["cpus"]] sprintf(" %.2f", $at["ratio"]) }
			END { for (cpus in row) print cpus row[cpus] }' | sort -n
}

percpu_of_the_page() {
	paste -d' ' <(percpu_gain 1990x3.75 2150x0.756) <(percpu_gain 2170x4 3200x1) |
		awk '{ print "| " $1 " | " $2 ", " $7 " | " $3 ", " $8 " | " $4 ", " $9 " | " $5 ", " $10 " |" }' >"$WORK/table"
	cat "$WORK/table"
	[ "$(wc -l <"$WORK/table")" -eq 4 ]
	diff "$WORK/table" <(sed -n '/swap_avail=percpu/,/^## What it leaves out/p' "$TOP/docs/scale.md" | grep -E '^\| (16|32|64|128) ')
}

run_test 'scale with one CPU and with many gives what bounds it' bounds
run_test 'scale says the same in CSV, JSON and table' files_agree
run_test 'scale finds where an arm begins to pay' pays_from
run_test 'scale agrees with its simulation, which is repeatable' simulation_agrees
run_test 'scale takes drives in turn for pages out' drives_in_turn
run_test 'scale takes arms in the order given' arms
run_test 'scale knows that arm percpu takes no swap_avail' percpu_has_no_swap_avail
run_test 'scale makes models of a result directory' from_results
run_test 'scale makes models of two directories' two_directories
run_test 'scale holds its models against other measurements' checked_elsewhere
run_test 'scale draws by its seed, and takes what it is given' seeds_and_overrides
run_test 'scale says of three SSDs of 2013 what its page says' three_ssds_of_2013
run_test 'scale says of percpu what its page says' percpu_of_the_page
run_test 'scale says of one, two and four CPUs what its page says' checks_of_the_page
run_test 'scale says that there is no such directory' no_directory
run_test 'scale says that there is nothing there to check' nothing_to_check
run_test 'scale says that the number of CPUs is unknown' no_number_of_cpus
run_test 'scale says that there is no such directory to check' no_directory_to_check
run_test 'scale without a directory has nothing to check' nothing_to_hold
run_test 'scale refuses a share above all' bad_share
run_test 'scale says that a load has no hold times' no_holds
run_test 'scale says that an arm has no hold times' measured_arm
run_test 'scale says that there is no such second directory' no_second_directory
run_test 'scale refuses the same measurements twice' same_directory
run_test 'scale refuses one machine with two numbers of CPUs' other_cpus
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
run_test 'scale names a broken file once' broken_csv
run_test 'scale says when the disk is full' full_disk
