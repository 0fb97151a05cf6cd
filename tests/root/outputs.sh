#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What a recording writes besides CSV, read by those it is meant for.
. "$(dirname -- "${BASH_SOURCE[0]}")/../lib.sh"
. "$(dirname -- "${BASH_SOURCE[0]}")/../host.sh"

HAMMER=${HAMMER:-$TOP/.output/tests/hammer}

has_lines() { [ "$(wc -l <"$1")" -ge "$2" ]; }

json_is_an_object_an_interval() {
	local pid

	needs_root
	background "$LOCKSTAT_SWAP" record -i 0.3 --json "$WORK/lines.json" >/dev/null
	pid=$!
	wait_while "$pid" has_lines "$WORK/lines.json" 3
	kill -INT "$pid"
	wait "$pid"
	jq -es 'all(.schema == 1 and (.locks | length) >= 3) and ([.[].interval] == [range(1; length + 1)])' \
		"$WORK/lines.json" >/dev/null
}

json_agrees_with_csv() {
	needs_root
	"$LOCKSTAT_SWAP" record -d 1 --json "$WORK/whole.json" --csv "$WORK/whole.csv" >/dev/null
	[ "$(jq '[.locks[].contended] | add' "$WORK/whole.json")" -eq \
		"$(column "$WORK/whole.csv" contended | awk '{ s += $1 } END { print s + 0 }')" ]
}

# Of each lock as many as it was waited for, and no bucket without a place between least and most
histograms_agree_with_csv() {
	needs_root
	"$LOCKSTAT_SWAP" record --csv "$WORK/h-locks.csv" --hist-csv "$WORK/h.csv" -- "$HAMMER" 4 1 >/dev/null
	[ "$(wc -l <"$WORK/h.csv")" -ge 3 ]
	diff <(lock_counts "$WORK/h-locks.csv" contended) <(lock_counts "$WORK/h.csv" count)
}

# lock_counts FILE COLUMN: sums by lock, those that have any
lock_counts() {
	awk -F, -v name="$2" 'NR == 1 { for (i = 1; i <= NF; i++) c[$i] = i; next }
		{ n[$c["class"] "," $c["device"] "," $c["lock"]] += $c[name] }
		END { for (k in n) if (n[k]) print k, n[k] }' "$1" | sort
}

prometheus_file() {
	needs_root
	"$LOCKSTAT_SWAP" record -d 1 --prometheus "$1" >/dev/null
}

promtool_accepts() {
	prometheus_file "$WORK/lockstat.prom"
	promtool check metrics <"$WORK/lockstat.prom"
	[ "$(find "$WORK" -name 'lockstat.prom*' | wc -l)" -eq 1 ]
}

free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

# A real exporter, scraped: it drops a file that it cannot read and says so in a metric.
node_exporter_serves() {
	local port exporter

	mkdir -p "$WORK/textfile"
	prometheus_file "$WORK/textfile/lockstat.prom"
	port=$(free_port)
	prometheus-node-exporter --web.listen-address="127.0.0.1:$port" --collector.disable-defaults \
		--collector.textfile --collector.textfile.directory="$WORK/textfile" >"$WORK/exporter.log" 2>&1 &
	exporter=$!
	echo "process $exporter" >>"$made"
	wait_while "$exporter" curl -fs -o "$WORK/scrape" "http://127.0.0.1:$port/metrics"
	kill "$exporter"
	grep -q '^lockstat_swap_info{' "$WORK/scrape"
	grep -q '^lockstat_swap_lock_contended_total{class="other"' "$WORK/scrape"
	grep -qx 'node_textfile_scrape_error 0' "$WORK/scrape"
}

keeps_the_old_file_where_it_cannot_write() {
	needs_root
	expect 1 "cannot write '$WORK/none/x.prom'" \
		"$LOCKSTAT_SWAP" record -d 0.2 --prometheus "$WORK/none/x.prom"
}

a_device_is_not_replaced() {
	needs_root
	mknod "$WORK/null" c 1 3
	expect 1 "cannot replace '$WORK/null': it is not a regular file" \
		"$LOCKSTAT_SWAP" record -d 0.2 --prometheus "$WORK/null"
	[ -c "$WORK/null" ]
}

one_class_only() {
	needs_root
	"$LOCKSTAT_SWAP" record -d 0.3 --class other --csv "$WORK/class.csv" >/dev/null
	[ "$(column "$WORK/class.csv" class | sort -u)" = other ]
}

