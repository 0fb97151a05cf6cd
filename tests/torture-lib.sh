# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034	# sourced
# Guests that torture the swap locks of an arm, and what they have to leave. Sourced behind lib.sh
# and arms-lib.sh.

TORTURELOAD=${TORTURELOAD:-$TOP/.output/tests/tortureload}
SNAPSHOTLOAD=${SNAPSHOTLOAD:-$TOP/.output/tests/snapshotload}
TORTURE_SEED=${TORTURE_SEED:-$((RANDOM * 32768 + RANDOM))}

# What KCSAN says of two accesses without a lock that both take. The kernel as it is has some too,
# and goes on; those that are known are in a file, and why they do no harm.
RACE='BUG: KCSAN: data-race in '
KNOWN_RACES=$TOP/tests/vm/known-races.txt

# torture_guest NAME ARM SECONDS KERNEL [PARAM...]
torture_guest() {
	local share=$WORK/$1 param params

	mapfile -t params < <(arm_options "$2")
	for param in "${@:5}"; do
		params+=(--param "$param")
	done
	mkdir -p "$share/.lab"
	cp "$TORTURELOAD" "$SNAPSHOTLOAD" "$TOP/tests/vm/guest/torture-lib.sh" "$share/"
	printf 'export %q\n' "TORTURE_SECONDS=$3" "TORTURE_SEED=$TORTURE_SEED" >"$share/.lab/env"
	"$TOP/bench/lab/run.sh" --kernel "$4" --share "$share" --job "$TOP/tests/vm/guest/torture-job.sh" --mem 640 \
		--ssds 5 --ssd-size 160M --no-selftest --append slub_debug=FZ --timeout $(($3 * 4 + 400)) --expect "$RACE" "${params[@]}"
}

# torture_figures NAME: how much that was, for who reads the results
torture_figures() {
	[ ! -s "$WORK/$1/figures.txt" ] ||
		awk '{ n[$1] += $2 } END { for (name in n) printf "%s %d\n", name, n[name] }' "$WORK/$1/figures.txt" |
		LC_ALL=C sort | paste -sd, | sed "s/^/# $1: /; s/,/, /g"
}

# races NAME KERNEL: which functions, and on which variable, or of how many bytes where it has no name, each
# once; of a report that is cut off the functions alone, which are no known race
races() {
	tr -d '\r' <"$WORK/$1/.lab/console.log" | awk -v race="$RACE" '
		NR == FNR { name[$1] = $3; next }
		start = index($0, race) {
			if (functions != "") print functions
			functions = substr($0, start + length(race))
		}
		functions != "" && match($0, / to 0x[0-9a-f]+ of [0-9]+ bytes/) {
			split(substr($0, RSTART, RLENGTH), access, " ")
			address = substr(access[2], 3)
			print functions " on " (address in name ? name[address] : access[4] " bytes")
			functions = ""
		}
		END { if (functions != "") print functions }' "$2/System.map" - | LC_ALL=C sort -u
}

# unknown_races NAME KERNEL
unknown_races() { races "$1" "$2" | grep -vxFf <(sed '/^#/d; /^$/d' "$KNOWN_RACES") || true; }
