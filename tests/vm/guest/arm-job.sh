#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Runs in the guest, in the share: records known swapping beside /proc/lock_stat, then takes
# drives away and brings them back under the load.
set -euo pipefail

drives=(/run/ssd/*)

swap_all_on() {
	local d

	for d in "${drives[@]}"; do
		mkswap "$d" >/dev/null
		swapon -p 5 "$d"
	done
}

# Both count from before the load starts until after it ends: the windows are the same.
record_beside_lock_stat() {
	echo 0 >/proc/lock_stat
	lockstat-swap record --backend lockdep -a --csv "locks.$1.csv" --run-json "run.$1.json" \
		-- ./pageout 2 30 2 >"record.$1.txt"
	cat /proc/lock_stat >"lock_stat.$1.txt"
}

swapoff_under_load() {
	local load n

	./pageout 2 40 10 >pageout.txt &
	load=$!
	for ((n = 0; n < 6; n++)); do
		sleep 0.3
		swapoff "${drives[n % ${#drives[@]}]}"
		swapon -p $((n % 3)) "${drives[n % ${#drives[@]}]}"
	done
	echo "$n" >cycles
	wait "$load"
}

# A device that leaves makes the allocator let go of its locks out of order.
record_a_swapoff() {
	# shellcheck disable=SC2016	# for the other shell
	lockstat-swap record --backend lockdep --csv locks.swapoff.csv --run-json run.swapoff.json -- bash -c '
		./pageout 2 10 3 >traced.txt &
		sleep 0.5
		swapoff "$0"
		swapon -p 5 "$0"
		wait' "${drives[0]}" >record.swapoff.txt
}

# The best drive fills in every pass, the next one has room for the rest.
a_small_drive_first() {
	mkswap "${drives[0]}" 4096 >/dev/null
	swapon -p 9 "${drives[0]}"
	swapon -p 5 "${drives[1]}"
	swapon -p 1 "${drives[2]}"
	record_beside_lock_stat priorities
}

swap_all_on
for window in 1 2 3; do
	record_beside_lock_stat $window
done
record_a_swapoff
echo "lab: swapoff recorded at $(cut -d' ' -f1 /proc/uptime)"
swapoff_under_load
echo "lab: swapoff under load ended at $(cut -d' ' -f1 /proc/uptime)"
swapoff -a
a_small_drive_first
swapoff -a
awk '/^SwapTotal/ { exit $2 != 0 }' /proc/meminfo
