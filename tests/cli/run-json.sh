#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# results/README.md describes each key of run.json, and no other.
# shellcheck disable=SC2016	# backticks are meant
. "$(dirname -- "${BASH_SOURCE[0]}")/../lib.sh"

# At the top, for the tables they have.
for file in "$TOP/bench/lab/classes.sh" "$TOP"/bench/lib/{plan,booted,reboot,devices,classes,context,merge}.sh; do
	# shellcheck disable=SC1090
	. "$file"
done

README=$TOP/results/README.md
OF_A_RUN='Of a run of the bench:'
OF_A_RECORDING='Of a recording (`record --run-json`):'
OF_OVERHEAD='Of `make bench-overhead`:'
OF_ZBUD='Of `make bench-zbud`:'

# described HEADING: the keys in the table below that line
described() {
	awk -v heading="$1" '
		substr($0, length($0) - length(heading) + 1) == heading { here = 1; next }
		here && /^\|/ { table = 1; split($0, cell, "|"); print cell[2]; next }
		here && table { exit }' "$README" | grep -oE '`[^`]+`' | tr -d '`' | sort -u
}

# keys FILE: of all values in it; names that are data are *
keys() {
	jq -r 'def data: . as $p | ["kernels", "guest", "settings", "workload_options", "refused", "asked", "measured", "held"]
			| index($p) != null;
		[paths(type != "object" and type != "array" or . == [] or . == {})
			| reduce .[] as $k ({s: "", last: ""};
				if ($k | type) == "number" then .s += "[]" | .last = ""
				elif (.last | data) or (.s == ".arms[]" and $k != "name") then .s += ".*" | .last = ""
				else .s += "." + $k | .last = $k end)
			| .s | ltrimstr(".")] | unique[]' "$1"
}

# all_described FILE HEADING: a list or object that is empty is described by what it would have
all_described() {
	local key undescribed=0

	keys "$1" | grep -v '^guest[.]' >"$WORK/keys"
	[ -s "$WORK/keys" ]
	described "$2" >"$WORK/described"
	[ -s "$WORK/described" ]
	while read -r key; do
		grep -qxF -e "$key" "$WORK/described" || awk -v key="$key" 'index($0, key "[]") == 1 || index($0, key ".") == 1 { found = 1 }
			END { exit !found }' "$WORK/described" || { echo "not described: $key" && undescribed=1; }
	done <"$WORK/keys"
	return $undescribed
}

