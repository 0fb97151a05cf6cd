#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2016	# variables of jq
# swapload without swap of its own: mistakes, its JSON, repeatability, signals, who is left behind.
. "$(dirname -- "${BASH_SOURCE[0]}")/../lib.sh"

usage() { expect 2 "$1" "$SWAPLOAD" "${@:2}"; }

mistakes_have_a_cure() {
	usage '--size wants bytes, such as 512M' --size lots
	usage '--size and --ratio exclude' --size 1M --ratio 2
	usage '--ratio wants a number from' --ratio 0
	usage '--threads and --processes exclude' --threads 2 --processes 2
	usage '--threads wants a whole number from 1' --threads 0
	usage 'wants seq, uniform or zipf:THETA' --access zipf
	usage 'wants random, ratio:R' --content ratio:2
	usage 'wants random, ratio:R.* or zero, not .beta:2:5.' --content beta:2:5
	usage 'A and B from 1 to 16' --content beta:0:5:1
	usage '--read-share wants a number from 0 to 1' --read-share 2
	usage '--verify wants one of page, header' --verify nothing
	usage '--phases wants populate, then' --phases in,populate
	usage 'wants --size or --ratio' --by pressure
	usage 'phase out wants --by pageout' --by pressure --size 1M --phases populate,out
	usage '--free-by exit wants --processes' --free-by exit --threads 2
	usage 'add --rate' --arrivals poisson
	usage 'add --rate' --spin 5
	usage '--rate and --think-time exclude' --rate 5 --think-time 5
	usage '--seed wants a whole number' --seed -1
	usage "unexpected argument 'now'" now
	usage 'unrecognized option' --nonsense
}

too_small() { expect 1 'less than a page a worker: raise --size' "$SWAPLOAD" -q --size 4K --threads 2; }
too_big() { expect 1 'does not fit into .* lower it or add swap' "$SWAPLOAD" -q --size 900T; }

unwritable_json() {
	expect 1 "cannot write '/nonexistent/x.json'" "$SWAPLOAD" -q --json /nonexistent/x.json
}

full_disk() {
	local got=0

	expect 1 "cannot write '/dev/full': No space" \
		"$SWAPLOAD" -q --size 1M --phases populate --json /dev/full
	"$SWAPLOAD" --size 1M --phases populate >/dev/full 2>"$WORK/stderr" || got=$?
	[ $got -eq 1 ]
	grep -q 'cannot print: No space' "$WORK/stderr"
}

# load OPTION...: a small one, its JSON in $WORK/load.json
load() { "$SWAPLOAD" --quiet --size 4M --json "$WORK/load.json" "$@"; }

holds() {
	jq -e "$1" "$WORK/load.json" >/dev/null && return
	echo "not so: $1"
	cat "$WORK/load.json"
	return 1
}

json_is_whole() {
	"$SWAPLOAD" --size 4M --threads 3 --operations 1000 --rate 100000 --json - 2>/dev/null >"$WORK/load.json"
	[ "$(jq -s length "$WORK/load.json")" -eq 1 ]
	holds '.schema == 1 and .complete and .signal_number == null and .corrupt_count == 0'
	holds '.command[0:3] == ["swapload", "--size", "4M"] and .seed == 1 and .workers_count == 3'
	[ "$(jq -r .kernel "$WORK/load.json")" = "$(uname -r)" ]
	[ "$(jq .page_size_bytes "$WORK/load.json")" = "$(getconf PAGESIZE)" ]
	holds '[.phases[].phase] == ["populate", "out", "in", "out", "mixed", "out", "free"]'
	holds '.phases[4] | .operations_count == 1000 and .verified_count == 1000
		and (.operations_of_workers_count | sort) == [333, 333, 334]'
	holds '.phases[0] | .minor_faults_count >= .operations_count and .stray_faults_count <= 3'
	# each time in its bucket, which is at most 1/64 of it wide
	holds '[.phases[].latency[] | (.histogram_ns_count | . == sort) and ([.histogram_ns_count[][1]] | add) == .count
		and .histogram_ns_count[0][0] <= .min_ns and .histogram_ns_count[0][0] * 1.016 + 1 > .min_ns
		and .histogram_ns_count[-1][0] <= .max_ns and .histogram_ns_count[-1][0] * 1.016 + 1 > .max_ns] | length > 5 and all'
	holds '.phases[4].fairness.jain_index_ratio | . > 0 and . <= 1'
}

figures_have_units() {
	load --operations 1000 --rate 100000
	jq -r 'paths(type == "number") | map(select(type == "string")) | last' "$WORK/load.json" | sort -u >"$WORK/keys"
	[ "$(wc -l <"$WORK/keys")" -ge 25 ]
	! grep -vE '(^|_)(ns|s|bytes|pages|count|ratio|percent|number)$|^(schema|seed|addresses_hash)$' "$WORK/keys"
}

