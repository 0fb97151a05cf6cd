#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The report of a results directory: what it says, that it needs nothing, that it fits any screen.
. "$(dirname -- "${BASH_SOURCE[0]}")/../lib.sh"

RESULTS=$TOP/results/6.1-tcg-2cpu
HEADER=schema,run,kernel,experiment,arm,backend,lockpath,workload,ssds,threads,rep

report() { "$LOCKSTAT_SWAP" report "$@"; }

check_page() { python3 "$TOP/tests/cli/page.py" check "$1"; }

# As XML, which allows less than HTML does
well_formed() {
	xmllint --noout "$1" 2>"$WORK/xmllint"
	cat "$WORK/xmllint"
	[ ! -s "$WORK/xmllint" ]
	check_page "$1"
}

no_directory() { expect 2 'which results directory' report; }
two_directories() { expect 2 "unexpected argument 'b'" report a b; }
bad_column() { expect 2 "cannot report by 'ssds'" report --by ssds "$RESULTS"; }
missing_directory() { expect 1 "$WORK/none: No such file" report "$WORK/none"; }

no_results() {
	mkdir "$WORK/empty"
	expect 1 "$WORK/empty: no results" report "$WORK/empty"
	[ ! -e "$WORK/empty/report.html" ]
}

forbidden_directory() {
	tool_for_nobody
	mkdir -m 700 "$WORK/forbidden"
	expect 1 'forbidden/locks.csv: Permission denied' as_nobody "$WORK/tool" report "$WORK/forbidden"
}

unknown_base() { expect 1 "no row has arm 'cluster', the base; there is 'global', 'partition'" report "$RESULTS" --base cluster -o -; }

# As typed at the top of the tree, below which the bench puts its results, whoever reads the page where
repeated_from_the_top() {
	copy_results
	report "$WORK/copy"
	grep '^./lockstat-swap report results/copy --base global</code></pre>$' "$WORK/copy/report.html"
	echo '{"command": ["lockstat-swap record", "-d", "1"]}' >"$WORK/copy/run.json"
	report "$WORK/copy" --base global
	grep "^<pre tabindex='0'><code>./lockstat-swap record -d 1$" "$WORK/copy/report.html"
	grep '^./lockstat-swap report copy --base global</code></pre>$' "$WORK/copy/report.html"
}

one_drive_is_singular() {
	report "$RESULTS" -o "$WORK/page.html"
	grep -q 'with 1 SSD (n 4)' "$WORK/page.html"
	! grep -E '(^|[^0-9.])1 (SSDs|cells|drives|repetitions)([^a-z]|$)' "$WORK/page.html"
}

# One repetition of twelve took a hundred times as long; the same without it
one_far_off() {
	for wait in 100000 1000; do
		mkdir -p "$WORK/far$wait"
		{
			echo "$HEADER,device,metric,unit,value"
			for arm in a b; do
				for rep in 1 2 3 4 5 6; do
					echo "1,r,6.1,e,$arm,none,native,load,1,4,$rep,,swapout,pages/s,$((rep == 6 ? wait : 1000 + rep))"
				done
			done
		} >"$WORK/far$wait/metrics.csv"
		report "$WORK/far$wait" --base a
		well_formed "$WORK/far$wait/report.html"
	done
	grep -q '(pages/s, logarithmic axis)</span>' "$WORK/far100000/report.html"
	grep -q 'The vertical axis is logarithmic. Medians' "$WORK/far100000/report.html"
	[ "$(grep -c logarithmic "$WORK/far1000/report.html")" = 0 ]
	echo '1,r,6.1,e,a,none,native,load,1,4,7,,swapout,pages/s,0' >>"$WORK/far100000/metrics.csv"
	report "$WORK/far100000" --base a
	! grep -q logarithmic "$WORK/far100000/report.html"
}

# A copy that may be broken
copy_results() {
	rm -rf "$WORK/copy"
	cp -R "$RESULTS" "$WORK/copy"
	echo kept >"$WORK/copy/report.html"
}

broken_csv() {
	copy_results
	sed -i '7s/lockdep/lock,dep/' "$WORK/copy/locks.csv"
	expect 1 'locks.csv:7: 29 fields, the header has 28' report "$WORK/copy"
	grep -qx kept "$WORK/copy/report.html"
}

broken_json() {
	copy_results
	sed -i '5s/:/=/' "$WORK/copy/run.json"
	expect 1 'run.json:5: ' report "$WORK/copy"
	grep -qx kept "$WORK/copy/report.html"
}

without_gnuplot() {
	mkdir -p "$WORK/bin"
	expect 1 'gnuplot, which is not installed; on Debian: apt install gnuplot-nox' \
		env PATH="$WORK/bin" "$LOCKSTAT_SWAP" report "$RESULTS" -o "$WORK/none.html"
	[ ! -e "$WORK/none.html" ]
}

