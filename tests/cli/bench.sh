#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A workload and an experiment are a file each: the plan, the list and the rows have them, with
# nothing else touched. No guest is booted.
. "$(dirname -- "${BASH_SOURCE[0]}")/../lib.sh"

BENCH=$WORK/tree/bench
unset VM_METHOD VM_PERCENT VM_FINISH FIO_BLOCK FIO_READS INTERFERENCE_IOPS NAP_DEPTH
unset BASE PROFILE RUN DRY_RUN ARMS SSDS REPS REPS_PER_BOOT WORKLOADS FLAVOURS MEM CPUS LOAD_MIB WARMUP WARMUP_MAX WINDOW SSD_SIZE SSD_CLASS SEED QUIET REBOOT COUNTS

new_tree() {
	rm -rf "$WORK/tree"
	mkdir "$WORK/tree"
	cp -R "$TOP/bench" "$BENCH"
}

add_workload() {
	cat >"$BENCH/workloads/naps" <<'EOF'
WORKLOAD_OPTIONS="NAP_DEPTH=5"
workload_threads() { echo 1; }
workload_metrics() { cat "$out/naps"; }
EOF
}

# add_experiment NAME [LINE...]: 2 arms, 2 repetitions, drives 1 and 3, for 1 second each
add_experiment() {
	cat >"$BENCH/configs/$1" <<'EOF'
QUESTION="Is a nap good?"
BASE=6.1 FLAVOURS=timing SSDS="1 3" WORKLOADS=naps ARMS="first second" REPS=2
CPUS=1 SSD_SIZE=1M MEM=64 LOAD_MIB=8 WARMUP=0.5 WINDOW=0.5
arm_params() { case $1 in first | second) echo "swap_lock=global swap_slots=off" ;; *) return 1 ;; esac; }
EOF
	printf '%s\n' "${@:2}" >>"$BENCH/configs/$1"
}

dry_run() { DRY_RUN=1 "$BENCH/bench.sh" "$@"; }

a_file_each_is_enough() {
	new_tree
	add_workload
	add_experiment rest
	diff -rq "$TOP/bench" "$BENCH" >"$WORK/changed" || true
	[ "$(grep -c '^Only in ' "$WORK/changed")" -eq 2 ]
	[ "$(wc -l <"$WORK/changed")" -eq 2 ]
	dry_run rest >"$WORK/plan"
	cat "$WORK/plan"
	sort "$WORK/plan" >"$WORK/have"
	sort >"$WORK/want" <<'EOF'
ceiling timing first 0 3 ceiling
timing-first-1-1-naps timing first 1 1 naps
timing-first-1-3-naps timing first 1 3 naps
timing-first-2-1-naps timing first 2 1 naps
timing-first-2-3-naps timing first 2 3 naps
timing-second-1-1-naps timing second 1 1 naps
timing-second-1-3-naps timing second 1 3 naps
timing-second-2-1-naps timing second 2 1 naps
timing-second-2-3-naps timing second 2 3 naps
EOF
	diff "$WORK/want" "$WORK/have"
}

boots_are_shared() {
	REPS=3 REPS_PER_BOOT=2 SSDS=1 dry_run rest | cut -d' ' -f1 >"$WORK/plan"
	diff - "$WORK/plan" <<'END'
ceiling
timing-second-1-1-naps
timing-second-2-1-naps
timing-first-1-1-naps
timing-first-2-1-naps
timing-first-3-1-naps
timing-second-3-1-naps
END
}

the_list_has_it() {
	"$BENCH/bench.sh" --list >"$WORK/list"
	[ "$(wc -l <"$WORK/list")" -eq "$(find "$BENCH/configs" -type f | wc -l)" ]
	grep -qE '^rest: Is a nap good\? quick: 9 cells, about [0-9]+ min \(a guess' "$WORK/list"
}

# says_time TEXT: the dry run of experiment rest
says_time() {
	dry_run rest 2>&1 >/dev/null | tee "$WORK/said"
	grep -qF " cells to do, $1" "$WORK/said"
}

# finished_run NAME EXPERIMENT COMPLETE HOUR SECONDS: of 2 boots with 5 cells each
finished_run() {
	mkdir -p "$WORK/tree/results/$1"
	jq -n --arg run "$1" --arg experiment "$2" --argjson complete "$3" --arg finished "2026-01-01T$4:00:00Z" --argjson took "$5" '
		{$run, $experiment, $complete, $finished, took_s: $took, warmup_s: 0.5, window_s: 0.5,
		 cells: [range(10) | {flavour: "timing", arm: "a", rep: (. % 2 + 1)}]}' >"$WORK/tree/results/$1/run.json"
}

# Not finished, older, or another's is not asked.
last_run_tells_the_time() {
	# 4 boots of 10 s, 9 cells of 3 + 0.5 + 0.5 s: 76 s
	says_time 'about 2 min (a guess'
	# 2 boots of 10 s, 10 cells of 4 s would have been 60: ten times as long
	finished_run old rest true 01 60
	finished_run last rest true 02 600
	finished_run broken rest false 03 60
	finished_run other ssd true 04 60
	says_time 'about 13 min (as last took)'
	# 81 cells of 63 s in 40 boots
	REPS=20 WINDOW=59.5 says_time 'about 918 min (as last took)'
}