# source_has HEADING FILE...: each key described there
source_has() {
	local key missing=0

	while read -r key; do
		key=${key%.\*} key=${key%[[]]} key=${key##*.}
		grep -qwh -e "$key" -- "${@:2}" || { echo "nobody writes $key" && missing=1; }
	done < <(described "$1")
	return $missing
}

# A finished run as the bench knows it, without any guest: its own functions, faked facts.
# shellcheck disable=SC2034,SC2317	# read and called by what is sourced
fake_run() {
	TOP_DIR=$TOP BENCH_DIR=$TOP/bench TOOL=$LOCKSTAT_SWAP work=$WORK/run EXPERIMENT=ssd
	RUN=r PROFILE=quick COMMAND='bench.sh ssd' STARTED=2026-01-01T00:00:00Z BASE=6.1 FLAVOURS='timing lockstat'
	ARMS='global partition' ALL_ARMS=$ARMS SSD_SIZE=512M SSD_CLASS=nvme CPUS=2 MEM=512 LOAD_MIB=64 accel=tcg
	REPS=1 REPS_PER_BOOT=1 SEED=1 WARMUP=1 WARMUP_MAX=2 WINDOW=2 REBOOT='' DEVICES='' arms_left_out='' NOTE='of course' option_names=VM_METHOD VM_METHOD=swap
	arm_params() { echo "swap_lock=$1 swap_slots=off"; }
	why_failed() { echo 'it panicked'; }
	kernel_dir() { echo "$WORK/kernel-0123"; }
	qemu-system-x86_64() { echo QEMU; }
	fio() { echo fio; }
	stress-ng() { echo stress-ng; }
	xz() { echo xz; }
	journal=$WORK/journal && : >"$WORK/journal"
	mkdir -p "$work"/cells/{timing-a,lockstat-a} "$WORK/kernel-0123"
	echo 6.1 >"$WORK/kernel-0123/release"
	: >"$WORK/kernel-0123/config"
	printf '%s\n' 'timing-a timing global 1 1 fio' 'lockstat-a lockstat global 1 1 fio' >"$work/plan"
	: >"$work/cells/timing-a/done"
	: >"$work/cells/lockstat-a/failed"
	echo '{"schema": 1}' >"$work/cells/timing-a/run.json"
}

guests_have_no_other_key() {
	fake_run
	write_run_json >"$WORK/run.json"
	all_described "$WORK/run.json" "$OF_A_RUN"
	jq -e '.machine == "guest" and .kernels.timing.release == "6.1" and (.patches | length) > 0
		and .guest.timing.schema == 1 and .cells[1].reason == "it panicked"' "$WORK/run.json" >/dev/null
}

# shellcheck disable=SC2317	# called by what is sourced
arms_may_be_kernels() {
	fake_run
	arm_flavour() { [ "$1" = global ] || echo +memcgid; }
	write_run_json >"$WORK/run.json"
	all_described "$WORK/run.json" "$OF_A_RUN"
	jq -c '.arms, (.kernels | keys_unsorted)' "$WORK/run.json"
	jq -e '(.arms | map(.kernel) == [null, "+memcgid"])
		and (.kernels | keys_unsorted == ["timing", "timing+memcgid", "lockstat", "lockstat+memcgid"])' "$WORK/run.json" >/dev/null
}

# shellcheck disable=SC2034	# read by what is sourced
booted_machines_have_no_other_key() {
	fake_run
	: >"$WORK/drive"
	DEVICES=$WORK/drive arms_left_out=partition ARMS=global FLAVOURS=timing
	jq -n --argjson devices "$(devices_json)" '{release: "6.1", build: "0", config_sha256: "1", $devices}' >"$work/booted.json"
	settings_json >"$work/settings.json"
	echo 'global 1 01234567-89ab swap_lock=global swap_slots=off' >"$work/boots"
	write_run_json >"$WORK/run.json"
	all_described "$WORK/run.json" "$OF_A_RUN"
	jq -e '.machine == "booted" and (.devices[0] | has("serial")) and (.settings | length) > 0
		and .arms_left_out[0].why and .boots[0].block == 1' "$WORK/run.json" >/dev/null
}

a_recording_has_no_other_key() {
	local backend=none

	[ "$(id -u)" != 0 ] || backend=auto
	"$LOCKSTAT_SWAP" record --backend $backend -d 0.1 --run-json "$WORK/record.json" >/dev/null
	all_described "$WORK/record.json" "$OF_A_RECORDING"
}

committed_runs_have_no_other_key() {
	local file heading

	for file in "$TOP"/results/*/run.json; do
		heading=$OF_A_RUN
		case $(jq -r .experiment "$file") in
		overhead) heading=$OF_OVERHEAD ;;
		zbud) heading=$OF_ZBUD ;;
		esac
		all_described "$file" "$heading"
		jq -c '.guest[]?' "$file" | while read -r line; do
			echo "$line" >"$WORK/guest"
			all_described "$WORK/guest" "$OF_A_RECORDING"
		done
	done
}

run_test 'each key of run.json of a run in guests is described' guests_have_no_other_key
run_test 'run.json has the kernel of each arm that is one' arms_may_be_kernels
run_test 'each key of run.json of a run on the booted machine is described' booted_machines_have_no_other_key
run_test 'each key of run.json of a recording is described' a_recording_has_no_other_key
run_test 'each key of run.json of the reference runs is described' committed_runs_have_no_other_key
run_test 'each key of a run that is described is written' source_has "$OF_A_RUN" "$TOP"/bench/lib/*.sh "$TOP/bench/configs/ssd"
run_test 'each key of a recording that is described is written' source_has "$OF_A_RECORDING" "$TOP/user/context.c" "$TOP/user/ledger.c"
run_test 'each key of bench-overhead that is described is written' source_has "$OF_OVERHEAD" "$TOP/bench/overhead.sh"
run_test 'each key of bench-zbud that is described is written' source_has "$OF_ZBUD" "$TOP/bench/zbud.sh"