failing_gnuplot() {
	mkdir -p "$WORK/fake"
	printf '#!/bin/sh\ncat >/dev/null\necho "gnuplot> x line 3: no such thing" >&2\nexit 1\n' >"$WORK/fake/gnuplot"
	chmod +x "$WORK/fake/gnuplot"
	PATH=$WORK/fake:$PATH expect 1 'gnuplot failed: .*line 3: no such thing' report "$RESULTS" -o "$WORK/none.html"
	[ ! -e "$WORK/none.html" ]
}

unwritable_output() {
	expect 1 "cannot write '/nonexistent/x.html': No such file" report "$RESULTS" -o /nonexistent/x.html
	expect 1 "cannot write '/dev/full': it is not a regular file" report "$RESULTS" -o /dev/full
	[ -c /dev/full ]
}

full_disk() {
	local status=0

	report "$RESULTS" -o - >/dev/full 2>"$WORK/stderr" || status=$?
	[ $status -eq 1 ]
	grep -q "cannot write 'standard output': No space" "$WORK/stderr"
}

written_into_the_directory() {
	copy_results
	report "$WORK/copy"
	cmp "$WORK/copy/report.html" <(cd "$WORK" && report copy -o -)
	[ "$(find "$WORK/copy" -name 'report.html*' | wc -l)" -eq 1 ]
}

reference_run() {
	report "$RESULTS" -o "$WORK/page.html"
	well_formed "$WORK/page.html"
}

as_compare_has_it() {
	{
		"$LOCKSTAT_SWAP" compare --by arm --base global --class swap_map+cluster "$RESULTS/locks.csv"
		"$LOCKSTAT_SWAP" compare --by arm --base global --where backend=none "$RESULTS/metrics.csv"
	} >"$WORK/comparison"
	python3 "$TOP/tests/cli/page.py" medians "$WORK/page.html" "$WORK/comparison"
}

# The sentences are the comparison's lines: a ratio, its interval, p and n each
sentences_as_compare_has_them() {
	local ssds ratio interval p holm

	"$LOCKSTAT_SWAP" compare --by arm --base global --metric contended/acquired --class swap_map+cluster \
		"$RESULTS/locks.csv" | awk '$2 == "swap_map+cluster"' >"$WORK/lines"
	cat "$WORK/lines"
	[ "$(wc -l <"$WORK/lines")" -eq 6 ]
	while read -r ssds _ _ _ n _ _ ratio interval p holm _; do
		grep -E "on $ssds SSDs?: ${ratio} \(95% ${interval}, p = ${p}, corrected p = ${holm}, n ${n/+/\\+}\)" "$WORK/page.html"
	done <"$WORK/lines"
}

as_the_files_have_it() { python3 "$TOP/tests/cli/page.py" sums "$WORK/page.html" "$RESULTS"; }

# Two arms, 1 and 2 SSDs, six repetitions, with what there is to warn of: losses, an open ledger, a
# failed cell, another kernel for one arm
make_fixture() {
	rm -rf "$WORK/fixture"
	mkdir "$WORK/fixture"
	head -1 "$RESULTS/locks.csv" >"$WORK/fixture/locks.csv"
	head -1 "$RESULTS/metrics.csv" >"$WORK/fixture/metrics.csv"
	echo "$HEADER,class,device,lock,figure,from_ns,to_ns,count" >"$WORK/fixture/histograms.csv"
	for key in {old,new}\ {1,2}\ {1..6}; do
		read -r arm ssds rep <<<"$key"
		cell=1,f,6.1-$arm,e,$arm,lockdep,native,load,$ssds,4,$rep
		echo "$cell,,swap_map,nvme0n1,<map>,symbol,1000,$((rep * 10)),$((rep * 1000)),1,2,3,4,5,6,7,8,9" >>"$WORK/fixture/locks.csv"
		printf "$cell,swap_map,nvme0n1,<map>,wait,%s\n" 1024,1280,3 2048,2560,1 >>"$WORK/fixture/histograms.csv"
		echo "$cell,swap_map,nvme0n1,<map>,hold,512,640,1000" >>"$WORK/fixture/histograms.csv"
		printf "$cell,%s\n" ,swapout,pages/s,50 ,swapin,pages/s,50 ,window,s,2 ,steady,bool,$((rep > 1)) \
			,ledger_begins,events,1000 ,ledger_ends,events,$((rep > 1 ? 1000 : 900)) \
			,ledger_dropped,events,$((rep > 1 ? 0 : 90)) >>"$WORK/fixture/metrics.csv"
		cell=1,f,6.1-timing,e,$arm,none,native,load,$ssds,4,$rep
		printf "$cell,%s\n" ,swapout,pages/s,$((rep * 100)) ,window,s,2 nvme0n1,written,bytes/s,3e6 \
			nvme1n1,written,bytes/s,1e6 >>"$WORK/fixture/metrics.csv"
	done
	jq -n '{run: "f", command: "SSDS=\u00271 2\u0027 bench.sh e --profile full", complete: false, note: "Waits < 1 us are not seen.", arms: [{name: "old"}, {name: "new"}],
		project: {commit: "abcdef", modified: true}, patches: [{file: "a.patch", sha256: "00"}],
		cells: [{id: "one", state: "done"}, {id: "two", state: "failed", reason: "it was cold"}, {id: "three", state: "missing"}]}' \
		>"$WORK/fixture/run.json"
	report "$WORK/fixture"
	# What a reader sees of it, as one line
	sed '/^<title/d; /^<desc/d; s/<[^>]*>/ /g; s/&lt;/</g; s/&gt;/>/g; s/&#39;/\x27/g' "$WORK/fixture/report.html" |
		tr -s ' \n' ' ' >"$WORK/text"
}

