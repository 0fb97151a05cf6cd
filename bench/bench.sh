#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# usage: bench.sh EXPERIMENT [--profile quick|full] [--run NAME] [--results DIR] [--dry-run] [--quiet]
#        bench.sh --clean-up
#        bench.sh --list [--profile quick|full] [--results DIR]
#        bench.sh --live
#
# Runs an experiment of bench/configs in the lab and writes DIR/NAME/locks.csv,
# metrics.csv, run.json, comparison.txt, report.html (where gnuplot is), run.log (all that was
# said, with the time), and in cells/ what each measurement left (DIR: results/ at the top of the tree). Ctrl-C keeps the
# finished cells. The same run started again goes on where it stopped: that named
# by --run, else the last unfinished one of the experiment and profile.
# A quiet run says only what went wrong, and where the results are.
# A dry run prints the plan, a line a cell (id flavour arm repetition ssds workload),
# and how long it will take. The list has the experiments, and what each would take.
# Live shows the locks of the run that is going on, once its present cell is measured:
# with the load of the next one, which is measured when the look has ended (Ctrl-C).
# Where SSDS names devices, it measures the booted machine, as root; see bench/README.md.
# A clean-up puts back what a killed run had changed, as the next start of any run does.
#
#   PROFILE, RUN        as the options
#   DRY_RUN=1           as --dry-run
#   ARMS, SSDS, REPS    instead of the profile's: "global partition", "1 3", 10
#   SSDS, COUNTS        "/dev/nvme1n1 /dev/sdb": devices whose content is lost; "1 2": how many at once
#   REBOOT=kexec|ask    of these devices' machine: it boots for each arm, by itself (kexec-tools) or by
#                       you, and the run goes on after it
#   WIPE=yes            they may hold signatures and partitions that nobody uses
#   WORKLOADS, FLAVOURS likewise: "fio", "timing"
#   BASE                kernel that guests run: 6.1 (default), 6.12
#   MEM, CPUS           MiB and virtual CPUs of the guest
#   LOAD_MIB            MiB that the workload may have of it
#   SSD_SIZE, SSD_CLASS of the drives, as run.sh takes them: none, sata, nvme, optane,
#                       or lat=80us,iops=50000,bw=500M
#   WARMUP, WINDOW      seconds before and in each measurement
#   WARMUP_MAX          how long it may wait before, until swapping is steady
#   REPS_PER_BOOT       repetitions that an arm has in one boot
#   SEED                of the loads: the same seed, the same accesses
#   VM_METHOD ...       options of the workloads, as bench/README.md has them
#   QUIET=1             as --quiet
#
# Exit status: 0 all cells measured; 1 some failed (the last line says how many, the
# others are kept); 2 usage; 3 REBOOT waits for a boot of the machine, or has begun it.
set -euo pipefail
BENCH_DIR=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
. "$BENCH_DIR/lab/lib.sh"
. "$LAB_DIR/accel.sh"
. "$LAB_DIR/classes.sh"
. "$BENCH_DIR/lib/plan.sh"
. "$BENCH_DIR/lib/devices.sh"
. "$BENCH_DIR/lib/journal.sh"
. "$BENCH_DIR/lib/booted.sh"
. "$BENCH_DIR/lib/reboot.sh"
. "$BENCH_DIR/lib/kexec.sh"
. "$BENCH_DIR/lib/forecast.sh"
. "$BENCH_DIR/lib/seen.sh"
. "$BENCH_DIR/lib/boot.sh"
. "$BENCH_DIR/lib/live.sh"
. "$BENCH_DIR/lib/context.sh"
. "$BENCH_DIR/lib/merge.sh"
. "$BENCH_DIR/lib/classes.sh"

overridable="BASE ARMS SSDS REPS REPS_PER_BOOT WORKLOADS FLAVOURS MEM LOAD_MIB CPUS WARMUP WARMUP_MAX WINDOW SSD_SIZE SSD_CLASS SEED"
results=$TOP_DIR/results
TOOL=${LOCKSTAT_SWAP:-$TOP_DIR/lockstat-swap}
work='' list='' live='' clean='' resumed='' DEVICES=''

