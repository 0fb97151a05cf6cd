#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What a run of the bench outlives: a guest's panic, its own death, a closed terminal, a full
# disk. Finished cells stay, the same command goes on, and no guest and no drive is left.
. "$(dirname -- "${BASH_SOURCE[0]}")/../lib.sh"

unset BASE PROFILE RUN DRY_RUN ARMS SSDS REPS REPS_PER_BOOT WORKLOADS FLAVOURS MEM CPUS LOAD_MIB WARMUP WARMUP_MAX WINDOW SSD_SIZE SEED QUIET
BENCH=$WORK/tree/bench
TMPDIR=$WORK/tmp # where drives go that have no room in /dev/shm
export TMPDIR
pid=''
trap '[ -z "$pid" ] || kill -KILL "$pid" 2>/dev/null; mountpoint -q "$WORK/small" && umount "$WORK/small"; [ -n "${KEEP:-}" ] || rm -rf -- "$WORK"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# A tree of our own, whose experiment is short and can panic.
make_tree() {
	mkdir -p "$WORK/tree/.output" "$TMPDIR"
	cp -R "$TOP/bench" "$TOP/kernel-patches" "$WORK/tree/"
	cp "$LOCKSTAT_SWAP" "$WORK/tree/lockstat-swap"
	cp "$SWAPLOAD" "$WORK/tree/.output/swapload"
	cat >"$BENCH/workloads/panic" <<'END'
workload_threads() { echo 1; }
workload_start() {
	echo 2 >/proc/sys/vm/panic_on_oom
	echo 0 >"$load_cgroup/memory.swap.max"
	echo 2M >"$load_cgroup/memory.max"
	setsid tail /dev/zero &
	workload_pid=$!
}
workload_ready() { return 1; }
workload_stop() { :; }
END
	cat >"$BENCH/configs/short" <<'END'
QUESTION="Does it last?"
BASE=6.1 FLAVOURS=lockstat SSDS=1 WORKLOADS=swapload ARMS=partition REPS=1 REPS_PER_BOOT=9
CPUS=2 SSD_SIZE=64M MEM=384 LOAD_MIB=16 WARMUP=0.2 WINDOW=1
arm_params() { echo "swap_lock=$1 swap_slots=off"; }
END
}

# The kernels and images that there are, but locks of our own: this bench knows nothing of another
# in guests or on this machine.
private_cache() {
	local cache

	cache=$(. "$BENCH/lab/lib.sh" && cache_dir)
	"$BENCH/lab/kernel.sh" --flavour lockstat >/dev/null
	"$BENCH/lab/image.sh" >/dev/null
	mkdir "$WORK/cache"
	ln -s "$cache"/* "$WORK/cache/"
	rm -f "$WORK/cache/bench.lock"
	sed -i "s|^state_dir=.*|state_dir=$WORK/machine|" "$BENCH/lib/journal.sh"
}

# no ceiling: it would want the other kernel
bench() { "$BENCH/bench.sh" short --results "$WORK/results" "$@"; }

is_done() { [ -e "$WORK/results/$1/.work/cells/$2/done" ] || [ -e "$WORK/results/$1/cells/$2/done" ]; }

ours_running() { pgrep -f "$WORK/tree" || pgrep -f "serial=ssd0.*$WORK" || true; }

# Those whose maker is gone
drive_directories() (
	# shellcheck disable=SC1091
	. "$BENCH/lab/lib.sh"
	for dir in /dev/shm/lockstat-swap.* "$TMPDIR"/lockstat-swap.*; do
		! is_stale "$dir" || echo "$dir"
	done | sort
)

none_of_ours_runs() { [ -z "$(ours_running)" ]; }

nothing_left() {
	wait_until none_of_ours_runs || { ours_running && return 1; }
	drive_directories | comm -13 "$WORK/drives" - | diff /dev/null -
}

# The cells before and after the panic are measured; its own is failed, with the console.
guest_panics() {
	local got=0

	WORKLOADS='swapload panic' REPS=2 bench --run panic >"$WORK/out" 2>&1 || got=$?
	cat "$WORK/out"
	[ $got -eq 1 ]
	is_done panic lockstat-partition-1-1-swapload && is_done panic lockstat-partition-2-1-swapload
	grep -q 'oom-killer\|Kernel panic' "$WORK/results/panic/.work/cells/lockstat-partition-1-1-panic/failed"
	grep -q 'Kernel panic' "$WORK/results/panic/logs/lockstat-partition-1-1-panic.console.log"
	[ "$(jq -r '[.cells[] | select(.state == "failed")] | length' "$WORK/results/panic/run.json")" -eq 2 ]
	grep -q ',swapload,1,' "$WORK/results/panic/locks.csv"
	nothing_left
}

# begin_run NAME COMMAND...: a run with a cell done and another going on, its driver in $pid
begin_run() {
	local run=$1

	shift
	REPS=3 WINDOW=2 "$@" "$BENCH/bench.sh" short --results "$WORK/results" --run "$run" >"$WORK/out" 2>&1 &
	pid=$!
	wait_while "$pid" compgen -G "$WORK/results/$run/.work/share.*/cells/ceiling/done"
	wait_while "$pid" compgen -G "$WORK/results/$run/.work/share.*/cells/lockstat-partition-1-1-swapload/done"
}

