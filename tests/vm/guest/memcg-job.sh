#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Runs in the guest, in the share: what memory cgroups have to survive, whatever it is that pages
# name them by. $IDS: yes or no. $DEAD: how many cgroups die with a page. Leaves said.txt, a line for
# each thing that went as it should.
set -euo pipefail
. ./memcg-lib.sh

ROUNDS=20 PAGES=2000

# charged CGROUP: pages of users, of version 1
charged() { echo $((($(<"/tmp/v1/$1/memory.usage_in_bytes") - $(<"/tmp/v1/$1/memory.kmem.usage_in_bytes")) / 4096)); }

# counted CGROUP WHAT: pages, by its statistics
counted() { awk -v what="$2" '$1 == what { print $2 / 4096 }' "/tmp/v1/$1/memory.stat"; }

# has_all FROM TO: after a move, but for what faults
has_all() {
	[ "$(charged "$2")" -ge $PAGES ] || fail "$(charged "$2") of $PAGES pages came to $2"
	[ "$(counted "$1" rss)" -lt $((PAGES / 2)) ] || fail "$(counted "$1" rss) of $PAGES pages stayed in $1"
}

# move_to FROM TO: first what is checked, then what faults meanwhile and afterwards
move_to() {
	echo "$load" >"/tmp/v1/$2/cgroup.procs"
	has_all "$1" "$2"
	echo "$churn" >"/tmp/v1/$2/cgroup.procs"
	check_load
}

# is_empty CGROUP: but for files of programs that the system runs; what is charged is what is
# counted, once each CPU has given back the up to 64 charges that it keeps for later
is_empty() {
	for _ in {1..100}; do
		echo 0 >"/tmp/v1/$1/memory.force_empty"
		[ "$(counted "$1" rss)" -ne 0 ] || [ "$(charged "$1")" -ne "$(counted "$1" cache)" ] || return 0
		sleep 0.1
	done
	fail "$1 has $(charged "$1") pages, of which $(counted "$1" rss) and $(counted "$1" cache) are counted"
}

# Charges move with their process, while it and another fault.
move_charges() {
	local churn i

	mount_v1
	mkdir /tmp/v1/a /tmp/v1/b
	echo 3 | tee /tmp/v1/{a,b}/memory.move_charge_at_immigrate >/dev/null
	churn_in /tmp/v1/a 100
	churn=$!
	start_load_in /tmp/v1/a anon $PAGES
	for ((i = 0; i < ROUNDS; i++)); do
		move_to a b
		move_to b a
	done
	end_churn $churn
	end_load
	is_empty a
	is_empty b
	remove /tmp/v1/a
	remove /tmp/v1/b
	umount /tmp/v1
	say "moved: $PAGES pages $((2 * ROUNDS)) times under faults"
}

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
	while echo 2M >/tmp/v2/memory.reclaim 2>/dev/null || sleep 0.05; do :; done
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
	say "removed: $ROUNDS cgroups under load"
}

[ "$(has_ids && echo yes || echo no)" = "$IDS" ] || fail "this is the other kernel"
swap_on_zram 256M
move_charges
mount_v2
swap_in_to_the_dead
remove_under_load
many_die "$DEAD"