parse_args() {
	COMMAND="${0##*/} $*"
	[ -z "${PROFILE:-}" ] || COMMAND="PROFILE='$PROFILE' $COMMAND"
	EXPERIMENT='' PROFILE=${PROFILE:-quick} RUN=${RUN:-} REBOOT=${REBOOT:-}
	DRY_RUN=${DRY_RUN:-} QUIET=${QUIET:-}
	export QUIET
	while [ $# -gt 0 ]; do
		case $1 in
		-h | --help) print_help && exit 0 ;;
		--dry-run) DRY_RUN=1 && shift ;;
		--list) list=yes && shift ;;
		--live) live=yes && shift ;;
		--quiet) QUIET=1 && shift ;;
		--clean-up) clean=yes && shift ;;
		--resumed) resumed=yes && shift ;; # by the unit that a reboot left
		--profile | --run | --results) [ -n "${2:-}" ] || usage_error "$1 needs a value" ;;&
		--profile) PROFILE=$2 && shift 2 ;;
		--run) RUN=$2 && shift 2 ;;
		--results) results=$2 && shift 2 ;;
		-*) usage_error "unknown option '$1'" ;;
		*)
			[ -z "$EXPERIMENT" ] || usage_error "one experiment at a time"
			EXPERIMENT=$1 && shift
			;;
		esac
	done
	case $PROFILE in quick | full) ;; *) usage_error "no such profile '$PROFILE'" ;; esac
	[ -z "$list$live$clean" ] || return 0
	[ -n "$EXPERIMENT" ] || usage_error "which experiment? (--list has them)"
	if ! is_word "$EXPERIMENT" || [ ! -f "$BENCH_DIR/configs/$EXPERIMENT" ]; then
		usage_error "no such experiment '$EXPERIMENT'"
	fi
}

