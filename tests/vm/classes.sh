#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# An emulated drive is as slow as it was asked to be, where the emulator could be faster.
. "$(dirname -- "${BASH_SOURCE[0]}")/../lib.sh"

boot() {
	local kernel

	mkdir -p "$WORK/share"
	kernel=$("$TOP/bench/lab/kernel.sh" --flavour timing 2>/dev/null | tail -1)
	"$TOP/bench/lab/run.sh" --kernel "$kernel" --share "$WORK/share" --job "$TOP/tests/vm/guest/classes-job.sh" \
		--ssds 1 --ssd-size 256M --ssd-class rlat=5ms,wlat=8ms,riops=3000,wiops=1500,rbw=50M --timeout 120 || {
		tail -30 "$WORK/share/.lab/console.log"
		return 1
	}
}

# of FILE FILTER: of the job's figures
of() { jq -e ".jobs[0].mixed | $2" "$WORK/share/$1.json"; }

# between LOW VALUE HIGH
between() {
	echo "$2, of $1 to $3"
	awk -v low="$1" -v value="$2" -v high="$3" 'BEGIN { exit !(value >= low && value <= high) }'
}

takes_its_time() {
	between 5e6 "$(of read-1 '.clat_ns.percentile["50.000000"]')" 6e6
	between 8e6 "$(of write-1 '.clat_ns.percentile["50.000000"]')" 9.6e6
}

# One after the other, the eighth would take eight times as long as the first.
delays_side_by_side() {
	between 5e6 "$(of read-8 '.clat_ns.percentile["50.000000"]')" 6e6
	between 6 "$(jq -n "$(of read-8 .iops) / $(of read-1 .iops)")" 10
}

keeps_to_its_rate() {
	between 2700 "$(of read-32 .iops)" 3300
	between 1350 "$(of write-32 .iops)" 1650
}

keeps_to_its_bandwidth() { between 45e6 "$(of large-8 .bw_bytes)" 55e6; }

run_test 'a guest with a drive of free figures' boot
run_test 'a request takes the time that was asked for' takes_its_time
run_test 'requests are delayed side by side' delays_side_by_side
run_test 'requests a second are as asked for' keeps_to_its_rate
run_test 'bytes a second are as asked for' keeps_to_its_bandwidth
