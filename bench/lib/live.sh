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

tail_pid='' looked=''

stop_watching() {
	rm -f -- "$share/live"
	[ -z "$tail_pid" ] || kill "$tail_pid" 2>/dev/null || true
	tail_pid=''
}

# look_at_boot: until its recorder has ended; or it has no cell left, and there was nothing to see
look_at_boot() {
	# between boots there is none, and it may go any time
	{ [ -d "$share/bench" ] && : >"$share/live.out" && : >"$share/live"; } 2>/dev/null || return 0
	tail -n +1 -f -- "$share/live.out" &
	tail_pid=$!
	while [ -e "$share/live" ] && [ "$(running_share)" = "$share" ]; do sleep 0.5; done
	[ ! -d "$share" ] || looked=yes
	stop_watching
}

# watch_run: until it is interrupted; the run then goes on with the cell that was due
watch_run() {
	running_share >/dev/null || die "no run is going on here"
	trap stop_watching EXIT
	trap 'exit 0' INT TERM HUP
	note "waiting for the cell that is being measured to end; Ctrl-C lets the run go on"
	while [ -z "$looked" ] && share=$(running_share); do
		look_at_boot
		sleep 0.5
	done
}
