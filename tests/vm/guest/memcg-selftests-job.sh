#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Runs in the guest, in the share: the kernel's own selftests of memory cgroups, $TESTS.
set -euo pipefail
. ./memcg-lib.sh
. ./selftests-lib.sh

run_all() {
	local test

	for test in $TESTS; do run_selftest "$test"; done
}

mount -o remount,rw /
swap_on_zram 256M
mount_v2
cd / # which has a file system with a page cache of its own
among_kills run_all
