#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# docs/examples.md: its scripts run on the committed results and say what the page says, as
# `compare` does.
. "$(dirname -- "${BASH_SOURCE[0]}")/../lib.sh"

DOC=$TOP/docs/examples.md
cd -- "$TOP"

# blocks LANGUAGE: the fenced blocks of it, one after the other
blocks() {
	awk -v lang="$1" '/^```/ { inside = !inside; on = inside && substr($0, 4) == lang; next } on' "$DOC"
}

medians() { grep -v ratio; }

r_agrees() {
	blocks r >"$WORK/example.R"
	Rscript --vanilla "$WORK/example.R" >"$WORK/said"
	diff "$WORK/said" <(blocks '')
}

python_agrees() {
	blocks python >"$WORK/example.py"
	diff <(python3 "$WORK/example.py") <(blocks '' | medians)
}

sql_agrees() {
	blocks sql >"$WORK/example.sql"
	diff <(sqlite3 -csv :memory: '.import --csv results/6.1-tcg-2cpu/locks.csv locks' '.mode csv' ".read $WORK/example.sql" |
		awk -F, '{ printf "%s,%s,%s,%.6f\n", $1, $2, $3, $4 }') <(blocks '' | medians)
}

# The figures of `compare` have three digits.
compare_agrees() {
	"$LOCKSTAT_SWAP" compare --by arm --base global --class swap_map --metric contended/acquired \
		--where workload=stress-ng results/6.1-tcg-2cpu/locks.csv >"$WORK/compared"
	cat "$WORK/compared"
	blocks '' | medians | awk -F, '{ printf "%.3g\n", $4 }' >"$WORK/medians"
	while read -r median; do grep -qE "(^|[^0-9.])${median//./\\.}([^0-9]|$)" "$WORK/compared"; done <"$WORK/medians"
}

run_test 'R says what the page says' r_agrees
run_test 'Python says the same' python_agrees
run_test 'SQL says the same' sql_agrees
run_test 'compare says the same' compare_agrees
