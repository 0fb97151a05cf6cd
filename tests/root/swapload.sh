#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2016	# variables of jq and of an inner shell
# swapload on a swap device of the test's own, and in a memory cgroup of its own, whose counters
# know nothing of other processes.
. "$(dirname -- "${BASH_SOURCE[0]}")/../lib.sh"
. "$(dirname -- "${BASH_SOURCE[0]}")/../host.sh"

MIB=48
PAGES=$((MIB * 1048576 / $(getconf PAGESIZE)))

# mount_of TYPE [OPTION]: where that file system is mounted
mount_of() {
	awk -v type="$1" -v option="${2:-}" '{
		for (i = 1; $i != "-"; i++);
		if ($(i + 1) == type && (option == "" || $(i + 3) ~ "(^|,)" option "(,|$)")) { print $5; exit }
	}' /proc/self/mountinfo
}

# add_cgroup [BYTES]: its directory in $cgroup, its file of the limit written
add_cgroup() {
	local parent limit=memory.limit_in_bytes

	parent=$(mount_of cgroup memory)
	if [ -z "$parent" ]; then
		parent=$(mount_of cgroup2)
		limit=memory.max
		grep -qsw memory "$parent/cgroup.subtree_control" || skip 'needs the memory controller'
	fi
	cgroup=$parent/swapload-test.$$
	mkdir "$cgroup"
	echo "cgroup $cgroup" >>"$made"
	[ $# -eq 0 ] || echo "$1" >"$cgroup/$limit"
}

# Above all other devices, so that the pages go to this one alone.
add_device() {
	remove_devices
	needs_root
	[ -e /sys/class/zram-control/hot_add ] || skip 'needs zram'
	add_zram 32767
	device=$(made_of zram)
}

# load OPTION...: swapload in $cgroup; its JSON is $WORK/load.json
load() { (become_load "$@"); }

become_load() {
	exec sh -c 'echo $$ >"$1/cgroup.procs" && shift && exec "$@"' sh "$cgroup" \
		"$SWAPLOAD" --quiet --json "$WORK/load.json" "$@"
}

holds() {
	jq -e --argjson pages "$PAGES" "$1" "$WORK/load.json" >/dev/null && return
	echo "not so: $1"
	cat "$WORK/load.json"
	return 1
}

cgroup_majfaults() { awk '$1 == "total_pgmajfault" || $1 == "pgmajfault" { n = $2 } END { print n }' "$cgroup/memory.stat"; }

device_used_kib() { awk -v d="/dev/zram$device" '$1 == d { print $4 }' /proc/swaps; }

# The kernel counts all processes: never less than ours, but for what is counted late.
agrees_with_vmstat() {
	holds '[.phases[].checks[] | .kernel_count + 5 >= .own_count * 0.99] | all'
	holds '[.phases[].checks[] | select(.own_count > 0) |
		((.explained_percent - 100 * .own_count / .kernel_count) | fabs) < 0.01] | all'
}

# The same faults, counted by the workers and by their cgroup.
agrees_with_cgroup() {
	local own theirs

	own=$(jq '[.phases[].major_faults_count] | add' "$WORK/load.json")
	theirs=$(cgroup_majfaults)
	echo "swapload $own major faults, cgroup $theirs"
	awk -v a="$own" -v b="$theirs" 'BEGIN { exit !(a > 1000 && a - b <= 5 + b / 100 && b - a <= 5 + b / 100) }'
}

all_is_right() {
	holds '.complete and .corrupt_count == 0'
	holds '[.phases[] | select(.phase == "in" or .phase == "mixed") |
		.verified_count == .operations_count and .verified_count > 0] | all'
	holds '[.phases[] | .stray_faults_count <= 5 + (.major_faults_count + .minor_faults_count) / 1000] | all'
}

