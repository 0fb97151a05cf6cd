# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2154	# what the job says
# Swap devices that come and go, and what is to be found when all is over. Sourced in the guest
# by torture-job.sh, which names the devices and the cgroup.

say() { echo "torture: $*"; }

fail() {
	say "FAILED: $*"
	touch failed
	exit 1
}

declare -A steps=()
pids=()

count() { steps[$1]=$((${steps[$1]:-0} + 1)); }

# start NAME ARGUMENT...: tortureload, whose memory is limited. Leaves figures.NAME.
start() {
	local name=$1

	shift
	(
		# shellcheck disable=SC2016	# for that shell, which is in the cgroup only until it is the load
		bash -c 'echo $$ >"$0" && exec ./tortureload "$@"' "$load_cgroup/cgroup.procs" "$@" >"figures.$name" ||
			fail "tortureload $*"
	) &
	pids+=($!)
}

# start_loop NAME COMMAND...: over and over until it is time to stop, with random numbers that
# depend on no other loop. Leaves figures.NAME.
start_loop() {
	loop "$@" &
	pids+=($!)
}

loop() {
	local name=$1

	shift
	steps=()
	RANDOM=$((TORTURE_SEED + ${#pids[@]})) # bash has another seed in each subshell
	while [ ! -e stop ]; do
		"$@"
		note_steps >"figures.$name"
		sleep "0.$((RANDOM % 10))" # all that these loops start takes the CPUs from the load
	done
}

note_steps() {
	local step

	for step in "${!steps[@]}"; do
		echo "$step ${steps[$step]}"
	done
}

# start_limits NAME: they move until it is time to stop. What is then left to verify takes less long without.
start_limits() {
	(
		loop "$1" move_limits
		lift_limits
	) &
	pids+=($!)
}

# go_on_for SECONDS THING...: until that is over and each of these has happened, be it that it takes
# three times as long; then it is time to stop. Fails early where something else has.
go_on_for() {
	local from=$SECONDS

	until { [ $((SECONDS - from)) -ge "$1" ] && [ -z "$(missing "${@:2}")" ]; } ||
		[ $((SECONDS - from)) -ge $(($1 * 3)) ] || [ -e failed ]; do
		sleep 1
	done
	touch stop
	wait_for_all
	rm stop
}

# missing THING...: which of them have not happened
missing() {
	local thing

	note_counters >figures.kernel
	for thing in "$@"; do
		[ "$(figure "$thing")" -gt 0 ] || echo "$thing"
	done
}

wait_for_all() {
	local pid failed=''

	for pid in "${pids[@]}"; do
		wait "$pid" || failed=yes
	done
	pids=()
	[ -z "$failed" ] || fail 'see above'
}

# figure PATTERN: of all loops together
figure() { cat figures.* | awk -v pattern="^($1)$" '$1 ~ pattern { n += $2 } END { print n + 0 }'; }

meminfo() { awk -v key="$1:" '$1 == key { print $2 }' /proc/meminfo; }

vmstat() { awk -v key="$1" '$1 == key { print $2 }' /proc/vmstat; }

# swaps DEVICE: its line in /proc/swaps; nothing if it is off
swaps() { awk -v device="$(readlink -f "$1")" '$1 == device' /proc/swaps; }

swap_on() {
	local options=()

	[ $((RANDOM % 4)) -eq 0 ] || options+=(-p $((RANDOM % 4)))
	[ $((RANDOM % 2)) -eq 0 ] || options+=(--discard)
	case $1 in "$tiny" | "$failing") options+=(-p 100) ;; esac
	swapon "${options[@]}" "$1" || fail "swapon $1"
	count "swapon:${1##*/}"
}

# A device that lost count of its pages, or of those who look for some, never goes.
swap_off() {
	timeout 100 swapoff "$1" || fail "swapoff $1 does not return: $(swaps "$1")"
	count "swapoff:${1##*/}"
}

# Of a device that has no room some pages may be on their way to it, or back.
note_full() {
	! swaps "$tiny" | awk '{ full = $4 >= $3 * 3 / 4 } END { exit !full }' || count full
}

# exchange DEVICE...: one of them comes, or goes
exchange() {
	local device=${*:RANDOM % $# + 1:1}

	if [ -z "$(swaps "$device")" ]; then
		swap_on "$device"
	else
		swap_off "$device"
	fi
}

# Never so low that nothing is left to reclaim: a crowd needs 8 MiB of the kernel. Who is above
# memory.high sleeps, which is for once.
move_limits() {
	local high=max

	[ $((RANDOM % 4)) -ne 0 ] || high=$((12 + (20 + RANDOM % 80) * load_mib / 100))M
	echo "$high" >"$load_cgroup/memory.high"
	echo $((12 + (40 + RANDOM % 80) * load_mib / 100))M >"$load_cgroup/memory.max"
	count limits
}

lift_limits() {
	echo max >"$load_cgroup/memory.high"
	echo max >"$load_cgroup/memory.max"
}

# Refused while /dev/snapshot is open. Not all the time: it stops all others.
unplug_cpu() {
	sleep 2
	echo 0 2>/dev/null >/sys/devices/system/cpu/cpu1/online || return 0
	until echo 1 2>/dev/null >/sys/devices/system/cpu/cpu1/online; do sleep 0.01; done
	count unplug
}

# fail_io PERCENT: of what is read from and written to the device that fails
fail_io() {
	local faults=/sys/kernel/debug/fail_make_request

	echo 0 >$faults/verbose
	echo -1 >$faults/times
	echo "$1" >$faults/probability
	echo 1 >"/sys/class/block/$(basename "$(readlink -f "$failing")")/make-it-fail"
}

# It goes while it fails, and comes while it does not: its header has to be read.
exchange_failing() {
	fail_io 0
	swap_on "$failing"
	fail_io 10
	sleep 4
	swap_off "$failing"
	[ "$(dmesg | grep -c Read-error)" -eq 0 ] || count read_error
}

kcsan=/sys/kernel/debug/kcsan

# Of a kernel that looks for data races, which has to have looked at some accesses
watch_for_races() {
	[ -e $kcsan ] || return 0
	steps_of_all+=(kcsan_setup_watchpoints)
	echo on >$kcsan
}

# What the kernel counts: huge pages that went out whole, discards of drives, what KCSAN looked at
note_counters() {
	local disk

	echo "thp_swpout $(vmstat thp_swpout)"
	for disk in /sys/block/nvme*; do
		awk '{ print "discarded", $12 }' "$disk/stat"
	done
	[ ! -e $kcsan ] || awk '/^(setup_watchpoints|data_races): / { sub(/:/, ""); print "kcsan_" $0 }' $kcsan
}

all_off() {
	local device

	lift_limits
	for device in "$@"; do
		[ -z "$(swaps "$device")" ] || swap_off "$device"
	done
}

# counts_to ACTUAL EXPECTED WHAT
counts_to() { [ "$1" -eq "$2" ] || fail "counters: $3 is $1, not $2"; }

nothing_is_left() {
	echo 1 >/proc/sys/vm/stat_refresh # what CPUs still have to add
	counts_to "$(meminfo SwapTotal)" 0 'SwapTotal without swap'
	counts_to "$(meminfo SwapFree)" 0 'SwapFree without swap'
	counts_to "$(vmstat nr_swapcached)" 0 nr_swapcached
	counts_to "$(<"$load_cgroup/memory.swap.current")" 0 memory.swap.current
}

# Nobody uses it, so that all of it is free.
all_is_free() {
	local device

	for device in "$@"; do
		swapon "$device" || fail "swapon $device"
		counts_to "$(swaps "$device" | awk '{ print $4 }')" 0 "what is used of ${device##*/}"
	done
	counts_to "$(meminfo SwapFree)" "$(meminfo SwapTotal)" 'SwapFree of unused swap'
	all_off "$@"
}

# nothing_is_reported [PATTERN]: of a swap map that is wrong, where it is no more than a line
nothing_is_reported() {
	! dmesg | grep -E "(Bad|Unused) swap|swap_(free|dup)${1:+|$1}" || fail 'the kernel complains'
}
