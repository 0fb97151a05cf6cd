# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2154	# sourced by bench.sh
# A run of several arms on the booted machine. Arms are parameters of a boot, so that the machine
# boots for each arm of each block of repetitions, and measures nothing else then. The kernel is
# one: cells with and without a tracer share a boot.
#
#   $work/boots    a line for each boot that was measured in: arm block boot-id NAME=VALUE...
#   $work/next     the one that was asked for last: arm block, and the boot-id of who asked
#   $work/reboots  for each since the user's last start: how many cells were measured before

rebooting=''
GRACE=3

is_rebooting_mode() { [ -n "$REBOOT" ]; }

check_reboot() {
	case $REBOOT in
	'') return ;;
	kexec | ask) ;;
	*) usage_error "REBOOT takes kexec or ask, not '$REBOOT'" ;;
	esac
	[[ $SSDS = /* ]] || usage_error "REBOOT is for the booted machine, whose devices SSDS would name"
	COMMAND="REBOOT='$REBOOT' $COMMAND"
}

# use_lasting_names: of the devices, so that none is another after the reboot
use_lasting_names() {
	local path name names=()

	for path in $DEVICES; do
		name=$(lasting_name "$path") ||
			usage_error "$path may be another device after a reboot, and has no name in /dev/disk/by-id; name it by /dev/disk/by-path or by-partuuid"
		names+=("$name")
	done
	DEVICES=${names[*]}
}

check_bootable_arms() {
	local lacking

	# shellcheck disable=SC2086 # a list
	lacking=$(lacking_parameter $ARMS)
	[ -z "$lacking" ] ||
		usage_error "the kernel has no parameter $lacking, by which to boot another arm; install one by make kernel-deb, or leave out REBOOT"
}

# machine_boots: of a plan on stdin, each once: arm block
machine_boots() { with_boots | awk '!seen[$2, $3]++ { print $2, $3 }'; }

# boots_of_cells: of those on stdin, in the order of the whole plan
boots_of_cells() {
	local wanted

	wanted=$(machine_boots)
	[ -z "$wanted" ] || make_plan | machine_boots | grep -xF -- "$wanted" || true
}

# pending_boots: those with cells that were not tried
pending_boots() { untried_cells | boots_of_cells; }

# serves ARM BLOCK: whether the machine is booted so, and no other block was measured since
serves() {
	is_booted_arm "$1" || return
	! awk -v boot="$(boot_id)" -v this="$1 $2" '$3 == boot && $1 " " $2 != this { other = 1 } END { exit !other }' \
		"$work/boots" 2>/dev/null
}

# count_reboots: on stdin are the boots that it takes
count_reboots() {
	local n=0 arm block first=yes

	while read -r arm block; do
		[ -n "$first" ] && serves "$arm" "$block" || n=$((n + 1))
		first=''
	done
	echo $n
}

# in_boot_order: cells, on stdin
in_boot_order() {
	local cells boot

	cells=$(cat)
	[ -n "$cells" ] || return 0
	while read -r boot; do
		with_boots <<<"$cells" | awk -v boot="$boot" '$2 " " $3 == boot' | cut -d' ' -f4-
	done < <(boots_of_cells <<<"$cells")
}

# show_boots: on stdin are the cells that are to do
show_boots() {
	local boots arm block cells

	cells=$(cat)
	[ -n "$cells" ] || return 0
	boots=$(boots_of_cells <<<"$cells")
	while read -r arm block; do
		note "boot for arm $arm, part $block: $(arm_params "$arm"), $(with_boots <<<"$cells" | awk -v boot="$arm $block" '$2 " " $3 == boot' | wc -l) cells"
	done <<<"$boots"
	say "will reboot $(count_reboots <<<"$boots") times (REBOOT=$REBOOT), now $(booted_parameters)"
}

# is_lost_by_boot PATH: in memory, or where distributions tidy up
is_lost_by_boot() {
	local at

	at=$(realpath -m -- "$1")
	[[ $at/ != /tmp/* ]] || return 0
	while [ ! -e "$at" ]; do at=$(dirname -- "$at"); done
	case $(stat -f -c %T -- "$at") in tmpfs | ramfs) ;; *) return 1 ;; esac
}

# check_reboots: what the next boot is to find, and whether it can be brought about
check_reboots() {
	local file

	for file in "$TOP_DIR" "$TOOL" "$results" $DEVICES; do
		[ -b "$file" ] || ! is_lost_by_boot "$file" || usage_error "a reboot would lose $file"
	done
	[ "$REBOOT" != kexec ] || [ -n "$resumed" ] || [ "$(cells_to_do | boots_of_cells | count_reboots)" = 0 ] || check_kexec "${ARMS%% *}"
}

# check_resumed: the unit started this; the machine is to be what it was booted for
check_resumed() {
	local arm block asked_in

	read -r arm block asked_in 2>/dev/null <"$work/next" || die "no run in $result waits for a boot"
	export RUN_LOG=$result/run.log
	[ "$(boot_id)" != "$asked_in" ] || die "$RUN waits for a boot, and there was none"
	is_booted_arm "$arm" ||
		die "$RUN asked for a boot with $(arm_params "$arm"), and this is one with $(booted_parameters): nothing is measured"
	wait_for_machine
}

# Until the boot is over, and slow drives are there
wait_for_machine() {
	local path i

	timeout 300 systemctl is-system-running --wait >/dev/null 2>&1 || true
	for path in $DEVICES; do
		for ((i = 0; i < 600; i++)); do
			[ ! -e "$path" ] || break
			sleep 0.1
		done
	done
}

note_boot() {
	local is

	is="$1 $2 $(boot_id) $(booted_parameters)"
	grep -qxF -- "$is" "$work/boots" 2>/dev/null || echo "$is" >>"$work/boots"
}

# begin_boot: at what this boot of the machine is to measure, in $due_arm and $due_block; without
# any, the run is over
begin_boot() {
	[ -z "$resumed" ] || rm -f -- "$work/next"
	[ -n "$resumed" ] || rm -f -- "$work/reboots"
	due_arm='' due_block=''
	read -r due_arm due_block < <(pending_boots) || return 0
	serves "$due_arm" "$due_block" || reboot_for "$due_arm" "$due_block"
	note_boot "$due_arm" "$due_block"
}

# run_machine_boots: the cells of this boot; for those of the next it ends
run_machine_boots() {
	local flavour arm block

	while read -r flavour arm block <&3; do
		[ "$arm $block" != "$due_arm $due_block" ] || run_boot "$flavour" "$arm" "$block"
	done 3< <(boots <"$work/plan")
	clear_progress
	read -r arm block < <(pending_boots) || return 0
	reboot_for "$arm" "$block"
}

count_measured() { find "$work/cells" -mindepth 2 -maxdepth 2 -name 'done' | wc -l; }

# A machine that does nothing but boot is worse than one that waits for its user.
check_progress() {
	local at=() measured

	measured=$(count_measured)
	[ ! -e "$work/reboots" ] || mapfile -t at <"$work/reboots"
	[ ${#at[@]} -lt "$(machine_boots <"$work/plan" | wc -l)" ] || die "no more than the ${#at[@]} reboots that were planned"
	[ ${#at[@]} -lt 2 ] || [ "${at[-2]}" != "$measured" ] || die "two boots measured nothing; there is no third"
	echo "$measured" >>"$work/reboots"
}

# reboot_for ARM BLOCK: ends this script; its trap puts the machine back first
reboot_for() {
	[ "$REBOOT" = ask ] || check_progress
	echo "$1 $2 $(boot_id)" >"$work/next"
	rebooting=$1
	exit 3
}

# nobody_objects: a signal that came while things were put back was not heard. Nor is a shutdown, of
# which a kexec would make another boot, for a machine that is to go off.
nobody_objects() {
	local objection=''

	trap 'objection=yes' INT TERM HUP
	sleep $GRACE || true
	trap '' INT TERM HUP
	[ "$(systemctl is-system-running 2>/dev/null)" != stopping ] || objection=yes
	[ -z "$objection" ] || { say "stopped before the reboot" && return 1; }
}

# leave_for_boot: all is put back; fails where there will be no boot
leave_for_boot() {
	local left

	left=$(pending_boots | wc -l)
	if [ "$REBOOT" = ask ]; then
		say "$left boots to go: boot this kernel with $(arm_params "$rebooting"), then give the same command again"
		return 0
	fi
	say "$left boots to go: booting with $(arm_params "$rebooting") in $GRACE s, Ctrl-C stops it; $UNIT goes on then, its log is $result/run.log"
	nobody_objects && reboot_by_kexec "$rebooting"
}

boots_json() {
	local arm block id words

	cat -- "$work/boots" 2>/dev/null | while read -r arm block id words; do
		parameters_json <<<"$words" | jq --arg arm "$arm" --argjson block "$block" --arg id "$id" '{$arm, $block, boot_id: $id} + .'
	done | jq -s .
}
