# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2154	# sourced by guest.sh and booted.sh
# The cells of one boot, on the machine that is measured, as bench/lib/boot.sh left them in
# $share/bench, which is the working directory. A cell has its own directory in $share/cells,
# where the file 'done' comes last, or 'failed' with the reason. What sources this has set
#
#   share     the directory of the boot
#   drives    the swap devices, an array of paths
#   scratch   a directory for what the loads need, private to this boot
#
# and what load-cgroup.sh asks for, and before_cell, a function.
. ./settings
. ./target/load-cgroup.sh
. ./target/vmstat.sh
. ./target/warmup.sh

vmstat_value() { awk -v n="$1" '$1 == n { print $2 }' /proc/vmstat; }

# size_kib DRIVE
size_kib() {
	local path

	path=$(readlink -f -- "$1")
	if [ -b "$path" ]; then
		echo $(($(<"/sys/class/block/${path##*/}/size") / 2))
	else
		echo $(($(stat -c %s -- "$path") / 1024))
	fi
}

# swaps: whether the workload does, and does not go to the drives itself
swaps() { [ "$WORKLOAD_SWAP_PERCENT" -gt 0 ]; }

# Above what else the machine swaps to, so that the load goes to these alone.
swap_on() {
	local drive

	swaps || return 0
	for drive in "${drives[@]:0:ssds}"; do
		mkswap -L "$SWAP_LABEL" "$drive" $(($(size_kib "$drive") * WORKLOAD_SWAP_PERCENT / 100)) >/dev/null 2>&1 && swapon -p 32767 "$drive" || return
	done
}

swap_off() {
	local drive status=0

	swaps || return 0
	for drive in "${drives[@]:0:ssds}"; do swapoff "$drive" || status=1; done
	return $status
}

