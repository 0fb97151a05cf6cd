#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# An emulated drive is as slow as it was asked to be, where the emulator could be faster.
#
# A busy host makes it slower still: times are long and rates low here, that this matters little;
# never faster, so that the bounds on that side are narrow.
. "$(dirname -- "${BASH_SOURCE[0]}")/../lib.sh"

boot() {
	local kernel

	mkdir -p "$WORK/share"
	kernel=$("$TOP/bench/lab/kernel.sh" --flavour lockstat | tail -1)
	"$TOP/bench/lab/run.sh" --kernel "$kernel" --share "$WORK/share" --job "$TOP/tests/vm/guest/classes-job.sh" \
		--ssds 1 --ssd-size 256M --ssd-class rlat=50ms,wlat=80ms,riops=300,wiops=150,rbw=10M --timeout 600 || {
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

# fio's percentiles are off by up to a hundredth.
takes_its_time() {
	between 49.5e6 "$(of read-1 '.clat_ns.percentile["50.000000"]')" 150e6
	between 79e6 "$(of write-1 '.clat_ns.percentile["50.000000"]')" 240e6
}

# Eight at a time, of 50 ms each, are 160 a second; one after the other, 20.
delays_side_by_side() { between 40 "$(of read-8 .iops)" 170; }

keeps_to_its_rate() {
	between 100 "$(of read-32 .iops)" 330
	between 50 "$(of write-32 .iops)" 165
}

keeps_to_its_bandwidth() { between 3e6 "$(of large-8 .bw_bytes)" 11e6; }

run_test 'a guest with a drive of free figures' boot
run_test 'a request takes the time that was asked for' takes_its_time
run_test 'requests are delayed side by side' delays_side_by_side
run_test 'requests a second are as asked for' keeps_to_its_rate
run_test 'bytes a second are as asked for' keeps_to_its_bandwidth
