# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2154	# sourced by bench.sh
# What a run on the booted machine changes there. Each change is in the journal before it is
# made, so that it is undone even if this script is killed: by its own end, else by the next
# start of any bench. One run at a time changes a machine; the lock is its, and dies with it.

state_dir=/run/lockstat-swap
journal=$state_dir/journal

lock_machine() {
	[ -d "$state_dir" ] || mkdir -m 700 -- "$state_dir" || die "cannot write to $state_dir"
	exec 7>"$state_dir/lock"
	# what a killed one had just started holds it for a moment longer
	flock -w 3 7 || die "another bench is running on this machine"
	# the one who held it may just have removed it
	[ /proc/self/fd/7 -ef "$state_dir/lock" ] || lock_machine
}

unlock_machine() {
	rm -f -- "$state_dir/lock"
	rmdir -- "$state_dir"
	exec 7>&-
}

# change KIND WHAT [BEFORE]
change() { printf '%s\t%s\t%s\n' "$1" "$2" "${3-}" >>"$journal" || die "cannot write to $journal"; }

# setting FILE: of "always [madvise] never" the one that is chosen
setting() { sed 's/.*\[\(.*\)\].*/\1/' "$1"; }

# fix_setting FILE VALUE: where the machine has it
fix_setting() {
	local before

	[ -w "$1" ] || return 0
	before=$(setting "$1")
	[ "$before" != "$2" ] || return 0
	change setting "$1" "$before"
	echo "$2" >"$1" || die "cannot write $2 to $1"
}

undo_setting() { echo "$2" >"$1"; }

# The data that went out stays there; nothing takes it for swap any more.
undo_swap() {
	local label

	[ -e "$1" ] || return 0
	! is_swap "$1" || swapoff "$1" || return
	label=$(blkid -p -s LABEL -o value -- "$1") || true
	[ "$label" != "$SWAP_LABEL" ] || wipefs --quiet --all --types swap -- "$1"
}

# undo_partition DISK: what a load has made of it and had no time to remove
undo_partition() {
	if [ -b "$1" ] && [ -n "$(partitions_of "$(sysfs_of "$1")")" ]; then
		delpart "$1" 1
	fi
}

# unmount_below DIR: a process that was killed may hold on to it for a moment
unmount_below() {
	local at i

	while read -r at; do
		for ((i = 0; i < 100; i++)); do
			! umount -- "$at" 2>/dev/null || break
			sleep 0.05
		done
		[ $i -lt 100 ] || return
	done < <(awk -v below="$1/" 'index($5, below) == 1 { print $5 }' /proc/self/mountinfo | tac)
}

undo_scratch() { unmount_below "$1" && rm -rf --one-file-system -- "$1"; }

# kill_all CGROUP: whatever is in the two below it came from us
kill_all() {
	local i pids

	for ((i = 0; i < 200; i++)); do
		pids=$(cat -- "$1"/{run,load}/cgroup.procs 2>/dev/null) || true
		[ -n "$pids" ] || return 0
		# shellcheck disable=SC2086	# a list of words
		kill -KILL $pids 2>/dev/null || true
		sleep 0.05
	done
	return 1
}

undo_cgroup() {
	local dir

	kill_all "$1" || return
	for dir in "$1/load" "$1/run" "$1"; do [ ! -d "$dir" ] || rmdir -- "$dir" || return; done
}

# undo_changes: the last first; what cannot be undone stays in the journal
undo_changes() {
	local kind what before left=''

	[ -e "$journal" ] || return 0
	while IFS=$'\t' read -r kind what before; do
		"undo_$kind" "$what" "$before" || {
			say "cannot put back: $kind $what $before" || true
			left=$kind$'\t'$what$'\t'$before$'\n'$left
		}
	done < <(tac -- "$journal")
	if [ -n "$left" ]; then
		printf '%s' "$left" >"$journal.new" && mv -- "$journal.new" "$journal"
		return 1
	fi
	rm -f -- "$journal"
}

# What killed guests left in memory or on disk, this user's
remove_stale_dirs() {
	local dir

	for dir in /dev/shm/lockstat-swap.?????? "${TMPDIR:-/tmp}"/lockstat-swap.??????; do
		is_stale "$dir" || continue
		say "removing what a killed run left: $dir"
		rm -rf -- "$dir"
	done
}

# clean_up: after runs that were killed. Another's lock is a run that is not.
clean_up() {
	remove_stale_dirs
	[ "$(id -u)" != 0 ] || drop_reboot
	[ "$(id -u)" = 0 ] && [ -d "$state_dir" ] || return 0
	lock_machine
	if [ -e "$journal" ]; then
		say "putting back what a killed run had changed on this machine"
		undo_changes || die "run $0 --clean-up again, or put it back by hand: $journal"
	fi
	unlock_machine
}
