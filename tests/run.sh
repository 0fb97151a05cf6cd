#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# usage: run.sh [unit] [cli] [fuzz] [root] [vm] [demo]: runs these groups of tests (default: all
# but demo, which builds a kernel of its own); GROUP/NAME is one script of a group.
# Two scripts run at once, one on the host and one with guests as long as there are both; who says
# "# Alone: " and why, as it times something, has the machine to itself. LANES=1: one after the other.
# Who says "# Nightly: " and why runs with NIGHTLY=1, or when it is named.
# The last line counts; the exit status is 1 if any failed.
set -euo pipefail

# Under nohup, or behind a shell's &, signals are ignored, and who tests them waits for ever.
if [ "${SIGNALS_ARE:-}" != default ]; then
	SIGNALS_ARE=default exec env --default-signal=HUP,INT,QUIT,PIPE,TERM "$0" "$@"
fi
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.."
export HOME=${HOME:-~} # a service may have none; kernels are kept there

# due_of SCRIPT...: those that are not left to the night
due_of() {
	local script

	for script; do
		if [ -z "${NIGHTLY:-}" ] && grep -aq '^# Nightly: ' "$script"; then
			echo "# $script is left to make nightly" >&2
		else
			echo "$script"
		fi
	done
}

# scripts_of GROUP: a line each
scripts_of() {
	case $1 in
	unit) find .output/tests -name 'test_*' ! -name '*.d' | LC_ALL=C sort ;;
	cli | fuzz | root | vm | demo) due_of "tests/$1"/*.sh ;;
	cli/* | root/* | vm/* | demo/*) echo "tests/$1.sh" ;;
	*)
		echo "run.sh: no such group: '$1' (unit, cli, fuzz, root, vm, demo)" >&2
		exit 2
		;;
	esac
}

# Which scripts there are, in three files: those that run alone, those of the host, those with guests
sort_scripts() {
	local script

	touch "$work"/{alone,host,guests,all,ended}
	while read -r script; do
		if grep -aq '^# Alone: ' "$script"; then
			echo "$script" >>"$work/alone"
		elif [[ $script = tests/vm/* || $script = tests/demo/* ]]; then
			echo "$script" >>"$work/guests"
		else
			echo "$script" >>"$work/host"
		fi
	done
}

# A lane a line: who is done with the host helps with the guests, from their end
lanes() {
	case ${LANES:-2} in
	1) cat "$work"/{host,guests} | paste -sd ' ' ;;
	*) paste -sd ' ' <(cat "$work/host" <(tac "$work/guests")) && paste -sd ' ' "$work/guests" ;;
	esac
}

run_lanes() { xargs -r -P 2 -L 1 tests/lane.sh "$work" || true; }

# Whoever killed a lane, or whatever kept it from beginning one: what did not run has not passed.
tell_of_unended() {
	LC_ALL=C sort "$work/scripts" | comm -23 - <(LC_ALL=C sort "$work/ended") |
		sed 's/^/not ok - not run to its end: /' | tee -a "$work/all"
}

count() { awk '
	/^ok .*# SKIP/ { skipped++; next }
	/^ok / { passed++ }
	/^not ok / { failed++ }
	END { printf "%d passed, %d failed, %d skipped\n", passed, failed, skipped; exit failed > 0 }' "$work/all"; }

work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT
[ $# -gt 0 ] || set -- unit cli fuzz root vm
for group in "$@"; do
	scripts_of "$group"
done >"$work/scripts"
sort_scripts <"$work/scripts"
[ "$(wc -l <"$work/scripts")" -ne 1 ] || : >"$work/single"
paste -sd ' ' "$work/alone" | run_lanes
lanes | run_lanes
tell_of_unended
count
