#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# usage: compare-speed.sh [ROWS]: how long `lockstat-swap compare` takes of ROWS rows (default
# 1000000), and how much memory, for files of several shapes: the median of five runs. It makes the
# rows itself, in a directory under TMPDIR that it removes.
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.."
TOOL=${LOCKSTAT_SWAP:-./lockstat-swap}
rows=${1:-1000000}
[ -x /usr/bin/time ] || { echo "compare-speed.sh: needs /usr/bin/time (Debian: apt install time)" >&2 && exit 1; }
[[ $rows =~ ^[1-9][0-9]*$ ]] || { echo "compare-speed.sh: ROWS is a number, not '$rows'" >&2 && exit 2; }
work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT

LOCKS=schema,run,kernel,experiment,arm,backend,lockpath,workload,ssds,threads,rep,interval,class,device,lock,confidence,acquired,contended,wait_total_ns,wait_min_ns,wait_p50_ns,wait_p90_ns,wait_p99_ns,wait_max_ns,hold_total_ns,hold_p50_ns,hold_p99_ns,hold_max_ns
METRICS=schema,run,kernel,experiment,arm,backend,lockpath,workload,ssds,threads,rep,device,metric,unit,value

# locks.csv of a long campaign: 2 arms, 4 loads, 8 counts of drives, 16 classes, 20 repetitions, and
# as many intervals as it takes
campaign() {
	awk -v rows="$rows" -v header="$LOCKS" 'BEGIN {
		srand(1)
		print header
		n = split("swap_map cluster swap_lock swap_avail swap_slots swap_cache lruvec zone page_table mmap zswap zsmalloc zbud zram memcg other", class, " ")
		for (i = 0; i < rows; i++) {
			c = i % n; cell = int(i / (n * intervals(rows, n)))
			acquired = int(10000 + 1000 * rand()); contended = int(acquired * (0.01 + 0.002 * rand()))
			printf "1,r1,6.1.192-lockstat,ssd,%s,lockdep,native,load%d,%d,4,%d,%d,%s,nvme0n1,lock,structural,%d,%d,%d,40,500,900,1400,%d,%d,300,800,%d\n",
				cell % 2 ? "partition" : "global", int(cell / 2) % 4, 1 + int(cell / 8) % 8,
				1 + int(cell / 64) % 20, 1 + int(i / n) % intervals(rows, n), class[c + 1],
				acquired, contended, contended * 600, 2000 + int(9000 * rand()), acquired * 350, 9000
		}
	}
	function intervals(rows, n) { return int(rows / (n * 2 * 4 * 8 * 20)) + 1 }'
}

# metrics.csv in which each row is a value of its own. metrics GROUPS [SPREAD]: in so many groups, of
# values with three decimals, or of whole numbers below SPREAD, of which many are equal
metrics() {
	awk -v rows="$rows" -v groups="$1" -v spread="${2:-0}" -v header="$METRICS" 'BEGIN {
		srand(1)
		print header
		for (i = 0; i < rows; i++)
			printf "1,r1,6.1,ssd,%s,none,native,load%d,1,4,%d,,iops,1/s,%s\n",
				i % 2 ? "partition" : "global", int(i / 2) % groups, 1 + int(i / 2 / groups),
				spread ? int(spread * rand()) : sprintf("%.3f", 1000 + 100 * rand())
	}'
}

# metrics.csv as the bench writes it: 20 figures of each of many cells
figures() {
	awk -v rows="$rows" -v header="$METRICS" 'BEGIN {
		srand(1)
		print header
		for (i = 0; i < rows; i++) {
			cell = int(i / 20)
			printf "1,r1,6.1,ssd,%s,none,native,load%d,%d,4,%d,,figure%d,1/s,%.3f\n", cell % 2 ? "partition" : "global",
				int(cell / 2) % 4, 1 + int(cell / 8) % 8, 1 + int(cell / 64), i % 20, 1000 + 100 * rand()
		}
	}'
}

# shuffled FILE: its header, and its rows in an order that is always the same
shuffled() {
	head -1 "$1"
	tail -n +2 "$1" | shuf --random-source="$1"
}

# measured NAME FILE [OPTION...]
measured() {
	for _ in {1..5}; do
		/usr/bin/time -f '%e %M' "$TOOL" compare --by arm --base global "${@:3}" "$2" 2>&1 >"$work/output"
	done | sort -n >"$work/times"
	awk -v name="$1" -v bytes="$(stat -c %s "$2")" -v lines="$(grep -cE 'partition' "$work/output")" \
		'NR == 3 { printf "%-38s %5.0f MiB  %6d lines  %6.2f s  %5.0f MiB\n", name, bytes / 1048576, lines, $1, $2 / 1024 }' "$work/times"
}

echo "$rows rows                             the file     printed     took     memory"
campaign >"$work/locks.csv"
measured "locks.csv of intervals" "$work/locks.csv"
rm -- "$work/locks.csv"
figures >"$work/metrics.csv"
measured "metrics.csv of 20 figures a cell" "$work/metrics.csv"
shuffled "$work/metrics.csv" >"$work/shuffled.csv"
measured "  in no order" "$work/shuffled.csv"
for groups in 1 1000 25000; do
	metrics "$groups" >"$work/metrics.csv"
	measured "metrics.csv of $groups groups" "$work/metrics.csv"
	shuffled "$work/metrics.csv" >"$work/shuffled.csv"
	measured "  in no order" "$work/shuffled.csv"
done
metrics 25000 50 >"$work/metrics.csv"
measured "  of whole numbers, not paired" "$work/metrics.csv" --pairing never
