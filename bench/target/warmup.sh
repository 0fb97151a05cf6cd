# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2154	# sourced by cells.sh
# The time before the measurement: until swapping shows no drift, or $WARMUP_MAX is over.

sample_seconds=0.2
rates=() # swapped both ways, pages/s, in the last samples

# Five samples in which a straight line fitted to the rates (least squares) rises or falls by at
# most a fifth of their mean from the first to the last. Slope of five at -2..2: sum(x*r)/10.
is_steady() {
	local slope sum

	[ ${#rates[@]} -eq 5 ] || return
	slope=$((-2 * rates[0] - rates[1] + rates[3] + 2 * rates[4]))
	sum=$((rates[0] + rates[1] + rates[2] + rates[3] + rates[4]))
	# 4 * slope / 10 <= sum / 5 / 5
	[ "$sum" -gt 0 ] && [ $((10 * ${slope#-})) -le "$sum" ]
}

# next_rate: after another sample; of what read_vmstat has as the totals
next_rate() {
	local pages_before=$pages us_before=$now_us

	sleep "$sample_seconds"
	sample_vmstat
	pages=$((totals[0] + totals[1]))
	rates+=($(((pages - pages_before) * 1000000 / (now_us - us_before))))
	[ ${#rates[@]} -le 5 ] || rates=("${rates[@]: -5}")
}

seconds_to_us() { awk -v s="$1" 'BEGIN { printf "%.0f", s * 1e6 }'; }

# warm_up: leaves in $out/warmup.csv how long it took, and whether swapping came to be steady
warm_up() {
	local pages now_us totals begun shortest longest steady=0

	shortest=$(seconds_to_us "$WARMUP") longest=$(seconds_to_us "$WARMUP_MAX")
	rates=()
	sample_vmstat
	begun=$now_us pages=$((totals[0] + totals[1]))
	while [ $((now_us - begun)) -lt "$longest" ]; do
		next_rate
		[ $((now_us - begun)) -ge "$shortest" ] && is_steady && steady=1 && break
	done
	printf ',warmup,s,%s\n,steady,bool,%d\n' "$(awk -v us=$((now_us - begun)) 'BEGIN { print us / 1e6 }')" $steady >"$out/warmup.csv"
}
