#!/usr/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Runs in a lab guest: the cells of one boot, as bench/lib/boot.sh left them in
# /share/bench. A cell has its own directory in /share/cells, where the file
# 'done' comes last, or 'failed' with the reason.
set -u
cd /share/bench || exit 1
# shellcheck disable=SC1091	# made for each boot
. ./settings

vmstat_value() { awk -v n="$1" '$1 == n { print $2 }' /proc/vmstat; }

swap_on() {
	local i

	for ((i = 0; i < ssds; i++)); do
		mkswap "/run/ssd/ssd$i" >/dev/null 2>&1 && swapon -p 10 "/run/ssd/ssd$i" || return
	done
}

swap_off() {
	local i status=0

	for ((i = 0; i < ssds; i++)); do swapoff "/run/ssd/ssd$i" || status=1; done
	return $status
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

# The workload alone is short of memory: in a guest that is short as a whole, the shell and
# the recorder would wait for their own pages, and take longer than the window.
limit_load() {
	local root=/sys/fs/cgroup

	mount -t cgroup2 cgroup2 $root
	echo +memory >$root/cgroup.subtree_control
	mkdir -p $root/load
	echo "${LOAD_MIB}M" >$root/load/memory.max
}

# Programs are read before memory is short, and outside the limit: under it fio fetched each
# page of its 80 MiB of libraries over and over, for a minute or more. The workloads' own
# programs would come from the host, over and over.
preload() {
	find /usr /lib /lib64 -xdev -type f -exec cat {} + >/dev/null
	cp -R programs /run/
	PATH=/run/programs:$PATH
}

# enter NAME: this shell, and what it starts from now on; . is outside the limit
enter() { echo $$ >"/sys/fs/cgroup/$1/cgroup.procs"; }

# record: the timing kernel just goes on. On the lockstat kernel the workload stands
# still while the tracer attaches and detaches, which under load takes longer than the
# window itself; record starts its command once it is ready.
record() {
	local backend=none command=(bash ./window.sh "$WINDOW")

	if [ "$FLAVOUR" = lockstat ]; then
		backend=lockdep
		command+=("$workload_pid")
		kill -STOP -- "-$workload_pid"
	fi
	lockstat-swap record --backend "$backend" --csv "$out/locks.csv" \
		--metrics "$out/metrics.csv" --run-json "$out/run.json" --set run="$RUN" \
		--set kernel="$(uname -r)" --set experiment="$EXPERIMENT" --set arm="$ARM" \
		--set workload="$workload" --set ssds="$ssds" --set threads="$(workload_threads)" \
		--set rep="$REP" -- "${command[@]}" >"$out/record.log" 2>&1 </dev/null
}

# phase NAME: when each part of a cell began, for who wonders where its time goes
phase() { echo "$(cut -d' ' -f1 /proc/uptime) $1" >>"$out/phases"; }

fail() {
	echo "$*" >"$out/failed"
	return 1
}

# went METRIC: whether the recorded window, not the time around it, has any of it
went() { awk -F, -v name="$1" '$13 == name && $15 > 0 { found = 1 } END { exit !found }' "$out/metrics.csv"; }

# measure: with the workload running; swap must go both ways in the window
measure() {
	wait_ready || fail "$workload did not start: $(tail -1 "$out/$workload.log")" || return
	phase warm-up
	sleep "$WARMUP"
	phase record
	record || fail "record ended with status $?: $(tail -1 "$out/record.log")" || return
	went swapout || fail "nothing was swapped out" || return
	went swapin || fail "nothing was swapped in"
}

# run_cell ID SSDS WORKLOAD
run_cell() {
	local id=$1 ssds=$2 workload=$3 out=/share/cells/$1 good=yes workload_pid

	mkdir -p "$out"
	rm -f "$out"/*
	echo "$id" >/share/current
	# shellcheck disable=SC1090
	. "./workloads/$workload"
	if [ "$workload" = ceiling ]; then
		measure_ceiling || good=no
	else
		phase swapon
		swap_on || fail "swapon failed" || good=no
		if [ $good = yes ]; then
			phase start
			enter load
			workload_start
			enter .
			measure || good=no
			phase stop
			workload_stop || fail "$workload failed: $(tail -1 "$out/$workload.log")" || good=no
		fi
		phase swapoff
		swap_off || fail "swapoff failed" || good=no
	fi
	phase end
	[ $good = no ] || : >"$out/done"
	rm -f /share/current
}

preload
limit_load
while read -r id ssds workload; do
	run_cell "$id" "$ssds" "$workload"
done <cells
