#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Runs in the guest, in the share: all that swap meets happens at once, for $TORTURE_SECONDS and
# until all of it has, while tortureload verifies what it swaps; then for a while to a device whose
# I/O fails at times. $TORTURE_SEED repeats the steps, though not when they happen. Leaves
# figures.txt: what was done how often.
set -euo pipefail
. ./torture-lib.sh

load_cgroup=/sys/fs/cgroup/load
processes=6 process_mib=2
load_mib=$((processes * process_mib))
anchor=/run/ssd/ssd0 # always on: there has to be room
file=/tmp/fs/file
tiny=/tmp/fs/tiny
failing=/run/ssd/ssd4
devices=("$anchor" /run/ssd/ssd1 /run/ssd/ssd2 "$file" "$tiny")
# what has to happen beside the load
steps_of_all=(swapon:{ssd1,ssd2,file,tiny} swapoff:{ssd1,ssd2,file,tiny} full limits unplug thp_swpout discarded)

make_devices() {
	local device

	mke2fs -b 4096 /run/ssd/ssd3 >/dev/null 2>&1
	mkdir /tmp/fs
	mount -t ext2 /run/ssd/ssd3 /tmp/fs
	dd if=/dev/zero of=$file bs=1M count=64 2>/dev/null
	dd if=/dev/zero of=$tiny bs=256K count=1 2>/dev/null
	chmod 600 $file $tiny
	for device in "${devices[@]}" $failing; do
		mkswap "$device" >/dev/null
	done
}

# Huge pages for who asks for them
ask_for_huge_pages() { echo madvise >/sys/kernel/mm/transparent_hugepage/enabled; }

make_cgroup() {
	mount -t cgroup2 cgroup2 /sys/fs/cgroup
	echo +memory >/sys/fs/cgroup/cgroup.subtree_control
	mkdir $load_cgroup
}

everything_at_once() {
	start load $processes $process_mib stop "$TORTURE_SEED"
	(./snapshotload stop "$anchor" /run/ssd/ssd1 /run/ssd/ssd2 >figures.snapshots) &
	pids+=($!)
	start_loop devices exchange /run/ssd/ssd1 $file
	start_loop others exchange /run/ssd/ssd2 $tiny
	start_loop cpus unplug_cpu
	start_loop room note_full
	start_limits limits
	go_on_for "$TORTURE_SECONDS" "${steps_of_all[@]}"
	say "all ended at $(cut -d' ' -f1 /proc/uptime) s"
}

# Pages are lost, as they have to be; those of processes that expect it.
with_io_errors() {
	start lossy $processes $process_mib stop "$TORTURE_SEED" lossy
	start_loop failing exchange_failing
	start_limits lossy-limits
	go_on_for $((TORTURE_SECONDS / 5 + 15)) swapoff:ssd4 read_error
	say "all that loses pages ended at $(cut -d' ' -f1 /proc/uptime) s"
	fail_io 0
}

ends_as_it_began() {
	all_off "${devices[@]}" $failing
	nothing_is_left
	all_is_free "${devices[@]}" $failing
}

everything_was_tested() {
	local untested

	untested=$(missing written verified forks crowds renewed taken absent lossy:verified lossy:lost "${steps_of_all[@]}")
	[ -z "$untested" ] || fail "nothing was tested of ${untested//$'\n'/, }"
	[ "$(figure lost)" -eq 0 ] || fail 'pages were lost without I/O errors'
	echo "seconds $SECONDS" >figures.took
	cat figures.* >figures.txt
}

say "seed $TORTURE_SEED, $TORTURE_SECONDS s"
ask_for_huge_pages
make_devices
make_cgroup
watch_for_races
swapon -p 0 $anchor
everything_at_once
ends_as_it_began
nothing_is_reported '(Read|Write)-error'
swapon -p 0 $anchor
with_io_errors
ends_as_it_began
nothing_is_reported
everything_was_tested
say "done at $(cut -d' ' -f1 /proc/uptime) s"
