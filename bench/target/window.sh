#!/usr/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# usage: window.sh SECONDS DIR [LOAD-CGROUP]: the measured time, which the stopped load in the
# cgroup is let run for, with samples of /proc/vmstat in DIR. Nothing is started here: in a full guest
# that would take time.
# shellcheck disable=SC2034	# for samples
out=$2 load_cgroup=${3:-}
. ./target/vmstat.sh
. ./target/load-cgroup.sh
exec 3<> <(:)
end=$((${EPOCHREALTIME/./} + $(awk -v s="$1" 'BEGIN { printf "%.0f", s * 1e6 }')))
[ -z "$load_cgroup" ] || signal_load CONT
sample_vmstat
while [ $((left = end - ${EPOCHREALTIME/./})) -gt 0 ]; do
	[ "$left" -lt 250000 ] || left=250000
	printf -v pause '%d.%06d' $((left / 1000000)) $((left % 1000000))
	read -rt "$pause" -u 3
	sample_vmstat
done
[ -z "$load_cgroup" ] || signal_load STOP
