#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# usage: overhead.sh [--run NAME] [--results DIR]
#
# Measures on this host what tracing lock contention costs: no tracer, lockstat-swap,
# perf lock contention (built from linux-source-6.1, and from 6.12 where that is
# installed), a bpftrace script. Needs root. The load swaps a fixed number of pages to
# two zram devices that are made for it. All tracers take turns within each repetition.
#
#   cost         ns per run of each program, from the kernel's BPF statistics
#   throughput   pages/s of the load, in runs of their own without these statistics
#   first_row    ms from starting lockstat-swap until its first rows are on its output
#
# Writes DIR/NAME/metrics.csv (arm: the tracer; DIR: results/ at the top of the tree) and
# run.json, and prints what `lockstat-swap compare` says. Ctrl-C keeps what is finished
# and leaves the host as it was: swap, zram devices, sysctl, tracers.
#
#   REPS         repetitions for throughput (20; 0: none)
#   STATS_REPS   repetitions for cost (5; 0: none)
#   TRACERS      instead of all: "lockstat-swap perf-6.1"; bench/README.md has their names
#   BASELINE     another build of lockstat-swap, to be measured too, as "baseline"
#   PROCESSES, MIB, PASSES   the load: 4 processes, each 48 MiB 24 times out and in
#   SETTLE       seconds between attaching and the load (0.5)
#   DISK         size of each zram device (512M)
set -euo pipefail
BENCH_DIR=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
OVERHEAD_DIR=$BENCH_DIR/overhead
. "$BENCH_DIR/lab/lib.sh"
. "$BENCH_DIR/lib/plan.sh"
. "$BENCH_DIR/lib/merge.sh"
. "$BENCH_DIR/lib/context.sh"
. "$OVERHEAD_DIR/swap.sh"
. "$OVERHEAD_DIR/tracers.sh"

TOOL=${LOCKSTAT_SWAP:-$TOP_DIR/lockstat-swap}
PAGEOUT=${PAGEOUT:-$TOP_DIR/.output/tests/pageout}
HAMMER=${HAMMER:-$TOP_DIR/.output/tests/hammer}
REPS=${REPS:-20} STATS_REPS=${STATS_REPS:-5}
PROCESSES=${PROCESSES:-4} MIB=${MIB:-48} PASSES=${PASSES:-24}
SETTLE=${SETTLE:-0.5} DISKS=2 DISK=${DISK:-512M}
TRACERS=${TRACERS:-lockstat-swap rejecting perf-6.1 perf-6.1-min perf-6.12 perf-6.12-min bpftrace}
TRACERS=$TRACERS${BASELINE:+ baseline}
results=$TOP_DIR/results RUN=${RUN:-overhead-$(date +%Y%m%d-%H%M%S)}
work='' stats_before='' load_pid='' total=0 finished=0
declare -A refused=()

parse_args() {
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
	for v in PROCESSES MIB PASSES; do
		is_count "${!v}" || usage_error "$v takes a whole number, not '${!v}'"
	done
	for v in REPS STATS_REPS; do
		[[ ${!v} =~ ^[0-9]{1,6}$ ]] || usage_error "$v takes a whole number, not '${!v}'"
	done
	[[ $SETTLE =~ ^[0-9]{1,3}(\.[0-9]+)?$ ]] || usage_error "SETTLE takes seconds, not '$SETTLE'"
	for v in $TRACERS; do
		[ "$v" != none ] || usage_error "no tracer at all is always measured; leave 'none' out of TRACERS"
		tracer_command "$v" 2>/dev/null || usage_error "no such tracer '$v'"
	done
}

