# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Memory cgroups for the jobs that need them. Sourced in the guest, in the share.

# Pages of a program that a cgroup runs are the root's: what is in it is what a test puts there.
cp memcgload /tmp/

share=$PWD

# say WORDS: on the console, and to who started the guest
say() { echo "memcg: $*" | tee -a "$share/said.txt"; }

fail() {
	say "$*"
	exit 1
}

# is_the_kernel_with_ids yes|no: whether pages name their memory cgroup by an ID here
is_the_kernel_with_ids() {
	local have=no

	[ ! -e /sys/module/kernel/parameters/memcg_page_ids ] || have=yes
	[ "$have" = "$1" ] || fail "this is the other kernel"
}

# A boot has version 1 or 2: dead cgroups keep the one for as long as they have pages.
mount_v2() {
	mkdir -p /tmp/v2
	mount -t cgroup2 none /tmp/v2
	echo +memory >/tmp/v2/cgroup.subtree_control
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
	exec 8>&"${LOAD[1]}"- 7<&"${LOAD[0]}"- # no other end of these is to stay open
	answer
}

# start_load_in CGROUP STEP ARGUMENT...: of memcgload
start_load_in() {
	# shellcheck disable=SC2016	# for the other shell
	start_load bash -c 'echo $$ >"$0/cgroup.procs"; exec /tmp/memcgload "$@"' "$@"
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

# churn_in CGROUP PAGES: in the background, process $!; it says how many pages a second to churned.PID.
# Not a subshell, whose pages are this shell's: they would move into the cgroup, and stay.
churn_in() {
	# shellcheck disable=SC2016	# for the other shell
	bash -c 'echo $$ >"$0/cgroup.procs"; exec /tmp/memcgload churn "$1" >"/tmp/churned.$$"' "$1" "$2" &
}

# end_churn PROCESS: it touched some. It may be asked before it listens.
end_churn() {
	while kill -INT "$1" 2>/dev/null; do sleep 0.1; done
	wait "$1"
	[ "$(<"/tmp/churned.$1")" -gt 0 ]
}

# remove CGROUP: once its last member is gone for good
remove() {
	for _ in {1..100}; do
		rmdir "$1" 2>/dev/null && return
		sleep 0.1
	done
	return 1
}

# dying CGROUP: how many below it are removed, and still there for their pages
dying() { awk '$1 == "nr_dying_descendants" { print $2 }' "$1/cgroup.stat"; }

# A page that was just freed may still wait in a CPU's batch for its list.
none_dying() {
	for _ in {1..600}; do
		echo 1 >/proc/sys/vm/drop_caches
		[ "$(dying "$1")" -gt 0 ] || return 0
		sleep 0.2
	done
	return 1
}

# make_dead N: cgroups that are removed and leave a page each; memcgload says how many it made
make_dead() {
	mkdir -p /tmp/v2/dead
	echo +memory >/tmp/v2/dead/cgroup.subtree_control
	/tmp/memcgload dead /tmp/v2/dead /tmp/pages "$1"
}

# forget_dead: without their pages they go
forget_dead() {
	rm /tmp/pages
	none_dying /tmp/v2/dead
}

# many_die N: of whom all get an ID
many_die() {
	make_dead "$1" >/tmp/made
	[ "$(</tmp/made)" = "made $1" ] || fail "$(</tmp/made)"
	[ "$(dying /tmp/v2/dead)" -ge "$1" ]
	forget_dead
	say "dead: $1 at once, and none when their pages are gone"
}
