# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What tests on this host's kernel share: swap devices that they make and remove, the rows that
# these must have, and what may stay loaded. For after lib.sh.

# Swap devices and settings are the machine's: of several scripts one has them at a time. Who holds
# them ends with this script, and is not inherited by what a test may leave running.
take_turns() {
	coproc TURN { exec flock -o -w 1800 /run/lockstat-swap-tests.lock sh -c 'echo taken && exec cat >/dev/null'; }
	read -r _ <&"${TURN[0]}" || { echo 'not ok - other tests have had the machine for half an hour' && exit 1; }
}
[ "$(id -u)" != 0 ] || take_turns

# A test runs in a subshell: what it makes is known to this one by a file.
made=$WORK/made
: >"$made"

made_of() { awk -v kind="$1" '$1 == kind { print $2 }' "$made"; }

has_ended() { [ ! -e "/proc/$1" ]; }

# What a failed test left running is in it.
remove_cgroup() {
	local i

	for ((i = 0; i < 50; i++)); do
		xargs -r kill -KILL <"$1/cgroup.procs"
		! rmdir "$1" || return 0
		sleep 0.1
	done 2>/dev/null
	return 1
}

remove_devices() {
	local d

	for d in $(made_of process); do ! kill "$d" 2>/dev/null || wait_until has_ended "$d" || true; done
	for d in $(made_of cgroup); do remove_cgroup "$d" || true; done
	for d in $(made_of swap) $(made_of loop) $(made_of zram | sed 's,^,/dev/zram,'); do
		swapoff "$d" 2>/dev/null || swapoff "$d" 2>/dev/null || true
	done
	for d in $(made_of mount); do
		swapoff "$d/swap file" 2>/dev/null || true
		umount "$d" 2>/dev/null || true
	done
	for d in $(made_of mapped); do dmsetup remove "$d" || true; done
	for d in $(made_of part); do delpart "$d" 1 || true; done
	for d in $(made_of loop); do losetup -d "$d" 2>/dev/null || true; done
	for d in $(made_of zram); do
		echo 1 >"/sys/block/zram$d/reset" 2>/dev/null || true
		echo "$d" >/sys/class/zram-control/hot_remove 2>/dev/null || true
	done
	: >"$made"
}
trap 'remove_devices; rm -rf -- "$WORK"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# Not by /dev/mapper/control, which dmsetup makes where the kernel has nothing behind it.
needs_device_mapper() {
	grep -qsw device-mapper /proc/misc || skip 'this kernel has no device mapper'
	command -v dmsetup >/dev/null || skip 'needs dmsetup'
}

# swap_on DEVICE PRIORITY
swap_on() {
	mkswap -q "$1" >/dev/null 2>&1 || mkswap "$1" >/dev/null
	swapon -p "$2" "$1"
	echo "swap $1" >>"$made"
}

# new_zram: a zram device of 512 MiB, in $zram
new_zram() {
	local n

	n=$(cat /sys/class/zram-control/hot_add)
	echo "zram $n" >>"$made"
	echo 512M >"/sys/block/zram$n/disksize"
	zram=/dev/zram$n
}

# add_zram PRIORITY
add_zram() {
	new_zram
	swap_on "$zram" "$1"
}

# new_loop: a loop device of 512 MiB that may have partitions, in $loop
new_loop() {
	truncate -s 512M "$WORK/loop.img"
	loop=$(losetup -f -P --show "$WORK/loop.img")
	echo "loop $loop" >>"$made"
}

add_loop() {
	new_loop
	swap_on "$loop" 30
}

# mount_ext4: an empty file system at $WORK/mount
mount_ext4() {
	truncate -s 256M "$WORK/ext4.img"
	mkfs.ext4 -q -F "$WORK/ext4.img"
	mkdir -p "$WORK/mount"
	mount -o loop "$WORK/ext4.img" "$WORK/mount"
	echo "mount $WORK/mount" >>"$made"
}

# new_swap_file FILE MIB
new_swap_file() {
	dd if=/dev/zero of="$1" bs=1M count="$2" status=none
	chmod 600 "$1"
	mkswap "$1" >/dev/null
}

# background COMMAND...: $! is ended with the devices, if it did not end before
background() {
	"$@" &
	echo "process $!" >>"$made"
}

# remove_zram DEVICE: swapoff as well. Under load a kernel may refuse that for once.
remove_zram() {
	local n=${1#/dev/zram} i

	for ((i = 0; i < 10; i++)); do
		! swapoff "$1" || break
	done
	echo 1 >"/sys/block/zram$n/reset"
	echo "$n" >/sys/class/zram-control/hot_remove
	sed -i "\\,^\(zram $n\|swap $1\)\$,d" "$made"
}

needs_swap_devices() {
	needs_root
	[ -e /sys/class/zram-control/hot_add ] || skip 'needs zram'
	[ -e /dev/loop-control ] || skip 'needs loop devices'
	[ -e /sys/kernel/btf/vmlinux ] || skip 'needs BTF'
}

# names_of FILE CLASS: the devices that have rows
names_of() { awk -F, 'NR > 1 && $13 == "'"$2"'" { print $14 }' "$1" | sort -u | paste -sd ' '; }

# names_all FILE CLASS: whether it has a row for each device made here; the host may have others
names_all() {
	local d

	for d in $(made_of swap); do
		names_of "$1" "$2" | grep -qw -- "${d#/dev/}" || { echo "no row $2 of $d"; return 1; }
	done
}

# metric FILE METRIC [DEVICE]
metric() { awk -F, -v m="$2" -v d="${3-}" '$13 == m && $12 == d { print $15 }' "$1"; }

our_programs() { bpftool prog show | grep -E 'contention_begin|count_in_flight|name peek' | cut -d: -f1 | sort; }

# others_programs: what processes have loaded that are not of this build
others_programs() {
	grep -s '^prog_id:' /proc/[0-9]*/fdinfo/* | while IFS=/: read -r _ _ pid _ _ _ id; do
		[ "$(readlink "/proc/$pid/exe")" = "$LOCKSTAT_SWAP" ] || echo $((id))
	done | sort -u
}

none_of_ours_is_loaded() { [ -z "$(our_programs | comm -23 - <({ echo "$loaded_before" && others_programs; } | sort -u))" ]; }

# A kernel frees a tracing program some grace periods after the last descriptor is closed.
leaves_nothing_behind() {
	needs_root
	wait_until none_of_ours_is_loaded || { bpftool prog show && return 1; }
}

loaded_before=$([ "$(id -u)" != 0 ] || our_programs || true)
