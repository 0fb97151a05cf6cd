# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2154,SC2034	# sourced by overhead.sh
# The tracers: how each is started, told to stop, and what it says it saw.

tracer_pid='' programs=''
declare -A perf=() # its binaries, by the kernel they come from

# The perf that TRACERS names; one that cannot be built is empty.
build_perfs() {
	local base

	for base in 6.1 6.12; do
		case " $TRACERS " in *" perf-$base "* | *" perf-$base-min "*) ;; *) continue ;; esac
		perf["$base"]=$("$OVERHEAD_DIR/perf.sh" "$base" 8>&- | tail -1) || perf["$base"]=''
	done
}

# tracer_command NAME: its command line in $command; fails for a name it does not know
tracer_command() {
	case $1 in
	lockstat-swap) command=("$TOOL" record --backend contention --metrics "$work/metrics.csv") ;;
	# each event is turned away: by a filter that nothing passes
	rejecting) command=("$TOOL" record --backend contention --comm '(nobody)' --metrics "$work/metrics.csv") ;;
	baseline) command=("${BASELINE:-}" record --backend contention --metrics "$work/metrics.csv") ;;
	perf-6.1) command=("${perf[6.1]:-}" lock contention -a -b) ;;
	# no mode of it goes without a stack: one frame is the least
	perf-6.1-min) command=("${perf[6.1]:-}" lock contention -a -b --max-stack 1 --stack-skip 0) ;;
	perf-6.12) command=("${perf[6.12]:-}" lock contention -a -b) ;;
	# aggregated by lock: no stack at all
	perf-6.12-min) command=("${perf[6.12]:-}" lock contention -a -b -l) ;;
	bpftrace) command=(bpftrace -q "$OVERHEAD_DIR/waits.bt") ;;
	# what the kernel's statistics see where a program does nothing
	empty) command=(bpftrace -q -e 'tracepoint:lock:contention_begin { return; } tracepoint:lock:contention_end { return; }') ;;
	*) return 1 ;;
	esac
}

# tracer_programs: "begin ID" and "end ID" of what the running tracer has loaded
tracer_programs() {
	local id

	awk '/^prog_id:/ { print $2 }' "/proc/$tracer_pid/fdinfo"/* 2>/dev/null | sort -un | while read -r id; do
		bpftool -j prog show id "$id" 2>/dev/null | jq -r '
			(.name // "") as $n | if $n | startswith("contention_b") then "begin \(.id)"
			elif $n | startswith("contention_e") then "end \(.id)" else empty end'
	done
}

start_failure() {
	# the verifier's word first; bpftrace complains of a limit, and goes on without
	grep -m1 'failed to find' "$work/tracer.log" ||
		grep -v RLIMIT_MEMLOCK "$work/tracer.log" | grep -m1 -iE 'error|fail|not |cannot|unknown|invalid' ||
		tail -1 "$work/tracer.log"
}

# start_tracer NAME: returns once both its programs are attached and it has come to rest
start_tracer() {
	local i

	[ "$1" != none ] || return 0
	tracer_command "$1" || die "no such tracer '$1'"
	rm -f -- "$work/metrics.csv"
	"${command[@]}" >"$work/tracer.out" 2>"$work/tracer.log" 7>&- 8>&- &
	tracer_pid=$!
	for ((i = 0; i < 200; i++)); do
		programs=$(tracer_programs)
		[ "$(cut -d' ' -f1 <<<"$programs" | sort -u | paste -sd ' ')" != 'begin end' ] || break
		kill -0 "$tracer_pid" 2>/dev/null || break
		sleep 0.1
	done
	sleep "$SETTLE"
	kill -0 "$tracer_pid" 2>/dev/null && [ "$i" -lt 200 ]
}

stop_tracer() {
	local i

	[ -n "$tracer_pid" ] || return 0
	kill -INT "$tracer_pid" 2>/dev/null || true
	for ((i = 0; i < 100; i++)); do
		kill -0 "$tracer_pid" 2>/dev/null || break
		sleep 0.1
	done
	kill -KILL "$tracer_pid" 2>/dev/null || true
	wait "$tracer_pid" 2>/dev/null || true
	tracer_pid=''
}

# program_stats: for each program, "begin|end RUNS NS" since it was loaded
program_stats() {
	local way id

	while read -r way id; do
		bpftool -j prog show id "$id" | jq -r --arg way "$way" '"\($way) \(.run_cnt // 0) \(.run_time_ns // 0)"'
	done <<<"$programs"
}

# tracer_cpu: seconds of CPU that the tracer's process has used
tracer_cpu() {
	awk -v hz="$(getconf CLK_TCK)" '{ sub(/.*\) /, ""); print ($12 + $13) / hz }' "/proc/$tracer_pid/stat"
}

tracer_memory() { awk '/^VmHWM/ { print $2 * 1024 }' "/proc/$tracer_pid/status"; }

# events_seen NAME: the waits in the output of a tracer that has ended
events_seen() {
	case $1 in
	lockstat-swap | rejecting | baseline) awk -F, '$13 == "ledger_ends" { print $15 }' "$work/metrics.csv" ;;
	perf-*) awk '$1 ~ /^[0-9]+$/ { n += $1 } END { print n + 0 }' "$work/tracer.out" "$work/tracer.log" ;;
	bpftrace) awk -F'[)\\]] +' '/^[[(].*\|/ { n += $2 } END { print n + 0 }' "$work/tracer.out" ;;
	esac
}
