#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Runs in the guest, in the share: the kernel's own selftests of memory cgroups, $TESTS. Leaves
# TEST.txt of each, whatever became of it.
set -euo pipefail
. ./memcg-lib.sh

# They fill cgroups until the kernel kills: what it says then is no trouble here.
without_kills() {
	awk '/invoked oom-killer/ { killing = 1 }
		!killing || /BUG:|WARNING:|INFO:|Oops/
		/oom-kill:constraint=/ { killing = 0 }'
}

mount -o remount,rw /
swap_on_zram 256M
mount_v2
dmesg -n 1
cp test_* /tmp/
cd / # which has a file system with a page cache of its own
for test in $TESTS; do "/tmp/$test" >"$share/$test.txt" 2>&1 || true; done
dmesg -n 5
dmesg | without_kills
