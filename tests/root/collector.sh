#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The collector on real swap of this host: zram and loop devices that the test makes and removes.
. "$(dirname -- "${BASH_SOURCE[0]}")/../lib.sh"
. "$(dirname -- "${BASH_SOURCE[0]}")/../host.sh"

HAMMER=${HAMMER:-$TOP/.output/tests/hammer}

names_each_device() {
	needs_swap_devices
	add_zram 30
	add_zram 30
	add_loop
	"$LOCKSTAT_SWAP" record --csv "$WORK/locks.csv" --metrics "$WORK/metrics.csv" \
		--run-json "$WORK/run.json" -- "$PAGEOUT" 4 48 4
	names_all "$WORK/locks.csv" swap_map
	names_all "$WORK/locks.csv" cluster
	remove_devices
}

load_really_swapped() {
	[ -e "$WORK/metrics.csv" ] || skip 'there was no recording'
	awk -v out="$(metric "$WORK/metrics.csv" swapout)" -v in_="$(metric "$WORK/metrics.csv" swapin)" \
		'BEGIN { exit !(out > 100 && in_ > 100) }'
}

events_were_seen() {
	[ -e "$WORK/metrics.csv" ] || skip 'there was no recording'
	[ "$(metric "$WORK/metrics.csv" ledger_begins)" -gt 0 ]
}

# An interrupt may find the program it needs at work: the kernel turns that run away and counts
# it, and the wait that so lost its end is mismatched.
ledger_closes() {
	[ -e "$WORK/metrics.csv" ] || skip 'there was no recording'
	grep ledger_ "$WORK/metrics.csv"
	[ "$(metric "$WORK/metrics.csv" ledger_residual)" -eq 0 ]
	[ "$(metric "$WORK/metrics.csv" ledger_dropped)" -eq 0 ]
	[ "$(metric "$WORK/metrics.csv" ledger_mismatched)" -le "$(metric "$WORK/metrics.csv" ledger_missed)" ]
}

# The ledger and the rows are two ways to count: each end is in exactly one row.
rows_add_up_to_the_ledger() {
	[ -e "$WORK/metrics.csv" ] || skip 'there was no recording'
	[ "$(metric "$WORK/metrics.csv" ledger_ends)" -eq \
		"$(column "$WORK/locks.csv" contended | awk '{ s += $1 } END { print s }')" ]
}

# with_tracefs COMMAND...: becomes it; where tracefs is mounted nowhere, as we need none, it has its own.
with_tracefs() {
	# shellcheck disable=SC2016 # the inner shell's "$@"
	exec unshare -m sh -c '[ -e /sys/kernel/tracing/events ] ||
		mount -t tracefs tracefs /sys/kernel/tracing; exec "$@"' sh "$@"
}

# witnessed PROGRAM ARGUMENT...: its own waits, counted by bpftrace as well: both look from before
# it until after it, for a name that no other process has. Each may be turned away where the other
# is at work, and we say how often we were.
witnessed() {
	local bpftrace ours theirs missed load=$WORK/load.$$

	command -v bpftrace >/dev/null || skip 'needs bpftrace'
	cp "$1" "$load"
	shift
	with_tracefs bpftrace -q -e 'tracepoint:lock:contention_begin /comm == "'"${load##*/}"'"/ { @begins = count(); }
		BEGIN { printf("ready\n"); }' >"$WORK/bpftrace" 2>"$WORK/bpftrace.errors" &
	bpftrace=$!
	echo "process $bpftrace" >>"$made"
	wait_while "$bpftrace" grep -q ready "$WORK/bpftrace" || {
		cat "$WORK/bpftrace.errors"
		return 1
	}
	"$LOCKSTAT_SWAP" record --backend contention --comm "${load##*/}" --metrics "$WORK/witness.csv" \
		-- "$load" "$@"
	kill -INT "$bpftrace"
	wait "$bpftrace"
	ours=$(metric "$WORK/witness.csv" ledger_begins)
	missed=$(metric "$WORK/witness.csv" ledger_missed)
	theirs=$(awk '$1 == "@begins:" { print $2 }' "$WORK/bpftrace")
	echo "lockstat-swap $ours and $missed missed, bpftrace $theirs"
	awk -v a="$ours" -v b="$theirs" -v missed="$missed" \
		'BEGIN { d = a > b ? a - b : b - a; exit !(a > 50 && d <= 2 + missed + 0.0005 * b) }'
}

swapping_agrees_with_bpftrace() {
	needs_swap_devices
	add_zram 30
	add_zram 30
	witnessed "$PAGEOUT" 4 48 3
	remove_devices
}

a_futex_agrees_with_bpftrace() {
	needs_root
	witnessed "$HAMMER" 8 3
}

