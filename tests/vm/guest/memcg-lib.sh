# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Memory cgroups for the jobs that need them. Sourced in the guest, in the share.

# Pages of a program that a cgroup runs are the root's: what is in it is what a test puts there.
cp memcgload /tmp/

say() { echo "memcg: $*"; }

# Whether this kernel's pages name their memory cgroup by an ID
has_ids() { [ -d /sys/kernel/debug/memcg_page_id ]; }

mount_v2() {
	mkdir -p /tmp/v2
	mount -t cgroup2 none /tmp/v2
	# it leaves version 1 a while after that was unmounted
	for _ in {1..100}; do
		echo +memory >/tmp/v2/cgroup.subtree_control 2>/dev/null && return
		sleep 0.2
	done
	return 1
}

mount_v1() {
	mkdir -p /tmp/v1
	mount -t cgroup -o memory none /tmp/v1
}

swap_on_zram() {
	echo "$1" >/sys/block/zram0/disksize
	mkswap /dev/zram0 >/dev/null
	swapon /dev/zram0
}

# start_load COMMAND...: which says when it is ready; $load is its process, lines to it go to fd 8
start_load() {
	coproc LOAD { exec "$@"; }
	load=$LOAD_PID
	exec 8>&"${LOAD[1]}" 7<&"${LOAD[0]}"
	answer
}

# answer: of the load, that all its pages are what was written
answer() {
	local line

	read -r -t 120 line <&7 && [ "$line" = ready ]
}

check_load() {
	echo again >&8
	answer
}

end_load() {
	exec 8>&- 7<&-
	wait "$load"
}
