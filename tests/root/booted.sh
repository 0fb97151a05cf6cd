#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The bench on this machine, on devices that the test makes: what it refuses, what it measures,
# and that the machine is as before however it ends.
. "$(dirname -- "${BASH_SOURCE[0]}")/../lib.sh"
. "$(dirname -- "${BASH_SOURCE[0]}")/../host.sh"

BENCH=$TOP/bench/bench.sh
export LOCKSTAT_SWAP LOCKSTAT_SWAP_CACHE=$WORK/cache
export WORKLOADS=swapload FLAVOURS=timing REPS=1 WARMUP=0.2 WARMUP_MAX=0.2 WINDOW=0.3 LOAD_MIB=64 CPUS=2
unset BASE PROFILE RUN DRY_RUN WIPE COUNTS REBOOT ARMS SSDS MEM SSD_SIZE

# bench [VARIABLE=VALUE...]: run t of experiment ssd, without a terminal
bench() { env "$@" "$BENCH" ssd --run t --results "$WORK/results" </dev/null; }

# expect_lines STATUS PATTERN COMMAND...: each line on stderr matches; a device may have several
expect_lines() {
	local want=$1 pattern=$2 got=0

	shift 2
	"$@" >"$WORK/stdout" 2>"$WORK/stderr" || got=$?
	cat "$WORK/stderr"
	[ "$got" -eq "$want" ] && [ -s "$WORK/stderr" ] && ! grep -vE -- "$pattern" "$WORK/stderr"
}

# refuses PATTERN DEVICE...: with and without WIPE=yes, which lets nothing through that is in use
refuses() {
	local wipe

	for wipe in no yes; do refuses_unless "$wipe" "$@"; done
}

# refuses_unless WIPE PATTERN DEVICE...
refuses_unless() {
	local before

	before=$(cksum "$3")
	expect_lines 2 "^bench.sh: $2" bench WIPE="$1" SSDS="${*:3}"
	[ "$(cksum "$3")" = "$before" ]
	[ ! -e "$WORK/results" ]
}

# small_loop [MIB]: a loop device that may have partitions, in $loop; its file in $image. What it
# writes is not to be in memory, for that would be the load's.
small_loop() {
	image=$(mktemp "$WORK/image.XXXXXX")
	fallocate -l "${1:-160}M" "$image"
	loop=$(losetup -f -P --direct-io=on --show "$image")
	echo "loop $loop" >>"$made"
}

# A bench that somebody else runs on this machine is not ours to disturb.
nobody_measures() { [ ! -e /run/lockstat-swap/lock ] || flock -n /run/lockstat-swap/lock true; }

needs_devices() {
	remove_devices
	rm -rf "$WORK/results"
	needs_root
	wait_until nobody_measures
	[ -e /sys/class/zram-control/hot_add ] || skip 'needs zram'
	[ -e /dev/loop-control ] || skip 'needs loop devices'
}

mounted_is_refused() {
	needs_devices
	small_loop
	mkfs.ext4 -q "$loop"
	mkdir -p "$WORK/mnt"
	mount -o ro "$loop" "$WORK/mnt" # which would write to it
	echo "mount $WORK/mnt" >>"$made"
	refuses "$loop: $loop is mounted at $WORK/mnt$" "$loop"
	remove_devices
}

partition() { printf 'label: dos\n,,\n' | sfdisk -q --no-tell-kernel "$1" && partx -a "$1" && echo "part $1" >>"$made"; }

partitioned_is_refused() {
	needs_devices
	small_loop
	printf 'label: dos\n' | sfdisk -q --no-tell-kernel "$loop"
	refuses_unless no "$loop: holds a signature \(dos\); WIPE=yes would let it" "$loop"
	partition "$loop"
	DRY_RUN=1 bench WIPE=yes SSDS="$loop" >/dev/null 2>"$WORK/said"
	grep -q "dos on it goes" "$WORK/said"
	refuses_unless no "$loop: (holds a signature \(dos\)|has partitions)" "$loop"
	mkfs.ext4 -q "${loop}p1"
	mount -o ro "${loop}p1" "$WORK/mnt"
	echo "mount $WORK/mnt" >>"$made"
	refuses "$loop: ${loop}p1 is mounted at $WORK/mnt$" "$loop"
	remove_devices
}

