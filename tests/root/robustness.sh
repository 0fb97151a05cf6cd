#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# record where disks fill, terminals vanish, readers leave, and swap devices come and go.
. "$(dirname -- "${BASH_SOURCE[0]}")/../lib.sh"
. "$(dirname -- "${BASH_SOURCE[0]}")/../host.sh"

COLUMNS=$(head -1 "$TOP/results/6.1-tcg-2cpu/locks.csv" | awk -F, '{ print NF }')

# small_disk PAGES: a file system with room for so many, at $WORK/small
small_disk() {
	needs_root
	mkdir -p "$WORK/small"
	mount -t tmpfs -o "size=$(($1 * $(getconf PAGESIZE)))" none "$WORK/small"
	echo "mount $WORK/small" >>"$made"
}

ends_with_newline() { [ -s "$1" ] && [ -z "$(tail -c 1 "$1")" ]; }

# whole_rows FILE FIELDS: each line has all of them; these files have no quoted comma
whole_rows() {
	ends_with_newline "$1"
	awk -F, -v n="$2" 'NF != n { print FILENAME ":" NR ": " $0; bad = 1 } END { exit bad }' "$1"
}

last_interval() { column "$1" interval | sort -un | tail -1; }

# no_interval_is_cut FILE: rows are added as locks are met, and none goes
no_interval_is_cut() {
	column "$1" interval | uniq -c | awk '$1 < rows { bad = 1 } { rows = $1 } END { exit bad }'
}

# accounts_for FILE METRICS: each wait of the ledger is in a row of some interval
accounts_for() {
	[ "$(column "$1" contended | awk '{ n += $1 } END { print n }')" -eq "$(metric "$2" ledger_ends)" ]
}

has_intervals() { [ "$(last_interval "$1")" -ge "$2" ]; }

# full_mid_run OPTION FILE: records into a disk that is full long before the end. It has room for
# some intervals of a host with many swap devices.
full_mid_run() {
	small_disk 24
	expect 1 "^lockstat-swap: cannot write '$WORK/small/$2': No space left on device$" \
		"$LOCKSTAT_SWAP" record -i 0.02 -d 300 "$1" "$WORK/small/$2" --metrics "$WORK/other.csv"
	ends_with_newline "$WORK/small/$2"
	grep -q ledger_residual "$WORK/other.csv"
}

csv_on_a_full_disk() {
	full_mid_run --csv x.csv
	whole_rows "$WORK/small/x.csv" "$COLUMNS"
	[ "$(last_interval "$WORK/small/x.csv")" -ge 2 ]
}

json_on_a_full_disk() {
	full_mid_run --json x.json
	jq -es 'length >= 2 and ([.[].interval] == [range(1; length + 1)])' "$WORK/small/x.json" >/dev/null
}

# The CSV file has had the interval when the JSON file fails.
no_interval_comes_twice() {
	small_disk 1
	expect 1 "cannot write '$WORK/small/x.json': No space" "$LOCKSTAT_SWAP" record -i 0.05 -d 300 \
		--json "$WORK/small/x.json" --csv "$WORK/twice.csv"
	has_intervals "$WORK/twice.csv" 2
	[ -z "$(cut -d, -f12-16 "$WORK/twice.csv" | sort | uniq -d)" ]
}

# Its rows are made long, so that they do not fit into the one page that is left.
metrics_on_a_full_disk() {
	small_disk 2
	head -c "$(getconf PAGESIZE)" /dev/zero >"$WORK/small/filler"
	expect 1 "cannot write '$WORK/small/m.csv': No space" "$LOCKSTAT_SWAP" record -d 0.2 \
		--set "run=$(printf '%0600d' 0)" --metrics "$WORK/small/m.csv"
	whole_rows "$WORK/small/m.csv" 15
	[ "$(wc -l <"$WORK/small/m.csv")" -ge 2 ]
}

a_full_device() {
	local option

	needs_root
	for option in --csv --json --metrics --run-json; do
		expect 1 "cannot write '/dev/full': No space" \
			"$LOCKSTAT_SWAP" record -i 0.1 -d 0.5 "$option" /dev/full
	done
	# shellcheck disable=SC2016 # $0 is the inner shell's
	expect 1 'cannot print: ' sh -c '"$0" record -d 0.2 >/dev/full' "$LOCKSTAT_SWAP"
	[ -c /dev/full ]
}

