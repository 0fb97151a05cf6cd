# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2154	# sourced by cells.sh
# The memory cgroup of the load, of version 1 or 2. The load alone is short of memory: on a
# machine that is short as a whole, the shell and the recorder would wait for their own pages,
# and take longer than the window. Who sources this has made $load_cgroup, and has in
# $home_cgroup where this shell belongs.

# set_limit SIZE|max
set_limit() {
	if [ -e "$load_cgroup/memory.max" ]; then
		echo "$1" >"$load_cgroup/memory.max"
	else
		echo "${1/max/-1}" >"$load_cgroup/memory.limit_in_bytes"
	fi
}

limit_load() { set_limit "${LOAD_MIB}M"; }

unlimit_load() { set_limit max; }

# enter_load: this shell, and what it starts until leave_load
enter_load() { echo $$ >"$load_cgroup/cgroup.procs"; }

leave_load() { echo $$ >"$home_cgroup/cgroup.procs"; }

# load_processes: in the array $processes, those of its cgroup, and of what cgroups a load has below it
load_processes() {
	local cgroup more

	processes=()
	for cgroup in "$load_cgroup"/ "$load_cgroup"/*/; do
		[ -e "${cgroup}cgroup.procs" ] || continue
		mapfile -t more <"${cgroup}cgroup.procs"
		processes+=("${more[@]}")
	done
}

# signal_load SIGNAL: not by its process group, for fio's jobs have sessions of their own
signal_load() {
	local processes

	load_processes
	[ ${#processes[@]} -eq 0 ] || kill -s "$1" "${processes[@]}"
}

# oom_kills: how many of its processes were killed because its memory was exhausted
oom_kills() { awk '$1 == "oom_kill" { print $2 }' "$load_cgroup"/memory.events "$load_cgroup"/memory.oom_control 2>/dev/null; }

# end_load: whatever of it is still there
end_load() {
	local processes

	while load_processes && [ ${#processes[@]} -gt 0 ]; do
		kill -KILL "${processes[@]}" 2>/dev/null
		sleep 0.05
	done
}

# load_gone: waits until no process is left in it, and so none of their pages
load_gone() {
	local processes

	while load_processes && [ ${#processes[@]} -gt 0 ]; do sleep 0.05; done
}
