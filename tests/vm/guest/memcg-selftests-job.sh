#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Runs in the guest, in the share: the kernel's own selftests of memory cgroups, $TESTS. Leaves
# TEST.txt of each: as many tries as it takes until all has passed, three at most, since a busy host
# lets some of them fail.
set -euo pipefail
. ./memcg-lib.sh

# They fill cgroups until the kernel kills: what it says then is no trouble here.
without_kills() {
	awk '/invoked oom-killer/ { killing = 1 }
		!killing || /BUG:|WARNING:|INFO:|Oops/
		/oom-kill:constraint=/ { killing = 0 }'
}

# run TEST: in /, which has a file system with a page cache of its own
run() {
	local try

	cp "$1" /tmp/
	for try in 1 2 3; do
		echo "# try $try"
		(cd / && "/tmp/$1") && break
	done >"$1.txt" 2>&1 || true
	say "$1: $(grep -c '^# try' "$1.txt") tries"
}

mount -o remount,rw /
swap_on_zram 256M
mount_v2
dmesg -n 1
for test in $TESTS; do run "$test"; done
dmesg -n 5
dmesg | without_kills
