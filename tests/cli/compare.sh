#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What compare takes, prints and returns.
. "$(dirname -- "${BASH_SOURCE[0]}")/../lib.sh"

HEADER=schema,run,kernel,experiment,arm,backend,lockpath,workload,ssds,threads,rep,device,metric,unit,value

compare() { "$LOCKSTAT_SWAP" compare "$@"; }

# metrics ARM FIRST [KERNEL]: ten repetitions of a throughput, FIRST and upwards
metrics() {
	for i in {1..10}; do
		echo "1,r1,${3:-6.1},e,$1,none,native,load,1,2,$i,,iops,1/s,$(($2 + i % 7))"
	done
}

# run_dir DIR ARM FIRST RUN.JSON: a directory of results
run_dir() {
	mkdir -p "$WORK/$1"
	{ echo "$HEADER" && metrics "$2" "$3"; } >"$WORK/$1/metrics.csv"
	echo "$4" >"$WORK/$1/run.json"
}

two_arms() {
	{ echo "$HEADER" && metrics a 1000 && metrics b "${1:-2000}"; } >"$WORK/two.csv"
}

by_arm() { compare --by arm --base a "$@" "$WORK/two.csv"; }

table_says_all() {
	two_arms
	by_arm | tee "$WORK/table"
	grep -q '^kernel 6.1, experiment e, backend none, lockpath native, workload load, threads 2$' "$WORK/table"
	grep -qE '^ +1 +iops 1/s +b +10 pairs +1002 +2002 +1\.998 +1\.996\.\.1\.999 +0\.0020 +0\.0020 +faster$' "$WORK/table"
}

csv_and_json_agree() {
	two_arms
	by_arm --csv >"$WORK/out.csv"
	by_arm --json >"$WORK/out.json"
	[ "$(wc -l <"$WORK/out.csv")" = 2 ]
	for name in ssds metric other pairs base_median ratio ratio_lo p p_holm verdict; do
		[ "$(column "$WORK/out.csv" $name)" = "$(jq -r ".lines[0].$name" "$WORK/out.json")" ]
	done
	jq -e '.schema == 1 and .tested == 1 and .refused == 0 and .lines[0].pairs == 10 and (.lines[0] | has("detectable") | not)' "$WORK/out.json"
}

markdown_is_a_table() {
	two_arms
	by_arm --markdown | tee "$WORK/out.md"
	sed 's/\\|//g' "$WORK/out.md" | grep '^|' | tr -cd '|\n' | sort -u >"$WORK/bars"
	[ "$(wc -l <"$WORK/bars")" = 1 ]
	grep -q '^| 1 |  | iops 1/s | b | 10 pairs |' "$WORK/out.md"
}

one_format() { two_arms && expect 2 'only one of --csv, --json and --markdown' by_arm --csv --json; }

no_difference_says_what_would_be_one() {
	two_arms 1001
	by_arm --pairing never | tee "$WORK/table"
	grep -qE 'no detectable difference \(0\.99[0-9]* or 1\.00[0-9]+ would be\)$' "$WORK/table"
}

# Of what never varies it cannot be said.
identical_is_said() {
	two_arms 1000
	by_arm | tee "$WORK/table"
	grep -qE ' 1\.000 +1\.000\.\.1\.000 +1\.0000 +1\.0000 +identical$' "$WORK/table"
	by_arm --json | jq -e '.lines[0] | .verdict == "identical" and (has("detectable") | not)'
}

two_files_are_compared() {
	{ echo "$HEADER" && metrics x 1000; } >"$WORK/a.csv"
	{ echo "$HEADER" && metrics x 500; } >"$WORK/b.csv"
	compare "$WORK/a.csv" "$WORK/b.csv" --csv >"$WORK/out.csv"
	[ "$(column "$WORK/out.csv" by)" = file ]
	[ "$(column "$WORK/out.csv" base)" = "$WORK/a.csv" ]
	[ "$(column "$WORK/out.csv" verdict)" = slower ]
	[ "$(column "$WORK/out.csv" pairs)" = 0 ]
	compare "$WORK/a.csv" "$WORK/b.csv" --by file --base "$WORK/b.csv" | grep -q 'faster, configuration unknown$'
}

directories_are_compared() {
	run_dir one x 1000 '{"kernels":{"timing":{"release":"6.1","config_sha256":"abc"}},"lab":{"cpus":2}}'
	run_dir two x 2000 '{"kernels":{"timing":{"release":"6.1","config_sha256":"abc"}},"lab":{"cpus":2}}'
	compare "$WORK/one" "$WORK/two" | grep -q 'faster$'
}

