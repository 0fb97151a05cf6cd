# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2154	# sourced by bench.sh
# What one sees of a run: a line a finished cell with its headline figure, and on a terminal
# what is going on now.

declare -A told=()

count_done() {
	find "$work/cells" ${share:+"$share/cells"} -mindepth 2 -maxdepth 2 \( -name 'done' -o -name failed \) | wc -l
}

# time_left FINISHED: as the cells of this start went
time_left() {
	local new=$(($1 - finished_at_start)) left

	[ "$new" -gt 0 ] || return 0
	left=$(((total - $1) * (SECONDS - started_at) / new))
	printf ', %d:%02d left' $((left / 60)) $((left % 60))
}

# show_progress WHAT: of a terminal, the last line, which the next one overwrites
show_progress() {
	local finished

	[ -t 2 ] && [ -z "$QUIET" ] || return 0
	finished=$(count_done)
	printf '\r\033[Kbench: %d/%d cells%s: %s' "$finished" "$total" "$(time_left "$finished")" "$1" >&2 2>/dev/null || true
}

clear_progress() { [ ! -t 2 ] || [ -n "$QUIET" ] || printf '\r\033[K' >&2 2>/dev/null || true; }

# lock_headline DIR CLASS: in the recorded window
lock_headline() {
	awk -F, -v class="$2" 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
		$at["class"] == class { acquired += $at["acquired"]; contended += $at["contended"]; wait += $at["wait_total_ns"] }
		END {
			printf "%s contended %d", class, contended
			if (acquired) printf " of %d (%.2f%%)", acquired, 100 * contended / acquired
			printf ", %.2f ms waited; ", wait / 1e6
		}' "$1/locks.csv"
}

swap_headline() {
	awk -F, '$13 == "swapout" || $13 == "swapin" { rate[$13] = $15 }
		END { if (rate["swapout"] + rate["swapin"]) printf "%d pages/s out, %d in; ", rate["swapout"], rate["swapin"] }' "$1/metrics.csv"
}

own_headline() { awk -F, '{ printf "%s%s %.0f %s", $1 == "" ? "" : $1 " ", $2, $4, $3; exit }'; }

# headline DIR FLAVOUR WORKLOAD: of a finished cell
headline() {
	if [ "$3" != ceiling ]; then
		[ "$2" != lockstat ] || lock_headline "$1" "$([ "$DRIVE_KIND" = zram ] && echo zram || echo swap_map)"
		swap_headline "$1"
		[ "$2" != lockstat ] || return 0
	fi
	own_figures "$1" "$3" "$2" | own_headline
}

# tell_cell DIR: once
tell_cell() {
	local id=${1##*/} flavour arm rep n w finished line

	[ -z "${told[$id]:-}" ] || return 0
	told[$id]=yes
	read -r flavour arm rep n w < <(awk -v id="$id" '$1 == id { $1 = ""; print }' "$work/plan")
	finished=$(count_done)
	clear_progress
	if [ -e "$1/failed" ]; then
		say "$finished/$total: $id failed: $(why_failed "$1")"
	else
		line=$(headline "$1" "$flavour" "$w") || true # what is missing is told when all is merged
		note "$finished/$total$(time_left "$finished"): $flavour $arm $rep, $n SSDs, $w: ${line%; }"
	fi
}

tell_cells() {
	local dir

	for dir in "$share"/cells/*; do
		if [ -e "$dir/done" ] || [ -e "$dir/failed" ]; then tell_cell "$dir"; fi
	done
}