check_host() {
	[ "$(id -u)" = 0 ] || die "needs root: it loads BPF programs and makes swap devices"
	[ -x "$TOOL" ] || die "$TOOL is not built; run make"
	[ -x "$PAGEOUT" ] || die "$PAGEOUT is not built; run make loads"
	[ -x "$HAMMER" ] || die "$HAMMER is not built; run make loads"
	[ -e /sys/class/zram-control/hot_add ] || modprobe zram 2>/dev/null || true
	[ -e /sys/class/zram-control/hot_add ] || die "this kernel has no zram"
	[ -e /proc/sys/kernel/bpf_stats_enabled ] || die "this kernel keeps no BPF statistics"
	[ -e /sys/kernel/tracing/events ] || die "tracefs is not mounted, where perf and bpftrace look; run mount -t tracefs tracefs /sys/kernel/tracing"
	need_tools bpftool jq bpftrace mkswap:util-linux swapon:mount flock:util-linux
}

# However this ends, the host is as it was.
finish() {
	local status=$?

	trap '' INT TERM HUP
	[ -z "$load_pid" ] || { kill -KILL -- "-$load_pid" && wait "$load_pid"; } 2>/dev/null || true
	stop_tracer
	[ -z "$stats_before" ] || echo "$stats_before" >/proc/sys/kernel/bpf_stats_enabled
	remove_swaps
	if [ "$status" -ge 128 ]; then
		clear_progress
		say "stopped after $finished of $total cells; what was measured: $result/metrics.csv"
	fi
	[ -z "$work" ] || rm -rf -- "$work"
}

clear_progress() { [ ! -t 2 ] || printf '\r\033[K' >&2; }

show_progress() {
	local left=''

	if [ "$finished" -gt 0 ]; then
		left=$(((total - finished) * (SECONDS - started_at) / finished))
		left=$(printf ', %d:%02d left' $((left / 60)) $((left % 60)))
	fi
	if [ -t 2 ]; then
		printf '\r\033[Koverhead: %d/%d cells%s: %s' "$finished" "$total" "$left" "$1" >&2
	elif [ $((finished % 20)) -eq 0 ]; then
		echo "overhead: $finished/$total cells$left: $1" >&2
	fi
}

# A tracer that does not start here is a row without a value, and its reason is kept.
try_tracers() {
	local t started=()

	for t in $TRACERS; do
		tracer_command "$t"
		if [ -z "${command[0]}" ]; then
			refused[$t]='could not be built'
		elif start_tracer "$t"; then
			started+=("$t")
		else
			refused[$t]=$(start_failure)
		fi
		stop_tracer
	done
	[ ${#started[@]} -gt 0 ] || die "no tracer starts here: ${refused[*]}"
	TRACERS=${started[*]}
	for t in "${!refused[@]}"; do
		add_row "$t" pageout 1 '' throughput pages/s ''
		add_row "$t" pageout+stats 1 pair time ns/pair ''
	done
}

# add_row ARM WORKLOAD REP DEVICE METRIC UNIT VALUE
add_row() {
	echo "1,$RUN,$(uname -r),overhead,$1,,,$2,$DISKS,$PROCESSES,$3,$4,$5,$6,$7" >>"$result/metrics.csv"
}

# run_load WORKLOAD: what it prints is in $work/load; it is a process group of its own
run_load() {
	local load

	case $1 in
	pageout*) load=("$PAGEOUT" "$PROCESSES" "$MIB" "${PASSES}x") ;;
	futex*) load=("$HAMMER" "$PROCESSES" 2) ;;
	esac
	setsid "${load[@]}" >"$work/load" 2>"$work/load.err" 7>&- 8>&- &
	load_pid=$!
	wait "$load_pid" || die "the load $1 failed: $(tail -1 "$work/load.err")"
	load_pid=''
}

pages_per_second() { awk '$2 == "pages/s" { print $1 }' "$work/load"; }

