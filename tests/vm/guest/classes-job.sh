#!/usr/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Runs in a lab guest: what a drive does at several depths, as fio's JSON, a file each.
drive=$(readlink /run/ssd/ssd0)

# run NAME OPTION...
run() {
	fio --name="$1" --filename="$drive" --direct=1 --ioengine=libaio --time_based --ramp_time=500ms --runtime=2 \
		--randrepeat=0 --unified_rw_reporting=mixed --output-format=json --output="/share/$1.json" "${@:2}"
}

run read-1 --rw=randread --bs=4k --iodepth=1 &&
	run write-1 --rw=randwrite --bs=4k --iodepth=1 &&
	run read-8 --rw=randread --bs=4k --iodepth=8 &&
	run read-32 --rw=randread --bs=4k --iodepth=32 &&
	run write-32 --rw=randwrite --bs=4k --iodepth=32 &&
	run large-8 --rw=read --bs=128k --iodepth=8
