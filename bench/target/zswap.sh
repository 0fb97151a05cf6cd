# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2154	# sourced by workloads/zswap
# What the kernel tells of zswap and its pool: counters, and a trace of each object that is stored
# or evicted and of each page that is read from a drive. The trace has a buffer of its own.

REFAULT_SECONDS=2 # after which an evicted page that was not read again counts as cold
trace=/sys/kernel/tracing/instances/lockstat-swap

zswap_figure() { cat "/sys/kernel/debug/zswap/$1"; }

# zswap_counts: lines "name value". To tell zbud's the pool's lock is taken.
zswap_counts() {
	echo "time_us ${EPOCHREALTIME/./}"
	grep -E '^zswp(in|out) ' /proc/vmstat
	(cd /sys/kernel/debug/zswap && grep . -- *) | tr : ' '
	[ ! -e /sys/kernel/debug/zbud ] || sed -n '/^free_chunks/q; s/^/zbud_/p' /sys/kernel/debug/zbud/*/stats
	awk '$1 == "zswap" { print "bytes", $2 }' "$load_cgroup/memory.stat"
}

# Under a tracer the load is slow, and stands still at times.
is_traced() { [ "$ZSWAP_TRACE" -ne 0 ] && [ "$BACKEND" = none ]; }

# add_probes: an object written to is a new one (ZPOOL_MM_WO is 2)
add_probes() {
	# shellcheck disable=SC2016	# for the kernel
	{
		echo 'p:zswap/stored zbud_zpool_map handle=%si:x64 mode=%dx:u32'
		echo 'p:zswap/writeback zswap_writeback_entry handle=%si:x64 offset=+0(%si):b58@0/64'
		echo 'r:zswap/written zswap_writeback_entry ret=$retval:s32'
	} >>/sys/kernel/tracing/kprobe_events || return
	echo 'mode == 2' >$trace/events/zswap/stored/filter
	echo 1 >$trace/events/zswap/enable
}

remove_probes() {
	[ ! -e $trace/events/zswap ] || echo 0 >$trace/events/zswap/enable
	printf -- '-:zswap/%s\n' stored writeback written >>/sys/kernel/tracing/kprobe_events
}

begin_trace() {
	mkdir $trace || return
	echo 0 >$trace/tracing_on
	echo 8192 >$trace/buffer_size_kb
	add_probes || return
	echo 'rwbs ~ "R*"' >$trace/events/block/block_bio_queue/filter
	echo 1 >$trace/events/block/block_bio_queue/enable
	echo 1 >$trace/tracing_on
}

mark_trace() { echo measured >$trace/trace_marker; }

# stop_trace: once all evictions so far had their time
stop_trace() {
	sleep $REFAULT_SECONDS
	echo 0 >$trace/tracing_on
}

# end_trace: not under the load: code that one CPU patches while another runs it hung emulated
# guests, in two of 54 cells
end_trace() {
	cat $trace/trace >"$out/zswap.trace"
	cat $trace/per_cpu/cpu*/stats >"$out/zswap.trace-stats"
	remove_probes
	rmdir $trace
	! grep -qE '^(overrun|dropped events): [1-9]' "$out/zswap.trace-stats"
}
