#!/usr/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2034	# read by cells.sh
# Runs the cells in a lab guest.
set -u
share=/share scratch=/run/scratch home_cgroup=/sys/fs/cgroup load_cgroup=/sys/fs/cgroup/load
drives=(/run/ssd/*)
cd $share/bench || exit 1
. ./target/cells.sh

make_cgroup() {
	mount -t cgroup2 cgroup2 $home_cgroup
	echo +memory >$home_cgroup/cgroup.subtree_control
	mkdir -p $load_cgroup
}

# Each cell finds the same in memory: the programs, read before memory is short and outside the
# limit. Under it fio fetched each page of its 80 MiB of libraries over and over, for a minute
# or more.
before_cell() {
	echo 3 >/proc/sys/vm/drop_caches
	find /usr /lib /lib64 -xdev -type f -exec cat {} + >/dev/null
}

# The workloads' own programs would come from the host, over and over.
copy_programs() {
	mkdir -p $scratch
	cp -R programs $scratch/
	PATH=$scratch/programs:$PATH
}

copy_programs
make_cgroup
run_cells
