#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Runs in the guest, in the share: two processes read a zram device of each of $GUARDS at once, with
# lockstat-swap and /proc/lock_stat to count. Leaves readers.GUARD.csv and lock_stat.GUARD.txt.
set -euo pipefail
. ./zram-lib.sh

# read_twice DEVICE: 4,040 bios
read_twice() {
	dd if="$1" of=/dev/null iflag=direct bs=4k count=4000 status=none &
	dd if="$1" of=/dev/null iflag=direct bs=64k count=40 status=none
	wait
}
export -f read_twice

for guard in $GUARDS; do
	n=$(add_device "$guard")
	echo 16M >"/sys/block/zram$n/disksize"
	echo 0 >/proc/lock_stat
	lockstat-swap record --backend lockdep --csv "readers.$guard.csv" -- bash -c "read_twice /dev/zram$n" >"readers.$guard.txt"
	cat /proc/lock_stat >"lock_stat.$guard.txt"
	remove_device "$n"
done
