# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2154	# sourced by bench.sh
# A look at the locks of the run that is going on, from another terminal.

# The directory of the boot that is running, as fill_share left it; a bench that was killed
# left one, too
running_share() {
	local lock

	lock=$(cache_dir)/bench.lock
	exec 8<>"$lock"
	! flock -n 8 || return
	cat -- "$lock"
}

stop_watching() {
	rm -f -- "$share/live"
	[ -z "$tail_pid" ] || kill "$tail_pid" 2>/dev/null || true
}

# watch_run: until it is interrupted; the run then goes on with the cell that was due
watch_run() {
	local tail_pid=''

	share=$(running_share) || share=''
	[ -d "$share/bench" ] || die "no run is going on here"
	trap stop_watching EXIT
	trap 'exit 0' INT TERM HUP
	: >"$share/live.out"
	: >"$share/live"
	note "waiting for the cell that is being measured to end; Ctrl-C lets the run go on"
	tail -n +1 -f -- "$share/live.out" &
	tail_pid=$!
	while [ -e "$share/live" ] && [ -d "$share" ]; do sleep 0.5; done
}