# refuses PATTERN REASON ARGUMENT...: no ratio, and what lifts it
refuses() {
	local status=0

	expect 6 '1 of 1 lines must not be compared; --despite' compare "${@:3}"
	compare "${@:3}" --json >"$WORK/out.json" || status=$?
	[ $status = 6 ]
	jq -e '.refused == 1 and (.lines[0] | .verdict == "refused" and (has("ratio") | not))' "$WORK/out.json"
	jq -r '.lines[0].reason' "$WORK/out.json" | grep -qE -- "$1"
	compare "${@:3}" --despite "$2" | grep -q 'faster (despite '
}

other_configurations() {
	run_dir one x 1000 '{"kernels":{"timing":{"release":"6.1","config_sha256":"abc"}}}'
	run_dir two x 2000 '{"kernels":{"timing":{"release":"6.1","config_sha256":"abd"}}}'
	refuses '^kernel configuration abc against abd$' config "$WORK/one" "$WORK/two"
	run_dir two x 2000 '{"kernels":{"lockstat":{"release":"6.1","config_sha256":"abc"}}}'
	refuses '^kernel flavour timing against lockstat$' config "$WORK/one" "$WORK/two"
}

# unknown FILE...: in how many lines of the comparison the configuration is said to be unknown
unknown() { compare "$@" --json | jq -r '[.lines[].unknown == "config"] | group_by(.) | map("\(.[0]) \(length)") | join(" ")'; }

unknown_configurations() {
	run_dir one x 1000 '{"kernels":{"timing":{"release":"6.1","config_sha256":"abc"}}}'
	run_dir two x 2000 '{"kernels":{"timing":{"release":"6.1","config_sha256":null}}}'
	compare "$WORK/one" "$WORK/two" | grep -q 'faster, configuration unknown$'
	[ "$(column <(compare "$WORK/one" "$WORK/two" --csv) unknown)" = config ]
	rm "$WORK/two/run.json"
	[ "$(unknown "$WORK/one" "$WORK/two")" = 'true 1' ]
	run_dir two x 2000 '{"kernels":{"timing":{"release":"6.1","config_sha256":"abc"}}}'
	[ "$(unknown "$WORK/one" "$WORK/two")" = 'false 1' ]
	! compare "$WORK/one" "$WORK/two" | grep unknown || return
}

# Within a run a release is one kernel; that of another run is known to be the same, or not.
reference_runs_may_not_tell() {
	local run

	for run in 6.1-tcg-2cpu 6.1-tcg-2cpu-locks; do
		rm -rf "$WORK/copy" && cp -r "$TOP/results/$run" "$WORK/copy"
		unknown "$TOP/results/$run" "$WORK/copy" >"$WORK/$run"
		cat "$WORK/$run"
	done
	grep -qE '^true [0-9]+$' "$WORK/6.1-tcg-2cpu"
	grep -qE '^false [0-9]+$' "$WORK/6.1-tcg-2cpu-locks"
	unknown --by arm --base global "$TOP/results/6.1-tcg-2cpu" | grep -qE '^false [0-9]+$'
}

other_machines() {
	run_dir one x 1000 '{"lab":{"cpus":2},"accel":"tcg"}'
	run_dir two x 2000 '{"lab":{"cpus":4},"accel":"tcg"}'
	refuses "^machine: lab/cpus '2' against '4'$" machine "$WORK/one" "$WORK/two"
}

broken_run_json() {
	run_dir one x 1000 '{"lab":'
	run_dir two x 2000 '[]'
	expect 1 'one/run.json: not a JSON object' compare "$WORK/one" "$WORK/two"
	rm "$WORK/one/run.json"
	expect 1 'two/run.json: not a JSON object' compare "$WORK/one" "$WORK/two"
}

empty_directory() {
	mkdir "$WORK/empty"
	expect 1 'empty: no locks.csv and no metrics.csv' compare "$WORK/empty" --base a
}

# Of arms that were never measured under the same load: a script is not to take it for "no change"
nothing_compared() {
	two_arms
	sed -i '/,b,none/s/,load,/,other,/' "$WORK/two.csv"
	expect 6 '^lockstat-swap: no line could be compared: in each, a side is missing or not measured$' by_arm
	[ "$(grep -c 'missing$' "$WORK/stdout")" = 2 ]
	[ "$(wc -l <"$WORK/stderr")" = 1 ]
	metrics b 1000 >>"$WORK/two.csv"
	by_arm
}

