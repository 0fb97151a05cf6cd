#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What a recording writes besides CSV, read by those it is meant for.
. "$(dirname -- "${BASH_SOURCE[0]}")/../lib.sh"

json_is_an_object_an_interval() {
	needs_root
	"$LOCKSTAT_SWAP" record -i 0.3 -d 1 --json "$WORK/lines.json" >/dev/null
	[ "$(wc -l <"$WORK/lines.json")" -ge 3 ]
	jq -es 'all(.schema == 1 and (.locks | length) >= 3) and ([.[].interval] == [range(1; length + 1)])' \
		"$WORK/lines.json" >/dev/null
}

json_agrees_with_csv() {
	needs_root
	"$LOCKSTAT_SWAP" record -d 1 --json "$WORK/whole.json" --csv "$WORK/whole.csv" >/dev/null
	[ "$(jq '[.locks[].contended] | add' "$WORK/whole.json")" -eq \
		"$(column "$WORK/whole.csv" contended | awk '{ s += $1 } END { print s + 0 }')" ]
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
	local port exporter i

	mkdir -p "$WORK/textfile"
	prometheus_file "$WORK/textfile/lockstat.prom"
	port=$(free_port)
	prometheus-node-exporter --web.listen-address="127.0.0.1:$port" --collector.disable-defaults \
		--collector.textfile --collector.textfile.directory="$WORK/textfile" >"$WORK/exporter.log" 2>&1 &
	exporter=$!
	for ((i = 0; i < 50; i++)); do
		! curl -fs "http://127.0.0.1:$port/metrics" >"$WORK/scrape" || break
		sleep 0.1
	done
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

one_class_only() {
	needs_root
	"$LOCKSTAT_SWAP" record -d 0.3 --class other --csv "$WORK/class.csv" >/dev/null
	[ "$(column "$WORK/class.csv" class | sort -u)" = other ]
}

run_test 'JSON has an object an interval' json_is_an_object_an_interval
run_test 'JSON and CSV count the same' json_agrees_with_csv
run_test 'promtool accepts the Prometheus file' promtool_accepts
run_test 'node_exporter serves the Prometheus file' node_exporter_serves
run_test 'an unwritable Prometheus file is named' keeps_the_old_file_where_it_cannot_write
run_test 'one class only' one_class_only
