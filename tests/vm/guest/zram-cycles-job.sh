#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Runs in the guest, in the share: each of $GUARDS through $CYCLES resets under direct I/O, and
# through what else is promised of a guard. Leaves GUARD.txt for each.
set -euo pipefail
. ./zram-lib.sh

# Without a real reset all that was written reappears: the load has to see it.
load_sees_what_reappears() {
	local n status=0

	n=$(add_device open)
	echo 8M >"/sys/block/zram$n/disksize"
	mkdir -p /tmp/fake
	: >/tmp/fake/reset
	: >/tmp/fake/disksize
	./resetload "/dev/zram$n" /tmp/fake 50 2 20000 >control.txt 2>&1 || status=$?
	[ $status -eq 1 ] || fail 'the load sees nothing'
	grep 'reappeared after reset' control.txt
	remove_device "$n"
}

cycles_under_io() {
	local n mode=()

	n=$(add_device "$1")
	[ "$1" != open ] || mode=(close)
	delay 200
	echo 8M >"/sys/block/zram$n/disksize"
	./resetload "/dev/zram$n" "/sys/block/zram$n" "$CYCLES" 2 20000 "${mode[@]}" | tee -a "$1.txt"
	delay 0
	remove_device "$n"
}

# A second size is refused before anything is allocated: one whose table no machine has room
# for is refused for the same reason.
busy_costs_nothing() {
	local n size before

	n=$(add_device "$1")
	echo 8M >"/sys/block/zram$n/disksize"
	before=$EPOCHREALTIME
	for size in 30G 8T; do
		refused 'Device or resource busy' "/sys/block/zram$n/disksize" $size
	done
	say "$1: two new sizes of a device that has one were refused within $(((${EPOCHREALTIME/./} - ${before/./}) / 1000)) ms" | tee -a "$1.txt"
	remove_device "$n"
}

# Of two at once one gets it.
one_size_at_a_time() {
	local n i won=0

	n=$(add_device "$1")
	for ((i = 0; i < 10; i++)); do
		echo 1G >"/sys/block/zram$n/disksize" 2>/dev/null &
		! echo 512M >"/sys/block/zram$n/disksize" 2>/dev/null || won=$((won + 1))
		! wait $! || won=$((won + 1))
		echo 1 >"/sys/block/zram$n/reset"
	done
	say "$1: of 20 new sizes, two at a time, $won were taken" | tee -a "$1.txt"
	[ $won -eq 10 ]
	remove_device "$n"
}

# What was written past the page cache's end, too: through the cache of a device that stays open
cache_is_dropped() {
	local n

	n=$(add_device "$1")
	echo 8M >"/sys/block/zram$n/disksize"
	[ "$1" = open ] || exec 7<"/dev/zram$n"
	dd if=/dev/urandom of="/dev/zram$n" bs=4k count=16 conv=notrunc status=none
	echo 1 >"/sys/block/zram$n/reset"
	[ -z "$(head -c 1 "/dev/zram$n" | tr '\0' x)" ] || fail "$1: a device without a size has content"
	echo 8M >"/sys/block/zram$n/disksize"
	cmp -n 65536 "/dev/zram$n" /dev/zero || fail "$1: buffered data reappeared"
	exec 7<&-
	remove_device "$n"
}

load_sees_what_reappears
for guard in $GUARDS; do
	say "$guard"
	: >"$guard.txt"
	! can_delay || race "$guard" | tee "$guard.txt"
	cycles_under_io "$guard"
	busy_costs_nothing "$guard"
	one_size_at_a_time "$guard"
	cache_is_dropped "$guard"
	swap_beside_resizes "$guard" | tee -a "$guard.txt"
	say "$guard: done at $(cut -d' ' -f1 /proc/uptime) s" | tee -a "$guard.txt"
done
