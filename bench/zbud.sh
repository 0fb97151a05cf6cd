#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# usage: zbud.sh [--run NAME] [--results DIR]
#
# Measures how densely zbud packs compressed pages, by either zbud.policy: the kernel's own
# mm/zbud.c with kernel-patches/6.1/zbud, in user space, under loads of which each arm gets the
# same. Beside them the best packing there is of what bestfit holds (arm ideal), and zsmalloc (a
# model of its size classes and zspages). Needs neither root nor a guest.
#
# Sizes are those of beta distributions, and of real memory: pages of programs that are started
# for it, and of files, compressed with lzo and lz4.
#
# Writes DIR/NAME/metrics.csv (workload: the load; device: the sizes; DIR: results/ at the top of
# the tree), sizes.csv (source, bytes, pages; 0 bytes: of one repeated word, not stored), run.json,
# comparison.txt, and report.html where gnuplot is installed.
#
#   REPS        repetitions, each with a seed of its own (20)
#   OBJECTS     pages stored before anything is dropped (20000)
#   SOURCES     of real memory: "python sqlite R chromium text programs"; "": none
#   SIZES       a file of measured sizes, a sizes.csv of an earlier run, instead of SOURCES
#   MOST_PAGES  of one source, taken evenly (30000)
set -euo pipefail
BENCH_DIR=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
. "$BENCH_DIR/lab/lib.sh"
. "$BENCH_DIR/lib/merge.sh"
. "$BENCH_DIR/zbud/sources.sh"

TOOL=${LOCKSTAT_SWAP:-$TOP_DIR/lockstat-swap}
ZBUD=$TOP_DIR/.output/zbud
DENSITY=$ZBUD/zbud-density PAGES=$ZBUD/zbud-pages
REPS=${REPS:-20} OBJECTS=${OBJECTS:-20000} MOST_PAGES=${MOST_PAGES:-30000} SIZES=${SIZES:-}
SOURCES=${SOURCES-python sqlite R chromium text programs}
DISTRIBUTIONS='thin symmetric uniform fat bimodal'
results=$TOP_DIR/results RUN=${RUN:-zbud-$(date +%Y%m%d-%H%M%S)}
work='' source_pid=''

parse_args() {
	local v

	while [ $# -gt 0 ]; do
		case $1 in
		-h | --help) print_help && exit 0 ;;
		--run | --results) [ $# -ge 2 ] || usage_error "$1 needs a value" ;;&
		--run) RUN=$2 && shift 2 ;;
		--results) results=$2 && shift 2 ;;
		*) usage_error "unknown argument '$1'" ;;
		esac
	done
	is_word "$RUN" || usage_error "a run's name is letters, digits, '.', '_' and '-', not '$RUN'"
	for v in REPS OBJECTS MOST_PAGES; do
		is_count "${!v}" || usage_error "$v takes a whole number, not '${!v}'"
	done
	for v in $SOURCES; do
		case $v in
		python | sqlite | R | chromium | text | programs) ;;
		*) usage_error "no such source '$v'" ;;
		esac
	done
	[ -z "$SIZES" ] || [ -r "$SIZES" ] || usage_error "SIZES: cannot read '$SIZES'"
}

finish() {
	trap '' INT TERM HUP
	stop_source
	[ -z "$work" ] || rm -rf -- "$work"
}

check_tools() {
	[ -x "$TOOL" ] || die "$TOOL is not built; run make"
	[ -x "$DENSITY" ] || die "$DENSITY is not built; run make zbud-density"
	[ -n "$SIZES" ] || [ -x "$PAGES" ] || die "$PAGES is not built; run make zbud-pages"
	[ -n "$SIZES" ] || need_tools setsid:util-linux mkfifo:coreutils ps:procps
	need_tools jq
}

program_of() {
	case $1 in
	python) echo python3 ;;
	sqlite) echo sqlite3:sqlite3 ;;
	R) echo R:r-base-core ;;
	chromium) echo chromium ;;
	esac
}