# without_terminal ARGUMENT...: runs it on a terminal that goes away after the second table, and
# prints the exit status. What outlives the terminal for a minute is killed, and has none.
without_terminal() {
	python3 - "$LOCKSTAT_SWAP" record "$@" <<-'END'
		import os, pty, select, sys, time

		pid, master = pty.fork()
		if not pid:
		    os.execv(sys.argv[1], sys.argv[1:])
		shown = b""
		while shown.count(b"lockstat-swap  kernel") < 2 and select.select([master], [], [], 60)[0]:
		    shown += os.read(master, 4096)
		os.close(master)
		end = time.monotonic() + 60
		while time.monotonic() < end:
		    done, status = os.waitpid(pid, os.WNOHANG)
		    if done:
		        print(os.waitstatus_to_exitcode(status))
		        sys.exit()
		    time.sleep(0.05)
		os.kill(pid, 9)
	END
}

a_terminal_vanishes() {
	needs_root
	[ "$(without_terminal --csv "$WORK/live.csv" --metrics "$WORK/live-metrics.csv")" = 0 ]
	whole_rows "$WORK/live.csv" "$COLUMNS"
	[ "$(wc -l <"$WORK/live.csv")" -ge 4 ]
	grep -q ledger_residual "$WORK/live-metrics.csv"
}

a_terminal_vanishes_between_intervals() {
	needs_root
	[ "$(without_terminal -i 0.5 --csv "$WORK/tty.csv" --metrics "$WORK/tty-metrics.csv" \
		-- sleep 600)" = 0 ]
	whole_rows "$WORK/tty.csv" "$COLUMNS"
	no_interval_is_cut "$WORK/tty.csv"
	has_intervals "$WORK/tty.csv" 3
	accounts_for "$WORK/tty.csv" "$WORK/tty-metrics.csv"
}

# nohup's SIGHUP is not ours either: it goes on, with nobody to print for. Who ends with the
# terminal has three intervals. On a busy machine some of the fifteen may become one.
nohup_outlives_its_terminal() {
	needs_root
	[ "$(trap '' HUP && without_terminal -i 0.2 -d 3 --csv "$WORK/nohup.csv")" = 0 ]
	no_interval_is_cut "$WORK/nohup.csv"
	has_intervals "$WORK/nohup.csv" 5
}

# ends_on SIGNAL: in the middle, with a command that has a child of its own
ends_on() {
	local dir=$WORK/$1 pid seen

	needs_root
	mkdir "$dir"
	# shellcheck disable=SC2016 # $! and $0 are the inner shell's
	background "$LOCKSTAT_SWAP" record -i 0.5 --csv "$dir/x.csv" --json "$dir/x.json" \
		--metrics "$dir/m.csv" --run-json "$dir/run.json" \
		-- sh -c 'sleep 600 & echo $! >"$0/child"; echo $$ >"$0/command"; wait' "$dir" >/dev/null
	pid=$!
	wait_while "$pid" has_intervals "$dir/x.csv" 2
	seen=$(last_interval "$dir/x.csv")
	echo "process $(cat "$dir/child")" >>"$made"
	kill -"$1" "$pid"
	wait "$pid"
	whole_rows "$dir/x.csv" "$COLUMNS"
	no_interval_is_cut "$dir/x.csv"
	# the one that was cut short is there as well
	has_intervals "$dir/x.csv" $((seen + 1))
	accounts_for "$dir/x.csv" "$dir/m.csv"
	[ "$(jq -s 'last.interval' "$dir/x.json")" -eq "$(last_interval "$dir/x.csv")" ]
	jq -e '.ledger.residual == 0' "$dir/run.json" >/dev/null
	wait_until has_ended "$(cat "$dir/command")"
	wait_until has_ended "$(cat "$dir/child")"
}

# head is gone after the first of the lines; who ended with it would have three intervals of fifteen.
a_reader_leaves() {
	needs_root
	{ "$LOCKSTAT_SWAP" record -i 0.1 -d 1.5 --csv "$WORK/head.csv" --json "$WORK/head.json" \
		2>"$WORK/complaints" && touch "$WORK/head.ended"; } | head -1 >/dev/null
	cat "$WORK/complaints"
	[ ! -s "$WORK/complaints" ]
	[ -e "$WORK/head.ended" ]
	no_interval_is_cut "$WORK/head.csv"
	has_intervals "$WORK/head.csv" 5
	[ "$(jq -s 'last.interval' "$WORK/head.json")" -eq "$(last_interval "$WORK/head.csv")" ]
}

