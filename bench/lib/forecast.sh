# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2154	# sourced by bench.sh
# What is in a run, and how long it will take.

# Of the last finished run of this experiment: its name and the seconds of a cell, its share of a
# boot included, without warm-up and window, in which profiles differ. Nothing if there is none.
last_finished() {
	local files=("$results"/*/run.json)

	[ -f "${files[0]}" ] || return 0
	jq -rs --arg experiment "$EXPERIMENT" '
		map(select(.complete and .experiment == $experiment)) | max_by(.finished) // empty
		| (.took_s // ((.finished | fromdate) - (.started | fromdate))) as $took
		| "\(.run) \($took / (.cells | length) - .warmup_s - .window_s)"' "${files[@]}"
}

# The same of 97 cells in 17 boots, emulated
GUESS=4.8

# forecast CELLS: how long they take, and what that is reckoned from
forecast() {
	local run beside minutes

	read -r run beside < <(last_finished) || run='' beside=$GUESS
	minutes=$(awk -v n="$1" -v beside="$beside" -v warmup="$WARMUP" -v window="$WINDOW" \
		'BEGIN { printf "%.0f", n * (beside + warmup + window) / 60 + 0.5 }')
	echo "about $minutes min ($([ -n "$run" ] && echo "as $run took" || echo 'a guess: it was not finished here yet'))"
}

# Of the run that the same command begins, or goes on with, where it is no dry run
show_plan() {
	local cells left

	make_plan
	cells=$(make_plan | wc -l)
	left=$cells
	[ ! -d "$work/cells" ] || left=$((cells - $(count_done)))
	say "$RUN: $left of $cells cells to do, $(forecast "$left")"
}

list_experiments() {
	local file cells

	for file in "$BENCH_DIR"/configs/*; do
		(
			EXPERIMENT=${file##*/}
			load_config
			cells=$(make_plan | wc -l)
			echo "$EXPERIMENT: $QUESTION $PROFILE: $cells cells, $(forecast "$cells")"
		)
	done
}
