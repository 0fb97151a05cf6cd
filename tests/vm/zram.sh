#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The guards of zram's resets on a kernel without checkers, which the bench measures: they hold,
# each device has the one it was added with. What the checkers say is `make demo-zram`.
. "$(dirname -- "${BASH_SOURCE[0]}")/../lib.sh"
. "$TOP/tests/zram-lib.sh"

CYCLES=100

boot() {
	zram_guest cycles timing zram-cycles-job.sh "GUARDS=$ZRAM_HOLD" "CYCLES=$CYCLES" || {
		tail -50 "$WORK/cycles/.lab/console.log"
		return 1
	}
}

run_test 'zram devices of each guard are reset under direct I/O' boot
for guard in $ZRAM_HOLD; do
	run_test "$guard: no data reappears, I/O fails cleanly" zram_went_through cycles "$guard" $CYCLES
done
# shellcheck disable=SC2086	# a list of words
run_test "the kernel's selftests run" zram_selftests $ZRAM_GUARDS
for guard in $ZRAM_GUARDS; do
	run_test "$guard: the kernel's selftests pass" zram_selftests_passed "$guard"
done
