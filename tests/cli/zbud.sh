#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The kernel's zbud in user space: how it gets there, valgrind's view of it, and zbud-density.
. "$(dirname -- "${BASH_SOURCE[0]}")/../lib.sh"

ZBUD=$TOP/.output/zbud
DENSITY=$ZBUD/zbud-density

source_of() {
	LOCKSTAT_SWAP_CACHE=$WORK/cache KERNEL_SRC=$1 "$TOP/bench/zbud/source.sh" "$WORK/source"
}

# What failed leaves nothing, and no link to it.
nothing_is_left() {
	[ ! -e "$WORK/source" ]
	[ -z "$(find "$WORK/cache" -mindepth 1 -not -name zbud)" ]
}

without_source() {
	rm -rf "$WORK/cache" "$WORK/empty"
	mkdir "$WORK/cache" "$WORK/empty"
	expect 1 'no kernel source at .*/nowhere; install linux-source-6.1 or set KERNEL_SRC' source_of "$WORK/nowhere"
	nothing_is_left
	if source_of "$WORK/empty" 2>"$WORK/said"; then return 1; fi
	grep -q '/empty has not all of: .*mm/zbud.c' "$WORK/said"
	nothing_is_left
}

# make_other PATCHLEVEL: what looks like 6.PATCHLEVEL, but is empty
make_other() {
	rm -rf "$WORK/cache" "$WORK/other"
	mkdir "$WORK/cache" "$WORK/other"
	(cd "$WORK/other" && mkdir -p Documentation/admin-guide/mm include/linux mm &&
		printf 'VERSION = 6\nPATCHLEVEL = %s\nSUBLEVEL = 0\n' "$1" >Makefile &&
		touch Documentation/admin-guide/mm/zswap.rst include/linux/{list,poison,zpool}.h mm/{zbud.c,Kconfig})
}

other_source() {
	make_other 2
	if source_of "$WORK/other" 2>"$WORK/said"; then return 1; fi
	grep -q '/other is no source of Linux 6.1' "$WORK/said"
	nothing_is_left
	make_other 1
	if source_of "$WORK/other" 2>"$WORK/said"; then return 1; fi
	grep -q '0001-.*\.patch does not apply without fuzz to .*/other' "$WORK/said"
	nothing_is_left
}

under_valgrind() {
	OPERATIONS=20000 valgrind --quiet --error-exitcode=9 --leak-check=full "$ZBUD/plain/test_zbud_histories"
}

# argp adds where help is found
first_line() {
	local status=0

	"$@" 2>"$WORK/all" || status=$?
	head -1 "$WORK/all" >&2
	return $status
}

wrong_calls() {
	expect 2 "'0' is not a number from 1 to" first_line "$DENSITY" --objects 0 thin
	expect 2 "'1x' is not a number" first_line "$DENSITY" --repetitions 1x thin
	expect 2 'Usage: ' first_line "$DENSITY"
	expect 1 "no sizes 'thick', and no file" "$DENSITY" thick
	expect 1 'nowhere: thick: No such file' "$DENSITY" --measured "$WORK/nowhere" thick
}

# rows METRIC ARM
rows() { awk -F, -v metric="$1" -v arm="$2" '$13 == metric && $5 == arm' "$WORK/rows" | wc -l; }

each_cell_has_its_row() {
	local arm

	"$DENSITY" -n 500 -r 3 thin fat >"$WORK/rows"
	[ "$(awk -F, '{ print NF }' "$WORK/rows" | sort -u)" = 15 ]
	for arm in bestfit lrufirst ideal; do
		[ "$(rows objects_per_page $arm)" -eq $((2 * 5 * 3)) ]
		[ "$(rows bytes_per_page $arm)" -eq $((2 * 5 * 3)) ]
	done
	[ "$(rows objects_per_page zsmalloc)" -eq $((2 * 4 * 3)) ]
	[ "$(rows evicted_rank bestfit)" -eq $((2 * 3)) ]
}

# What is measured is what was asked for: the same again, another seed is another.
seeds_are_kept() {
	"$DENSITY" -n 500 -r 2 -s 7 uniform >"$WORK/a"
	"$DENSITY" -n 500 -r 2 -s 7 uniform >"$WORK/b"
	"$DENSITY" -n 500 -r 2 -s 9 uniform >"$WORK/c"
	cmp "$WORK/a" "$WORK/b"
	! cmp -s "$WORK/a" "$WORK/c"
}

# Nothing is denser than the best packing of the same objects, and pages hold one or two.
bounds_hold() {
	"$DENSITY" -n 2000 -r 2 thin symmetric uniform fat bimodal |
		awk -F, '$13 == "objects_per_page" && $5 != "zsmalloc" {
				cell = $8 "," $11 "," $12
				of[$5, cell] = $15
				if ($15 < 1 || $15 > 2) { print "impossible: " $0; bad = 1 }
				if ($8 != "aged") cells[cell]
			}
			END {
				for (cell in cells)
					if (of["bestfit", cell] > of["ideal", cell] || of["lrufirst", cell] > of["ideal", cell]) {
						print "denser than the best: " cell
						bad = 1
					}
				exit bad || length(cells) != 5 * 4 * 2
			}'
}

