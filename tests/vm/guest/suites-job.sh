#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Runs in the guest, in the share: the cases of swapcalls, then the kernel's own selftests $MM_TESTS,
# whose pages go to swap time and again, and $CGROUP_TESTS. Leaves calls.txt, swapped.txt: pages that
# went to swap during each test, and what selftests-lib.sh leaves.
set -euo pipefail
. ./selftests-lib.sh

share=$PWD
drives=(/run/ssd/ssd0 /run/ssd/ssd1)
files=/tmp/files
root=/sys/fs/cgroup
small=$root/small

# Bytes of each region that are looked at, one by one: the first MiB
declare -A options=([mremap_test]='-t 1')

make_places() {
	mkdir $files
	mke2fs -b 4096 /run/ssd/ssd2 >/dev/null
	mount -t ext2 /run/ssd/ssd2 $files
	mount -t cgroup2 cgroup2 $root
	echo +memory >$root/cgroup.subtree_control
	mkdir $small
}

has_option() { grep -qx "CONFIG_$1=y" <(zcat /proc/config.gz); }

# MAX_SWAPFILES: 32, less what else an entry can say. That a page is lost is one, of any kernel.
count_areas() {
	local areas=31

	! has_option PTE_MARKER || areas=$((areas - 1))
	! has_option MIGRATION || areas=$((areas - 3))
	! has_option MEMORY_FAILURE || areas=$((areas - 1))
	! has_option DEVICE_PRIVATE || areas=$((areas - 4))
	echo $areas
}

swap_on() {
	local drive

	for drive in "${drives[@]}"; do
		mkswap "$drive" >/dev/null
		swapon -p 5 "$drive"
	done
}

# Fails while there is less to be had.
reclaim() {
	while :; do
		echo 4M 2>/dev/null >$small/memory.reclaim || true
		sleep 0.02
	done
}

swapped() { awk '$1 == "pswpout" { print $2 }' /proc/vmstat; }

# run_under_reclaim TEST
run_under_reclaim() {
	local before reclaimer

	before=$(swapped)
	reclaim &
	reclaimer=$!
	(
		echo $BASHPID >$small/cgroup.procs
		# shellcheck disable=SC2086	# several
		run_selftest "$1" ${options[$1]:-}
	)
	kill $reclaimer
	echo "$1 $(($(swapped) - before))" >>"$share/swapped.txt"
}

run_calls() {
	./swapcalls $files $small "$(count_areas)" "${drives[@]}" >calls.txt || say "calls failed"
	say "calls ended"
}

run_selftests() {
	local test

	cd $files # which has a page cache of its own
	for test in $MM_TESTS; do run_under_reclaim "$test"; done
	for test in $CGROUP_TESTS; do run_selftest "$test"; done
	say "selftests ended"
}

say() { echo "suites: $* at $(cut -d' ' -f1 /proc/uptime) s"; }

run_all() {
	run_calls
	swap_on
	run_selftests
}

make_places
among_kills run_all | grep -v 'Unable to handle swap header version' # as it has to be
