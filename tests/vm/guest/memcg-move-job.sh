#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Runs in the guest, in the share: charges move from one cgroup to another and back, with their
# process (version 1, which alone can). $IDS: yes or no.
set -euo pipefail
. ./memcg-lib.sh

ROUNDS=10 PAGES=2000

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

# Charges move with their process, while another faults, and moves in the middle of that.
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
	say "moved: $PAGES pages $((2 * ROUNDS)) times under faults"
}

is_the_kernel_with_ids "$IDS"
move_charges
