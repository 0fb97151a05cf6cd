#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# On each base kernel (or BASE=): all kinds of swap devices have their rows, nearly all that the swap path
# waited for has a name, and what has one was counted as /proc/lock_stat counts it.
. "$(dirname -- "${BASH_SOURCE[0]}")/../lib.sh"

# shellcheck disable=SC2016	# for awk
COLUMNS_OF_LOCKS='NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }'

boot() {
	local kernel

	mkdir -p "$WORK/$1"
	cp "$PAGEOUT" "$WORK/$1/pageout"
	cp "$SWAPLOAD" "$WORK/$1/swapload"
	kernel=$("$TOP/bench/lab/kernel.sh" --base "$1" --flavour lockstat | tail -1)
	"$TOP/bench/lab/run.sh" --kernel "$kernel" --share "$WORK/$1" --job "$TOP/tests/vm/guest/names-job.sh" \
		--ssds 3 --mem 256 --timeout 1200 || {
		tail -30 "$WORK/$1/.lab/console.log"
		return 1
	}
}

needs_run() {
	[ -s "$WORK/$1/contention.csv" ] || { echo "the guest of $1 did not get that far"; return 1; }
}

each_device_has_its_rows() {
	local backend class device

	needs_run "$1"
	[ "$(wc -l <"$WORK/$1/devices.txt")" -eq 5 ]
	for backend in lockdep contention; do
		for class in swap_map cluster swap_cache; do
			while read -r device; do
				awk -F, -v class="$class" -v device="$device" "$COLUMNS_OF_LOCKS"'
					$at["class"] == class && $at["device"] == device && $at["confidence"] == "structural" { found = 1 }
					END { exit !found }' "$WORK/$1/$backend.csv" || { echo "$backend: no $class of $device"; return 1; }
			done <"$WORK/$1/devices.txt"
		done
		grep -q ',swap_lock,all,swap_lock,symbol,' "$WORK/$1/$backend.csv"
		grep -q ',swap_avail,all,swap_avail_lock,symbol,' "$WORK/$1/$backend.csv"
	done
}

# The contention backend counts each mutex taken on such a kernel: only lockdep's share means much.
nearly_all_is_named() {
	needs_run "$1"
	grep -h '^named' "$WORK/$1/lockdep.txt"
	awk '$1 == "named:" { found = $2 + 0 >= 99 } END { exit !found }' "$WORK/$1/lockdep.txt"
}

ledgers_close() {
	local backend

	needs_run "$1"
	for backend in lockdep contention; do
		jq -e '.ledger.residual == 0 and .ledger.dropped == 0 and .ledger.begins > 1000' "$WORK/$1/$backend.json"
	done
}

# ours BASE COLUMN CLASS: the sum over the rows of a class
ours() {
	awk -F, -v column="$2" -v class="$3" "$COLUMNS_OF_LOCKS"'
		$at["class"] == class { n += $at[column] } END { print n + 0 }' "$WORK/$1/lockdep.csv"
}

# theirs BASE FIELD NAME: the sum over the lock classes of that name, #1, #2 and so on among them
theirs() {
	awk -v field="$2" -v name="$3" '
		{ line = $0; sub(/^ +/, "", line) }
		index(line, name) == 1 {
			$0 = substr(line, length(name) + 1)
			if (!/^(#[0-9]+)?(\/[0-9]+)?:/) next
			sub(/^[^:]*:/, "")
			n += $field
		}
		END { print n + 0 }' "$WORK/$1/lock_stat.txt"
}

# Theirs was read a little later. The lock of a cluster has a name for each macro it is made by.
agrees() {
	local base=$1 column=$2 class=$3 field=8 a b=0 name

	[ "$column" = acquired ] || field=2
	a=$(ours "$base" "$column" "$class")
	for name in "${@:4}"; do
		b=$((b + $(theirs "$base" $field "$name")))
	done
	echo "$class $column: lockstat-swap $a, lock_stat $b"
	awk -v a="$a" -v b="$b" 'BEGIN { d = a > b ? a - b : b - a; exit !(d <= 3 + 0.005 * b) }'
}

agrees_with_lock_stat() {
	needs_run "$1"
	agrees "$1" acquired swap_avail swap_avail_lock
	agrees "$1" contended swap_avail swap_avail_lock
	agrees "$1" acquired cluster '&ci->lock' 'cluster_info[i].lock' '&((cluster_info + ci)->lock)' '&cluster_info[i].lock'
	agrees "$1" contended cluster '&ci->lock' 'cluster_info[i].lock' '&((cluster_info + ci)->lock)' '&cluster_info[i].lock'
	agrees "$1" contended lruvec '&lruvec->lru_lock'
	[ "$(ours "$1" acquired cluster)" -gt 1000 ]
	[ "$(ours "$1" contended lruvec)" -gt 10 ]
}

# Of thousands of locks none is told that was let go, on either way that x86 counts preemption.
locks_are_in_balance() {
	needs_run "$1"
	grep balance "$WORK/$1/balance.txt"
	grep -qE '^balance: [1-9][0-9]{3,} acquired .* \+ 0 never released .* \+ 0 unexplained; 0 released but not acquired' "$WORK/$1/balance.txt"
}

other_classes_were_met() {
	needs_run "$1"
	cut -d, -f13 "$WORK/$1"/*.csv | sort | uniq -c
	for class in lruvec zsmalloc zswap; do
		grep -hq ",$class," "$WORK/$1"/*.csv || { echo "no $class"; return 1; }
	done
}

# doctor BASE JQ-CONDITION FILE
doctor() { jq -e "$2" "$WORK/$1/$3"; }

doctor_knows_the_kernel() {
	needs_run "$1"
	doctor "$1" '.can_record and ([.findings[] | select(.name == "backend contention" or .name == "backend lockdep") | .status] == ["ok", "ok"])' doctor.json
	doctor "$1" '[.findings[] | select(.name == "lock path") | .found] == ["native"]' doctor.json
	doctor "$1" '[.findings[] | select(.name == "swap devices") | .status] == ["warning"]' doctor.before.json
	doctor "$1" '[.findings[] | select(.name == "swap structures") | .status] == ["ok"]' doctor.json
}

for base in $(bases 6.1 6.12); do
	run_test "$base: the guest boots, swaps on five kinds of devices and ends" boot "$base"
	run_test "$base: each device has its rows" each_device_has_its_rows "$base"
	run_test "$base: nearly all that the swap path waited for is named" nearly_all_is_named "$base"
	run_test "$base: the ledgers close" ledgers_close "$base"
	run_test "$base: counts agree with /proc/lock_stat" agrees_with_lock_stat "$base"
	run_test "$base: locks are in balance" locks_are_in_balance "$base"
	run_test "$base: other classes were met" other_classes_were_met "$base"
	run_test "$base: doctor knows the kernel" doctor_knows_the_kernel "$base"
done