throughput_cell() {
	local tracer=$1 rep=$2 cpu=0 start

	start_tracer "$tracer" || die "$tracer did not start: $(start_failure)"
	[ -z "$tracer_pid" ] || cpu=$(tracer_cpu)
	start=$EPOCHREALTIME
	run_load pageout
	if [ -n "$tracer_pid" ]; then
		add_row "$tracer" pageout "$rep" '' collector_cpu % \
			"$(awk -v a="$cpu" -v b="$(tracer_cpu)" -v t0="$start" -v t1="$EPOCHREALTIME" 'BEGIN { print 100 * (b - a) / (t1 - t0) }')"
		add_row "$tracer" pageout "$rep" '' collector_memory bytes "$(tracer_memory)"
	fi
	stop_tracer
	add_row "$tracer" pageout "$rep" '' throughput pages/s "$(pages_per_second)"
	[ "$tracer" = none ] || add_row "$tracer" pageout "$rep" '' seen events "$(events_seen "$tracer")"
}

# The first interval is 10 ms, and is in the figure.
first_row_cell() {
	local start=$EPOCHREALTIME end

	tracer_command "$1"
	end=$("${command[@]}" -i 0.01 -d 0.05 | { read -r _ && echo "$EPOCHREALTIME" && cat >/dev/null; }) ||
		die "$1 printed nothing"
	add_row "$1" start "$2" '' first_row ms "$(awk -v a="$start" -v b="$end" 'BEGIN { print 1000 * (b - a) }')"
}

# stats_rows TRACER WORKLOAD REP: from the statistics before and after the load
stats_rows() {
	awk '{ runs[$1] += (FILENAME == ARGV[1] ? -1 : 1) * $2; ns[$1] += (FILENAME == ARGV[1] ? -1 : 1) * $3 }
		END {
			for (w in runs) {
				print w, "runs", "runs", runs[w]
				if (runs[w] > 0) print w, "time", "ns/run", ns[w] / runs[w]
			}
			if (runs["begin"] > 0 && runs["end"] > 0)
				print "pair", "time", "ns/pair", ns["begin"] / runs["begin"] + ns["end"] / runs["end"]
		}' "$work/before" "$work/after" | while read -r device metric unit value; do
		add_row "$1" "$2" "$3" "$device" "$metric" "$unit" "$value"
	done
}

# While statistics are on, each program run is timed: that costs, so throughput is not taken.
stats_cell() {
	local tracer=$1 rep=$2 workload=$3

	start_tracer "$tracer" || die "$tracer did not start: $(start_failure)"
	program_stats >"$work/before"
	run_load "$workload"
	program_stats >"$work/after"
	stop_tracer
	stats_rows "$tracer" "$workload" "$rep"
	[ "$tracer" = empty ] || add_row "$tracer" "$workload" "$rep" '' seen events "$(events_seen "$tracer")"
}

run_cells() {
	local rep tracer workload all="none $TRACERS" n

	# shellcheck disable=SC2086	# lists of words
	{
		n=$(wc -w <<<"$all")
		total=$((n * REPS + 2 * n * STATS_REPS)) started_at=$SECONDS
		echo 1 >/proc/sys/kernel/bpf_stats_enabled
		for ((rep = 1; rep <= STATS_REPS; rep++)); do
			for tracer in $(rotate "$rep" empty $TRACERS); do
				for workload in pageout+stats futex+stats; do
					show_progress "cost of $tracer, $workload, repetition $rep"
					stats_cell "$tracer" "$rep" "$workload"
					finished=$((finished + 1))
				done
			done
		done
		echo "$stats_before" >/proc/sys/kernel/bpf_stats_enabled
		for ((rep = 1; rep <= REPS; rep++)); do
			for tracer in $(rotate "$rep" $all); do
				show_progress "throughput with $tracer, repetition $rep"
				throughput_cell "$tracer" "$rep"
				case $tracer in lockstat-swap | baseline) first_row_cell "$tracer" "$rep" ;; esac
				finished=$((finished + 1))
			done
		done
	}
	clear_progress
}

refused_json() {
	local t

	for t in "${!refused[@]}"; do
		jq -n --arg t "$t" --arg why "${refused[$t]}" '{($t): $why}'
	done | jq -s 'add // {}'
}