context_is_whole() {
	[ -e "$WORK/run.json" ] || skip 'there was no recording'
	jq -e '.kernel and .backend and .lockpath != null and .cpus > 0 and (.ledger.residual == 0)' \
		"$WORK/run.json" >/dev/null
}

# As many as the kernel takes, with those of others: the last swapon fails.
names_as_many_as_there_are() {
	local n i

	needs_swap_devices
	for ((i = 0; i < 32; i++)); do
		n=$(cat /sys/class/zram-control/hot_add)
		echo "zram $n" >>"$made"
		echo 8M >"/sys/block/zram$n/disksize"
		mkswap "/dev/zram$n" >/dev/null 2>&1
		swapon -p $((i % 3)) "/dev/zram$n" || break
		echo "swap /dev/zram$n" >>"$made"
	done
	[ "$(tail -n +2 /proc/swaps | wc -l)" -ge 20 ]
	"$LOCKSTAT_SWAP" record -d 0.3 --csv "$WORK/many.csv" >/dev/null
	names_all "$WORK/many.csv" swap_map
	remove_devices
}

swap_file_is_named() {
	needs_swap_devices
	mount_ext4
	new_swap_file "$WORK/mount/swap file" 128
	swapon -p 30 "$WORK/mount/swap file"
	"$LOCKSTAT_SWAP" record -d 0.3 --csv "$WORK/file.csv" >/dev/null
	swapoff "$WORK/mount/swap file"
	remove_devices
	names_of "$WORK/file.csv" swap_map | grep -qF -- "$WORK/mount/swap file"
}

# waits_of PATTERN FILE: of the devices that match
waits_of() { awk -F, -v device="$1" '$14 ~ device { n += $18 } END { print n + 0 }' "$2"; }

# One device under ever new names, more of them than the programs have slots; the last one works.
names_ever_new_devices() {
	local i file pid load=$WORK/load.$$

	needs_swap_devices
	cp "$PAGEOUT" "$load"
	mount_ext4
	new_swap_file "$WORK/mount/swap0" 128
	background "$LOCKSTAT_SWAP" record --backend contention --comm "${load##*/}" -i 0.1 -d 300 \
		--csv "$WORK/names.csv" --metrics "$WORK/names.metrics" >/dev/null 2>"$WORK/names.log"
	pid=$!
	for ((i = 1; i <= 130; i++)); do
		file=$WORK/mount/swap$i
		mv "$WORK/mount/swap$((i - 1))" "$file"
		echo "swap $file" >>"$made"
		swapon -p 32767 "$file"
		wait_while "$pid" grep -q ",swap_map,$file," "$WORK/names.csv"
		[ $i -eq 130 ] || swapoff "$file"
	done
	for ((i = 0; i < 20 && $(waits_of '/swap130$' "$WORK/names.csv") == 0; i++)); do "$load" 4 24 1; done
	swapoff "$file"
	kill -INT "$pid"
	wait "$pid"
	remove_devices
	cat "$WORK/names.log"
	[ ! -s "$WORK/names.log" ]
	[ "$(metric "$WORK/names.metrics" ledger_ends)" -eq \
		"$(column "$WORK/names.csv" contended | awk '{ s += $1 } END { print s }')" ]
	[ "$(waits_of '/swap130$' "$WORK/names.csv")" -gt 0 ]
	[ "$(waits_of '/swap130$' "$WORK/names.csv")" -eq "$(waits_of '/swap[0-9]+$' "$WORK/names.csv")" ]
}

# Nearly all the wait for the swap path's own locks has a name, on a heavy load.
names_nearly_all() {
	needs_swap_devices
	add_zram 30
	add_zram 30
	for _ in 1 2 3 4 5; do # on a busy host it may not have to wait for them at all
		"$LOCKSTAT_SWAP" record --backend contention -- "$PAGEOUT" 4 48 4 >"$WORK/heavy"
		! grep -q '^named:' "$WORK/heavy" || break
	done
	remove_devices
	cat "$WORK/heavy"
	awk '$1 == "named:" { found = $2 + 0 >= 99 } END { exit !found }' "$WORK/heavy"
}

# load_without WAY: the heavy load, recorded without one of the ways to name a lock
load_without() {
	needs_swap_devices
	add_zram 30
	add_zram 30
	"$LOCKSTAT_SWAP" record --backend contention --without "$1" --csv "$WORK/$1.csv" \
		--comm "${PAGEOUT##*/}" -- "$PAGEOUT" 4 48 3 >/dev/null
}

# contended FILE CLASS...: of all the classes together
contended() {
	local file=$1

	shift
	awk -F, -v classes=" $* " 'NR > 1 && index(classes, " " $13 " ") { n += $18 } END { print n + 0 }' "$file"
}

