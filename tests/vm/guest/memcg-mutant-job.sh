#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Runs in the guest, in the share: one page of a file is moved from one cgroup to another (version
# 1). A kernel that forgets the lock of the first one goes on with it taken. Leaves balance.txt, of
# kernels that the tool runs on.
set -euo pipefail
. ./memcg-lib.sh

move() { echo "$load" >/tmp/v1/b/cgroup.procs; }

mount_v1
mkdir /tmp/v1/a /tmp/v1/b
# files, and nothing of the process's own, of which there is more than one page
echo 2 >/tmp/v1/b/memory.move_charge_at_immigrate
start_load_in /tmp/v1/a file /tmp/moved 1
say "moving"
if [ -e /proc/lock_stat ]; then
	export load
	export -f move
	lockstat-swap record --balance -- bash -c move >balance.txt 2>&1
	cat balance.txt
else
	bash -c "echo $load >/tmp/v1/b/cgroup.procs"
fi
say "moved"