mapped_is_refused() {
	needs_devices
	needs_device_mapper
	small_loop
	echo "0 65536 linear $loop 0" | dmsetup create "lockstat-test-$$"
	echo "mapped lockstat-test-$$" >>"$made"
	refuses "$loop: $loop is in use by dm-[0-9]+$" "$loop"
	remove_devices
}

signature_is_refused() {
	needs_devices
	small_loop
	mkfs.ext4 -q "$loop"
	refuses_unless no "$loop: holds a signature \(ext4\); WIPE=yes would let it be overwritten$" "$loop"
	remove_devices
}

swap_is_refused() {
	needs_devices
	small_loop
	swap_on "$loop" 3
	refuses "$loop: $loop is in use as swap$" "$loop"
	remove_devices
}

held_is_refused() {
	needs_devices
	small_loop
	# shellcheck disable=SC2016	# Perl's
	background perl -MFcntl -e 'sysopen(my $f, $ARGV[0], O_RDONLY | O_EXCL) or die; $| = 1; print "held\n"; sleep' "$loop" >"$WORK/held"
	wait_until test -s "$WORK/held"
	refuses "$loop: is held exclusively" "$loop"
	remove_devices
}

the_same_twice_is_refused() {
	needs_devices
	small_loop
	ln -s "$loop" "$WORK/other-name"
	refuses "$WORK/other-name: is $loop, which is named already$" "$loop" "$WORK/other-name"
	rm "$WORK/other-name"
	remove_devices
}

unfit_is_refused() {
	needs_devices
	small_loop 16
	refuses "$loop: is too small: 16M, and a load of 64 MiB needs 128M$" "$loop"
	losetup -d "$loop"
	small_loop
	refuses "$image: is in use by $loop$" "$image"
	blockdev --setro "$loop"
	refuses "$loop: is read-only$" "$loop"
	blockdev --setrw "$loop"
	truncate -s 160M "$WORK/holes" && chmod 600 "$WORK/holes"
	refuses "$WORK/holes: has holes" "$WORK/holes"
	fallocate -l 160M "$WORK/open" && chmod 644 "$WORK/open"
	refuses "$WORK/open: others may read or write it" "$WORK/open"
	chmod 600 "$WORK/open" && chown 65534 "$WORK/open"
	refuses "$WORK/open: is not root's" "$WORK/open"
	expect 2 "SSDS takes paths, not patterns" bench WIPE=yes SSDS="$WORK/op*"
	expect 2 "^bench.sh: /dev/null: is neither a block device nor a regular file$" bench WIPE=yes SSDS=/dev/null
	expect 2 "^bench.sh: /dev/nowhere: no such device or file$" bench WIPE=yes SSDS=/dev/nowhere
	expect 2 "MEM is of guests" bench MEM=64 SSDS="$loop"
	expect 2 "ARMS has not" bench ARMS=none-such SSDS="$loop"
	[ ! -e "$WORK/results" ]
	remove_devices
}

