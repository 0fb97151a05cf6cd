# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2154	# sourced by cells.sh and window.sh
# Samples of /proc/vmstat in $out/vmstat.csv: time (us) and totals since boot (pages, faults).
# Nothing is started for one: on a machine short of memory that would take longer than a sample.

vmstat_names=(pswpin pswpout pgmajfault)
declare -A vmstat_line=()

# Not by `read`, which goes back in the file to the end of its line: the numbers there have
# become longer meanwhile.
find_vmstat_lines() {
	local lines i

	mapfile -t lines </proc/vmstat
	for i in "${!lines[@]}"; do vmstat_line[${lines[i]%% *}]=$i; done
}

# read_vmstat: time and totals in $now_us and the array $totals
read_vmstat() {
	local lines name

	mapfile -t lines </proc/vmstat
	now_us=${EPOCHREALTIME/./}
	totals=()
	for name in "${vmstat_names[@]}"; do totals+=("${lines[vmstat_line[$name]]#* }"); done
}

sample_vmstat() {
	local IFS=,

	read_vmstat
	echo "$now_us,${totals[*]}" >>"$out/vmstat.csv"
}

start_vmstat() {
	local IFS=,

	echo "time_us,${vmstat_names[*]}" >"$out/vmstat.csv"
}

find_vmstat_lines