table_has_each_phase() {
	"$SWAPLOAD" --size 4M --operations 1000 2>/dev/null >"$WORK/table"
	for phase in populate out in mixed free; do
		grep -qE "^$phase +[0-9]+ +[0-9.]+ " "$WORK/table"
	done
	grep -q ': 0 wrong' "$WORK/table"
}

quiet_says_nothing() {
	"$SWAPLOAD" --quiet --size 1M --operations 100 >"$WORK/said" 2>&1
	[ ! -s "$WORK/said" ]
}

# hashes OPTION...: of the phases' sequences of pages
hashes() {
	load --operations 2000 --access zipf:0.9 "$@" || return
	jq -c '[.phases[].addresses_hash]' "$WORK/load.json"
}

the_seed_decides_the_addresses() {
	local first

	first=$(hashes --threads 2 --seed 7)
	[ "$first" = "$(hashes --processes 2 --seed 7 --read-share 0.1 --content zero)" ]
	[ "$first" != "$(hashes --threads 2 --seed 8)" ]
	[ "$first" != "$(hashes --threads 1 --seed 7)" ]
}

read_share_is_kept() {
	load --operations 20000 --read-share 0.25 --phases populate,mixed
	holds '.phases[1] | .reads_count / .operations_count | . > 0.235 and . < 0.265'
	load --operations 500 --read-share 1 --phases populate,mixed
	holds '.phases[1] | .reads_count == .operations_count'
}

ratio_is_of_the_memory() {
	"$SWAPLOAD" -q --ratio 0.001 --threads 1 --phases populate --json "$WORK/load.json"
	holds '(.set_bytes - .memory_bytes * 0.001 | fabs) <= .page_size_bytes'
}

# has_used TICKS: of CPU time, the load in $pid; its processes are in $workers
has_used() {
	local ticks=0 process

	workers=$(cat "/proc/$pid/task/$pid/children")
	for process in $pid $workers; do
		ticks=$((ticks + $(awk '{ print $14 + $15 }' "/proc/$process/stat")))
	done
	[ "$ticks" -ge "$1" ]
}

# What a worker is asked for goes on for ten minutes; wait until it has used CPU for some of it.
begin_long_load() {
	"$SWAPLOAD" --quiet --size 4M --duration 600 --phases populate,mixed,free --json "$WORK/load.json" "$@" 2>"$WORK/stderr" &
	pid=$!
	wait_while "$pid" has_used 30
}

# ends_with STATUS: the load, and with it every worker
ends_with() {
	local got=0 process

	wait "$pid" || got=$?
	echo "exit status $got"
	[ $got -eq "$1" ]
	for process in $workers; do
		[ ! -e "/proc/$process" ]
	done
}

# signal SIGNAL STATUS OPTION...
signal_keeps_the_figures() {
	begin_long_load "${@:3}"
	kill "-$1" "$pid"
	ends_with "$2"
	holds ".complete == false and .signal_number == $2 - 128"
	holds '(.phases | length) == 2 and .phases[1].phase == "mixed"'
	holds '.phases[1] | .operations_count > 100 and .wall_s > 0.05 and .wall_s < 500'
}

# Of a phase that would last ten minutes
sigusr1_goes_on() {
	begin_long_load "$@"
	kill -USR1 "$pid"
	ends_with 0
	holds '.complete and .phases[1].operations_count > 100 and .phases[1].wall_s < 500'
	holds '.phases[2].phase == "free"'
}

# All processes stand still for 0.6 s: those due in that time are as late as they are.
a_stall_is_not_left_out() {
	"$SWAPLOAD" -q --size 1M --threads 1 --rate 1000 --batch 16 --duration 4 --phases populate,mixed \
		--json "$WORK/load.json" 2>/dev/null &
	pid=$!
	wait_while "$pid" handles_signals
	sleep 0.5
	kill -STOP "$pid"
	sleep 0.6
	kill -CONT "$pid"
	wait "$pid"
	holds '.phases[1].open_loop.queued_count >= 500'
	holds '.phases[1].latency | [.major_fault, .minor_fault, .no_fault | select(.)] as $all
		| ([$all[].max_ns] | max) >= 5.5e8
		and ([$all[] | .count * .mean_ns] | add) > 10 * .service.count * .service.mean_ns'
}

# More than can be done: what is not begun when it ends is counted.
what_is_not_begun_is_counted() {
	load --threads 1 --rate 20000000 --duration 0.1 --phases populate,mixed
	holds '.phases[1] | .operations_count + .open_loop.not_begun_count == 2000000
		and .open_loop.not_begun_count > 0 and .open_loop.queued_count > 0'
}

a_phase_has_its_own_time() {
	load --threads 1 --operations 100 --phases populate,mixed:0.3,mixed
	holds '.phases[1].wall_s >= 0.3 and .phases[1].operations_count > 0 and .phases[2].operations_count == 100'
}

thinking_takes_time() {
	load --threads 1 --think-time 10000 --operations 20 --phases populate,mixed
	holds '.phases[1].wall_s >= 0.2'
}