# The load's threads contend on a futex's hash bucket; lockdep mode does not time that lock.
record_hammer() { "$LOCKSTAT_SWAP" record --backend contention "$@" -- "$HAMMER" 4 1; }

# Each wait is counted for its lock and for its task: in two ways, and both are all of them.
tasks_add_up() {
	needs_root
	record_hammer --by task --json "$WORK/tasks.json" >"$WORK/tasks"
	grep -E '^hammer +[0-9]+ +[0-9]+ ' "$WORK/tasks"
	jq -e '([.locks[].contended] | add) == ([.owners[].contended] | add)
		and ([.locks[] | .wait_ns.total // 0] | add) == ([.owners[].wait_ns.total] | add)
		and ([.owners[] | select(.task == "hammer") | .tid] | unique | length) >= 4' "$WORK/tasks.json"
}

cgroup2_root() { awk '$3 == "cgroup2" { print $2; exit }' /proc/self/mounts; }

# The group is gone when the table is printed, and still has its name.
cgroups_have_their_paths() {
	local root group

	needs_root
	root=$(cgroup2_root)
	[ -n "$root" ] || skip 'needs cgroup2'
	group=$root/lockstat-swap-test.$$
	mkdir "$group"
	# shellcheck disable=SC2016	# that bash expands them
	"$LOCKSTAT_SWAP" record --backend contention --by cgroup --json "$WORK/groups.json" -- \
		bash -c 'echo 0 >"$1/cgroup.procs" && "$2" 4 2 && echo 0 >"$3/cgroup.procs" && rmdir "$1"' \
		- "$group" "$HAMMER" "$root" >"$WORK/groups"
	[ ! -e "$group" ]
	grep -F "/${group##*/} " "$WORK/groups"
	jq -e --arg path "/${group##*/}" '[.owners[] | select(.cgroup == $path) | .contended] | add > 100' "$WORK/groups.json"
}

classes_and_devices_add_up() {
	local by

	needs_root
	for by in class device; do
		record_hammer --by "$by" --csv "$WORK/by.csv" >"$WORK/by"
		[ "$(column "$WORK/by.csv" contended | awk '{ s += $1 } END { print s }')" -eq \
			"$(awk -v by="$by" '$1 == by { here = 1; next } /^named|^ledger/ { here = 0 } here { s += $2 } END { print s }' "$WORK/by")" ]
	done
}

# swap_load ARGUMENT...: a load that contends a lot, recorded by its name with these arguments
swap_load() {
	needs_swap_devices
	add_zram 32001
	"$LOCKSTAT_SWAP" record --backend contention --comm "${PAGEOUT##*/}" "$@" -- "$PAGEOUT" 8 24 3 >/dev/null
	remove_devices
}

waited() { column "$1" wait_total_ns | awk '{ s += $1 } END { printf "%d", s }'; }

# no_line PATTERN FILE: those that there are are shown
no_line() {
	! grep -m3 -E -e "$1" "$2"
}

# On a busy machine some stacks find no room, and the ledger says so.
take_every_stack() {
	local try

	for try in 1 2 3; do
		swap_load --stacks "$WORK/folded" --stacks-every 1 --min-wait 2 --csv "$WORK/stacks.csv" \
			--metrics "$WORK/stacks.metrics"
		grep ',ledger_stacks_lost,' "$WORK/stacks.metrics"
		! grep -q ',ledger_stacks_lost,events,0$' "$WORK/stacks.metrics" || return 0
	done
	echo "$try times stacks were lost"
	return 1
}

# Every wait's stack is taken: then their times are the whole, to the nanosecond.
stacks_add_up() {
	take_every_stack
	grep -m3 '^pageout;' "$WORK/folded"
	grep -q ';handle_mm_fault;.*_raw_spin_lock.*;\[' "$WORK/folded"
	grep -vE '^pageout;([^ ;]+;)+\[[a-z_]+( [^]]+)?\] [0-9]+$' "$WORK/folded" >"$WORK/malformed" || true
	no_line . "$WORK/malformed"
	no_line 'bpf_trace_run|__traceiter' "$WORK/folded"
	echo "$(waited "$WORK/stacks.csv") ns in rows, $(awk '{ s += $NF } END { printf "%d", s }' "$WORK/folded") ns in stacks"
	[ "$(waited "$WORK/stacks.csv")" -eq "$(awk '{ s += $NF } END { printf "%d", s }' "$WORK/folded")" ]
}

# One wait in five, each for five: never more than five times the whole, and not the whole itself.
# How near it comes depends on a few long waits, which may be drawn or not; that one in so many is
# drawn is tested with the program alone.
sampled_stacks_stand_for_others() {
	swap_load --stacks "$WORK/sampled" --stacks-every 5 --csv "$WORK/sampled.csv"
	awk -v whole="$(waited "$WORK/sampled.csv")" \
		'{ s += $NF } $NF % 5 { odd = 1 } END { print s, whole; exit !(s > 0 && s != whole && s <= 5 * whole && !odd) }' "$WORK/sampled"
}

# Any bytes but / and NUL, and longer than most would think.
odd_names=($'two words' $'new\nline' $'tab\there' $'cr\r, vt\v' 'quote", comma,' "apostrophe'" 'back\slash' 'back\012slash'
	$'\xff\xfe no text' $'\xd0\xbf' '{brace="x"} 1' ' (deleted)' "$(printf 'x%.0s' {1..255})")

# odd_swap_files: one of each name, and one far down; their paths end with NUL in $WORK/paths
odd_swap_files() {
	local name file i deep=$WORK/mount/deep

	mount_ext4
	new_swap_file "$WORK/mount/plain" 1
	for ((i = 0; i < 14; i++)); do deep+=/$(printf "$i%.0s" {1..120}); done
	mkdir -p "$deep"
	for name in "${odd_names[@]/#/$WORK/mount/}" "$deep/file"; do
		cp "$WORK/mount/plain" "$name"
		chmod 600 "$name"
		file=$(mktemp "$WORK/swap.XXXXXX") && ln -sf "$name" "$file"
		swapon "$file"
		printf 'swap %s\n' "$file" >>"$made"
		printf '%s\0' "$name" >>"$WORK/paths"
	done
}

# Each name comes back from each output, byte for byte, by undoing what the manual page says.
odd_names_come_back() {
	needs_swap_devices
	odd_swap_files
	"$LOCKSTAT_SWAP" record -d 0.5 --csv "$WORK/odd.csv" --json "$WORK/odd.json" \
		--prometheus "$WORK/odd.prom" --run-json "$WORK/odd.run" >"$WORK/odd.table"
	"$LOCKSTAT_SWAP" doctor --json >"$WORK/odd.doctor" || true
	remove_devices
	promtool check metrics <"$WORK/odd.prom"
	python3 - "$WORK" <<-'EOF'
		import csv, json, re, sys
		work = sys.argv[1]
		wanted = {p for p in open(work + "/paths", "rb").read().split(b"\0") if p}
		raw = lambda name: re.sub(rb"\\([0-7]{3})", lambda m: bytes([int(m[1], 8)]), name.encode())
		read = lambda name: open(work + name, newline="", encoding="utf-8")
		label = lambda text: re.sub(r"\\(.)", lambda m: "\n" if m[1] == "n" else m[1], text)
		seen = {
		    "CSV": [r["device"] for r in csv.DictReader(read("/odd.csv")) if r["class"] == "swap_map"],
		    "JSON": [l["device"] for l in json.load(read("/odd.json"))["locks"] if l["class"] == "swap_map"],
		    "run.json": [d["name"] for d in json.load(read("/odd.run"))["swap_devices"]],
		    "Prometheus": [label(m) for m in re.findall(r'^lockstat_swap_lock_contended_total{class="swap_map",device="((?:[^"\\]|\\.)*)"', read("/odd.prom").read(), re.M)],
		}
		for where, names in seen.items():
		    names = [raw(n) for n in names if n.startswith("/")]
		    assert len(set(names)) == len(names), (where, "twice")
		    assert wanted <= set(names), (where, wanted - set(names))
		assert json.load(read("/odd.doctor"))
	EOF
}

run_test 'JSON has an object an interval' json_is_an_object_an_interval
run_test 'JSON and CSV count the same' json_agrees_with_csv
run_test 'histograms and CSV count the same' histograms_agree_with_csv
run_test 'promtool accepts the Prometheus file' promtool_accepts
run_test 'node_exporter serves the Prometheus file' node_exporter_serves
run_test 'an unwritable Prometheus file is named' keeps_the_old_file_where_it_cannot_write
run_test 'a device is not replaced by a Prometheus file' a_device_is_not_replaced
run_test 'a swap file of any name comes back from each output' odd_names_come_back
run_test 'one class only' one_class_only
run_test 'waits by task add up to those by lock' tasks_add_up
run_test 'waits by cgroup have its path, even when it is gone' cgroups_have_their_paths
run_test 'waits by class and by device add up' classes_and_devices_add_up
run_test 'with every stack taken their times are the whole wait' stacks_add_up
run_test 'sampled stacks stand for others' sampled_stacks_stand_for_others