# All or none: a source that is missing would be missing in the comparison, too
check_sources() {
	local s
	local -a programs=()

	for s in $SOURCES; do
		mapfile -t -O ${#programs[@]} programs < <(program_of "$s")
	done
	[ ${#programs[@]} -eq 0 ] || need_tools "${programs[@]}"
}

measure_sizes() {
	local s

	echo source,bytes,pages >"$result/sizes.csv"
	if [ -n "$SIZES" ]; then
		tail -n +2 "$SIZES" >>"$result/sizes.csv"
		return
	fi
	cp -- "$TOP_DIR/results/6.1-tcg-2cpu-locks/locks.csv" "$work/locks.csv"
	for s in $SOURCES; do
		note "compressing the memory of $s"
		measure_source "$s" >>"$result/sizes.csv"
	done
}

measured_names() { tail -n +2 "$result/sizes.csv" | cut -d, -f1 | awk '!seen[$0]++'; }

measure_density() {
	local name

	echo "$METRICS_HEADER" >"$result/metrics.csv"
	for name in $DISTRIBUTIONS $(measured_names); do
		note "packing $name"
		"$DENSITY" --run "$RUN" --kernel "$(<"$ZBUD/source/version")" --objects "$OBJECTS" --repetitions "$REPS" \
			--measured "$result/sizes.csv" "$name" >>"$result/metrics.csv"
	done
}

# How large the pages of each source are: what zswap does not store, or zbud refuses, and the rest
sources_table() {
	echo
	echo 'source           pages  same-filled  refused by zbud  median bytes  over half a page'
	awk -F, 'NR > 1 { all[$1] += $3; if (!($1 in seen)) { seen[$1]; order[++n] = $1 }
			if ($2 == 0) same[$1] += $3
			else if ($2 > 3960) refused[$1] += $3
			else { stored[$1] += $3; of[$1, $2] += $3; if ($2 > 2048) fat[$1] += $3 } }
		END { for (i = 1; i <= n; i++) {
				s = order[i]; half = 0
				for (b = 1; b <= 3960 && half < stored[s] / 2; b++) half += of[s, b]
				printf "%-15s %6d  %10.1f%%  %14.1f%%  %12d  %15.1f%%\n", s, all[s], 100 * same[s] / all[s],
					100 * refused[s] / all[s], b - 1, stored[s] ? 100 * fat[s] / stored[s] : 0 } }' "$result/sizes.csv"
}

write_run_json() {
	jq -n --arg run "$RUN" --arg kernel "$(<"$ZBUD/source/version")" --arg cpu "$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -1)" \
		--arg tool "$("$TOOL" --version 2>/dev/null | head -1)" --arg sources "$SOURCES" --arg sizes "$SIZES" \
		--arg started "$started" --arg finished "$(date -u +%FT%TZ)" --argjson reps "$REPS" --argjson objects "$OBJECTS" \
		--argjson patches "$(cd -- "$TOP_DIR/kernel-patches/6.1" && sha256sum zbud/000[1-9]*.patch |
			jq -Rn '[inputs | split("  ") | {file: .[1], sha256: .[0]}]')" '
		{schema: 1, run: $run, experiment: "zbud", command: "make bench-zbud", started: $started, finished: $finished,
		 tool: $tool, kernel: $kernel, patches: $patches, cpu: $cpu, repetitions: $reps, objects: $objects,
		 sources: ($sources | split(" ")), sizes_from: $sizes,
		 arms: [["bestfit", "lrufirst", "ideal", "zsmalloc"][] | {name: .}]}' >"$result/run.json"
}

write_comparison() {
	{
		"$TOOL" compare --by arm --base bestfit --metric objects_per_page --metric evicted_rank "$result/metrics.csv"
		sources_table
	} >"$result/comparison.txt"
}

parse_args "$@"
check_tools
[ -n "$SIZES" ] || check_sources
result=$results/$RUN
[ ! -e "$result" ] || die "$result exists; choose another --run"
mkdir -p -- "$result"
work=$(mktemp -d)
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
started=$(date -u +%FT%TZ)
measure_sizes
measure_density
write_run_json
write_comparison
! command -v gnuplot >/dev/null || "$TOOL" report "$result" || say 'no report.html'
cat -- "$result/comparison.txt"
say "results: $result"
