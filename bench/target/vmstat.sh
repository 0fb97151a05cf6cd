# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2154	# sourced by cells.sh and window.sh
# Samples of /proc/vmstat in $out/vmstat.csv: time (us) and totals since boot (pages, faults).
# Nothing is started for one: on a machine short of memory that would take longer than a sample.

vmstat_names=(pswpin pswpout pgmajfault)
declare -A vmstat_line=()

find_vmstat_lines() {
	local name i=0

	while read -r name _; do
		vmstat_line[$name]=$((i++))
	done </proc/vmstat
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
