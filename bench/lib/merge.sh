# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2154	# sourced by bench.sh
# From the cells' files to locks.csv, metrics.csv, histograms.csv and run.json of the run.

# cell_files NAME: that file of every finished cell, in the plan's order
cell_files() {
	local id rest

	while read -r id rest; do
		[ ! -e "$work/cells/$id/done" ] || [ ! -s "$work/cells/$id/$1" ] || printf '%s\n' "$work/cells/$id/$1"
	done <"$work/plan"
}

# join_csv NAME: one header, then every cell's rows; a header that differs is an error
join_csv() {
	local files

	mapfile -t files < <(cell_files "$1")
	[ ${#files[@]} -gt 0 ] || return 0
	awk 'FNR == 1 { if (header == "") print header = $0
			else if ($0 != header) { print FILENAME ": another header" >"/dev/stderr"; exit 1 }
			next }
		{ print }' "${files[@]}"
}

# The columns up to device of a cell's metrics, from its first row
metric_prefix() {
	awk -F, 'NR == 2 { for (i = 1; i <= 11; i++) printf "%s,", $i; exit }' "$1"
}

# own_figures DIR WORKLOAD FLAVOUR: the rows, from their device on, that the workload's file makes of
# what it left in the cell's directory. From the lockstat kernel of locks alone: there it stood
# still for part of the time, and counted that too.
own_figures() {
	# shellcheck disable=SC2034	# read by the workload
	local out=$1

	(
		workload_metrics() { :; }
		workload_lock_metrics() { :; }
		# shellcheck disable=SC1090
		. "$(workload_file "$2")"
		if [ "$3" = lockstat ] && [ "$2" != ceiling ]; then workload_lock_metrics; else workload_metrics; fi
	)
}

# kernel_release FLAVOUR ARM
kernel_release() {
	if is_booted_mode; then
		uname -r
	else
		cat -- "$(kernel_dir "$(kernel_name "$1" "$2")")/release"
	fi
}

# What its warm-up came to, and what the workload itself measured, go into the cell's metrics,
# once.
add_figures() {
	local id flavour arm rep n w dir prefix

	while read -r id flavour arm rep n w; do
		dir=$work/cells/$id
		[ -e "$dir/done" ] || continue
		[ ! -e "$dir/figures.merged" ] || continue
		if [ "$w" = ceiling ]; then
			prefix="1,$RUN,$(kernel_release "$flavour" "$arm"),$EXPERIMENT,,none,,ceiling,$n,1,,"
			echo "$METRICS_HEADER" >"$dir/metrics.csv"
		else
			prefix=$(metric_prefix "$dir/metrics.csv")
		fi
		cat -- "$dir/warmup.csv" >"$dir/figures" 2>/dev/null || true
		own_figures "$dir" "$w" "$flavour" >>"$dir/figures" ||
			{ say "cannot read the figures of $w in $dir" && return 1; }
		sed "s|^|$prefix|" "$dir/figures" >>"$dir/metrics.csv"
		: >"$dir/figures.merged"
	done <"$work/plan"
}

METRICS_HEADER=schema,run,kernel,experiment,arm,backend,lockpath,workload,ssds,threads,rep,device,metric,unit,value

# A JSON object a cell, with its state and why
cell_states() {
	local id flavour arm rep n w state reason

	while read -r id flavour arm rep n w; do
		state=missing reason=''
		[ ! -e "$work/cells/$id/done" ] || state='done'
		[ ! -e "$work/cells/$id/failed" ] || { state=failed && reason=$(why_failed "$work/cells/$id"); }
		printf '%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n' "$id" "$flavour" "$arm" "$rep" "$n" "$w" "$state" "$reason"
	done <"$work/plan" | jq -R -s 'split("\n")[:-1] | map(split("\t")
		| {id: .[0], flavour: .[1], arm: .[2], rep: (.[3] | tonumber), ssds: (.[4] | tonumber),
		   workload: .[5], state: .[6]}
		+ (if .[6] == "failed" then {reason: .[7], log: ("logs/" + .[0] + ".console.log")} else {} end))'
}

# All starts of the run together, without the time between them
seconds_taken() {
	local before

	before=$(cat -- "$work/seconds" 2>/dev/null) || before=0
	echo $((before + SECONDS))
}

options_json() {
	local v

	for v in $option_names; do jq -n --arg name "$v" --arg value "${!v}" '{($name): $value}'; done | jq -s add
}

# machine_json: the guests, or the booted machine
machine_json() {
	if is_booted_mode; then
		booted_json
		return
	fi
	jq -n --arg accel "$accel" --argjson kernels "$(kernels_json)" --argjson patches "$(patches_json)" \
		--argjson arms "$(arms_json)" --arg ssd_size "$SSD_SIZE" \
		--argjson cpus "$CPUS" --argjson mem "$MEM" --argjson load "$LOAD_MIB" --argjson ssd_class "$(class_json)" '
		{machine: "guest", $accel, $kernels, $patches, lab: {$cpus, memory_mib: $mem, load_mib: $load, $ssd_size}, $ssd_class, $arms}'
}

# The settings of the run as they were given to it, as strings and as numbers
write_run_json() {
	jq -n --arg run "$RUN" --arg experiment "$EXPERIMENT" --arg profile "$PROFILE" --arg command "$COMMAND" \
		--arg started "$STARTED" --arg finished "$(date -u +%FT%TZ)" --argjson took "$(seconds_taken)" \
		--arg note "$NOTE" --arg tool "$("$TOOL" --version 2>/dev/null | head -1)" --argjson project "$(project_json)" \
		--argjson host "$(host_json)" --argjson machine "$(machine_json)" --argjson reps "$REPS" --argjson per_boot "$REPS_PER_BOOT" --argjson seed "$SEED" \
		--argjson warmup "$WARMUP" --argjson warmup_max "$WARMUP_MAX" --argjson window "$WINDOW" \
		--argjson guest "$(contexts_json)" --argjson options "$(options_json)" --slurpfile cells <(cell_states) '
		{schema: 1, run: $run, experiment: $experiment, profile: $profile, command: $command,
		 started: $started, finished: $finished, took_s: $took,
		 complete: ($cells[0] | all(.state == "done")), tool: $tool, project: $project, host: $host}
		+ $machine + {workload_options: $options, repetitions: $reps, reps_per_boot: $per_boot, seed: $seed,
		 warmup_s: $warmup, warmup_max_s: $warmup_max, window_s: $window}
		+ (if $note == "" then {} else {$note} end) + {
		 guest: $guest, cells: $cells[0]}'
}

# merge: written beside and renamed, so that a reader never sees half a file
merge() {
	local f

	add_figures || return
	for f in locks.csv metrics.csv histograms.csv; do
		join_csv "$f" >"$work/$f" || return
		mv -- "$work/$f" "$result/$f"
	done
	write_run_json >"$work/run.json" && mv -- "$work/run.json" "$result/run.json"
}