# pages_of LINES TEST: how many pages of these lines have a size that passes it
pages_of() { awk -F, '$2 '"$2"' { n += $3 } END { print n + 0 }' "$1"; }

# Three pages of zeros, two that nothing compresses, one of text, and the half of one
sizes_of_files() {
	local c

	head -c 12288 /dev/zero >"$WORK/pages"
	head -c 8192 /dev/urandom >>"$WORK/pages"
	head -c 6144 "$TOP/README.md" >>"$WORK/pages"
	"$ZBUD/zbud-pages" it "$WORK/pages" >"$WORK/sizes"
	cat "$WORK/sizes"
	for c in lzo lz4; do
		grep "^it-$c," "$WORK/sizes" >"$WORK/of"
		[ "$(pages_of "$WORK/of" '== 0')" -eq 3 ]
		[ "$(pages_of "$WORK/of" '> 3960')" -eq 2 ]
		[ "$(pages_of "$WORK/of" '> 0')" -eq 4 ]
	done
	"$ZBUD/zbud-pages" --most 3 it "$WORK/pages" "$WORK/pages" >"$WORK/sizes"
	[ "$(pages_of "$WORK/sizes" '>= 0')" -le 6 ]
	expect 1 'zbud-pages: it: No such file' "$ZBUD/zbud-pages" it "$WORK/nowhere"
	expect 2 'a name, and a process or files' first_line "$ZBUD/zbud-pages" it
}

# Of what it has touched, and no more
sizes_of_a_process() {
	local i

	mkfifo "$WORK/hold"
	python3 -c 'import os, sys; data = os.urandom(8 << 20); open(sys.argv[1], "w"); sys.stdin.read()' "$WORK/is-there" <"$WORK/hold" &
	exec 5>"$WORK/hold"
	for ((i = 0; i < 300; i++)); do
		[ -e "$WORK/is-there" ] && break
		sleep 0.1
	done
	"$ZBUD/zbud-pages" --pid $! it >"$WORK/sizes"
	exec 5>&-
	wait
	grep '^it-lz4,' "$WORK/sizes" >"$WORK/of"
	[ "$(pages_of "$WORK/of" '> 3960')" -ge 2047 ]
	[ "$(pages_of "$WORK/of" '> 3960')" -le 2200 ]
	expect 1 'zbud-pages: it: No such file' "$ZBUD/zbud-pages" --pid 999999999 it
}

bench_zbud() { env "${@:2}" "$TOP/bench/zbud.sh" --results "$WORK/results" --run "$1"; }

wrong_benches() {
	expect 2 'name is letters' bench_zbud 'a b'
	expect 2 "REPS takes a whole number, not 'x'" bench_zbud a REPS=x
	expect 2 "no such source 'tea'" bench_zbud a SOURCES=tea
	expect 2 "SIZES: cannot read '/nowhere'" bench_zbud a SIZES=/nowhere
	[ ! -e "$WORK/results" ]
}

# The sizes of one run are the next one's: the same rows, but for the run's name
a_bench_can_be_repeated() {
	bench_zbud first REPS=6 OBJECTS=300 SOURCES=text MOST_PAGES=2000 >"$WORK/said"
	cat "$WORK/said"
	grep -q '^text-lz4  *[0-9]' "$WORK/said"
	grep -q 'workload fill' "$WORK/said"
	[ "$(grep -c ',text-lzo,objects_per_page,' "$WORK/results/first/metrics.csv")" -eq $((6 * (5 * 3 + 4))) ]
	[ "$(jq -r '.arms[0].name' "$WORK/results/first/run.json")" = bestfit ]
	bench_zbud second REPS=6 OBJECTS=300 SIZES="$WORK/results/first/sizes.csv" >/dev/null
	cmp <(sed s/,second,/,first,/ "$WORK/results/second/metrics.csv") "$WORK/results/first/metrics.csv"
	expect 1 'first exists; choose another' bench_zbud first
}

run_test 'zbud: a source that is none is said, and leaves nothing' without_source
run_test 'zbud: a source that the patches do not fit is said' other_source
run_test 'zbud: valgrind has nothing to say' under_valgrind
run_test 'zbud-density: wrong calls' wrong_calls
run_test 'zbud-density: each arm, load and repetition has its rows' each_cell_has_its_row
run_test 'zbud-density: the same seed gives the same rows' seeds_are_kept
run_test 'zbud-density: no policy is denser than the best packing' bounds_hold
run_test 'zbud-pages: files are compressed page by page' sizes_of_files
run_test 'zbud-pages: a process has its anonymous memory compressed' sizes_of_a_process
run_test 'bench-zbud: wrong calls' wrong_benches
run_test 'bench-zbud: a run can be repeated with its sizes' a_bench_can_be_repeated