write_run_json() {
	jq -n --arg run "$RUN" --arg kernel "$(uname -r)" --argjson cpus "$(nproc)" \
		--arg model "$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -1)" \
		--arg tool "$("$TOOL" --version 2>/dev/null | head -1)" --arg bpftrace "$(bpftrace --version)" \
		--arg tracers "$TRACERS" --argjson refused "$(refused_json)" \
		--argjson reps "$REPS" --argjson stats "$STATS_REPS" --argjson processes "$PROCESSES" --argjson mib "$MIB" \
		--argjson passes "$PASSES" --arg disk "$DISK" --arg config "$(config_hash)" '
		{schema: 1, run: $run, experiment: "overhead", kernel: $kernel,
		 kernels: {booted: {release: $kernel, config_sha256: (if $config == "" then null else $config end)}}, cpus: $cpus, cpu: $model, tool: $tool,
		 bpftrace: $bpftrace, tracers: ($tracers | split(" ")), refused: $refused, repetitions: $reps,
		 repetitions_cost: $stats, load: {processes: $processes, mib: $mib, passes: $passes, zram: $disk}}' >"$result/run.json"
}

# compared TITLE ARGUMENT...: a part of the results, as `lockstat-swap compare` tells it
compared() {
	printf '\n%s\n' "$1"
	shift
	"$TOOL" compare --by arm "$@" "$result/metrics.csv" || say "compare failed with status $?"
}

# median METRIC: of all repetitions
median() {
	awk -F, -v metric="$1" '$13 == metric { print $15 }' "$result/metrics.csv" | sort -g |
		awk '{ v[NR] = $1 } END { if (NR) print v[int((NR + 1) / 2)] }'
}

# A single tracer's is compared with nothing.
collecting_process() {
	case $TRACERS in
	*' '*) compared "the collecting process" --base "$1" --metric collector_cpu --metric collector_memory ;;
	*) printf '\nthe collecting process of %s: %.2f%% of a CPU, %.1f MB (medians)\n' "$1" \
		"$(median collector_cpu)" "$(awk -v bytes="$(median collector_memory)" 'BEGIN { print bytes / 1e6 }')" ;;
	esac
}

print_results() {
	local t first

	case " $TRACERS " in *" perf-6.1 "*) first='perf-6.1' ;; *) first=${TRACERS%% *} ;; esac
	if [ "$STATS_REPS" -gt 0 ]; then
		compared "cost under swapping" --base "$first" --metric time --where workload=pageout+stats
		compared "cost of locks without a name (a futex's hash bucket)" --base "$first" --metric time --where workload=futex+stats
		compared "events seen, runs of the programs" --base "$first" --metric seen --metric runs --where workload=pageout+stats
		echo "\"empty\" is a program that does nothing: what the statistics themselves add to each run."
	fi
	if [ "$REPS" -gt 0 ]; then
		compared "throughput of the load" --base none --metric throughput
		collecting_process "$first"
		awk -F, '$13 == "first_row" { print $15 }' "$result/metrics.csv" | sort -n |
			awk '{ v[NR] = $1 } END { if (NR) printf "\nfirst row of lockstat-swap after %.0f ms (median of %d, at most %.0f)\n", v[int((NR + 1) / 2)], NR, v[NR] }'
	fi
	for t in "${!refused[@]}"; do
		echo "$t does not start on this kernel: ${refused[$t]}"
	done
}

parse_args "$@"
check_host
exec 8>"$(cache_dir)/bench.lock"
flock -n 8 || die "another bench is running here"
build_perfs
result=$results/$RUN
[ ! -e "$result" ] || die "$result exists; choose another --run"
mkdir -p -- "$result"
work=$(mktemp -d)
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
echo "$METRICS_HEADER" >"$result/metrics.csv"
stats_before=$(cat /proc/sys/kernel/bpf_stats_enabled)
for ((i = 0; i < DISKS; i++)); do add_swap "$DISK"; done
try_tracers
write_run_json
run_cells
print_results
say "$total cells in $SECONDS s; results: $result"