# device_name DRIVE: as the rows have it, nvme0n1 or /swapfile
device_name() {
	local path

	path=$(readlink -f -- "$1")
	[ ! -b "$path" ] || path=${path##*/}
	echo "$path"
}

# wait_ready: until the workload is past its start-up, a minute at most
wait_ready() {
	local i

	for ((i = 0; i < 600; i++)); do
		workload_ready && return
		kill -0 "$workload_pid" 2>/dev/null || break
		sleep 0.1
	done
	return 1
}

# record: without a tracer the load just goes on. Else it stands still while the tracer
# attaches and detaches, which under load and lockdep takes longer than the window itself;
# record starts its command once it is ready.
record() {
	local command=(bash ./target/window.sh "$WINDOW" "$out")

	if [ "$BACKEND" != none ]; then
		command+=("$load_cgroup")
		signal_load STOP
	fi
	lockstat-swap record --backend "$BACKEND" --csv "$out/locks.csv" \
		--metrics "$out/metrics.csv" --hist-csv "$out/histograms.csv" --run-json "$out/run.json" --set run="$RUN" \
		--set kernel="$(uname -r)" --set experiment="$EXPERIMENT" --set arm="$ARM" \
		--set workload="$workload" --set ssds="$ssds" --set threads="$(workload_threads)" \
		--set rep="$rep" -- "${command[@]}" >"$out/record.log" 2>&1 </dev/null
}

# phase NAME: when each part of a cell began, for who wonders where its time goes
phase() { echo "$(cut -d' ' -f1 /proc/uptime) $1" >>"$out/phases"; }

# fail WHY: the first reason is the one; others follow from it
fail() {
	[ -e "$out/failed" ] || echo "$*" >"$out/failed"
	return 1
}

# went METRIC: whether the recorded window, not the time around it, has any of it
went() { awk -F, -v name="$1" '$13 == name && $15 > 0 { found = 1 } END { exit !found }' "$out/metrics.csv"; }

# watch: somebody wants to see the load, and measures nothing as long
watch() {
	local recorder

	lockstat-swap record --interval 1 >"$share/live.out" 2>&1 </dev/null &
	recorder=$!
	while [ -e "$share/live" ] && kill -0 $recorder 2>/dev/null; do sleep 0.5; done
	rm -f "$share/live"
	kill -INT $recorder 2>/dev/null
	wait $recorder
	return 1
}

# before_window: what does not swap is even from its start
before_window() { if swaps; then warm_up; else sleep "$WARMUP"; fi; }

# measure: with the workload running; swap must go both ways in the window
measure() {
	wait_ready || fail "$workload did not start: $(tail -1 "$out/${workload_arguments[0]}.log")" || return
	[ "$id" != live ] || watch || return
	phase warm-up
	before_window
	workload_measured || fail "$workload did not begin to count: $(tail -1 "$out/${workload_arguments[0]}.log")" || return
	phase record
	record || fail "record ended with status $?: $(tail -1 "$out/record.log")" || return
	swaps || return 0
	went swapout || fail "nothing was swapped out" || return
	went swapin || fail "nothing was swapped in"
}

# stop_load: what does not end by itself is killed
stop_load() {
	local watch status=0

	{ sleep 20 && { fail "$workload did not end within 20 s, and was killed" || end_load; }; } &
	watch=$!
	workload_stop || status=$?
	kill "$watch"
	return $status
}

# run_load: the swap devices are on
run_load() {
	local good=yes workload_pid killed

	killed=$(oom_kills)

	phase start
	enter_load
	workload_start
	leave_load
	measure || good=no
	phase stop
	stop_load || fail "$workload failed: $(tail -1 "$out/${workload_arguments[0]}.log")" || good=no
	if [ "$(oom_kills)" != "$killed" ]; then
		# whatever else failed, failed for this reason
		echo "the kernel took the load's $LOAD_MIB MiB for exhausted and killed some of it" >"$out/failed"
		good=no
	fi
	[ $good = yes ]
}

# measure_load: on swap, but where it goes to the drives itself
measure_load() {
	local good=yes

	phase swapon
	{ swap_on || fail "swapon failed"; } && run_load || good=no
	phase swapoff
	swap_off || fail "swapoff failed" || good=no
	[ $good = yes ]
}

# What the kernel said since the last cell
keep_dmesg() {
	dmesg >"$scratch/dmesg"
	tail -n +$((dmesg_lines + 1)) "$scratch/dmesg" >"$out/dmesg"
	dmesg_lines=$(wc -l <"$scratch/dmesg")
}

# run_cell ID REPETITION SSDS WORKLOAD: the same repetition has the same seed in each arm
run_cell() {
	local id=$1 rep=$2 ssds=$3 workload=$4 out=$share/cells/$1 measure=measure_load workload_arguments
	# shellcheck disable=SC2034,SC2153	# read by the workload; SEED is one of ./settings
	local seed=$((SEED * 1000 + rep))

	mkdir -p "$out"
	rm -f "$out"/*
	start_vmstat
	[ "$id" = live ] || echo "$id" >"$share/current"
	WORKLOAD_SWAP_PERCENT=100
	# shellcheck disable=SC2317	# called where the workload has none
	workload_measured() { :; }
	IFS=: read -ra workload_arguments <<<"$workload"
	# shellcheck disable=SC1090
	. "./workloads/${workload_arguments[0]}"
	before_cell
	[ "$workload" != ceiling ] || measure=measure_ceiling
	if $measure; then
		keep_dmesg
		: >"$out/done"
	fi
	phase end
	rm -f "$share/current"
}

run_cells() {
	local id rep ssds workload dmesg_lines

	dmesg_lines=$(dmesg | wc -l)
	limit_load
	while read -r id rep ssds workload; do
		while [ -e "$share/live" ] && [ "$workload" != ceiling ]; do run_cell live "$rep" "$ssds" "$workload"; done
		run_cell "$id" "$rep" "$ssds" "$workload"
	done <cells
}
