#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# zswap over zbud by either policy, with a pool that is full: it evicts and loses nothing, the
# statistics add up, and the tracer counts the pool's lock as the kernel does. The same under KASAN
# and lockdep is `make demo-zbud`.
. "$(dirname -- "${BASH_SOURCE[0]}")/../lib.sh"
. "$TOP/tests/zbud-lib.sh"

# The lock's class shares its name with those of other subsystems: &pool->lock, #2, #3 and so on.
lock_counts_agree() {
	local ours

	grep ',zbud,' "$WORK/$1/locks.csv"
	ours=$(awk -F, '$13 == "zbud" && $16 == "structural" { print $17 }' "$WORK/$1/locks.csv")
	grep -E '&pool->lock(#[0-9]+)?:' "$WORK/$1/lock_stat.txt" | tee "$WORK/pool-locks"
	[ "$ours" -gt 2000 ]
	sed 's/.*: *//' "$WORK/pool-locks" | awk -v ours="$ours" '
		{ apart = $8 > ours ? $8 - ours : ours - $8; if (apart <= 3 + 0.005 * $8) found = 1 }
		END { exit !found }'
}

zbud_tests lockstat 8000
for policy in $ZBUD_POLICIES; do
	run_test "$policy: the tracer counts the pool's lock as /proc/lock_stat does" lock_counts_agree "$policy"
done