# status_without_reader ARGUMENT...: of a recording whose standard output is closed at once
status_without_reader() {
	{ timeout 60 "$LOCKSTAT_SWAP" record -i 0.1 "$@" 2>"$WORK/complaints" && echo 0 >"$WORK/status" ||
		echo $? >"$WORK/status"; } | head -c 1 >/dev/null
	cat "$WORK/complaints" "$WORK/status"
}

the_only_reader_leaves() {
	needs_root
	[ "$(status_without_reader)" = 0 ]
	[ "$(status_without_reader --csv -)" = 0 ]
	[ "$(status_without_reader --json -)" = 0 ]
}

the_directory_goes() {
	local dir=$WORK/textfile

	needs_root
	mkdir "$dir"
	{
		wait_until test -e "$dir/x.prom"
		wait_until rm -r "$dir"
	} &
	expect 1 "^lockstat-swap: cannot write '$dir/x.prom': No such file or directory$" \
		"$LOCKSTAT_SWAP" record -i 0.1 -d 600 --prometheus "$dir/x.prom" --csv "$WORK/dir.csv"
	wait
	whole_rows "$WORK/dir.csv" "$COLUMNS"
}

# count FILE DEVICE: how often its locks were waited for
count() {
	awk -F, -v d="${2#/dev/}" 'NR > 1 && $14 == d { n += $18 } END { print n + 0 }' "$1"
}

# closes FILE: the ledger of a recording, and that its load ended as it should
closes() {
	[ "$(metric "$1" ledger_residual)" -eq 0 ]
	[ "$(metric "$1" ledger_dropped)" -eq 0 ]
}

# begin_load NAME PROCESSES MIB: paging for long, recorded by $pid into the files of that name
begin_load() {
	background "$LOCKSTAT_SWAP" record -i 0.2 --csv "$WORK/$1.csv" --metrics "$WORK/$1-metrics.csv" \
		-- "$PAGEOUT" "$2" "$3" 1200 >/dev/null 2>"$WORK/complaints"
	pid=$!
}

# end_load NAME
end_load() {
	kill -INT "$pid"
	wait "$pid"
	cat "$WORK/complaints"
	[ ! -s "$WORK/complaints" ]
	closes "$WORK/$1-metrics.csv"
}

# is_waited_for NAME DEVICE [COUNT]: more often than that; its locks are contended when they are
is_waited_for() { [ "$(count "$WORK/$1.csv" "$2")" -gt "${3:-0}" ]; }

has_row() { names_of "$WORK/$1.csv" swap_map | grep -qw -- "${2#/dev/}"; }

# The first device is used alone until it goes, then the second. The third has the first one's
# place in swap_info[], but is never used: what its rows showed would be another's.
a_device_goes() {
	local first second third pid

	needs_swap_devices
	add_zram 32002
	first=$zram
	add_zram 32001
	second=$zram
	new_zram
	third=$zram
	begin_load gone 8 24
	wait_while "$pid" is_waited_for gone "$first"
	remove_zram "$first"
	swap_on "$third" 32000
	wait_while "$pid" has_row gone "$third"
	wait_while "$pid" is_waited_for gone "$second" "$(count "$WORK/gone.csv" "$second")"
	end_load gone
	echo "$(count "$WORK/gone.csv" "$first") $(count "$WORK/gone.csv" "$second") $(count "$WORK/gone.csv" "$third")"
	[ "$(count "$WORK/gone.csv" "$third")" -eq 0 ]
}