says() { grep -qF -- "$1" "$WORK/text" || { echo "the page does not say: $1" && return 1; }; }

small_run() {
	make_fixture
	well_formed "$WORK/fixture/report.html"
	says 'Of 3 cells 1 are done, 1 failed, 1 are missing.'
	says 'two failed it was cold'
	says 'Swapping was steady before the measurement in 20 of 24 cells.'
	says "SSDS='1 2' bench/bench.sh e --profile full"
	says './lockstat-swap report results/fixture'
	says 'commit abcdef with changes that were not committed'
	says 'a.patch'
}

warned_of() {
	sed -n '/Read this first/,/<\/ul>/p' "$WORK/fixture/report.html" >"$WORK/text"
	cat "$WORK/text"
	[ "$(grep -c '<li>' "$WORK/text")" -eq 5 ]
	says '<li>Waits &lt; 1 us are not seen.</li>'
	says '1 cell failed'
	says 'In 4 of 24 traced cells more than 1% of the events were lost, in the worst 10.0%'
	says 'The ledger does not close in 4 of 24 traced cells'
	says 'The traced cells are of different kernels (6.1-new, 6.1-old)'
	! grep -q 'Read this first' "$WORK/page.html"
}

# On one kernel, with losses: compare does not compare them, and neither does the page
refused_as_compare_refuses() {
	mkdir "$WORK/lossy"
	for file in locks metrics; do sed 's/6.1-\(old\|new\)/6.1-one/' "$WORK/fixture/$file.csv" >"$WORK/lossy/$file.csv"; done
	"$LOCKSTAT_SWAP" compare --base old --metric contended/acquired --class swap_map+cluster "$WORK/lossy" >"$WORK/comparison" 2>&1 || true
	cat "$WORK/comparison"
	grep -q 'refused: .*lost' "$WORK/comparison"
	report "$WORK/lossy" --base old
	well_formed "$WORK/lossy/report.html"
	grep 'Lock contention, new against old: measured in ways that must not be compared on 1 and 2 SSDs' "$WORK/lossy/report.html"
}

# Of six, the least and the most are the interval.
medians_of_six() {
	make_fixture
	says 'Contentions per acquisition'
	says ' 0.035 '
	says ' 0.01..0.06 '
	says ' 350 '
	says ' 100..600 '
	says 'Swap-out, new against old: no detectable difference on 1 and 2 SSDs.'
}

histograms_in_words() {
	says 'old: 24 waits, half of them below 1.28 µs, 99% below 2.56 µs.'
	says 'new: 24 waits, half'
	says 'old: 6000 holds, half of them below 640 ns, 99% below 640 ns.'
}

devices_out_of_balance() {
	says 'old nvme0n1 36.0 75.0%'
	says 'new nvme1n1 12.0 25.0%'
	says '50.0%'
}

overhead_run() {
	report "$TOP/results/6.18-host-2cpu" -o "$WORK/overhead.html"
	well_formed "$WORK/overhead.html"
	grep -q 'No base is known' "$WORK/overhead.html"
	report "$TOP/results/6.18-host-2cpu" --base none -o "$WORK/overhead.html"
	well_formed "$WORK/overhead.html"
	grep -q 'Throughput, lockstat-swap against none: no detectable difference on 2 SSDs' "$WORK/overhead.html"
}

