# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2154	# sourced by bench.sh
# One guest and its cells: started, watched, and what it finished brought home.

share='' guest_pid=''

# Cells of the plan that still have no result
untried_cells() {
	local id rest

	while read -r id rest; do
		[ -e "$work/cells/$id/done" ] || [ -e "$work/cells/$id/failed" ] || echo "$id $rest"
	done <"$work/plan"
}

# Those of a boot (flavour, arm, block of repetitions): id, repetition, drives, workload
pending_cells() { untried_cells | with_boots | awk -v boot="$*" '$1 " " $2 " " $3 == boot { print $4, $7, $8, $9 }'; }

# backend FLAVOUR: what record is to use on this kernel. On the booted machine the flavour says only
# whether to trace.
backend() {
	if [ "$1" != lockstat ]; then
		echo none
	elif is_booted_mode; then
		echo auto
	else
		echo lockdep
	fi
}

fill_share() {
	local program v

	share=$(mktemp -d "$work/share.XXXXXX")
	mkdir -p "$share/bench" "$share/cells"
	cp -R -- "$BENCH_DIR/workloads" "$BENCH_DIR/target" "$share/bench/"
	mkdir "$share/bench/programs"
	while read -r program; do cp -- "$TOP_DIR/$program" "$share/bench/programs/"; done < <(programs)
	cat >"$share/bench/cells"
	echo "$share" >"$(cache_dir)/bench.lock" # for who wants to look on
	{
		printf '%s=%q\n' BACKEND "$(backend "$1")" ARM "$2"
		printf '%s=%q\n' SWAP_LABEL "$SWAP_LABEL" RUN "$RUN" EXPERIMENT "$EXPERIMENT" CPUS "$CPUS" LOAD_MIB "$LOAD_MIB" \
			WARMUP "$WARMUP" WARMUP_MAX "$WARMUP_MAX" WINDOW "$WINDOW" SEED "$SEED" SSD_CLASS "$SSD_CLASS" \
			DRIVE_KIND "$DRIVE_KIND" DRIVE_SIZE "$SSD_SIZE" MAX_DRIVES "$(max_ssds)"
		for v in $option_names; do printf '%s=%q\n' "$v" "${!v}"; done
	} >"$share/bench/settings"
}

# Finished cells go where they belong; the one that was running when the guest failed
# is failed, with the console log. Both survive this script.
collect() {
	local dir id

	tell_cells
	for dir in "$share"/cells/*/; do
		[ -e "$dir/done" ] || [ -e "$dir/failed" ] || continue
		id=$(basename -- "$dir")
		rm -rf -- "$work/cells/$id"
		mv -- "$dir" "$work/cells/$id"
		[ ! -e "$work/cells/$id/failed" ] || keep_log "$id"
	done
}

keep_log() {
	mkdir -p -- "$result/logs"
	cp -- "$share/.lab/console.log" "$result/logs/$1.console.log" 2>/dev/null || return 0
}

fail_cell() {
	mkdir -p -- "$work/cells/$1"
	echo "$2" >"$work/cells/$1/failed"
	keep_log "$1"
}

drop_share() {
	[ -z "$share" ] || rm -rf -- "$share"
	share=''
}

# start_guest FLAVOUR ARM SECONDS: in place of this shell, a guest for the cells of $share
start_guest() {
	local word params=() ssds=0

	[ "$DRIVE_KIND" = zram ] || ssds=$(max_ssds)
	for word in $(arm_params "$2"); do params+=(--param "$word"); done
	exec setpriv --pdeathsig TERM "$LAB_DIR/run.sh" --kernel "$(kernel_dir "$(kernel_name "$1" "$2")")" --image "$image" --share "$share" \
		--job "$BENCH_DIR/target/guest.sh" "${params[@]}" --ssds "$ssds" \
		--ssd-size "$SSD_SIZE" --ssd-class "$SSD_CLASS" --mem "$MEM" --cpus "$CPUS" \
		--timeout "$3" 2>"$share/run.err" 8>&-
}

# boot_guest FLAVOUR ARM BLOCK: the cells on stdin; 1 if the guest failed
boot_guest() {
	local start=start_guest status=0 n

	fill_share "$@"
	n=$(wc -l <"$share/bench/cells")
	! is_booted_mode || start=start_booted
	$start "$1" "$2" $((120 + n * (60 + 3 * (${WARMUP_MAX%.*} + ${WINDOW%.*} + 2)))) &
	guest_pid=$!
	while kill -0 "$guest_pid" 2>/dev/null; do
		tell_cells
		show_progress "$(boot_name "$@")"
		sleep 0.2
	done
	wait "$guest_pid" || status=1
	guest_pid=''
	return $status
}

# boot_name FLAVOUR ARM BLOCK
boot_name() {
	if is_booted_mode; then
		echo "tracer $(backend "$1"), arm $2, part $3"
	else
		echo "$1 kernel, arm $2, boot $3"
	fi
}

# Of a failure without a reason: nobody could write it down
no_reason() {
	if [ "$(df --output=avail -- "$work" | tail -1)" -gt 0 ]; then
		echo "it left no reason"
	else
		echo "no space left in $results"
	fi
}

# why_failed DIR: of a cell
why_failed() { if [ -s "$1/failed" ]; then cat -- "$1/failed"; else no_reason; fi; }

# Why the guest failed, as one line
guest_failure() {
	local why

	why=$(grep -a 'guest failed: ' "$share/run.err" | tail -1)
	why=${why#run.sh: guest failed: }
	why=${why%; console log:*}
	why=${why:-$(tail -1 "$share/run.err")}
	echo "${why:-$(no_reason)}"
}

# guest_failed FLAVOUR ARM BLOCK: the cell that was running has failed; why is in $why
guest_failed() {
	local current

	why=$(guest_failure)
	! is_booted_mode || end_booted
	current=$(cat -- "$share/current" 2>/dev/null || true)
	clear_progress
	say "$(boot_name "$@"), ${current:-before its first cell}: $why"
	[ -z "$current" ] || fail_cell "$current" "$why"
}

# run_boot FLAVOUR ARM BLOCK: as often as it gets on; two boots without a cell are enough
run_boot() {
	local idle=0 before cells why

	cells=$(pending_cells "$@")
	while [ -n "$cells" ] && [ $idle -lt 2 ]; do
		before=$(count_done)
		why='the guest ended without a result'
		boot_guest "$@" <<<"$cells" || guest_failed "$@"
		collect
		drop_share
		[ "$(count_done)" -gt "$before" ] || idle=$((idle + 1))
		cells=$(pending_cells "$@")
	done
	[ -z "$cells" ] || fail_rest "$why" "$@"
}

fail_rest() {
	local why=$1 id rest

	shift
	while read -r id rest; do
		fail_cell "$id" "$why"
	done < <(pending_cells "$@")
}
