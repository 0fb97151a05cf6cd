#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Runs in the guest, in the share: every kind of swap device the lab has, with equal and with
# different priorities, recorded with both backends; and what doctor says before and after.
set -euo pipefail

swap_on() {
	mkswap "$1" >/dev/null
	swapon -p "$2" "$1"
}

swap_all_on() {
	swap_on /run/ssd/ssd0 5
	addpart /run/ssd/ssd1 1 2048 400000
	swap_on "$(readlink -f /run/ssd/ssd1)p1" 5
	dmsetup create --noudevsync mapped --table "0 400000 linear /run/ssd/ssd2 0"
	swap_on /dev/dm-0 5
	echo 200M >/sys/block/zram0/disksize
	swap_on /dev/zram0 5
	truncate -s 100M /tmp/backing
	losetup /dev/loop0 /tmp/backing
	swap_on /dev/loop0 -2
	sed '1d; s,^/dev/,,; s, .*,,' /proc/swaps >devices.txt
}

lockstat-swap doctor --json >doctor.before.json
swap_all_on
lockstat-swap doctor --json >doctor.json
echo 0 >/proc/lock_stat
lockstat-swap record --backend lockdep -a --csv lockdep.csv --run-json lockdep.json -- ./pageout 6 8 4 >lockdep.txt
cat /proc/lock_stat >lock_stat.txt
echo "lab: lockdep recorded at $(cut -d' ' -f1 /proc/uptime)"
lockstat-swap record --balance -- ./pageout 2 4 2 >balance.txt
lockstat-swap record --backend contention -a --csv contention.csv --run-json contention.json -- ./pageout 6 8 4 >contention.txt
echo "lab: contention recorded at $(cut -d' ' -f1 /proc/uptime)"
# what compresses stays in zswap's pool
echo 1 >/sys/module/zswap/parameters/enabled
lockstat-swap record --backend lockdep --csv zswap.csv -- ./swapload -q -p 6 -s 24M -c ratio:0.3 \
	-P populate,out,in,free >zswap.txt
swapoff -a
