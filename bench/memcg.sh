#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# usage: memcg.sh [--run NAME] [--results DIR]
#
# What it takes and saves that pages name their memory cgroup by an ID, as far as no load is needed
# to see it: the sizes of structures, by pahole, in a kernel with CONFIG_MEMCG_PAGE_ID and in one
# without; the bits of memcg_data that are left; the table's memory; and the time in which a cgroup
# is found by pointer, by the table, and by the idr of memcg IDs, in a guest with few and many of
# them. What it costs under load is `bench.sh memcg`.
#
# Writes DIR/NAME/metrics.csv (DIR: results/ at the top of the tree), run.json and comparison.txt.
# Workload `sizes` has the arms pointer and id, and id16, which is what 16 bits would leave;
# `cgroups:N` the arms pointer, table and idr.
#
#   CGROUPS   how many there are, the root among them, from few to many ("1 100 10000")
#   REPS      repetitions with each (20)
#   MEM       MiB of the guest (1024)
set -euo pipefail
BENCH_DIR=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
. "$BENCH_DIR/lab/lib.sh"
. "$BENCH_DIR/lib/merge.sh"
. "$BENCH_DIR/lib/context.sh"

TOOL=${LOCKSTAT_SWAP:-$TOP_DIR/lockstat-swap}
BASE=6.1 CGROUPS=${CGROUPS:-1 100 10000} REPS=${REPS:-20} MEM=${MEM:-1024}
STRUCTS='page mem_cgroup mem_cgroup_per_node'
results=$TOP_DIR/results RUN=${RUN:-memcg-lookup-$(date +%Y%m%d-%H%M%S)}
COMMAND="${0##*/} $*"
work=''

parse_args() {
	local v last=0

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
	for v in REPS MEM; do
		is_count "${!v}" || usage_error "$v takes a whole number, not '${!v}'"
	done
	for v in $CGROUPS; do
		{ is_count "$v" && [ "$v" -gt "$last" ]; } || usage_error "CGROUPS takes whole numbers, from few to many, not '$CGROUPS'"
		last=$v
	done
	[ "$last" != 0 ] || usage_error "CGROUPS is empty"
}

finish() {
	trap '' INT TERM HUP
	[ -z "$work" ] || rm -rf -- "$work"
}

# kernel_of ARM: its directory
kernel_of() { cat -- "$work/kernel-$1"; }

build_kernel() { "$LAB_DIR/kernel.sh" --base "$BASE" --flavour "$2" | tail -1 >"$work/kernel-$1"; }

# add_row ARM WORKLOAD REP DEVICE METRIC UNIT VALUE
add_row() {
	echo "1,$RUN,$(<"$(kernel_of id)/release"),memcg-lookup,$1,none,,$2,0,1,$3,$4,$5,$6,$7" >>"$result/metrics.csv"
}

# size_of ARM STRUCT: in bytes
size_of() { awk -v name="$2" '$1 == name { print $2; exit }' "$work/sizes-$1"; }

measure_sizes() {
	local arm struct

	for arm in pointer id; do
		pahole -F btf --sizes "$(kernel_of $arm)/vmlinux" >"$work/sizes-$arm"
		for struct in $STRUCTS; do
			[ -n "$(size_of $arm "$struct")" ] || die "pahole does not know struct $struct of the kernel of arm $arm"
			add_row $arm sizes 1 "$struct" size bytes "$(size_of $arm "$struct")"
		done
	done
}

# bits_below NUMBER: how many it takes for all numbers below it
bits_below() { awk -v n="$1" 'BEGIN { while (2 ^ bits < n) bits++; print bits + 0 }'; }

# flag_bits: of memcg_data, by the first bit that is no flag
flag_bits() {
	bits_below "$(pahole -F btf -C page_memcg_data_flags "$(kernel_of id)/vmlinux" | sed -n 's/.*__NR_MEMCG_DATA_FLAGS *= *\([0-9]*\).*/\1/p')"
}

# measure_room: in memcg_data, beside flags and ID; 0 is no cgroup, so that there is one ID more
measure_room() {
	local flags ids

	flags=$(flag_bits) ids=$(<"$work/share/ids")
	add_row pointer sizes 1 memcg_data room bits 0
	add_row id sizes 1 memcg_data room bits $((64 - flags - $(bits_below $((ids + 1)))))
	add_row id16 sizes 1 memcg_data room bits $((64 - flags - 16))
}