# Each way is tried by leaving another out: what it would have named is then among the others,
# and never under a wrong name.
device_locks_are_found_without_symbols() {
	load_without symbols
	# a busy host may have no wait for them in three seconds
	grep -E '^schema,|,structural,' "$WORK/symbols.csv" >"$WORK/structural.csv"
	names_all "$WORK/structural.csv" cluster || names_all "$WORK/structural.csv" swap_map
	remove_devices
}

nothing_is_taken_for_a_device_lock() {
	load_without code
	remove_devices
	if grep -q ',symbol,' "$WORK/code.csv"; then skip 'this kernel shows data symbols'; fi
	[ "$(contended "$WORK/code.csv" cluster swap_map)" -eq 0 ]
	[ "$(contended "$WORK/code.csv" other)" -gt 0 ]
	echo "page_table $(contended "$WORK/code.csv" page_table), swap_avail $(contended "$WORK/code.csv" swap_avail)"
	[ "$(contended "$WORK/code.csv" page_table swap_avail)" -le $((10 + $(contended "$WORK/code.csv" other) / 10)) ]
}

nothing_is_taken_for_lruvec() {
	load_without structures
	remove_devices
	[ "$(contended "$WORK/structures.csv" lruvec zone mmap)" -eq 0 ]
	echo "memcg $(contended "$WORK/structures.csv" memcg), other $(contended "$WORK/structures.csv" other)"
	[ "$(contended "$WORK/structures.csv" memcg)" -le $((10 + $(contended "$WORK/structures.csv" other) / 10)) ]
}

# begin_recording SECONDS: in $pid, its first interval is in $WORK/now.csv
begin_recording() {
	rm -f "$WORK/now.csv"
	background "$LOCKSTAT_SWAP" record -i "$1" --csv "$WORK/now.csv" >/dev/null
	pid=$!
	wait_while "$pid" grep -q '^1,' "$WORK/now.csv"
}

follows_swapon() {
	local pid

	needs_swap_devices
	begin_recording 0.1
	add_zram 30
	wait_while "$pid" grep -q ",swap_map,${zram#/dev/}," "$WORK/now.csv"
	kill -INT "$pid"
	wait "$pid"
	remove_devices
}

# The second interval is far from its end.
interrupt_keeps_the_rows() {
	local pid

	needs_root
	begin_recording 2
	kill -INT "$pid"
	wait "$pid"
	[ "$(column "$WORK/now.csv" interval | sort -un | tail -1)" -ge 2 ]
}

known_contention_is_seen() {
	needs_root
	"$LOCKSTAT_SWAP" selftest
}

# From 6.14 on a rotational device has a second map lock; taken for swap_avail_lock it would hide.
rotational_device_has_both_locks() {
	local d

	needs_swap_devices
	bpftool btf dump file /sys/kernel/btf/vmlinux | grep "'global_cluster_lock'" >/dev/null ||
		skip 'this kernel has no second map lock'
	add_zram 30
	d=$(made_of swap)
	swapoff "$d"
	echo 1 >"/sys/block/${d#/dev/}/queue/rotational"
	swapon -p 30 "$d"
	"$LOCKSTAT_SWAP" record -d 0.2 --csv "$WORK/rotational.csv" >/dev/null
	awk -F, -v d="${d#/dev/}" '$13 == "swap_map" && $14 == d { print $15 }' "$WORK/rotational.csv" |
		grep 'global_cluster_lock'
	remove_devices
}

run_test 'each swap device has its rows' names_each_device
run_test 'the load really swapped out and in' load_really_swapped
run_test 'contention was seen' events_were_seen
run_test 'the ledger closes to zero' ledger_closes
run_test 'rows and ledger count the same' rows_add_up_to_the_ledger
run_test 'waits under swapping agree with bpftrace' swapping_agrees_with_bpftrace
run_test 'waits for a futex agree with bpftrace' a_futex_agrees_with_bpftrace
run_test 'the context is written' context_is_whole
run_test 'every device is named, however many' names_as_many_as_there_are
run_test 'a swap file is named' swap_file_is_named
run_test 'devices of ever new names are named' names_ever_new_devices
run_test 'a rotational device has both its locks' rotational_device_has_both_locks
run_test 'at least 99% of the wait is named' names_nearly_all
run_test 'device locks are found without symbols' device_locks_are_found_without_symbols
run_test 'without device locks none is misnamed' nothing_is_taken_for_a_device_lock
run_test 'without structures none is misnamed' nothing_is_taken_for_lruvec
run_test 'a device that joins later is named' follows_swapon
run_test 'an interrupt keeps what was recorded' interrupt_keeps_the_rows
run_test 'provoked contention is seen' known_contention_is_seen
run_test 'no program stays loaded' leaves_nothing_behind