# The experiment's file, then what the environment says instead
load_config() {
	local v option
	local -A given=()

	option_names=$(workload_options | cut -d= -f1)
	overridable+=" ${option_names//$'\n'/ }"
	for v in $overridable; do
		[ -z "${!v:-}" ] || { given[$v]=${!v} && COMMAND="$v='${!v}' $COMMAND"; }
	done
	REPS_PER_BOOT=1 SEED=1 WARMUP_MAX='' SSD_CLASS=none DRIVE_KIND=ssd ANSWER='' LOCK_FIGURES='' FIGURES=swapout BESIDE='' NOTE='' BASES=''
	while read -r option; do printf -v "${option%%=*}" '%s' "${option#*=}"; done < <(workload_options)
	# shellcheck disable=SC1090
	. "$BENCH_DIR/configs/$EXPERIMENT"
	ALL_ARMS=${ALL_ARMS:-$ARMS} BASES=${BASES:-$BASE}
	for v in "${!given[@]}"; do printf -v "$v" '%s' "${given[$v]}"; done
	WARMUP_MAX=${WARMUP_MAX:-$WARMUP}
	[[ " $BASES " = *" $BASE "* ]] || usage_error "experiment $EXPERIMENT is for BASE=${BASES// /|}, not '$BASE'"
	check_reboot
	if [[ $SSDS = /* ]]; then
		use_devices
	elif [ -n "${COUNTS:-}" ]; then
		usage_error "COUNTS chooses among the devices that SSDS names"
	fi
}

# has_settings FILE: whether an unfinished run is what is asked for now
has_settings() {
	local v

	[ -f "$1" ] || return
	for v in EXPERIMENT PROFILE DEVICES $overridable; do
		grep -qxF -- "$(printf '%s=%q' "$v" "${!v}")" "$1" || return
	done
}

last_unfinished() {
	local s last=''

	for s in "$results"/*/.work/settings; do
		if has_settings "$s"; then
			[ -n "$last" ] && [ "$last" -nt "$s" ] || last=$s
		fi
	done
	[ -z "$last" ] || basename -- "${last%/.work/settings}"
}

# A new run, or an unfinished one to go on with
choose_run() {
	[ -n "$RUN" ] || RUN=$(last_unfinished)
	[ -n "$RUN" ] || RUN=$EXPERIMENT-$PROFILE-$(date +%Y%m%d-%H%M%S)
	check_settings
	result=$results/$RUN
	work=$result/.work
	if [ -f "$work/settings" ]; then
		has_settings "$work/settings" || die "$RUN was begun with other settings; choose another --run, or start it as it was"
	elif [ -e "$result" ]; then
		die "$result exists and is finished; choose another --run"
	fi
}

# An old one's settings win over the profile's.
open_run() {
	if [ -f "$work/settings" ]; then
		# shellcheck disable=SC1091
		. "$work/settings"
		log_run
		note "going on with $RUN"
		return
	fi
	mkdir -p -- "$work/cells" || die "cannot write to $results"
	log_run
	STARTED=$(date -u +%FT%TZ)
	make_plan >"$work/plan"
	save_settings >"$work/settings.new" && mv -- "$work/settings.new" "$work/settings"
}

log_run() {
	export RUN_LOG=$result/run.log
	log_line "$COMMAND"
}

# Two benches on one run, or on one machine, would measure each other.
lock_run() {
	exec 8>>"$(cache_dir)/bench.lock" # what is in it is for who looks on
	# what a killed one had just started holds it for a moment longer
	flock -w 3 8 || die "another bench is running here"
}

kernel_dir() { cat -- "$work/kernel-$1"; }

# Kernels and image, from the cache if they are there. A run is of one build only.
prepare_guests() {
	local f dir

	for f in $(kernel_names); do
		dir=$("$LAB_DIR/kernel.sh" --flavour "$f" --base "$BASE" 8>&- | tail -1) || exit
		if [ -f "$work/kernel-$f" ] && [ "$(kernel_dir "$f")" != "$dir" ]; then
			die "the $f kernel changed since $RUN was begun; start a new run with --run NAME"
		fi
		echo "$dir" >"$work/kernel-$f"
	done
	image=$("$LAB_DIR/image.sh")
	accel=$(choose_accel "$(kernel_dir "$(kernel_name "${FLAVOURS%% *}" "${ARMS%% *}")")" "$image")
}

# However this ends, no guest and no share is left, and what was measured is merged.
finish() {
	local status=$? changed=''

	trap '' INT TERM HUP PIPE
	[ -z "$guest_pid" ] || { kill -TERM "$guest_pid" && wait "$guest_pid"; } 2>/dev/null || true
	leave_machine || changed=yes
	[ -n "$work" ] && [ -d "$work" ] || return 0
	if [ -n "$share" ]; then
		collect
		drop_share
	fi
	seconds_taken >"$work/seconds.new" && mv -- "$work/seconds.new" "$work/seconds"
	if [ -n "$measuring" ] && [ "$status" -ne 0 ]; then
		clear_progress
		merge || true
		[ "$status" != 3 ] || [ -n "$changed" ] || ! leave_for_boot || return 0
		say "stopped with $(count_done) of $total cells done; the same command goes on with $RUN"
		[ "$status" != 3 ] || exit 1
	fi
	return 0
}

# begin_cells: what is to do, and what was done before
begin_cells() {
	total=$(wc -l <"$work/plan")
	measuring=yes finished_at_start=0 started_at=$SECONDS
	# those that failed are tried again, but not for ever
	[ -n "$resumed" ] || rm -f -- "$work"/cells/*/failed
	# what an earlier start had no time to bring home
	for share in "$work"/share.*; do
		[ ! -d "$share" ] || { collect && drop_share; }
	done
	share=''
	finished_at_start=$(count_done)
}

run_cells() {
	local flavour arm block

	while read -r flavour arm block <&3; do
		run_boot "$flavour" "$arm" "$block"
	done 3< <(boots <"$work/plan")
	clear_progress
}

# compare_by OPTION...: of the directory, whose metrics.csv tells whether events were lost
compare_by() {
	"$TOOL" compare --by arm --base "${ARMS%% *}" "$@" "$result" || say "comparing the arms ended with status $?"
}

has_lock_rows() { [ "$(wc -l <"$result/locks.csv")" -gt 1 ]; }

# compare_answer: the lines that the experiment was made for
compare_answer() {
	local words

	[ -z "$NOTE" ] || printf '%s\n\n' "$NOTE"
	read -ra words <<<"$ANSWER"
	[ -z "$ANSWER" ] || ! has_lock_rows || compare_by "${words[@]}"
	read -ra words <<<"${LOCK_FIGURES// / --metric }"
	[ -z "$LOCK_FIGURES" ] || ! has_lock_rows || { echo && compare_by --where backend=lockdep --metric "${words[@]}"; }
	[[ " $FLAVOURS " = *" timing "* ]] || return 0
	read -ra words <<<"${FIGURES// / --metric }"
	compare_by --where backend=none --metric "${words[@]}"
}

# compare_beside: each of the other figures by itself, so that none costs another its certainty
compare_beside() {
	local metric

	for metric in $BESIDE; do
		printf '\n%s:\n\n' "$metric"
		compare_by --where backend=none --metric "$metric"
	done
}

# compare_arms: the answer on stdout, and kept with the results, where all locks come after it
compare_arms() {
	[ "${ARMS%% *}" != "$ARMS" ] || return 0
	compare_answer >"$result/comparison.txt"
	[ -n "$QUIET" ] || cat -- "$result/comparison.txt"
	[[ " $FLAVOURS " != *" timing "* ]] || compare_beside >>"$result/comparison.txt"
	has_lock_rows || return 0
	{
		printf '\nEvery class of locks:\n\n'
		compare_by --metric contended --metric contended/acquired --metric wait_total_ns
	} >>"$result/comparison.txt"
	note "every class of locks: $result/comparison.txt"
}

# make_report: all of it as a page, for who has gnuplot
make_report() {
	if ! command -v gnuplot >/dev/null; then
		note "no report.html without gnuplot; with it: lockstat-swap report $result"
	elif "$TOOL" report "$result"; then
		note "report: $result/report.html"
	else
		say "making the report failed"
	fi
}

# cells_below METRIC VALUE: how many have less of it
cells_below() { awk -F, -v metric="$1" -v value="$2" '$13 == metric && $15 < value' "$result/metrics.csv" | wc -l; }

# What is not to be believed of the figures, however well they compare
say_doubts() {
	local n

	n=$(cells_below steady 1)
	[ "$n" -eq 0 ] || note "in $n cells swapping still drifted after $WARMUP_MAX s of warm-up (metric steady)"
	n=$(cells_below fairness_jain 0.5)
	[ "$n" -eq 0 ] || note "in $n cells one process kept its pages in memory and had most of the accesses (metric fairness_jain): their operations do not compare"
}

conclude() {
	local failed

	leave_machine || die "$(count_done) of $total cells done, but this machine is not as it was"
	measuring=''
	merge || die "merging the results failed; the cells are in $work"
	failed=$(find "$work/cells" -mindepth 2 -maxdepth 2 -name failed | wc -l)
	compare_arms
	make_report
	say_doubts
	tell_class
	[ "$REBOOT" != kexec ] || note "the machine stays booted with $(booted_parameters) until you reboot it"
	say "$((total - failed)) cells in $SECONDS s; results: $result"
	[ "$failed" -eq 0 ] || die "$failed of $total cells failed; reasons in $result/run.json, consoles in $result/logs; run again to retry them"
	mv -T -- "$work/cells" "$result/cells"
	rm -rf -- "$work"
}

parse_args "$@"
need_tools jq
if [ -n "$clean" ]; then
	clean_up
	exit
fi
if [ -n "$list" ]; then
	list_experiments
	exit
fi
if [ -n "$live" ]; then
	watch_run
	exit
fi
load_config
choose_run
[ -z "$resumed" ] || check_resumed
if [ -n "$DRY_RUN" ]; then
	if is_booted_mode; then
		check_devices
		show_machine
	fi
	show_plan
	exit
fi
need_tools fio stress-ng flock:util-linux setpriv:util-linux
is_booted_mode || need_tools qemu-system-x86_64:qemu-system-x86
[ -x "$TOOL" ] || die "$TOOL is not built; run make"
check_programs
total=0 measuring='' accel='' image=''
lock_run
clean_up
if is_booted_mode; then
	check_devices
	check_priorities
	! is_rebooting_mode || check_reboots
	show_machine
	[ -n "$resumed" ] || confirm_devices
fi
open_run
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
trap 'exit 141' PIPE
if is_booted_mode; then
	prepare_booted
else
	prepare_guests
fi
begin_cells
! is_rebooting_mode || begin_boot
! is_booted_mode || take_machine
if is_rebooting_mode; then
	run_machine_boots
else
	run_cells
fi
conclude
