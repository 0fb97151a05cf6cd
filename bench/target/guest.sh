#!/usr/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2034	# read by cells.sh
# Runs the cells in a lab guest.
set -u
share=/share scratch=/run/scratch home_cgroup=/sys/fs/cgroup load_cgroup=/sys/fs/cgroup/load
cd $share/bench || exit 1
. ./target/cells.sh
. ./target/zram.sh

make_cgroup() {
	mount -t cgroup2 cgroup2 $home_cgroup
	echo +memory >$home_cgroup/cgroup.subtree_control
	mkdir -p $load_cgroup
}

# Each cell finds the same in memory: the programs, and nothing else. They are all that this
# guest's page cache holds, and what would only have to be read again.
before_cell() {
	echo 2 >/proc/sys/vm/drop_caches
	[ "$DRIVE_KIND" != zram ] || renew_zram
}

find_drives() {
	drives=(/run/ssd/*)
	[ "$DRIVE_KIND" != zram ] || add_zram
}

# Programs are read before memory is short, and outside the limit: under it fio fetched each
# page of its 80 MiB of libraries over and over, for a minute or more. The workloads' own
# programs would come from the host, over and over.
preload() {
	find /usr /lib /lib64 -xdev -type f -exec cat {} + >/dev/null
	mkdir -p $scratch
	cp -R programs $scratch/
	PATH=$scratch/programs:$PATH
}

preload
make_cgroup
find_drives
run_cells
