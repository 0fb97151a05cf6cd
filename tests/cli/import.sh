#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What perf and the kernel wrote becomes a file that compare reads, or one clear line.
. "$(dirname -- "${BASH_SOURCE[0]}")/../lib.sh"

FIXTURES=$TOP/tests/fixtures

import() { "$LOCKSTAT_SWAP" import "$@"; }

unknown_format() { expect 2 "cannot import 'strace'" import strace "$FIXTURES/perf-6.1.txt"; }
no_file() { expect 2 'no file to import' import perf; }
two_files() { expect 2 "unexpected argument 'b'" import perf a b; }
bad_column() { expect 2 "no column 'class' to set" import perf - --set class=x; }
missing_file() { expect 1 'nowhere.txt: No such file' import perf "$WORK/nowhere.txt"; }
empty_input() { expect 1 'standard input:1: empty file' import lock_stat - </dev/null; }
a_directory() { expect 1 "$WORK: Is a directory" import perf "$WORK"; }

other_tools_file() {
	expect 1 'lock_stat-global.txt:1: not the output of perf' \
		import perf "$FIXTURES/lock_stat-global.txt"
	expect 1 'perf-6.1.txt:1: not a copy of /proc/lock_stat' \
		import lock_stat "$FIXTURES/perf-6.1.txt"
}

cut_off_input() {
	echo kept >"$WORK/out.csv"
	head -c -5 "$FIXTURES/lock_stat-global.txt" >"$WORK/cut.txt"
	expect 1 'cut.txt:79: truncated' import lock_stat "$WORK/cut.txt" --csv "$WORK/out.csv"
	grep -qx kept "$WORK/out.csv"
	import lock_stat "$WORK/cut.txt" >"$WORK/out" || true
	[ ! -s "$WORK/out" ]
}

unwritable_output() {
	expect 1 "cannot write '/nonexistent/x.csv'" \
		import perf "$FIXTURES/perf-6.1.txt" --csv /nonexistent/x.csv
	expect 1 "cannot write '/dev/full': No space" \
		import perf "$FIXTURES/perf-6.1.txt" --csv /dev/full
}

columns_set() {
	import perf - --set arm=a --set rep=2 <"$FIXTURES/perf-6.12.csv" >"$WORK/out.csv"
	[ "$(column "$WORK/out.csv" arm | sort -u)" = a ]
	[ "$(column "$WORK/out.csv" rep | sort -u)" = 2 ]
	[ "$(column "$WORK/out.csv" backend | sort -u)" = perf ]
	[ -z "$(column "$WORK/out.csv" device | sort -u)" ]
	[ -z "$(column "$WORK/out.csv" acquired | sort -u)" ]
}

lock_stat_compares() {
	import lock_stat "$FIXTURES/lock_stat-global.txt" --set arm=global --csv "$WORK/a.csv"
	import lock_stat "$FIXTURES/lock_stat-cluster.txt" --set arm=cluster --csv "$WORK/b.csv"
	"$LOCKSTAT_SWAP" compare --by arm --base global --metric contended --class swap_map \
		"$WORK/a.csv" "$WORK/b.csv" | tee "$WORK/table"
	grep -q 'backend lock_stat' "$WORK/table"
	grep -qE 'swap_map +contended +cluster +1\+1 +34602 +3347' "$WORK/table"
}

perf_compares() {
	import perf "$FIXTURES/perf-6.1.txt" --set arm=a --csv "$WORK/a.csv"
	import perf "$FIXTURES/perf-6.12.csv" --set arm=b --csv "$WORK/b.csv"
	"$LOCKSTAT_SWAP" compare --by arm --base a "$WORK/a.csv" "$WORK/b.csv" | tee "$WORK/table"
	grep -q 'backend perf' "$WORK/table"
	grep -qE 'other +contended +b +1\+1' "$WORK/table"
}

run_test 'only perf and lock_stat are imported' unknown_format
run_test 'a file is wanted' no_file
run_test 'one file is wanted' two_files
run_test 'only context columns can be set' bad_column
run_test 'a missing file is named' missing_file
run_test 'a directory is named' a_directory
run_test 'empty input is refused' empty_input
run_test 'a file of the other tool is refused' other_tools_file
run_test 'a file cut off is refused and nothing written' cut_off_input
run_test 'an output that cannot be written is named' unwritable_output
run_test 'columns are set, and what was not measured is empty' columns_set
run_test 'compare reads what /proc/lock_stat counted' lock_stat_compares
run_test 'compare reads what perf counted' perf_compares
