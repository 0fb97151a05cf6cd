# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# zram devices of one guard each, for the jobs that reset them. Sourced in the guest.

say() { echo "zram: $*"; }

fail() {
	say "$*"
	exit 1
}

parameters=/sys/module/zram/parameters

# A kernel that is to be measured dawdles nowhere.
can_delay() { [ -e $parameters/lab_hold ]; }

delay() { ! can_delay || echo "$1" >$parameters/lab_delay_us; }

hold() { echo "$1" >$parameters/lab_hold; }

# add_device GUARD: its number
add_device() {
	local n

	echo "$1" >/sys/module/zram/parameters/guard
	n=$(cat /sys/class/zram-control/hot_add)
	[ "$(cat "/sys/block/zram$n/guard")" = "$1" ] || return
	echo "$n"
}

remove_device() { echo "$1" >/sys/class/zram-control/hot_remove; }

# refused ERROR-MESSAGE FILE VALUE: writing it fails so
refused() {
	local said

	if said=$({ echo "$3" >"$2"; } 2>&1); then
		fail "$2 took '$3'"
	fi
	[[ $said == *"$1" ]] || fail "$2: '$3' gives '$said', not '$1'"
}

# More than there is of memory, in pages that repeat one word, so that zram stores nothing else of them. Not
# in zeroes: 6.12 writes those to no device.
fill_memory() {
	local mib words

	mib=$(awk '/^MemAvailable/ { print int($2 / 1024) + 64 }' /proc/meminfo)
	printf -v words '7bytes.\n%.0s' {1..512}
	{ yes "${words%?}" || true; } | dd of=/dev/null bs="${mib}M" count=1 iflag=fullblock status=none
}

swapped_out() { awk '$1 == "pswpout" { print $2 }' /proc/vmstat; }

# swap_beside_resizes GUARD: a device is swapped to while others of the same guard get and lose
# their size, first, meanwhile and afterwards
swap_beside_resizes() {
	local swap other before n

	swap=$(add_device "$1")
	other=$(add_device "$1")
	resize "$other"
	echo 512M >"/sys/block/zram$swap/disksize"
	mkswap "/dev/zram$swap" >/dev/null
	swapon "/dev/zram$swap"
	say "$1: swapping beside new sizes"
	before=$(swapped_out)
	fill_memory &
	for ((n = 0; n < 10; n++)); do
		resize "$other"
		[ $n -ne 5 ] || replug_cpu "$1"
	done
	wait $!
	resize "$other"
	say "$1: $(($(swapped_out) - before)) pages swapped out beside $n new sizes"
	[ $(($(swapped_out) - before)) -gt 1000 ] || fail "too few to mean anything"
	say "$1: survived"
	refused 'Device or resource busy' "/sys/block/zram$swap/reset" 1
	swapoff "/dev/zram$swap"
	remove_device "$swap"
	remove_device "$other"
}

# A CPU that leaves frees its buffers of each compressor, under the lock of CPU hotplug, and one that
# comes allocates them.
replug_cpu() {
	local online=/sys/devices/system/cpu/cpu1/online

	[ -w $online ] || return 0
	echo 0 >$online
	echo 1 >$online
	say "$1: a CPU left and came back"
}

resize() {
	echo 8M >"/sys/block/zram$1/disksize"
	echo 1 >"/sys/block/zram$1/reset"
}

# race GUARD: that of the review. A handler has looked at the size and not yet used the tables;
# meanwhile the device is reset.
race() {
	local n operation

	n=$(add_device "$1")
	echo 8M >"/sys/block/zram$n/disksize"
	for operation in write read; do
		race_with "$1" $operation "$n"
		[ "$(cat "/sys/block/zram$n/initstate")" = 1 ] || echo 8M >"/sys/block/zram$n/disksize"
	done
	remove_device "$n"
	say "$1: survived"
}

# race_with GUARD read|write NUMBER
race_with() {
	local io reset size=''

	hold 1
	one_page "$2" "/dev/zram$3" &
	io=$!
	until [ "$(cat $parameters/lab_held)" = Y ]; do
		[ -d /proc/$io ] || fail "$1: the $2 ended before it began"
		sleep 0.1
	done
	echo 1 >"/sys/block/zram$3/reset" &
	reset=$!
	sleep 2
	if [ -d /proc/$reset ]; then
		say "$1: a reset waits for the $2 that is on its way"
		size_beside_reset "$1" "$3"
	elif wait $reset; then
		say "$1: a reset does not wait while a $2 is on its way"
	else
		say "$1: a reset is refused while a $2 is on its way"
	fi
	hold 0
	wait $io || fail "$1: the $2 failed"
	wait $reset || true
	[ -z "$size" ] || wait "$size" || true
}

# size_beside_reset GUARD NUMBER: nothing of the old size is freed yet. A new one, in $size, is refused or
# waits as the reset does, but is not given.
size_beside_reset() {
	echo 30G 2>/dev/null >"/sys/block/zram$2/disksize" &
	size=$!
	sleep 1
	if [ -d /proc/$size ]; then
		say "$1: meanwhile a new size of 30G waits"
	elif wait $size; then
		fail "$1: meanwhile a new size of 30G is given"
	else
		say "$1: meanwhile a new size of 30G is refused"
	fi
}

# one_page read|write DEVICE: direct, without O_EXCL
one_page() {
	case $1 in
	read) dd if="$2" of=/dev/null iflag=direct bs=4k count=1 status=none ;;
	write) dd if=/dev/urandom of="$2" oflag=direct bs=4k count=1 conv=notrunc status=none ;;
	esac
}
