#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Runs in the guest, in the share: with each number of $CGROUPS, from few to many, finding them is
# timed $REPS times. Leaves lookup.CGROUPS.REPETITION, and how many IDs there are.
set -euo pipefail

root=/tmp/cgroups made=1 # the root
mkdir $root
mount -t cgroup2 none $root
echo +memory >$root/cgroup.subtree_control
for n in $CGROUPS; do
	[ "$made" -eq "$n" ] || seq "$made" $((n - 1)) | sed "s|^|$root/|" | xargs mkdir
	made=$n
	for ((rep = 1; rep <= REPS; rep++)); do
		cat /sys/kernel/debug/memcg_lookup >"lookup.$n.$rep"
	done
	echo "memcg: $n cgroups"
done
cp /sys/module/kernel/parameters/memcg_page_ids ids