finished_cells_are_not_planned() {
	local cells=$WORK/tree/results/begun/.work/cells

	mkdir -p "$cells"/timing-first-1-{1,3}-naps
	: >"$cells/timing-first-1-1-naps/done"
	: >"$cells/timing-first-1-3-naps/failed" # is tried again
	(
		# shellcheck disable=SC2034	# by name
		EXPERIMENT=rest PROFILE=quick REPS_PER_BOOT=1 SEED=1 WARMUP_MAX=0.5 SSD_CLASS=none DEVICES=''
		# shellcheck disable=SC1091
		. "$BENCH/configs/rest"
		for v in EXPERIMENT PROFILE DEVICES BASE ARMS SSDS REPS WORKLOADS FLAVOURS MEM LOAD_MIB CPUS WARMUP WARMUP_MAX WINDOW SSD_SIZE SSD_CLASS REPS_PER_BOOT SEED; do
			printf '%s=%q\n' "$v" "${!v}"
		done
		sed -n 's/^WORKLOAD_OPTIONS="\(.*\)"/\1/p' "$BENCH"/workloads/* | tr ' ' '\n'
	) >"$cells/../settings"
	dry_run rest >"$WORK/plan" 2>"$WORK/said"
	cat "$WORK/said"
	grep -q '^bench.sh: begun: 8 of 9 cells to do' "$WORK/said"
	[ "$(wc -l <"$WORK/plan")" -eq 8 ]
	grep -q '^timing-first-1-3-naps ' "$WORK/plan"
	# of other options it is another run
	NAP_DEPTH=6 dry_run rest 2>&1 >/dev/null | grep ': 9 of 9 cells to do'
	expect 1 'begun was begun with other settings' env NAP_DEPTH=6 DRY_RUN=1 "$BENCH/bench.sh" rest --run begun
	expect 2 "bad NAP_DEPTH '-1'" env NAP_DEPTH=-1 DRY_RUN=1 "$BENCH/bench.sh" rest
}

# An experiment is for the bases that it names; a run of one base does not go on with another.
bases_are_the_experiments() {
	add_experiment both 'BASES="6.1 6.12"'
	BASE=6.12 dry_run both >"$WORK/plan"
	dry_run both | diff "$WORK/plan" -
	expect 2 "experiment both is for BASE=6.1\|6.12, not '6.18'" env BASE=6.18 DRY_RUN=1 "$BENCH/bench.sh" both
	expect 2 "experiment rest is for BASE=6.1, not '6.12'" env BASE=6.12 DRY_RUN=1 "$BENCH/bench.sh" rest
	expect 2 'BASE is of guests' env BASE=6.12 DRY_RUN=1 SSDS=/dev/null "$BENCH/bench.sh" both
	BASE=6.12 "$BENCH/bench.sh" --list >"$WORK/list" 2>"$WORK/said"
	grep '^both: ' "$WORK/list"
	! grep '^rest: ' "$WORK/list" || return
	grep 'experiment rest is for BASE=6.1, ' "$WORK/said"
	sed -i 's/^EXPERIMENT=.*/EXPERIMENT=both/' "$WORK/tree/results/begun/.work/settings"
	expect 1 'begun was begun with other settings' env BASE=6.12 DRY_RUN=1 "$BENCH/bench.sh" both --run begun
	sed -i 's/^BASE=.*/BASE=6.12/' "$WORK/tree/results/begun/.work/settings"
	BASE=6.12 dry_run both 2>&1 >/dev/null | grep ': begun: 8 of 9 cells to do'
}

a_dry_run_makes_nothing() {
	new_tree
	add_workload
	add_experiment rest
	find "$WORK/tree" | sort >"$WORK/before"
	dry_run rest >/dev/null
	LOCKSTAT_SWAP_CACHE=$WORK/cache dry_run ssd >/dev/null
	find "$WORK/tree" | sort | diff "$WORK/before" -
	[ ! -e "$WORK/cache" ]
}

# What is behind a workload's name is its arguments, and part of what the cell is called.
workloads_take_arguments() {
	WORKLOADS="naps:deep naps:light:2" SSDS=1 REPS=1 dry_run rest >"$WORK/plan"
	[ "$(grep -c '^timing-first-1-1-naps:\(deep\|light:2\) timing first 1 1 naps:' "$WORK/plan")" -eq 2 ]
	expect 2 "no such workload 'sleep:deep'" env WORKLOADS=sleep:deep DRY_RUN=1 "$BENCH/bench.sh" rest
	expect 2 "bad workload 'naps:../x'" env WORKLOADS=naps:../x DRY_RUN=1 "$BENCH/bench.sh" rest
}

# direct:RW:CONTENT:JOBS as fio gets it, of the two drives that the cell has
direct_is_as_its_arguments_say() {
	# shellcheck disable=SC2034,SC2154	# read and set by what is sourced
	(
		workload_arguments=(direct randread 70 4) drives=("$WORK/a" "$WORK/b" "$WORK/c") ssds=2 seed=1
		# shellcheck disable=SC1091
		. "$TOP/bench/workloads/direct"
		[ "$(workload_threads)" -eq 8 ]
		read_arguments
		direct_command --rw="$rw"
		echo "${fio[*]}" | grep -- "--buffer_compress_percentage=70 .* --rw=randread --name=direct --filename=$WORK/a --name=direct --filename=$WORK/b$"
		workload_arguments=(direct randwrite zero 1)
		read_arguments
		content_options | grep -x -- --zero_buffers
		[ "$(workload_threads)" -eq 2 ]
	)
}

mistakes_are_told() {
	expect 2 "no such experiment 'nap'" dry_run nap
	expect 2 'which experiment' dry_run
	expect 2 "no such workload 'sleep'" env WORKLOADS=sleep DRY_RUN=1 "$BENCH/bench.sh" rest
	expect 2 "no such profile 'slow'" "$BENCH/bench.sh" --list --profile slow
	expect 2 "no such SSD_CLASS 'floppy'" env SSD_CLASS=floppy DRY_RUN=1 "$BENCH/bench.sh" rest
	expect 2 "no such SSD_CLASS 'lat=fast'" env SSD_CLASS=lat=fast DRY_RUN=1 "$BENCH/bench.sh" rest
	expect 2 "no such arm 'third'" env ARMS=third DRY_RUN=1 "$BENCH/bench.sh" rest
	expect 2 "--results needs a value" dry_run rest --results ''
}

# refused MESSAGE VARIABLE=VALUE...
refused() { expect 2 "^bench.sh: $1 \(see --help\)$" env DRY_RUN=1 "${@:2}" "$BENCH/bench.sh" rest; }

bad_settings_are_told() {
	# two cells of one name
	refused "SSDS has '1' twice" SSDS='1 2 1'
	refused "ARMS has 'first' twice" ARMS='first first'
	refused 'WORKLOADS is empty' WORKLOADS=' '
	refused 'each run has its ceiling; WORKLOADS takes .*' WORKLOADS=ceiling
	refused "WINDOW takes seconds, not '08'" WINDOW=08
	refused "WINDOW takes 0.1 seconds or more, not '0'" WINDOW=0
	refused 'WARMUP_MAX, 1 s, is less than WARMUP, 2 s' WARMUP=2 WARMUP_MAX=1
	refused "SSD_SIZE takes a size such as 512M, not 'large'" SSD_SIZE=large
	refused "NAP_DEPTH takes a whole number, not 'deep'" NAP_DEPTH=deep
	# what it matches may be another device when it is written
	refused "SSDS takes paths, not patterns: '/dev/loop\*'" SSDS='/dev/loop*'
	refused 'COUNTS chooses among .*' COUNTS=1
}

kernels_as_arms_are_for_guests() {
	# shellcheck disable=SC2016	# for the file
	add_experiment kernels 'arm_flavour() { [ "$1" = first ] || echo +memcgid; }'
	expect 2 'experiment kernels is for guests: its arm second is a kernel of its own' env SSDS=/dev/null DRY_RUN=1 "$BENCH/bench.sh" kernels
	dry_run kernels | grep -x 'timing-second-1-3-naps timing second 1 3 naps'
	rm "$BENCH/configs/kernels"
}

names_are_no_commands() {
	! make -s -C "$TOP" bench DRY_RUN=1 EXPERIMENT="rest; : >$WORK/made" >"$WORK/said" 2>&1 || return
	cat "$WORK/said"
	grep -qF "no such experiment 'rest; : >$WORK/made'" "$WORK/said"
	[ ! -e "$WORK/made" ]
}

# Who looks on reads there which run it is.
one_turned_away_changes_nothing() {
	mkdir -p "$WORK/cache"
	echo 'the run that goes on' >"$WORK/cache/bench.lock"
	expect 1 'another bench is running here' env LOCKSTAT_SWAP="$LOCKSTAT_SWAP" LOCKSTAT_SWAP_CACHE="$WORK/cache" \
		flock "$WORK/cache/bench.lock" "$BENCH/bench.sh" rest
	[ "$(<"$WORK/cache/bench.lock")" = 'the run that goes on' ]
}

# A boot that ends before anything was to be seen is followed by another.
looking_on_outlives_a_boot() {
	local holder looker

	mkdir -p "$WORK/cache" "$WORK/first/bench" "$WORK/second/bench"
	export LOCKSTAT_SWAP_CACHE=$WORK/cache
	expect 1 'no run is going on here' "$BENCH/bench.sh" --live
	echo "$WORK/first" >"$WORK/cache/bench.lock"
	flock "$WORK/cache/bench.lock" sleep 600 &
	holder=$!
	wait_until is_locked "$WORK/cache/bench.lock"
	"$BENCH/bench.sh" --live >"$WORK/seen" 2>"$WORK/said" &
	looker=$!
	wait_until [ -e "$WORK/first/live" ]
	rm -r "$WORK/first"
	echo "$WORK/second" >"$WORK/cache/bench.lock"
	wait_until [ -e "$WORK/second/live" ]
	echo 'swap_map 7' >"$WORK/second/live.out"
	wait_until grep -q 'swap_map 7' "$WORK/seen"
	rm "$WORK/second/live" # its recorder has ended
	wait "$looker"
	pkill -P "$holder"
	cat "$WORK/said"
	[ "$(wc -l <"$WORK/said")" -eq 1 ]
}

is_locked() { ! flock -n "$1" true; }

# with_arm LOCK SLOTS COMMAND...: as if the booted kernel said so, in the tree of the test
with_arm() {
	rm -rf "$WORK/parameters"
	mkdir -p "$WORK/parameters/kernel/parameters"
	[ -z "$1" ] || (cd "$WORK/parameters/kernel/parameters" && echo "$1" >swap_lock && echo "$2" >swap_slots)
	sed -i "s|^MODULES=.*|MODULES=$WORK/parameters|" "$BENCH/lib/booted.sh"
	"${@:3}"
}

reboots_are_of_devices() {
	expect 2 "REBOOT is for the booted machine, whose devices SSDS would name" env REBOOT=kexec DRY_RUN=1 "$BENCH/bench.sh" rest
	expect 2 "REBOOT is for the booted machine" env REBOOT=ask SSDS=2 "$BENCH/bench.sh" rest
	expect 2 "REBOOT takes kexec or ask, not 'yes'" env REBOOT=yes SSDS=/dev/null "$BENCH/bench.sh" rest
	expect 2 'the kernel has no parameter swap_lock' with_arm '' '' env REBOOT=ask SSDS=/dev/null "$BENCH/bench.sh" rest
	expect 1 'no run in .*/nothing waits for a boot' with_arm global off \
		env REBOOT=kexec SSDS=/dev/null "$BENCH/bench.sh" ssd --run nothing --resumed
}

# in_ssd COMMAND...: with the functions of a bench of that experiment
# shellcheck disable=SC1091,SC2034	# in a subshell, by name
in_ssd() (
	BENCH_DIR=$BENCH PROFILE=quick
	. "$BENCH/lab/lib.sh" && . "$BENCH/configs/ssd" && . "$BENCH/lib/booted.sh" && . "$BENCH/lib/reboot.sh"
	"$@"
)

# arm_is ARM: the booted kernel, by its parameters
arm_is() {
	booted_parameters
	[ "$(booted_arm || echo none)" = "$1" ]
}

told_by_parameters() {
	local has=$WORK/parameters/kernel/parameters

	arm_is partition
	(check_bootable_arms)
	! (ARMS="partition percpu" && check_bootable_arms) 2>"$WORK/said" || return
	grep 'the kernel has no parameter swap_avail' "$WORK/said"
	echo list >"$has/swap_avail" && arm_is partition
	(ARMS="partition percpu" && check_bootable_arms)
	echo percpu >"$has/swap_avail" && arm_is percpu
	! is_booted_arm partition || return
	echo global >"$has/swap_lock" && arm_is none
}

arms_are_told_apart() { with_arm partition off in_ssd told_by_parameters; }

# in_run COMMAND...: with the functions of a bench whose run of two arms has 4 boots, 8 cells. No
# file of the machine's is looked at.
# shellcheck disable=SC2030	# in a subshell
in_run() (
	work=$WORK/reboots BENCH_DIR=$BENCH
	# shellcheck disable=SC1091
	. "$BENCH/lab/lib.sh" && . "$BENCH/lib/plan.sh" && . "$BENCH/lib/boot.sh" && . "$BENCH/lib/booted.sh" && . "$BENCH/lib/reboot.sh"
	# shellcheck disable=SC2034	# by name
	REBOOT=kexec ARMS="global partition" ALL_ARMS="global partition" FLAVOURS="lockstat timing" SSDS=1 WORKLOADS=naps REPS=2 REPS_PER_BOOT=1 DRIVE_KIND=ssd resumed=''
	# shellcheck disable=SC2317	# called by name
	arm_params() { echo "swap_lock=$1 swap_slots=off"; }
	mkdir -p "$work/cells"
	make_plan >"$work/plan"
	"$@"
)

measured() {
	local cell

	# shellcheck disable=SC2031	# called in that subshell
	for cell; do mkdir -p "$work/cells/$cell" && : >"$work/cells/$cell/done"; done
}

counts_boots() {
	pending_boots | paste -sd ';' | grep -x 'global 1;partition 1;global 2;partition 2'
	[ "$(pending_boots | count_reboots)" -eq 3 ]
	measured ceiling {lockstat,timing}-global-1-1-naps
	[ "$(pending_boots | paste -sd ';')" = 'partition 1;global 2;partition 2' ]
	note_boot global 1
	# measured in this boot already: another block gets another one
	serves global 1
	! serves global 2 || return
	[ "$(pending_boots | count_reboots)" -eq 3 ]
}

boots_are_counted() {
	rm -rf "$WORK/reboots"
	with_arm global off in_run counts_boots
}

reboots_end() {
	local i

	measured ceiling
	for i in 1 2; do check_progress; done
	(check_progress) 2>"$WORK/said" && return 1
	grep -q 'two boots measured nothing' "$WORK/said"
	for i in 1 2; do measured "timing-global-$i-1-naps" && check_progress; done
	measured timing-partition-1-1-naps
	(check_progress) 2>"$WORK/said" && return 1
	grep -q 'no more than the 4 reboots that were planned' "$WORK/said"
}

reboots_are_limited() {
	rm -rf "$WORK/reboots"
	with_arm global off in_run reboots_end
}

# What the unit does first that a reboot starts
resumes() {
	# shellcheck disable=SC2034	# by name
	local result=$WORK/reboots RUN=t

	# shellcheck disable=SC2317	# called by check_resumed
	wait_for_machine() { echo 'goes on'; }
	# shellcheck disable=SC2031	# called in that subshell
	echo 'partition 1 of-the-boot-before' >"$work/next"
	check_resumed
}

# Not with the arm of the boot before, though it is one of the run's
another_arm_is_not_measured() {
	local arm

	rm -rf "$WORK/reboots"
	for arm in cluster global; do
		expect 1 "bench.sh: t asked for a boot with swap_lock=partition swap_slots=off, and this is one with swap_lock=$arm swap_slots=off.*: nothing is measured$" \
			with_arm $arm off in_run resumes
		[ ! -s "$WORK/stdout" ]
	done
	[ "$(with_arm partition off in_run resumes)" = 'goes on' ]
}

# The shell that is to hear it is this one. The time for it has no length, so that none is too short.
# shellcheck disable=SC2317	# called by nobody_objects
objects() {
	local me=$BASHPID

	sleep() { :; }
	nobody_objects
	sleep() { kill "-$signal" "$me"; }
	! nobody_objects
}

objections_are_heard() {
	for signal in TERM INT; do in_run objects; done
}

# What a machine has that cannot reboot, under $WORK/etc
# shellcheck disable=SC2317	# called by reboot_by_kexec
stand_ins() {
	# shellcheck disable=SC1091
	. "$BENCH/lib/kexec.sh"
	# shellcheck disable=SC2034	# by name
	unit_dir=$WORK/etc TOOL=$LOCKSTAT_SWAP EXPERIMENT=rest PROFILE=quick RUN=t results=$WORK DEVICES=/dev/none overridable='' QUIET=''
	rm -rf "$unit_dir" "$WORK/calls"
	export LOCKSTAT_SWAP_CACHE=$WORK/cache
	kexec() { echo "kexec $*" >>"$WORK/calls"; }
	systemctl() {
		find "$unit_dir" -name "$UNIT" | wc -l
		echo 'no such luck' >&2
		return 1
	}
}

fails_to_reboot() {
	stand_ins
	! reboot_by_kexec global 2>"$WORK/said" || return
	cat "$WORK/said" "$WORK/calls"
	grep -q 'the machine does not reboot: no such luck$' "$WORK/said"
	[ -z "$(find "$unit_dir" -name "$UNIT")" ]
	[ "$(cut -d' ' -f1-3 "$WORK/calls" | paste -sd ';')" = 'kexec -a -l;kexec -a -u' ]
	# of a run that was killed in between
	install_unit
	grep -q '^ExecStart=.*"--resumed"' "$unit_dir/$UNIT"
	[ -e "$unit_dir/multi-user.target.wants/$UNIT" ]
	drop_reboot 2>"$WORK/said"
	grep -q "removing $UNIT: no run goes on" "$WORK/said"
	[ -z "$(find "$unit_dir" -name "$UNIT")" ]
	drop_reboot 2>"$WORK/said"
	[ ! -s "$WORK/said" ]
}

a_failed_reboot_leaves_nothing() { in_run fails_to_reboot; }

# image VERSION: the little that is looked at of a bzImage
image() {
	{
		head -c 514 /dev/zero
		printf 'HdrS'
		head -c 8 /dev/zero
		printf '\x58\x02' # 0x258, counted from 0x200
		head -c $((0x458 - 528)) /dev/zero
		printf '%s\0%s' "$1" 'what is behind it'
	} >"$WORK/image"
}

images_are_told_apart() {
	# shellcheck disable=SC1091
	. "$BENCH/lib/kexec.sh"
	image "$(uname -r) (somebody@somewhere) $(uname -v)"
	is_running_kernel "$WORK/image"
	image "$(uname -r) (somebody@somewhere) $(uname -v)5"
	! is_running_kernel "$WORK/image" || return
	image "$(uname -r)5 (somebody@somewhere) $(uname -v)"
	! is_running_kernel "$WORK/image" || return
	# of another format: it is seen after the boot
	echo nothing >"$WORK/image"
	is_running_kernel "$WORK/image"
}

# What systemd makes of a word: unquoted, \xHH a byte, then %% and $$ one each
unit_words_are_literal() {
	local word

	# shellcheck disable=SC1091
	. "$BENCH/lib/kexec.sh"
	# shellcheck disable=SC2016	# literally
	for word in plain '' 'a b' '50%H' '$HOME ${x}' "it's \"quoted\"" 'back\slash\n' $'two\nlines' 'é' ';' '-x' $'\xff'; do
		[[ $(unit_word "$word") =~ ^\"([A-Za-z0-9/._+@=:,%\$\\-]*)\"\ $ ]]
		[ "$(printf '%bx' "$(sed 's/%%/%/g; s/\$\$/$/g' <<<"${BASH_REMATCH[1]}")")" = "${word}x" ]
	done
}

# rows_of FLAVOUR: what becomes of a cell's metrics when the workload left one figure
rows_of() {
	work=$WORK/run.$1
	mkdir -p "$work/cells/c"
	echo "c $1 first 1 1 naps" >"$work/plan"
	printf '%s\n' schema,run,kernel,experiment,arm,backend,lockpath,workload,ssds,threads,rep,device,metric,unit,value \
		1,r,k,rest,first,none,native,naps,1,1,1,,swapin,pages/s,7 >"$work/cells/c/metrics.csv"
	echo ',depth,naps/s,5' >"$work/cells/c/naps"
	: >"$work/cells/c/done"
	# shellcheck disable=SC1091,SC2034	# read by what is sourced
	(
		BENCH_DIR=$BENCH
		. "$BENCH/lib/plan.sh" && . "$BENCH/lib/merge.sh"
		add_figures
		add_figures # of a run that was stopped and goes on
	)
	tail -n +2 "$work/cells/c/metrics.csv"
}

figures_become_rows() {
	rows_of timing | tee "$WORK/rows"
	[ "$(tail -n +2 "$WORK/rows")" = 1,r,k,rest,first,none,native,naps,1,1,1,,depth,naps/s,5 ]
}

figures_of_a_stopped_load_do_not() {
	rows_of lockstat | tee "$WORK/rows"
	[ "$(wc -l <"$WORK/rows")" -eq 1 ]
}

# figures WORKLOAD: its rows of what is in $WORK/cell
figures() (
	# shellcheck disable=SC2034	# read by the workload
	out=$WORK/cell
	# shellcheck disable=SC1090
	. "$BENCH/workloads/$1"
	workload_metrics
)

swapload_has_its_figures() {
	mkdir -p "$WORK/cell"
	"$SWAPLOAD" --quiet --size 1M --operations 3000 --phases populate,mixed:0.05,mixed --json "$WORK/cell/swapload.json"
	# no swap is needed for the test: faults as a machine with swap would have them
	jq '.phases[2].latency.major_fault = {mean_ns: 10, p50_ns: 20, p99_ns: 30, p99_9_ns: null, max_ns: 40}
		| .phases[2].checks.swap_ins.explained_percent = 99' "$WORK/cell/swapload.json" >"$WORK/cell/changed"
	mv "$WORK/cell/changed" "$WORK/cell/swapload.json"
	figures swapload >"$WORK/rows"
	cat "$WORK/rows"
	[ "$(grep -cvE '^,[a-z_0-9]+,(1/s|ns|ratio|percent|pages),[0-9.e+]+$' "$WORK/rows")" -eq 0 ]
	grep -qx "$(jq -r '",operations,1/s,\(.phases[2].rate_operations_per_s)"' "$WORK/cell/swapload.json")" "$WORK/rows"
	grep -qx ',pages_verified,pages,3000' "$WORK/rows"
	grep -qx ',fault_lat_p99,ns,30' "$WORK/rows"
	grep -qx ',swapins_explained,percent,99' "$WORK/rows"
	! grep -q 'p999' "$WORK/rows"
}

no_figures_are_an_error() {
	echo '{"phases": [{"phase": "populate"}]}' >"$WORK/cell/swapload.json"
	! figures swapload || return
	echo 'fio: terminating on signal 2' >"$WORK/cell/fio.json"
	! figures fio || return
	rm -f "$WORK/cell"/{before,after}
	! figures xz || return
	: >"$WORK/cell/stress-ng.yaml"
	! figures stress-ng || return
}

# fio_report JOB IOS MS BINS: as fio has it in its file; half of the time in the kernel
fio_report() {
	jq -n --arg job "$1" --argjson ios "$2" --argjson ms "$3" --argjson bins "$4" '
		{jobs: [{jobname: $job, error: 0, sys_cpu: 50, job_runtime: $ms, mixed: {total_ios: $ios, io_bytes: ($ios * 4096), runtime: $ms,
			clat_ns: {N: $ios, mean: ([$bins | to_entries[] | (.key | tonumber) * .value] | add / $ios), $bins}}}]}'
}

fio_has_its_figures() {
	{
		echo 'fio: terminating on signal 2'
		fio_report nvme0n1:randread 200 2000 '{"8": 150, "19": 48, "20": 2}'
	} >"$WORK/cell/fio.json"
	figures fio >"$WORK/rows"
	diff - "$WORK/rows" <<'END'
nvme0n1,randread_iops,1/s,100
nvme0n1,randread_bw,bytes/s,409600
nvme0n1,randread_lat_mean,ns,10.76
nvme0n1,randread_lat_max,ns,20
nvme0n1,randread_lat_p50,ns,8
nvme0n1,randread_lat_p99,ns,19
nvme0n1,randread_sys_per_io,ns,5000000
nvme0n1,randread_io_errors,1,0
END
	SSD_CLASS=none figures ceiling | diff "$WORK/rows" -
	SSD_CLASS=riops=3000 figures ceiling | diff "$WORK/rows" - >"$WORK/more" || true
	[ "$(grep -c '^[<>]' "$WORK/more")" -eq 1 ]
	grep -qx '> ,asked_read_iops,1/s,3000' "$WORK/more"
}

# Until the first of two reports it was not measured: 1,200 in the second after it.
the_warm_up_of_fio_is_not_counted() {
	{
		fio_report swap 800 4000 '{"9": 100, "70": 700}'
		echo 'fio: terminating on signal 2'
		fio_report swap 2000 5000 '{"9": 1288, "30": 10, "40": 2, "70": 700}'
	} >"$WORK/cell/fio.json"
	figures fio >"$WORK/rows"
	diff - "$WORK/rows" <<'END'
,iops,1/s,1200
,bw,bytes/s,4915200
,lat_mean,ns,9.226666666666667
,lat_max,ns,40
,lat_p50,ns,9
,lat_p99,ns,9
,lat_p999,ns,40
,sys_per_io,ns,416666.6666666667
,io_errors,1,0
END
}

# stress_yaml OPERATIONS RATE SECONDS: as stress-ng 0.15.06 writes it
stress_yaml() {
	cat >"$WORK/cell/stress-ng.yaml" <<EOF
---
system-info:
      stress-ng-version: 0.15.06
      pagesize: 4096

metrics:
    - stressor: vm
      bogo-ops: $1
      bogo-ops-per-second-usr-sys-time: 11.111111
      bogo-ops-per-second-real-time: $2
      wall-clock-time: $3
      user-time: 0.620000
      max-rss: 0

...
EOF
}

stress_ng_has_its_figures() {
	stress_yaml 1054 421.430254 2.501007
	echo 0 >"$WORK/cell/stress-ng.status"
	figures stress-ng >"$WORK/rows"
	printf '%s\n' ,bogo_ops_rate,1/s,421.430254 ,bogo_ops,1,1054 | diff - "$WORK/rows"
}

# What was killed counted some of its operations, in other units, and no time at all.
killed_stress_ng_has_none() {
	local status

	for status in 2 0; do
		stress_yaml 3159622 0.000000 0.000000
		echo $status >"$WORK/cell/stress-ng.status"
		figures stress-ng >"$WORK/rows"
		[ ! -s "$WORK/rows" ]
	done
	stress_yaml 1054 421.430254 2.501007
	echo 2 >"$WORK/cell/stress-ng.status"
	figures stress-ng >"$WORK/rows"
	[ ! -s "$WORK/rows" ]
}

# The second of three began its input of 1000 bytes again.
xz_has_its_figures() {
	printf '%s\n' '5000000 1000' 100 900 0 >"$WORK/cell/before"
	printf '%s\n' '7500000 1000' 350 150 250 >"$WORK/cell/after"
	[ "$(figures xz)" = ',compressed,bytes/s,300' ]
}

memcg_has_its_figures() {
	rm -f "$WORK/cell/before"
	[ -z "$(figures memcg)" ]
	printf '5000000 1000\n' >"$WORK/cell/before"
	printf '7500000 3500\n' >"$WORK/cell/after"
	[ "$(figures memcg)" = ',faults,faults/s,1000' ]
}

interference_has_both() {
	figures swapload >"$WORK/rows"
	fio_report nvme0n1:interference 200 2000 '{"8": 200}' >"$WORK/cell/interference.json"
	figures interference | diff "$WORK/rows" - | grep '^[<>]' >"$WORK/more" || true
	[ "$(wc -l <"$WORK/more")" -eq 8 ]
	grep -qx '> nvme0n1,interference_iops,1/s,100' "$WORK/more"
	rm "$WORK/cell/interference.json"
	! figures interference || return
}

classes_are_figures() (
	# shellcheck disable=SC1091
	. "$TOP/bench/lab/classes.sh"
	for class in "${!SSD_CLASSES[@]}"; do class_figures "$class" >/dev/null; done
	[ -z "$(class_figures none)" ]
	class_figures rlat=80us,wlat=2ms,iops=50000,wiops=7,bw=500M | tr '\n' ';' >"$WORK/figures"
	[ "$(<"$WORK/figures")" = 'read_lat ns 80000;read_iops 1/s 50000;read_bw bytes/s 500000000;write_lat ns 2000000;write_iops 1/s 7;write_bw bytes/s 500000000;' ]
	# shellcheck disable=SC2016	# not to be run
	for bad in '' fast lat lat=80 lat= lat=0us lat=-1us lat=1s ',lat=1us' 'lat=1us,' 'lat=1us,,bw=1M' iops=1k bw=500 xlat=1us rrlat=1us 'bw=$(id)M' 'x[$(id)]=1'; do
		! class_figures "$bad" >/dev/null || { echo "took '$bad'" && return 1; }
	done
)

run_sh_knows_classes() {
	mkdir -p "$WORK/kernel"
	: >"$WORK/kernel/bzImage"
	expect 2 "no such --ssd-class 'floppy'" "$TOP/bench/lab/run.sh" --kernel "$WORK/kernel" --shell --ssd-class floppy
	expect 2 '\-\-ssd-class needs a value' "$TOP/bench/lab/run.sh" --kernel "$WORK/kernel" --shell --ssd-class
}

# ceiling_rows METRIC VALUE...: what two drives did, beside metrics of other names
ceiling_rows() {
	local device

	while [ $# -gt 0 ]; do
		for device in nvme0n1 nvme1n1; do
			echo "1,r,k,rest,,none,,ceiling,2,1,,$device,$1,unit,$2"
		done
		shift 2
	done
}

# class_said CLASS: what is said of drives that do 200 us, 3,250 IOPS and 90 MB/s
class_said() (
	# shellcheck disable=SC1091,SC2034	# read by what is sourced
	work=$WORK/said.class SSD_CLASS=$1
	mkdir -p "$work/cells/ceiling"
	ceiling_rows qd1_randread_lat_p50 200000 qd1_randread_lat_mean 1 randread_iops 3250 seqread_bw 90000000 >"$work/cells/ceiling/metrics.csv"
	# shellcheck disable=SC1091
	. "$BENCH/lab/lib.sh" && . "$BENCH/lab/classes.sh" && . "$BENCH/lib/classes.sh"
	class_json >"$WORK/class.json"
	tell_class 2>&1
)

slow_drives_are_told() {
	class_said rlat=100us,riops=3200,rbw=100M | tee "$WORK/said"
	[ "$(wc -l <"$WORK/said")" -eq 1 ]
	grep -q ": held: read IOPS 3,250 of 3,200 asked, read bandwidth 90 MB/s of 100 asked; not reached, this emulator's own limit: read latency 200 us of 100 asked$" "$WORK/said"
	jq -e '.asked.read_lat == 100000 and .measured.read_lat == 200000 and .held.read_lat == "not reached" and .held.read_iops == "held"' "$WORK/class.json"
}

fast_drives_are_told_loudly() {
	class_said rlat=250us,riops=1000,wlat=5ms | tee "$WORK/said"
	[ "$(wc -l <"$WORK/said")" -eq 2 ]
	grep -q 'IS NOT HELD, the drives are faster: read latency 200 us of 250 asked, read IOPS 3,250 of 1,000 asked$' "$WORK/said"
	grep -q 'not measured: write latency' "$WORK/said"
	jq -e '.held.read_lat == "faster" and .held.write_lat == "not measured" and .measured.write_lat == null' "$WORK/class.json"
}

no_class_says_nothing() {
	[ -z "$(class_said none)" ]
	jq -e '. == {name: "none", asked: {}, measured: {}, held: {}}' "$WORK/class.json"
}

run_test 'a workload and an experiment are a file each' a_file_each_is_enough
run_test 'repetitions of an arm share a boot, and arms take turns' boots_are_shared
run_test 'the list has the new experiment' the_list_has_it
run_test 'the last finished run tells the time' last_run_tells_the_time
run_test 'workloads take arguments' workloads_take_arguments
run_test 'fio on the drives does what its arguments say' direct_is_as_its_arguments_say
run_test 'a dry run of a run that was begun has the rest' finished_cells_are_not_planned
run_test 'guests run the base that is asked for, if the experiment is for it' bases_are_the_experiments
run_test 'a dry run makes nothing' a_dry_run_makes_nothing
run_test 'mistakes are one line' mistakes_are_told
run_test 'so are settings that no run could have' bad_settings_are_told
run_test 'the name of an experiment is no command' names_are_no_commands
run_test 'arms that are kernels of their own are for guests' kernels_as_arms_are_for_guests
run_test 'a bench that is turned away changes nothing' one_turned_away_changes_nothing
run_test 'who looks on sees the next boot, too' looking_on_outlives_a_boot
run_test 'reboots are of a machine whose devices are named' reboots_are_of_devices
run_test 'an arm is not one that sets more, and a kernel may lack what only that sets' arms_are_told_apart
run_test 'a boot is for an arm and a block of repetitions' boots_are_counted
run_test 'a boot of another arm measures nothing' another_arm_is_not_measured
run_test 'reboots that measure nothing end, and so do too many' reboots_are_limited
run_test 'Ctrl-C stops a reboot that is due' objections_are_heard
run_test 'a reboot that does not come, or whose run was killed, leaves nothing' a_failed_reboot_leaves_nothing
run_test 'an image of another kernel is known' images_are_told_apart
run_test 'systemd reads in a unit what was written' unit_words_are_literal
run_test "a workload's figures become rows, once" figures_become_rows
run_test 'figures of a load that stood still do not' figures_of_a_stopped_load_do_not
run_test "swapload's figures have names and units" swapload_has_its_figures
run_test "fio's figures are per device where it has one, with what was asked" fio_has_its_figures
run_test 'what fio did before the measurement is left out' the_warm_up_of_fio_is_not_counted
run_test 'memcg has the faults where it does not swap' memcg_has_its_figures
run_test 'interference has the figures of both loads' interference_has_both
run_test "stress-ng's figures are its own" stress_ng_has_its_figures
run_test 'of a stress-ng that was killed there are none' killed_stress_ng_has_none
run_test "xz has what it compressed, wherever its input began again" xz_has_its_figures
run_test 'a workload that left no figures is an error' no_figures_are_an_error
run_test 'a class of SSD is figures, and what is neither is refused' classes_are_figures
run_test 'run.sh refuses what is no class' run_sh_knows_classes
run_test 'drives slower than their class are told' slow_drives_are_told
run_test 'drives faster than their class are told loudly' fast_drives_are_told_loudly
run_test 'without a class nothing is said' no_class_says_nothing
