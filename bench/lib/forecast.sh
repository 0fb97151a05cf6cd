# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2154	# sourced by bench.sh
# What is in a run, and how long it will take.

# guess CELLS BOOTS WARMUP WINDOW: seconds, from runs of 97 cells in 17 boots and of 5 in 5 with
# emulated guests on two CPUs: 10 for a boot, 3 for what a cell does beside warm-up and window
guess() {
	awk -v cells="$1" -v boots="$2" -v warmup="$3" -v window="$4" \
		'BEGIN { print 10 * boots + cells * (3 + warmup + window) }'
}

# Of the last finished run of this experiment, whatever its profile: its name, seconds, cells,
# boots, warm-up and window. Nothing if there is none.
last_finished() {
	local files=("$results"/*/run.json)

	[ -f "${files[0]}" ] || return 0
	jq -rs --arg experiment "$EXPERIMENT" --arg machine "$(is_booted_mode && echo booted || echo guest)" '
		map(select(.complete and .experiment == $experiment and (.machine // "guest") == $machine)) | max_by(.finished) // empty
		| [.run, .took_s // ((.finished | fromdate) - (.started | fromdate)), (.cells | length),
		   (if $machine == "booted" then 0 else (.reps_per_boot // 1) as $size
		    | .cells | unique_by([.flavour, .arm, (if .rep > 0 then (.rep - 1) / $size | floor else 0 end)]) | length end), .warmup_s, .window_s] | join(" ")' "${files[@]}"
}

# forecast: how long the cells of a plan, on stdin, take: as much more or less than was guessed
# as the last finished run did
forecast() {
	local plan cells boots run took of_run why='a guess: it was not finished here yet' scale=1 minutes=0

	plan=$(cat)
	cells=$(grep -c . <<<"$plan" || true)
	boots=$(boots <<<"$plan" | wc -l)
	! is_booted_mode || boots=0
	if read -r run took of_run < <(last_finished); then
		# shellcheck disable=SC2086	# four words
		scale="$took / $(guess $of_run)" why="as $run took"
	fi
	# a machine takes a minute or more to reboot, of which no run's time has any
	! is_rebooting_mode || minutes=$(boots_of_cells <<<"$plan" | count_reboots)
	minutes=$((minutes + $(awk "BEGIN { print int($(guess "$cells" "$boots" "$WARMUP" "$WINDOW") * $scale / 60 + 0.999) }")))
	echo "about $minutes min ($why)"
}

# The cells that are not measured yet
cells_to_do() {
	local id rest

	while read -r id rest; do
		[ -e "$work/cells/$id/done" ] || echo "$id $rest"
	done < <(make_plan)
}

# Of the run that the same command begins, or goes on with, where it is no dry run
show_plan() {
	if is_rebooting_mode; then
		cells_to_do | in_boot_order
	else
		cells_to_do
	fi
	say "$RUN: $(cells_to_do | wc -l) of $(make_plan | wc -l) cells to do, $(cells_to_do | forecast)"
}

# Those that are not for the BASE of the environment say so.
list_experiments() {
	local file

	for file in "$BENCH_DIR"/configs/*; do
		(
			EXPERIMENT=${file##*/}
			load_config
			echo "$EXPERIMENT: $QUESTION $PROFILE: $(make_plan | wc -l) cells, $(make_plan | forecast)"
		) || [ $? = 2 ]
	done
}