# Each line of the comparison is a cell of a map, coloured as its verdict says
density_run() {
	report "$TOP/results/zbud-6.1" -o "$WORK/density.html"
	well_formed "$WORK/density.html"
	"$LOCKSTAT_SWAP" compare --by arm --base bestfit --csv "$TOP/results/zbud-6.1" >"$WORK/lines"
	python3 "$TOP/tests/cli/page.py" maps "$WORK/density.html" "$WORK/lines"
	report "$TOP/results/6.18-host-2cpu" --base none -o "$WORK/overhead.html"
	! grep -q "id='density'" "$WORK/overhead.html"
}

other_column() {
	report "$RESULTS" --by workload --base fio -o "$WORK/by.html"
	well_formed "$WORK/by.html"
	grep -q 'stress-ng against fio' "$WORK/by.html"
}

without_arms() {
	mkdir "$WORK/live"
	"$LOCKSTAT_SWAP" record --backend none -d 0.1 --metrics "$WORK/live/metrics.csv" --run-json "$WORK/live/run.json" >/dev/null
	report "$WORK/live"
	well_formed "$WORK/live/report.html"
	grep -q 'This recording has no arms' "$WORK/live/report.html"
}

context_alone() {
	mkdir "$WORK/alone"
	echo '{"run": "alone", "cells": [{"id": "a", "state": "failed", "reason": "why<not"}], "complete": false, "ledger": {"begins": 10, "ends": 9}}' >"$WORK/alone/run.json"
	report "$WORK/alone"
	well_formed "$WORK/alone/report.html"
	grep -q '1 cell failed' "$WORK/alone/report.html"
	grep -q 'why&lt;not' "$WORK/alone/report.html"
	grep -q '10 begun = 9 ended + 0 in flight' "$WORK/alone/report.html"
	grep -q 'It does not close in 1 cell' "$WORK/alone/report.html"
}

# What a file says is never markup, never part of gnuplot's script
hostile_names() {
	local bad="</title><script>alert(1)</script>&'\"\"%s\$(touch $WORK/owned)\`touch $WORK/owned\`"

	mkdir -p "$WORK/hostile"
	{
		echo "$HEADER,device,metric,unit,value"
		for arm in a b; do
			for rep in 1 2 3 4; do
				echo "1,r,\"$bad\",\"$bad\",\"$arm$bad\",none,native,\"$bad
system 'touch $WORK/owned'\",1,4,$rep,,swapout,pages/s,$rep"
			done
		done
	} >"$WORK/hostile/metrics.csv"
	jq -n --arg bad "$bad" '{run: $bad, ($bad): $bad, arms: [{name: ("a" + $bad), ($bad): {($bad): $bad}}], host: {($bad): [$bad]}}' |
		sed "s/\"\"%s/\"%s/" >"$WORK/hostile/run.json"
	report "$WORK/hostile"
	well_formed "$WORK/hostile/report.html"
	grep -q 'alert(1)' "$WORK/hostile/report.html"
	[ ! -e "$WORK/owned" ]
}

run_test 'a directory is wanted' no_directory
run_test 'one directory is wanted' two_directories
run_test 'the axis is no arm' bad_column
run_test 'a missing directory is named' missing_directory
run_test 'a directory without results is refused' no_results
run_test 'a directory that may not be read is named' forbidden_directory
run_test 'a base that is nowhere is refused' unknown_base
run_test 'a broken CSV file is named with its line, the old page stays' broken_csv
run_test 'a broken run.json is named with its line, the old page stays' broken_json
run_test 'the commands that repeat it are those of the top of the tree' repeated_from_the_top
run_test 'one SSD is no SSDs' one_drive_is_singular
run_test 'with an outlier the axis is logarithmic, and says so' one_far_off
run_test 'without gnuplot the cure is named' without_gnuplot
run_test 'what gnuplot says is said' failing_gnuplot
run_test 'an output that cannot be written is named' unwritable_output
run_test 'a full disk is an error' full_disk
run_test 'the page goes into the directory' written_into_the_directory
run_test 'the reference run makes a page that is well-formed, accessible and alone' reference_run
run_test 'its curves agree with compare' as_compare_has_it
run_test 'its sentences agree with compare' sentences_as_compare_has_them
run_test 'its locks, devices and ledger agree with the files' as_the_files_have_it
run_test 'a run that went wrong says what, and how to repeat it' small_run
run_test 'what went wrong stands first, and only then' warned_of
run_test 'what compare refuses to compare, the page does not compare' refused_as_compare_refuses
run_test 'six repetitions have an interval' medians_of_six
run_test 'histograms are told in words, too' histograms_in_words
run_test 'devices that got unequal shares are seen' devices_out_of_balance
run_test 'a run with metrics alone makes a page' overhead_run
run_test 'a run of densities has their maps' density_run
run_test 'another column than arm can be compared' other_column
run_test 'a recording without arms makes a page without verdicts' without_arms
run_test 'a run without rows makes a page of its context' context_alone
run_test 'names from the files are text' hostile_names
