#!/usr/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# usage: window.sh SECONDS DIR [PROCESS-GROUP]: the measured time, which a stopped workload
# is let run for, with samples of /proc/vmstat in DIR. Nothing is started here: in a full guest
# that would take time.
# shellcheck disable=SC2034	# for samples
out=$2
. ./target/vmstat.sh
exec 3<> <(:)
end=$((${EPOCHREALTIME/./} + $(awk -v s="$1" 'BEGIN { printf "%.0f", s * 1e6 }')))
[ -z "${3:-}" ] || kill -CONT -- "-$3"
sample_vmstat
while [ $((left = end - ${EPOCHREALTIME/./})) -gt 0 ]; do
	[ "$left" -lt 250000 ] || left=250000
	printf -v pause '%d.%06d' $((left / 1000000)) $((left % 1000000))
	read -rt "$pause" -u 3
	sample_vmstat
done
[ -z "${3:-}" ] || kill -STOP -- "-$3"
