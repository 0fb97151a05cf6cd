#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Runs in the guest, in the share: what memory cgroups (version 2) have to survive, whatever it is
# that pages name them by. $IDS: yes or no. $DEAD: how many cgroups die with a page. Leaves said.txt,
# a line for each thing that went as it should.
set -euo pipefail
. ./memcg-lib.sh

ROUNDS=4 PAGES=2000

# swap_out CGROUP: most of it. What it asks for may not be there all at once.
swap_out() {
	for _ in {1..20}; do
		echo 64M >"$1/memory.reclaim" || true
		[ "$(<"$1/memory.swap.current")" -lt $((PAGES * 4096 * 3 / 4)) ] || return 0
	done 2>/dev/null
	return 1
}

# Pages are swapped out of a cgroup, and in again when it is gone.
swap_in_to_the_dead() {
	local cgroup=/tmp/v2/swapped

	mkdir $cgroup
	start_load_in $cgroup anon $PAGES
	swap_out $cgroup || fail "only $(<$cgroup/memory.swap.current) bytes were swapped out"
	say "$(($(<$cgroup/memory.swap.current) / 4096)) pages are swapped out"
	echo "$load" >/tmp/v2/cgroup.procs
	remove $cgroup
	check_load
	end_load
	say "swapped: $PAGES pages are what they were before their cgroup went"
}

reclaim_always() {
	while :; do
		if echo 2M >/tmp/v2/memory.reclaim; then : >/tmp/reclaimed; else sleep 0.05; fi
	done 2>/dev/null
}

# A cgroup is removed as two processes leave it in the middle of their faults, and one
# keeps its pages, all while the system reclaims.
remove_under_load() {
	local cgroup=/tmp/v2/busy reclaim i first second

	reclaim_always &
	reclaim=$!
	for ((i = 0; i < ROUNDS; i++)); do
		mkdir $cgroup
		start_load_in $cgroup file /tmp/file $PAGES
		churn_in $cgroup 500
		first=$!
		churn_in $cgroup 500
		second=$!
		sleep 0.2
		echo "$load" >/tmp/v2/cgroup.procs
		end_churn $first
		echo $second >/tmp/v2/cgroup.procs
		remove $cgroup
		check_load
		end_churn $second
		end_load
		rm /tmp/file
	done
	kill $reclaim
	wait $reclaim || true
	[ -e /tmp/reclaimed ] || fail "nothing was reclaimed meanwhile"
	say "removed: $ROUNDS cgroups under load"
}

is_the_kernel_with_ids "$IDS"
swap_on_zram 256M
mount_v2
swap_in_to_the_dead
remove_under_load
many_die "$DEAD"