# on_a_terminal ANSWER COMMAND...: its output, then its exit status
on_a_terminal() {
	python3 - "$@" <<-'END'
		import os, pty, sys

		pid, master = pty.fork()
		if not pid:
		    os.execvp(sys.argv[2], sys.argv[2:])
		os.write(master, (sys.argv[1] + "\n").encode())
		try:
		    while data := os.read(master, 4096):
		        os.write(1, data)
		except OSError:
		    pass
		print("status", os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
	END
}

the_user_is_asked() {
	needs_devices
	new_zram
	! bench SSDS="$zram" >"$WORK/said" 2>&1 || return
	grep -q 'without a terminal to ask on, WIPE=yes must say' "$WORK/said"
	on_a_terminal 1G env WIPE=yes SSDS="$zram" "$BENCH" ssd --run t --results "$WORK/results" >"$WORK/asked"
	cat "$WORK/asked"
	grep -q "All that is on $zram is lost. Its size" "$WORK/asked"
	grep -q "that is not the size of $zram; nothing was written" "$WORK/asked"
	grep -q '^status 2' "$WORK/asked"
	[ ! -e "$WORK/results" ]
	for _ in 1 2 3; do # for a cell that failed
		on_a_terminal 512M env SSDS="$zram" "$BENCH" ssd --run t --results "$WORK/results" >"$WORK/asked"
		! grep -q '^status 0' "$WORK/asked" || break
	done
	grep -q '^status 0' "$WORK/asked" || { cat "$WORK/asked" && return 1; }
	remove_devices
}

setting_files='/proc/sys/vm/swappiness /proc/sys/vm/page-cluster /sys/kernel/mm/transparent_hugepage/enabled
	/sys/module/zswap/parameters/enabled'

# What a run could leave changed. Others may swap, mount and make devices meanwhile.
system_now() {
	# shellcheck disable=SC2086	# a list of words
	grep . $setting_files /sys/devices/system/cpu/cpufreq/policy*/scaling_governor 2>/dev/null || true
	awk -v zram="$zram" -v loop="$loop" '$1 == zram || $1 == loop { print $1, $5 }' /proc/swaps
	losetup --list --noheadings --output NAME,BACK-FILE | grep -F "$WORK/" | sort
	ls -d /sys/class/block/{"${zram##*/}","${loop##*/}"}*
	awk -v work="$WORK/" 'index($5, "/run/lockstat-swap") == 1 || index($5, work) == 1 { print $3, $5 }' /proc/self/mountinfo | sort
	find /sys/fs/cgroup -maxdepth 2 -name 'lockstat-swap.*'
	find /run/lockstat-swap -maxdepth 1 2>/dev/null || true
	# in a file, so as not to find itself
	echo "$WORK/results" >"$WORK/pattern"
	grep -lFf "$WORK/pattern" /proc/[0-9]*/cmdline 2>/dev/null | sed 's/^/process /' || true
}

# two_devices: a zram and a loop device, and what the system is like, with settings to be undone
two_devices() {
	needs_devices
	new_zram
	small_loop
	cat "$TOP/.output/swapload" >/dev/null || skip 'needs swapload: make swapload'
	echo 47 >/proc/sys/vm/swappiness
	system_now >"$WORK/before"
}

as_before() {
	system_now >"$WORK/after"
	diff "$WORK/before" "$WORK/after"
	[ -z "$(wipefs --no-act --noheadings "$zram" "$loop")" ]
}

swappiness=$(cat /proc/sys/vm/swappiness)
trap 'remove_devices; "$BENCH" --clean-up || true; echo "$swappiness" >/proc/sys/vm/swappiness; rm -rf -- "$WORK"' EXIT

measures_and_leaves_nothing() {
	two_devices
	mkfs.ext4 -q "$loop" # goes, as WIPE=yes says
	for _ in 1 2 3; do # as the bench says: a kernel may kill a load that is at its limit
		! bench FLAVOURS="lockstat timing" WIPE=yes SSDS="$zram $loop" 2>"$WORK/said" || break
	done
	cat "$WORK/said"
	! grep ': line [0-9]*: ' "$WORK/said" || return # a mistake of a script, as bash says it
	as_before
	jq -e --arg zram "$zram" --arg loop "$loop" --arg release "$(uname -r)" '
		.complete and .machine == "booted" and .kernels.booted.release == $release
		and ([.devices[].device] == [$zram, $loop]) and .devices[0].size_bytes == 536870912
		and .settings["/proc/sys/vm/swappiness"] == {value: "60", before: "47"}
		and ([.arms_left_out[].name] + [.arms[].name] | unique | contains(["global", "partition"]))' "$WORK/results/t/run.json"
	[ "$(column "$WORK/results/t/metrics.csv" kernel | sort -u)" = "$(uname -r)" ]
	grep -q '<h1>t</h1>' "$WORK/results/t/report.html"
	[ "$(awk -F, '$8 == "swapload" && $13 == "swapin" { print $6, $9 }' "$WORK/results/t/metrics.csv" | sort | paste -sd ' ')" = \
		"$(printf '%s\n' {none,"$(tail -1 "$WORK/results/t/locks.csv" | cut -d, -f6)"}\ {1,2} | sort | paste -sd ' ')" ]
	remove_devices
}

dry_run_writes_nothing() {
	two_devices
	dd if=/dev/urandom of="$image" bs=1M count=160 conv=notrunc status=none
	cksum "$image" >"$WORK/sum"
	DRY_RUN=1 bench SSDS="$zram $loop" COUNTS=2 >"$WORK/plan" 2>"$WORK/said"
	cat "$WORK/said" "$WORK/plan"
	grep -q "$loop: no model, serial unknown, 160M: overwritten" "$WORK/said"
	[ "$(wc -l <"$WORK/plan")" -eq 2 ]
	cksum "$image" | diff - "$WORK/sum"
	[ ! -e "$WORK/results" ]
	as_before
	remove_devices
}

# patched_tree LOCK: a bench that takes the booted kernel for one of ours, in that arm
patched_tree() {
	mkdir -p "$WORK/tree/.output" "$WORK/parameters/kernel/parameters"
	cp -R "$TOP/bench" "$WORK/tree/"
	cp "$TOP/.output/swapload" "$WORK/tree/.output/"
	sed -i "s|^MODULES=.*|MODULES=$WORK/parameters|" "$WORK/tree/bench/lib/booted.sh"
	echo "$1" >"$WORK/parameters/kernel/parameters/swap_lock"
	echo off >"$WORK/parameters/kernel/parameters/swap_slots"
}

reboots_are_shown_first() {
	needs_devices
	patched_tree partition
	BENCH=$WORK/tree/bench/bench.sh
	fallocate -l 160M "$WORK/file" && chmod 600 "$WORK/file"
	export REBOOT=ask ARMS="partition global" REPS=2 FLAVOURS="lockstat timing" REPS_PER_BOOT=1 SSDS="$WORK/file"
	DRY_RUN=1 bench >"$WORK/plan" 2>"$WORK/said"
	cat "$WORK/said" "$WORK/plan"
	grep -q ': will reboot 3 times (REBOOT=ask), now swap_lock=partition swap_slots=off$' "$WORK/said"
	grep -q ': boot for arm global, part 2: swap_lock=global swap_slots=off, 2 cells$' "$WORK/said"
	[ "$(cut -d' ' -f3 "$WORK/plan" | uniq -c | awk '{ print $1, $2 }' | paste -sd ' ')" = '3 partition 2 global 2 partition 2 global' ]
	! WIPE=yes "$BENCH" ssd --results /dev/shm/none 2>"$WORK/said" || return
	grep -qE "^bench.sh: a reboot would lose .* \(see --help\)$" "$WORK/said"
	small_loop
	expect 2 "$loop may be another device after a reboot, and has no name in /dev/disk/by-id" bench WIPE=yes SSDS="$loop"
	[ ! -e "$WORK/results" ]
	[ ! -e /dev/shm/none ]
	remove_devices
}

# long_run DIR: in the background, on both devices, with results there
long_run() {
	# what a shell starts in the background ignores an interrupt, else
	WIPE=yes SSDS="$zram $loop" WINDOW=1 REPS=2 background env --default-signal=INT "$BENCH" ssd --run t --results "$1" </dev/null >"$WORK/said" 2>&1
}

# In a cell with swap on, the first cells done; $! is the bench
begin_long_run() {
	two_devices
	long_run "$WORK/results"
	wait_for_second_cell
}

in_second_cell() {
	[ "$(find "$WORK"/{results,small}/t/.work \( -name 'done' -o -name failed \) 2>/dev/null | wc -l)" -ge 2 ] && grep -q "^$zram " /proc/swaps
}

# wait_for_second_cell: of the bench in $!
wait_for_second_cell() { wait_while $! in_second_cell || { cat "$WORK/said" && return 1; }; }

# ends_by SIGNAL STATUS
ends_by() {
	local pid got=0

	begin_long_run
	pid=$!
	kill "-$1" "$pid"
	wait "$pid" || got=$?
	cat "$WORK/said"
	[ "$got" -eq "$2" ]
	as_before
	[ "$(jq '[.cells[] | select(.state != "missing")] | length' "$WORK/results/t/run.json")" -ge 2 ]
	remove_devices
}

# The terminal goes away in the second cell; the bench is its session's leader.
closed_terminal() {
	two_devices
	python3 - "$WORK/said" env WIPE=yes SSDS="$zram" REPS=2 WINDOW=1 "$BENCH" ssd --run t --results "$WORK/results" <<-'END' &
		import os, pty, sys, time

		pid, master = pty.fork()
		if not pid:
		    os.execvp(sys.argv[2], sys.argv[2:])
		os.write(master, b"512M\n")
		while not os.path.exists(sys.argv[1] + ".close"):
		    time.sleep(0.05)
		os.close(master)
		print("status", os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
	END
	echo "process $!" >>"$made"
	wait_for_second_cell
	: >"$WORK/said.close"
	wait $! || true
	as_before
	rm "$WORK/said.close"
	remove_devices
}

kill_hard() {
	local pid

	begin_long_run
	pid=$!
	kill -KILL "$pid"
	wait "$pid" || true
	[ -s /run/lockstat-swap/journal ]
	! system_now | diff -q "$WORK/before" - >/dev/null || { echo 'nothing was left to clean up' && return 1; }
}

killed_is_cleaned_up() {
	kill_hard
	"$BENCH" --clean-up
	as_before
	"$BENCH" --clean-up >"$WORK/said" 2>&1
	[ ! -s "$WORK/said" ]
	remove_devices
}

# The load of it makes one, on which fio is still at work.
a_partition_is_removed() {
	local pid

	two_devices
	WIPE=yes SSDS="$loop" WORKLOADS=interference WINDOW=9 background "$BENCH" ssd --run t --results "$WORK/results" </dev/null >"$WORK/said" 2>&1
	pid=$!
	wait_while "$pid" pgrep -f "filename=${loop}p1" || { cat "$WORK/said" && return 1; }
	kill -KILL "$pid"
	wait "$pid" || true
	[ -e "/sys/class/block/${loop#/dev/}p1" ]
	"$BENCH" --clean-up
	as_before
	remove_devices
}

killed_goes_on() {
	local first

	kill_hard
	first=$(find "$WORK"/results/t/.work -name 'done' -path '*ceiling*' -printf '%T@')
	# that a cell may fail under a limit is not for this test to say
	bench WIPE=yes SSDS="$zram $loop" WINDOW=1 REPS=2 >"$WORK/said" 2>&1 || true
	cat "$WORK/said"
	grep -q 'putting back what a killed run had changed' "$WORK/said"
	grep -q 'going on with t' "$WORK/said"
	[ "$(find "$WORK"/results/t/{,.work/}cells/ceiling/done -printf '%T@' 2>/dev/null || true)" = "$first" ]
	as_before
	remove_devices
}

full_disk() {
	two_devices
	mkdir -p "$WORK/small"
	mount -t tmpfs -o size=64M none "$WORK/small"
	echo "mount $WORK/small" >>"$made"
	system_now >"$WORK/before"
	long_run "$WORK/small"
	wait_for_second_cell
	cat /dev/zero >"$WORK/small/filler" 2>/dev/null || true
	! wait $! || return
	tail -3 "$WORK/said"
	as_before
	remove_devices
}

# What killed guests left; not what a living one has
stale_drives_go() {
	local stale live

	stale=$(mktemp -d /dev/shm/lockstat-swap.XXXXXX)
	live=$(mktemp -d /dev/shm/lockstat-swap.XXXXXX)
	echo "1 1 $(cat /proc/sys/kernel/random/boot_id)" >"$stale/.owner"
	echo "$$ $(sed 's/.*) //' /proc/$$/stat | cut -d' ' -f20) $(cat /proc/sys/kernel/random/boot_id)" >"$live/.owner"
	"$BENCH" --clean-up
	[ ! -e "$stale" ]
	[ -e "$live" ]
	rm -r "$live"
}

run_test 'a mounted device is refused' mounted_is_refused
run_test 'a disk with partitions is refused' partitioned_is_refused
run_test 'a device below another is refused' mapped_is_refused
run_test 'a signature is refused' signature_is_refused
run_test 'swap in use is refused' swap_is_refused
run_test 'a device that a program holds is refused' held_is_refused
run_test 'the same device twice is refused' the_same_twice_is_refused
run_test 'what is too small, read-only, full of holes or no device is refused' unfit_is_refused
run_test 'the user is asked before anything is written' the_user_is_asked
run_test 'a dry run writes nothing' dry_run_writes_nothing
run_test 'how often it will reboot is shown, and what a reboot would lose is refused' reboots_are_shown_first
run_test 'a run measures, and leaves the machine as it was' measures_and_leaves_nothing
run_test 'an interrupted run leaves the machine as it was' ends_by INT 130
run_test 'so does one that is asked to end' ends_by TERM 143
run_test 'so does one whose terminal is closed' closed_terminal
run_test 'so does one on a full disk' full_disk
run_test 'what a killed run left is put back on request' killed_is_cleaned_up
run_test 'so is a partition that its load had made' a_partition_is_removed
run_test 'a killed run is put back by the next start, which goes on' killed_goes_on
run_test 'drives of killed guests are removed' stale_drives_go