# value VALUE [METRIC] [UNIT]: a table whose last line has that value
value() {
	{ echo "$HEADER" && metrics a 1000 && echo "1,r1,6.1,e,b,none,native,load,1,2,11,,${2:-iops},${3:-1/s},$1"; } >"$WORK/value.csv"
}

impossible_values() {
	value -5
	expect 1 "value.csv:12: value: '-5': iops in 1/s cannot be negative$" compare --by arm --base a "$WORK/value.csv"
	expect 1 "value.csv:12: value: '-5': iops in 1/s cannot be negative$" compare --by arm --base a --metric other "$WORK/value.csv"
	for unit in ns pages/s events bytes percent ratio; do
		value -0.5 x $unit
		expect 1 "value.csv:12: .*cannot be negative$" compare --by arm --base a "$WORK/value.csv"
	done
	value 1e-400
	expect 1 "value.csv:12: value: '1e-400' is too small to tell from 0$" compare --by arm --base a "$WORK/value.csv"
	value 1e400
	expect 1 "value.csv:12: value: '1e400' is too large$" compare --by arm --base a "$WORK/value.csv"
	for possible in '-3 ledger_residual events' '-3 temperature °C' '-0 iops 1/s' '0e-400 iops 1/s'; do
		# shellcheck disable=SC2086	# words
		value $possible
		metrics b 1000 >>"$WORK/value.csv"
		compare --by arm --base a --metric iops "$WORK/value.csv"
	done
}

numbers_are_numbers() {
	for column in 9 10 11; do
		for text in 1x -2 1.5 ' 1' ''; do
			two_arms
			awk -F, -v OFS=, -v c=$column -v text="$text" 'NR == 5 { $c = text } 1' "$WORK/two.csv" >"$WORK/x.csv"
			if [ -z "$text" ]; then
				compare --by arm --base a "$WORK/x.csv"
				continue
			fi
			expect 1 "x.csv:5: (ssds|threads|rep): '$text' is not a whole number$" compare --by arm --base a "$WORK/x.csv"
		done
	done
}

# More repetitions than there are bits for them, each of which has two figures
in_any_order() {
	awk -v header="$HEADER" 'BEGIN {
		print header
		for (i = 0; i < 6000; i++)
			printf "1,r1,6.1,e,%s,none,native,load%d,1,2,%d,,figure%d,1/s,%d\n", i % 2 ? "a" : "b",
				int(i / 2) % 10, 1 + int(i / 20) % 150, i / 3000, 1000 + i * 7919 % 100
	}' >"$WORK/ordered.csv"
	{ head -1 "$WORK/ordered.csv" && tail -n +2 "$WORK/ordered.csv" | shuf --random-source="$TOP/COPYING"; } >"$WORK/shuffled.csv"
	compare --by arm --base a --metric figure0 --metric figure1 "$WORK/ordered.csv" >"$WORK/ordered"
	[ "$(grep -c '150 pairs' "$WORK/ordered")" = 20 ]
	compare --by arm --base a --metric figure0 --metric figure1 "$WORK/shuffled.csv" | diff "$WORK/ordered" -
	sed -n 100p "$WORK/shuffled.csv" >"$WORK/row"
	cat "$WORK/row" >>"$WORK/shuffled.csv"
	expect 1 "shuffled.csv:6002: metric 'figure[01]' twice in run 'r1' repetition" compare --by arm --base a "$WORK/shuffled.csv"
}

condition_met() {
	two_arms
	expect 5 "--fail-if iops>1.1: .*against 'b': ratio 1\.99" by_arm --fail-if 'iops>1.1'
	by_arm --fail-if 'iops<0.9' --fail-if 'iops>2.5'
	expect 5 '--fail-if iops>1.9:' by_arm --fail-if 'iops>2.5' --fail-if 'iops>1.9'
}

condition_not_judged() {
	two_arms
	sed -i '1,3!{/,[a-b],none.*,[4-9],,/d;/,10,,/d}' "$WORK/two.csv"
	expect 6 '--fail-if could not be judged on 1 of 1 lines' by_arm --fail-if 'iops>1.1'
	by_arm | grep -q 'too few$'
}