time_lookups() {
	mkdir -p "$work/share/.lab"
	printf 'export CGROUPS=%q REPS=%q\n' "$CGROUPS" "$REPS" >"$work/share/.lab/env"
	note "timing lookups with $CGROUPS cgroups"
	"$LAB_DIR/run.sh" --kernel "$(kernel_of id)" --share "$work/share" --job "$BENCH_DIR/memcg/lookup-job.sh" \
		--no-selftest --mem "$MEM" --timeout 3600 ||
		{ cp -- "$work/share/.lab/console.log" "$result/" && die "timing lookups failed; console: $result/console.log"; }
}

# figure FILE NAME
figure() { awk -v name="$2" '$1 == name { print $2 }' "$1"; }

add_lookups() {
	local n rep file way

	for n in $CGROUPS; do
		for ((rep = 1; rep <= REPS; rep++)); do
			file=$work/share/lookup.$n.$rep
			[ "$(figure "$file" cgroups)" = "$n" ] || die "there were $(figure "$file" cgroups) cgroups, not $n"
			for way in pointer table idr; do
				add_row $way "cgroups:$n" "$rep" '' lookup ns/lookup "$(figure "$file" "${way}_ns")"
			done
		done
		add_row table "cgroups:$n" 1 '' table bytes "$(figure "$file" table_bytes)"
	done
}

# of ARM DEVICE METRIC: the one value, of workload sizes
of() { awk -F, -v arm="$1" -v device="$2" -v metric="$3" '$5 == arm && $8 == "sizes" && $12 == device && $13 == metric { print $15 }' "$result/metrics.csv"; }

sizes_table() {
	local struct

	printf '%-28s%8s%8s\n' 'bytes of a structure' pointer id
	for struct in $STRUCTS; do
		printf '%-28s%8d%8d\n' "$struct" "$(of pointer "$struct" size)" "$(of id "$struct" size)"
	done
	printf 'saved: %d bytes a page; room in its memcg_data: %d bits, with IDs of 16 bits %d\n\n' \
		$(($(of pointer page size) - $(of id page size))) "$(of id memcg_data room)" "$(of id16 memcg_data room)"
	awk -F, '$13 == "table" { sub(/cgroups:/, "", $8); printf "cgroups: %d, table: %d bytes\n", $8, $15 }' "$result/metrics.csv"
}

write_comparison() {
	{
		sizes_table
		echo
		"$TOOL" compare --by arm --base pointer --metric lookup "$result/metrics.csv"
	} >"$result/comparison.txt"
}

write_run_json() {
	jq -n --arg run "$RUN" --arg command "$COMMAND" --arg started "$started" --arg finished "$(date -u +%FT%TZ)" \
		--arg tool "$("$TOOL" --version 2>/dev/null | head -1)" --argjson project "$(project_json)" --argjson host "$(host_json)" \
		--argjson pointer "$(kernel_json "$(kernel_of pointer)")" --argjson id "$(kernel_json "$(kernel_of id)")" \
		--argjson patches "$(patches_json)" --argjson reps "$REPS" --argjson mem "$MEM" '
		{schema: 1, run: $run, experiment: "memcg-lookup", command: $command, started: $started, finished: $finished,
		 tool: $tool, project: $project, host: $host, machine: "guest", kernels: {"timing": $pointer, "timing+memcgid": $id},
		 patches: $patches, lab: {memory_mib: $mem}, repetitions: $reps,
		 arms: [["pointer", "id", "id16", "table", "idr"][] | {name: .}]}' >"$result/run.json"
}

parse_args "$@"
[ -x "$TOOL" ] || die "$TOOL is not built; run make"
need_tools jq pahole:dwarves fio stress-ng
result=$results/$RUN
[ ! -e "$result" ] || die "$result exists; choose another --run"
mkdir -p -- "$result"
work=$(mktemp -d)
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
started=$(date -u +%FT%TZ)
echo "$METRICS_HEADER" >"$result/metrics.csv"
build_kernel pointer timing
build_kernel id timing+memcgid
measure_sizes
time_lookups
measure_room
add_lookups
write_run_json
write_comparison
cat -- "$result/comparison.txt"
say "results: $result"