# set_of PROCESS: where its 4 MiB are
set_of() {
	local start end access

	while IFS=' -' read -r start end access _; do
		if [ "$access" = rw ] && ((16#$end - 16#$start == 4 << 20)); then
			echo $((16#$start))
		fi
	done <"/proc/$1/maps"
}

# Somebody else writes to the third page of a worker.
corruption_is_found() {
	local worker at

	needs_root
	begin_long_load --processes 1
	worker=${workers%% *}
	at=$(($(set_of "$worker") + 2 * $(getconf PAGESIZE) + 800))
	[ $at -gt 65536 ]
	printf 'not what it was' | dd "of=/proc/$worker/mem" bs=1 seek=$at conv=notrunc status=none
	wait_while "$pid" has_used 130 # it comes to each of its pages many times over in such a time
	kill -INT "$pid"
	ends_with 1
	cat "$WORK/stderr"
	grep -q 'data corruption, .* page 2 of worker 0, .* word 100: 0x[0-9a-f]* instead of' "$WORK/stderr"
	holds '.corrupt_count > 0 and .phases[1].corrupt_count == .corrupt_count'
}

handles_signals() { grep -qE '^SigCgt:.*[2367abef]$' "/proc/$pid/status"; }

# A low rate sleeps for long, and yet is ended at once.
interrupt_ends_a_sleep() {
	local start=$SECONDS got=0

	"$SWAPLOAD" -q --size 1M --rate 0.01 --duration 600000 --phases populate,mixed --json "$WORK/load.json" &
	pid=$!
	wait_while "$pid" handles_signals
	sleep 0.5
	kill -INT "$pid"
	wait "$pid" || got=$?
	[ $got -eq 130 ]
	[ $((SECONDS - start)) -lt 60 ]
	# of those due later none was left out
	holds '.signal_number == 2 and .phases[1].open_loop.not_begun_count == 0'
}

a_killed_worker_is_told() {
	begin_long_load --processes 2
	kill -KILL "${workers%% *}"
	ends_with 1
	grep -q 'worker [01] was killed by signal 9' "$WORK/stderr"
	holds '.complete == false and .phases[1].operations_count > 100'
}

no_worker_is_left() {
	local process

	for process in $workers; do [ ! -e "/proc/$process" ] || return 1; done
}

a_killed_parent_takes_its_workers_with_it() {
	begin_long_load --processes 2
	kill -KILL "$pid"
	wait "$pid" || true
	wait_until no_worker_is_left
}

says_that_it_cannot_lock() {
	[ "$(id -u)" = 0 ] || skip 'needs root to drop it'
	cp "$SWAPLOAD" "$WORK/swapload" && chmod 755 "$WORK" "$WORK/swapload"
	as_nobody prlimit --memlock=0 "$WORK/swapload" --size 1M --operations 100 --json - 2>"$WORK/stderr" >"$WORK/load.json"
	grep -q 'cannot lock its own memory.* ulimit -l' "$WORK/stderr"
	holds '.own_memory_locked == false and .complete'
}

run_test 'each mistake is one line with its cure' mistakes_have_a_cure
run_test 'a set of less than a page a worker is refused' too_small
run_test 'a set that cannot fit is refused' too_big
run_test 'an unwritable JSON file is named' unwritable_json
run_test 'a full disk is an error' full_disk
run_test 'the JSON is one object, and whole' json_is_whole
run_test 'the name of each figure tells its unit' figures_have_units
run_test 'the table has each phase' table_has_each_phase
run_test 'quiet is quiet' quiet_says_nothing
run_test 'the seed decides the addresses' the_seed_decides_the_addresses
run_test 'the share of reads is kept' read_share_is_kept
run_test 'a ratio is of the memory there is' ratio_is_of_the_memory
run_test 'SIGINT keeps the figures of threads' signal_keeps_the_figures INT 130 --threads 2
run_test 'SIGTERM keeps the figures of processes' signal_keeps_the_figures TERM 143 --processes 2
run_test 'SIGUSR1 ends a mixed phase of threads' sigusr1_goes_on --threads 2
run_test 'SIGUSR1 ends a mixed phase of processes' sigusr1_goes_on --processes 2
run_test 'an interrupt ends a sleep' interrupt_ends_a_sleep
run_test 'a stall is not left out of the times of an open loop' a_stall_is_not_left_out
run_test 'what an open loop had no time for is counted' what_is_not_begun_is_counted
run_test 'a mixed phase may have a time of its own' a_phase_has_its_own_time
run_test 'thinking takes time' thinking_takes_time
run_test 'a page that another process changed is found' corruption_is_found
run_test 'a killed worker is told of' a_killed_worker_is_told
run_test 'a killed parent takes its workers with it' a_killed_parent_takes_its_workers_with_it
run_test 'who cannot lock memory is told' says_that_it_cannot_lock
