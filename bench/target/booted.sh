#!/usr/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# usage: booted.sh SHARE: runs the cells on the booted machine. Who starts it ends what it leaves
# behind: by the cgroup, and below $scratch. In a mount namespace of its own this would go by
# itself, but /proc/swaps would have names from there.
set -u
share=$1
cd "$share/bench" || exit
PATH=$share/bench/programs:$PATH:/usr/sbin:/sbin
# shellcheck disable=SC1091	# made for each boot
. ./machine
. ./target/cells.sh

# The programs and their libraries
program_files() {
	local program

	for program in bash fio stress-ng programs/*; do
		program=$(command -v "$program") || continue
		echo "$program"
		ldd "$program" 2>/dev/null | awk '$2 == "=>" && $3 ~ /^\// { print $3 } $1 ~ /^\// { print $1 }'
	done | sort -u
}

# Each cell finds the same in memory: the programs, which the load is not to read in while it is
# short of memory, and nothing else.
before_cell() {
	sync
	echo 3 >/proc/sys/vm/drop_caches
	cat -- "${files[@]}" >/dev/null
}

leave_load || exit # into the cgroup by which this ends
mapfile -t files < <(program_files)
run_cells