# has_taken DEVICE MIB: so much was written to it
has_taken() { [ "$(awk '{ print int($7 / 2048) }' "/sys/block/${1#/dev/}/stat")" -ge "$2" ]; }

# One device comes and goes ten times over, under one name, while another carries the load.
devices_come_and_go() {
	local pid i

	needs_swap_devices
	add_zram 32001
	begin_load cycles 4 24
	for ((i = 0; i < 10; i++)); do
		add_zram 32002
		wait_while "$pid" has_taken "$zram" 1
		[ $i -lt 9 ] || wait_while "$pid" is_waited_for cycles "$zram"
		remove_zram "$zram"
	done
	end_load cycles
	names_all "$WORK/cycles.csv" swap_map
	has_row cycles "$zram"
}

# is_named NODE: as /proc/swaps does it, with a row of locks and figures of its I/O
is_named() {
	local name

	name=$(awk -v node="$1" '$1 == node { sub("^/dev/", "", $1); print $1 }' /proc/swaps)
	[ -n "$name" ]
	"$LOCKSTAT_SWAP" record --csv "$WORK/node.csv" --metrics "$WORK/node-metrics.csv" \
		-- "$PAGEOUT" 2 16 1 >/dev/null
	names_of "$WORK/node.csv" swap_map | grep -qw -- "$name"
	[ "$(metric "$WORK/node-metrics.csv" written "$name" | cut -d. -f1)" -gt 0 ]
}

a_partition_is_named() {
	needs_swap_devices
	new_loop
	addpart "$loop" 1 2048 500000 2>"$WORK/refusal" || skip "no partition on a loop device: $(cat "$WORK/refusal")"
	echo "part $loop" >>"$made"
	swap_on "${loop}p1" 32001
	is_named "${loop}p1"
}

a_mapped_device_is_named() {
	local node

	needs_swap_devices
	needs_device_mapper
	new_loop
	dmsetup create "lockstat-$$" --table "0 $(blockdev --getsz "$loop") linear $loop 0"
	echo "mapped lockstat-$$" >>"$made"
	node=$(readlink -f "/dev/mapper/lockstat-$$")
	swap_on "$node" 32001
	is_named "$node"
}

# written FILE DEVICE: bytes a second, whole ones
written() { metric "$1" written "${2#/dev/}" | cut -d. -f1; }

# three_devices NAME WAITED-FOR PRIORITY...: swaps on three, which have these, into the files of that
# name, until so many of them, the first ones, were waited for, and for more than a pass of the load
three_devices() {
	local name=$1 waited=$2 priority d pid

	needs_swap_devices
	shift 2
	devices=()
	for priority; do
		add_zram "$priority"
		devices+=("$zram")
	done
	begin_load "$name" 4 48
	for d in "${devices[@]:0:waited}"; do
		wait_while "$pid" has_taken "$d" 200
		wait_while "$pid" is_waited_for "$name" "$d"
	done
	end_load "$name"
	names_all "$WORK/$name.csv" swap_map
	names_all "$WORK/$name.csv" cluster
}

equal_priorities_share_the_load() {
	local d

	three_devices equal 3 32001 32001 32001
	for d in "${devices[@]}"; do
		echo "$d: $(written "$WORK/equal-metrics.csv" "$d") bytes/s, $(count "$WORK/equal.csv" "$d") waits"
		[ "$(written "$WORK/equal-metrics.csv" "$d")" -gt 0 ]
	done
}

# The first has room for all of it.
the_highest_priority_has_the_load() {
	local d

	three_devices unequal 1 32003 32002 32001
	[ "$(written "$WORK/unequal-metrics.csv" "${devices[0]}")" -gt 0 ]
	for d in "${devices[@]:1}"; do
		[ "$(written "$WORK/unequal-metrics.csv" "$d")" -eq 0 ]
		[ "$(count "$WORK/unequal.csv" "$d")" -eq 0 ]
	done
}

# By the file that runs, so that another's recording is not taken for ours. Processes that end
# meanwhile fail find.
our_processes() {
	find /proc -maxdepth 2 -path '/proc/[0-9]*/exe' -lname "$LOCKSTAT_SWAP" 2>/dev/null || true
}

no_process_stays() {
	needs_root
	our_processes
	[ -z "$(our_processes)" ]
}

# What a test that failed half-way has left is not to disturb the next.
run() {
	run_test "$@"
	remove_devices
}

run 'a disk that fills up ends --csv on a whole row' csv_on_a_full_disk
run 'a disk that fills up ends --json on a whole object' json_on_a_full_disk
run 'an output that fails makes no interval come twice in another' no_interval_comes_twice
run 'a disk that fills up ends --metrics on a whole row' metrics_on_a_full_disk
run 'a full device is named, once' a_full_device
run 'a terminal that vanishes ends it, with its files' a_terminal_vanishes
run 'so it does between intervals, with a command' a_terminal_vanishes_between_intervals
run 'nohup outlives its terminal' nohup_outlives_its_terminal
for signal in INT TERM HUP; do
	run "SIG$signal ends it and its command, files complete" ends_on "$signal"
done
run 'a reader that leaves costs the files nothing' a_reader_leaves
run 'the only reader that leaves ends it' the_only_reader_leaves
run 'a directory that goes is named' the_directory_goes
run 'a device that goes takes its counts to no other' a_device_goes
run 'a device may come and go ten times' devices_come_and_go
run 'a partition is named' a_partition_is_named
run 'a mapped device is named' a_mapped_device_is_named
run 'equal priorities share the load' equal_priorities_share_the_load
run 'the highest priority has the load' the_highest_priority_has_the_load
run 'no process stays' no_process_stays
run 'no program stays loaded' leaves_nothing_behind