bad_conditions() {
	for text in 'iops' 'iops>' '>1' 'iops>fast' 'iops>-1' 'iops>0' 'iops>1x' 'iops>nan' \
		'iops>0x2' 'iops> 1.1' 'iops >1.1' 'iops>1.' 'iops>.5' 'iops>+1' 'iops>1e1' 'iops>1.1 ' 'iops>1.1.1' 'iops>=1' 'iops<>1'; do
		expect 2 "--fail-if wants METRIC>RATIO" compare --fail-if "$text" x.csv
	done
}

bad_options() {
	expect 2 "--despite wants .*not 'all'" compare --despite all x.csv
	expect 2 "--pairing wants .*not 'often'" compare --pairing often x.csv
	expect 2 '--base is missing' compare x.csv
	expect 2 '--base is missing' compare --by arm x.csv y.csv
	expect 2 'no file to compare' compare --base x
	two_arms
	expect 2 'two.csv and .*two.csv are the same' compare "$WORK/two.csv" "$WORK/./two.csv"
	expect 2 "cannot compare by 'rep'" compare --by rep --base 1 "$TOP/results/6.1-tcg-2cpu"
	expect 2 "no column 'class' in metrics.csv to compare by" \
		compare --by class --base x "$TOP/results/6.1-tcg-2cpu/metrics.csv"
}

full_disk() {
	two_arms
	for format in '' --csv --json --markdown; do
		# shellcheck disable=SC2086	# none, or one word
		! by_arm $format >/dev/full 2>"$WORK/said"
		grep -q 'cannot print: No space left on device' "$WORK/said"
	done
}

a_run_has_all_lines() {
	compare --by arm --base global "$TOP/results/6.1-tcg-2cpu" --csv >"$WORK/out.csv"
	column "$WORK/out.csv" metric | sort -u >"$WORK/metrics"
	for metric in contended contended/acquired wait_total_ns swapout iops lat_p99; do
		grep -qx $metric "$WORK/metrics"
	done
	! grep -qE '^(ledger_|window$)' "$WORK/metrics"
}

# What the page shows after each command is what the command prints.
readme_is_true() {
	awk -v dir="$WORK" '
		/^```/ { file = "" }
		file != "" { print >file }
		/^\$ \.\/lockstat-swap compare / { file = dir "/said." ++n; print substr($0, 3) >(dir "/command." n) }
	' "$TOP/README.md"
	[ -s "$WORK/command.1" ]
	cd "$TOP"
	for command in "$WORK"/command.*; do
		sed "s|^\./lockstat-swap|'$LOCKSTAT_SWAP'|" "$command" >"$WORK/run.sh"
		bash "$WORK/run.sh" >"$WORK/printed"
		diff "$WORK/said.${command##*.}" "$WORK/printed"
	done
}

goldens_are_those_of_r() {
	command -v Rscript >/dev/null || skip 'no R here; the figures are kept in the tree'
	Rscript "$TOP/tests/unit/stats_golden.R" 2>/dev/null >"$WORK/golden.h"
	diff "$TOP/tests/unit/stats_golden.h" "$WORK/golden.h"
}

run_test 'the table has medians, ratio, interval, p and a verdict' table_says_all
run_test 'CSV and JSON tell the same' csv_and_json_agree
run_test 'Markdown is one table' markdown_is_a_table
run_test 'there is one format' one_format
run_test 'without a difference it is said which would have been found' no_difference_says_what_would_be_one
run_test 'identical values are called that' identical_is_said
run_test 'two files are compared with each other' two_files_are_compared
run_test 'two directories are compared with each other' directories_are_compared
run_test 'other kernel configurations are refused' other_configurations
run_test 'configurations that nobody tells are unknown' unknown_configurations
run_test 'what reference runs do not tell is unknown' reference_runs_may_not_tell
run_test 'other machines are refused' other_machines
run_test 'a run.json that is none is refused' broken_run_json
run_test 'a directory without results is named' empty_directory
run_test 'where nothing could be compared the exit status is 6' nothing_compared
run_test 'values that cannot be are refused with their line' impossible_values
run_test 'numbers of drives, threads and repetitions are numbers' numbers_are_numbers
run_test 'rows are taken in any order' in_any_order
run_test 'a condition that is met is exit status 5' condition_met
run_test 'a condition that cannot be judged is exit status 6' condition_not_judged
run_test 'conditions are checked' bad_conditions
run_test 'options are checked' bad_options
run_test 'a full disk is an error' full_disk
run_test 'a run of the bench has its locks and its figures' a_run_has_all_lines
run_test 'the README shows what is printed' readme_is_true
run_test 'the statistics are those of R' goldens_are_those_of_r