# What is out is pushed out, comes back, goes again, and is freed.
swaps_really() {
	add_device
	add_cgroup
	load --size "${MIB}M" "$@" --operations 20000 --phases populate,out,in,out,mixed,out,free
	all_is_right
	agrees_with_vmstat
	agrees_with_cgroup
	holds '[.phases[] | select(.phase == "out").swapped_after_pages >= 0.95 * $pages] | all'
	holds '.phases[2] | (.major_faults_count >= 0.95 * .swapped_before_pages)
		and .latency.major_fault.count == .major_faults_count'
	holds '.phases[4] | .operations_count == 20000 and .major_faults_count > 10000'
	holds '.phases[1].checks.swap_outs.kernel_count >= 0.95 * $pages'
	holds '.phases[6] | .swapped_before_pages >= 0.95 * $pages and .swapped_after_pages == 0'
	awk -v least=$((PAGES * 9 / 10)) '{ exit !($5 >= least) }' "/sys/block/zram$device/stat"
	remove_devices
}

# Each kind of content and each way to free, exactly told faults included.
content_comes_back() {
	local content

	add_device
	add_cgroup
	for content in random ratio:0.3 zero; do
		load --size 16M --threads 2 --content "$content" --access zipf:0.99 --operations 5000 \
			--classify exact --free-by dontneed
		all_is_right
		holds '[.phases[].stray_faults_count] | add <= 5'
		holds '.phases[-1].swapped_after_pages == 0'
	done
	load --size 16M --processes 2 --access seq --verify header --operations 5000 --free-by exit
	all_is_right
	holds '.phases[-1].latency.exit.count == 2'
	remove_devices
}

nearly_all_is_out() { [ "$(device_used_kib)" -ge $((MIB * 1024 * 9 / 10)) ]; }

# Sampled while it runs, and after it was interrupted: slots that the CPUs keep in caches are left.
swap_is_given_back() {
	local pid got=0

	add_device
	add_cgroup
	become_load --size "${MIB}M" --threads 2 --phases populate,out,mixed --duration 600 &
	pid=$!
	echo "process $pid" >>"$made"
	wait_while "$pid" nearly_all_is_out
	kill -INT "$pid"
	wait "$pid" || got=$?
	[ $got -eq 130 ]
	echo "used: $(device_used_kib) KiB"
	[ "$(device_used_kib)" -le $((512 * $(nproc))) ]
	holds '.complete == false and .signal_number == 2 and .corrupt_count == 0'
	remove_devices
}

free_by_free() {
	add_device
	add_cgroup
	load --size "${MIB}M" "$@" --phases populate,out,free
	holds '.phases[2] | .swapped_before_pages >= 0.95 * $pages and .swapped_after_pages == 0'
	remove_devices
}

pressure_swaps() {
	add_device
	add_cgroup $((32 << 20))
	load --by pressure --ratio 2 --processes 2 --operations 20000
	all_is_right
	agrees_with_vmstat
	agrees_with_cgroup
	holds '.memory_bytes == 33554432 and .set_bytes == 67108864'
	# half of the set has no room
	holds '(.set_bytes / .page_size_bytes * 0.4) as $out | .phases[0].swapped_after_pages > $out
		and .phases[1].major_faults_count > $out'
	remove_devices
}

# 200 a second for 3 seconds: each is begun or counted as not begun, and most are begun: a machine
# may stand still for a while when they end, but none lets them go faster.
open_loop_has_its_rate() {
	add_device
	add_cgroup
	load --size 16M --threads 2 --rate 200 --duration 3 --phases populate,out,mixed --batch 16
	all_is_right
	holds '.phases[2] | .operations_count + .open_loop.not_begun_count == 600 and .operations_count >= 400'
	holds '.phases[2] | .wall_s >= 2.99 and (.operations_count / .wall_s - .rate_operations_per_s | fabs) < 0.5'
	holds '.phases[2].latency | .service.count == ([.major_fault, .minor_fault, .no_fault | .count // 0] | add)'
	remove_devices
}

run_test 'threads swap, and the counts agree' swaps_really --threads 3
run_test 'processes swap, and the counts agree' swaps_really --processes 3
run_test 'every kind of content comes back' content_comes_back
run_test 'swap is used, and given back on an interrupt' swap_is_given_back
run_test 'munmap frees swap' free_by_free --free-by munmap --threads 2
run_test 'an exit frees swap' free_by_free --free-by exit --processes 2
run_test 'a cgroup limit presses pages out' pressure_swaps
run_test 'an open loop has the rate asked for' open_loop_has_its_rate
