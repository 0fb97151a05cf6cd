#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The guards of zram's resets on kernels without checkers, which the bench measures, of BASE= (default
# 6.1; BASES= for several): they hold, each device has the one it was added with, and the readers of
# init_lock are counted. What the checkers say is `make demo-zram`. NIGHTLY=1: the kernel's selftests
# by each guard, not only by the default and by ours.
#
# Alone: beside another guest it takes five times as long, as CPUs wait there for those that the host lets stand.
. "$(dirname -- "${BASH_SOURCE[0]}")/../lib.sh"
. "$TOP/tests/zram-lib.sh"

CYCLES=100
SELFTESTED=${NIGHTLY:+$ZRAM_GUARDS}
SELFTESTED=${SELFTESTED:-open freeze}

boot() {
	zram_guest cycles timing zram-cycles-job.sh "GUARDS=$ZRAM_HOLD" "CYCLES=$CYCLES" || {
		tail -50 "$WORK/$base/cycles/.lab/console.log"
		return 1
	}
}

boot_readers() {
	zram_guest readers lockstat zram-readers-job.sh 'GUARDS=rwsem srcu' || {
		tail -50 "$WORK/$base/readers/.lab/console.log"
		return 1
	}
}

# readers_of GUARD: of init_lock, as acquired, contended and the times of it. Linux 6.12 has others in
# zram, a spinlock for each page, which readers of the same page wait for.
readers_of() {
	awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
		$at["lock"] == "zram.init_lock" { print $at["acquired"] "," $at["contended"] "," $at["wait_total_ns"] "," $at["hold_total_ns"] }' \
		"$WORK/$base/readers/readers.$1.csv"
}

# Readers and writers are classes apart, there.
lock_stat_readers_of() {
	awk '$1 ~ /^&zram->init_lock(#[0-9]+)?-R:$/ { n += $9 } END { print n + 0 }' "$WORK/$base/readers/lock_stat.$1.txt"
}

# Nobody writes: nothing contends, and only the acquisitions say that there are readers.
readers_are_counted() {
	cat "$WORK/$base/readers/readers.rwsem.txt"
	readers_of rwsem
	[ "$(readers_of rwsem)" = "$(lock_stat_readers_of rwsem),0,," ]
	[ "$(lock_stat_readers_of rwsem)" -ge 4040 ]
}

nobody_reads() {
	readers_of srcu
	[ "$(readers_of srcu)" = 0,0,, ]
	[ "$(lock_stat_readers_of srcu)" -eq 0 ]
}

for base in $(bases 6.1); do
	run_test "$base: zram devices of each guard are reset under direct I/O" boot
	for guard in $ZRAM_HOLD; do
		run_test "$base: $guard: no data reappears, I/O fails cleanly" zram_went_through cycles "$guard" $CYCLES
	done
	# shellcheck disable=SC2086	# a list of words
	run_test "$base: the kernel's selftests run" zram_selftests $SELFTESTED
	for guard in $SELFTESTED; do
		run_test "$base: $guard: the kernel's selftests pass" zram_selftests_passed "$guard"
	done
	run_test "$base: two processes read a device" boot_readers
	run_test "$base: rwsem: as many readers of init_lock as lock_stat counts" readers_are_counted
	run_test "$base: srcu: none" nobody_reads
done