# goes_on NAME: what was done is not measured again
goes_on() {
	local first=$WORK/results/$1/cells/lockstat-partition-1-1-swapload/phases started=$EPOCHSECONDS

	REPS=3 WINDOW=2 bench --run "$1" 2>&1
	[ "$(jq .complete "$WORK/results/$1/run.json")" = true ]
	[ "$(stat -c %Y "$first")" -le "$started" ]
	nothing_left
}

driver_is_interrupted() {
	local got=0

	# what a shell starts in the background ignores an interrupt, else
	begin_run interrupted env --default-signal=INT
	kill -INT "$pid"
	wait "$pid" || got=$?
	tail -1 "$WORK/out"
	[ $got -eq 130 ]
	tail -1 "$WORK/out" | grep -q 'stopped with [2-4] of 4 cells done; the same command goes on with interrupted$'
	nothing_left
	goes_on interrupted
}

driver_is_killed() {
	begin_run killed env
	kill -KILL "$pid"
	wait "$pid" || true
	nothing_left
	goes_on killed
}

# A terminal that goes away with all that runs on it, once there is a file "close"
terminal_closes() {
	rm -f "$WORK/close"
	begin_run hangup python3 -c 'import os, pty, select, sys
pid, master = pty.fork()
if pid == 0:
	os.execvp(sys.argv[1], sys.argv[1:])
while not os.path.exists(os.environ["WORK"] + "/close"):
	if select.select([master], [], [], 0.2)[0]:
		os.write(1, os.read(master, 4096))
os.close(master)
print("\nstatus", os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))'
	: >"$WORK/close"
	wait "$pid"
	tail -1 "$WORK/out"
	grep -qx 'status [1-9][0-9]*' "$WORK/out" # of a program that the hang-up ended first, or its own
	[ -s "$WORK/results/hangup/run.json" ]
	nothing_left
	goes_on hangup
}

disk_is_full() {
	local got=0

	needs_root
	mkdir -p "$WORK/small"
	mount -t tmpfs -o size=8M tmpfs "$WORK/small"
	cat >"$BENCH/workloads/filling" <<'END'
. "${BASH_SOURCE[0]%/*}/swapload"
workload_stop() { head -c 64m /dev/zero >"$out/filling"; false; }
END
	WORKLOADS='swapload filling' "$BENCH/bench.sh" short --results "$WORK/small" --run full >"$WORK/out" 2>&1 || got=$?
	cat "$WORK/out"
	[ $got -eq 1 ]
	grep -qi 'no space left' "$WORK/out"
	[ -e "$WORK/small/full/.work/cells/lockstat-partition-1-1-swapload/done" ]
	rm -rf "$WORK/small/full/.work/"*/*filling
	mount -o remount,size=64M "$WORK/small"
	sed -i '$d' "$BENCH/workloads/filling"
	WORKLOADS='swapload filling' "$BENCH/bench.sh" short --results "$WORK/small" --run full
	[ "$(jq .complete "$WORK/small/full/run.json")" = true ]
	nothing_left
}

# Somebody looks on for a while: the cell after it is measured all the same.
is_watched() {
	local looker

	begin_run watched env
	"$BENCH/bench.sh" --live >"$WORK/seen" 2>&1 &
	looker=$!
	wait_while "$pid" grep -q '^swap_map ' "$WORK/seen"
	kill -TERM $looker
	wait $looker
	wait "$pid"
	[ "$(jq .complete "$WORK/results/watched/run.json")" = true ]
	[ "$(jq '.cells | length' "$WORK/results/watched/run.json")" -eq 4 ]
	nothing_left
}

make_tree
run_test 'its kernel and image are there' private_cache
export WORK LOCKSTAT_SWAP_CACHE=$WORK/cache
drive_directories >"$WORK/drives"
run_test "a guest's panic fails its cell only" guest_panics
run_test 'a driver that is killed leaves nothing, and the run goes on' driver_is_killed
[ -n "${NIGHTLY:-}" ] || exit 0 # each run has these of the booted machine (tests/root/booted.sh)
run_test 'a driver that is interrupted leaves nothing, and the run goes on' driver_is_interrupted
run_test 'a closed terminal leaves nothing, and the run goes on' terminal_closes
run_test 'a full disk loses no finished cell' disk_is_full
run_test 'a look at a run costs it nothing' is_watched
