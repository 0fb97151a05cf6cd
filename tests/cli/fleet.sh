#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The rules and queries of docs/fleets.md, asked of a real Prometheus that scrapes two hosts. Their
# files have the recorder's format and grow by known amounts: host a by what the fixture says
# each second, host b by a fifth of it.
. "$(dirname -- "${BASH_SOURCE[0]}")/../lib.sh"

children=()
trap 'kill "${children[@]}" 2>/dev/null; wait; rm -rf -- "$WORK"' EXIT
trap 'exit 143' TERM HUP

free_ports() {
	python3 -c 'import socket
s = [socket.socket() for i in range(3)]
for x in s: x.bind(("127.0.0.1", 0))
print(*(x.getsockname()[1] for x in s))'
}

# host_file SECONDS SHARE
host_file() { awk -v t="$1" -v k="$2" '$NF ~ /^@/ { $NF = substr($NF, 2) * t * k } { print }' "$TOP/tests/fixtures/lockstat.prom"; }

grow() {
	local begun=${EPOCHREALTIME/./} seconds host share

	while :; do
		seconds=$(awk -v us=$((${EPOCHREALTIME/./} - begun)) 'BEGIN { print us / 1e6 }')
		for host in a b; do
			[ $host = a ] && share=1 || share=0.2
			host_file "$seconds" $share >"$WORK/$host/new"
			mv "$WORK/$host/new" "$WORK/$host/lockstat.prom"
		done
		sleep 0.2
	done
}

configure() {
	sed 's/\[5m\]/[10s]/; s/\bfor: 5m/for: 0s/' "$TOP/docs/prometheus-rules.yml" >"$WORK/rules.yml"
	cat >"$WORK/prometheus.yml" <<-END
		global: {scrape_interval: 1s, evaluation_interval: 1s}
		rule_files: [$WORK/rules.yml]
		scrape_configs:
		  - job_name: node
		    static_configs: [{targets: ["127.0.0.1:$port_a", "127.0.0.1:$port_b"]}]
	END
}

exporter() {
	prometheus-node-exporter --web.listen-address="127.0.0.1:$2" --collector.disable-defaults \
		--collector.textfile --collector.textfile.directory="$WORK/$1" >"$WORK/$1.log" 2>&1 &
	children+=($!)
}

start() {
	mkdir "$WORK/a" "$WORK/b"
	read -r port_a port_b port < <(free_ports)
	configure
	grow &
	children+=($!)
	exporter a "$port_a"
	exporter b "$port_b"
	prometheus --config.file="$WORK/prometheus.yml" --storage.tsdb.path="$WORK/data" \
		--web.listen-address="127.0.0.1:$port" >"$WORK/prometheus.log" 2>&1 &
	children+=($!)
}

# ask QUERY: a line a series, its labels and value
ask() {
	curl -fsS --data-urlencode "query=$1" "http://127.0.0.1:$port/api/v1/query" |
		jq -r '.data.result[] | ([.metric | to_entries[] | select(.key != "__name__") | "\(.key)=\(.value)"] | sort | join(" ")) + " " + .value[1]'
}

# The rules, and then these queries, are of rates, which need some scrapes.
has_rates() { [ "$(ask 'count(count_over_time(lockstat_swap:wait:mean[1m]) > 6)')" = ' 4' ]; }

# query PANEL: as the page has it, with this test's hosts
query() {
	awk -F' \\| ' -v panel="| $1" '$1 == panel { print $2 }' "$TOP/docs/fleets.md" |
		sed "s/^\`//; s/\` |\$//; s/\\\\|/|/g; s/a:9100/127.0.0.1:$port_a/; s/b:9100/127.0.0.1:$port_b/"
}

# same_answer: the series of $WORK/answer are the expected ones, each value within 15%
same_answer() {
	paste -d' ' <(sed 's/.* //' "$WORK/answer") <(sed 's/.* //' "$WORK/expected") |
		awk 'NF != 2 || $1 - $2 > 0.15 * $2 || $2 - $1 > 0.15 * $2 { bad = 1 } END { exit bad || !NR }' &&
		cmp -s <(sed 's/ *[^ ]*$//' "$WORK/answer") <(sed 's/ *[^ ]*$//' "$WORK/expected")
}

answers_now() {
	ask "$1" | sort >"$WORK/answer"
	same_answer
}

# answers PANEL EXPECTED...: the series, in any order. Rates come to be what they are once their
# window is full of scrapes, which a busy host delays.
answers() {
	printf '%s\n' "${@:2}" | sort >"$WORK/expected"
	wait_until answers_now "$(query "$1")" || { diff "$WORK/answer" "$WORK/expected"; return 1; }
}

# has_series NUMBER QUERY
has_series() {
	ask "$2" >"$WORK/series" && [ "$(wc -l <"$WORK/series")" -eq "$1" ]
}

# fires ALERT: for both hosts
fires() { [ "$(ask "count(ALERTS{alertname=\"$1\",alertstate=\"firing\"})")" = ' 2' ]; }

queries_are_answered() {
	local a="instance=127.0.0.1:$port_a" b="instance=127.0.0.1:$port_b"

	wait_until has_rates || { tail -5 "$WORK"/*.log && return 1; }
	answers "CPUs' worth of waiting, by lock class" "class=lruvec $a 0.06" "class=swap_map $a 0.5" "class=zone $a 0" \
		"class=lruvec $b 0.012" "class=swap_map $b 0.1" "class=zone $b 0"
	answers "the fleet's costliest locks" 'class=swap_map device=nvme0n1 0.6' 'class=lruvec 0.072' 'class=zone 0'
	answers 'mean wait of a swap device'"'"'s locks' "class=swap_map device=nvme0n1 $a 0.005" "class=swap_map device=nvme0n1 $b 0.005"
	answers 'contentions, this host against that one' 'class=swap_map 5' 'class=lruvec 5' 'class=zone NaN'
	answers 'who runs which kernel, and how its spinlocks wait' 'kernel=6.1.0-lab lockpath=native 2'
	answers 'events lost' "$a 0.02" "$b 0.02"
	# the median of two hosts is between them: 0.56 is not twice 0.336
	wait_until has_series 0 "$(query 'hosts that wait far more than the others')"
	wait_until has_series 1 "$(query 'hosts that wait far more than the others' | sed 's/> 2 \*/> 1.5 */')"
	wait_until fires LockstatSwapLosesEvents
}

a_stopped_recorder_is_told() {
	kill "${children[0]}"
	sed -i 's/> 60$/> 2/' "$WORK/rules.yml"
	kill -HUP "${children[3]}"
	wait_until fires LockstatSwapStopped
}

# Else this would test a format that nobody writes.
fixture_is_the_recorders() {
	local name

	while read -r name; do
		grep -q "\"${name}[\"{]" "$TOP/user/prometheus.c" || { echo "no $name" && return 1; }
	done < <(grep -o '^lockstat_swap_[a-z_]*' "$TOP/tests/fixtures/lockstat.prom" | sort -u)
	promtool check metrics < <(host_file 1 1)
}

run_test 'promtool accepts the rules' promtool check rules "$TOP/docs/prometheus-rules.yml"
run_test 'the hosts have what the recorder writes' fixture_is_the_recorders
start
run_test 'the dashboard of two hosts is answered' queries_are_answered
run_test 'a recorder that stopped raises an alarm' a_stopped_recorder_is_told
