# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2154	# sourced by bench.sh
# A run on the machine and kernel that are booted, on devices that SSDS names, instead of guests.

MODULES=/sys/module
taken='' scratch='' cgroup='' arms_left_out=''

is_booted_mode() { [ -n "$DEVICES" ]; }

# From load_config, whose $given is what the environment said: devices stand for their number.
use_devices() {
	local v words

	[[ $(arm_params "${ARMS%% *}" 2>/dev/null) != *zswap.enabled=on* ]] ||
		usage_error "experiment $EXPERIMENT is for guests: on the booted machine zswap is off while it measures"
	for v in $ALL_ARMS; do
		[ -z "$(arm_flavour "$v")" ] || usage_error "experiment $EXPERIMENT is for guests: its arm $v is a kernel of its own"
	done
	for v in MEM SSD_SIZE SSD_CLASS BASE; do
		[ -z "${given[$v]:-}" ] || usage_error "$v is of guests; SSDS names devices of the booted machine"
	done
	mapfile -t words < <(tr -s '[:space:]' '\n' <<<"$SSDS" | sed '/^$/d')
	for v in "${words[@]}"; do
		[[ $v == /* ]] || usage_error "SSDS takes numbers, or paths of devices, not both"
		# what it stands for may change between the look at it and the writing
		[[ $v != *[][*?\\]* ]] || usage_error "SSDS takes paths, not patterns: '$v'"
	done
	DEVICES=${words[*]}
	SSDS=${COUNTS:-$(seq -s ' ' ${#words[@]})}
	[ -z "${COUNTS:-}" ] || COMMAND="COUNTS='$COUNTS' $COMMAND"
	for v in $SSDS; do
		[[ $v =~ ^[1-9][0-9]?$ && $v -le ${#words[@]} ]] || usage_error "COUNTS takes numbers from 1 to ${#words[@]}, not '$v'"
	done
	fit_machine
	if is_rebooting_mode; then
		check_bootable_arms
		use_lasting_names
	else
		choose_booted_arm
	fi
}

# The experiment's load is for its number of CPUs.
fit_machine() {
	local cpus=$CPUS

	[ -n "${given[CPUS]:-}" ] || CPUS=$(nproc)
	[ -n "${given[LOAD_MIB]:-}" ] || LOAD_MIB=$(((LOAD_MIB * CPUS + cpus - 1) / cpus))
}

# parameter NAME: of the running kernel, or of a part of it, as in zram.guard
parameter() {
	local of=kernel

	[[ $1 != *.* ]] || of=${1%%.*}
	cat "$MODULES/$of/parameters/${1##*.}" 2>/dev/null
}

# parameter_words ARM...: NAME=VALUE, as the arms set them
parameter_words() {
	local a

	for a; do arm_params "$a"; done | tr ' ' '\n'
}

# parameter_names ARM...: those that these arms set, each once
parameter_names() { parameter_words "$@" | cut -d= -f1 | awk '!seen[$0]++'; }

# all_parameter_names: those that tell the experiment's arms apart
all_parameter_names() {
	# shellcheck disable=SC2086 # a list
	parameter_names $ALL_ARMS
}

# lacking_parameter ARM...: the first of theirs that this kernel has not
lacking_parameter() {
	local name

	for name in $(parameter_names "$@"); do parameter "$name" >/dev/null || { echo "$name" && return; }; done
}

# Those of the first arm: another may have more, of a patch that came later.
has_parameters() { [ -z "$(lacking_parameter "${ALL_ARMS%% *}")" ]; }

# has_value NAME VALUE: a switch may be shown as Y or N
has_value() {
	local now

	now=$(parameter "$1") || return
	case $2:$now in on:Y | off:N) ;; *) [ "$now" = "$2" ] ;; esac
}

# is_booted_arm ARM: what it does not set must not be as another arm sets it
is_booted_arm() {
	local word words

	words=$(arm_params "$1") || return
	for word in $words; do has_value "${word%%=*}" "${word#*=}" || return; done
	# shellcheck disable=SC2086 # a list
	for word in $(parameter_words $ALL_ARMS); do
		[[ " $words" = *" ${word%%=*}="* ]] || ! has_value "${word%%=*}" "${word#*=}" || return
	done
}

# booted_parameters: those that the kernel has, as it says them
booted_parameters() {
	local name value words=()

	for name in $(all_parameter_names); do
		! value=$(parameter "$name") || words+=("$name=$value")
	done
	echo "${words[*]}"
}

# booted_arm: which arm the running kernel is. One without the patches is as it was shipped.
booted_arm() {
	local a

	if ! has_parameters; then
		echo stock
		return
	fi
	for a in $ARMS $ALL_ARMS; do
		! is_booted_arm "$a" 2>/dev/null || { echo "$a" && return; }
	done
	return 1
}

choose_booted_arm() {
	local a booted left=()

	booted=$(booted_arm) ||
		usage_error "the kernel was booted with $(booted_parameters), which is no arm of experiment $EXPERIMENT"
	for a in $ARMS; do
		[ "$a" = "$booted" ] || left+=("$a")
	done
	[ -z "${given[ARMS]:-}" ] || [[ " $ARMS " = *" $booted "* ]] ||
		usage_error "the booted kernel is arm $booted, which ARMS has not"
	ARMS=$booted arms_left_out=${left[*]-}
}

why_left_out() {
	if has_parameters; then
		echo "the kernel was booted as arm $ARMS"
	else
		echo "the kernel has no parameter $(lacking_parameter "${ALL_ARMS%% *}")"
	fi
}

known_parameters() { ! has_parameters || echo " ($(booted_parameters))"; }

show_kernel() {
	if [ -n "$resumed" ]; then
		note "kernel $(uname -r), $(booted_parameters)"
	elif is_rebooting_mode; then
		cells_to_do | show_boots
	else
		note "kernel $(uname -r), arm $ARMS$(known_parameters)${arms_left_out:+; left out: $arms_left_out ($(why_left_out))}"
	fi
}

# What the user is to know before anything is written
show_machine() {
	local others

	show_devices
	show_kernel
	others=$(swap_paths | paste -sd ' ')
	[ -z "$others" ] || note "other swap stays on, below ours: $others"
	[ ! -e /proc/lock_stat ] || note "this kernel has LOCK_STAT: its throughput is not that of one without"
}

# Swap of another of the highest priority would share the load.
check_priorities() {
	local highest

	highest=$(awk 'NR > 1 && $5 >= 32767 { print $1; exit }' /proc/swaps)
	[ -z "$highest" ] || usage_error "$highest has the highest swap priority, 32767, which ours need"
}

build_id() { sha256sum /sys/kernel/notes | cut -c1-16; }

# A run is of one build and the same disks, whatever the kernel calls them after a reboot.
same_machine() {
	[ "$(jq -S '.devices[] |= del(.device, .disk)' <<<"$1")" = "$(jq -S '.devices[] |= del(.device, .disk)' <<<"$2")" ]
}

prepare_booted() {
	local is

	is=$(jq -n --arg release "$(uname -r)" --arg build "$(build_id)" --arg config "$(config_hash)" --argjson devices "$(devices_json)" '
		{$release, $build, config_sha256: (if $config == "" then null else $config end), $devices}')
	if [ -f "$work/booted.json" ]; then
		same_machine "$is" "$(<"$work/booted.json")" || die "the kernel or the devices changed since $RUN was begun; start a new run with --run NAME"
	else
		echo "$is" >"$work/booted.json"
	fi
}

# take_machine: from here on things are changed, each noted before
take_machine() {
	lock_machine
	taken=yes
	fix_settings
	settings_json >"$work/settings.json"
	take_devices
	scratch=$(mktemp -u "$state_dir/scratch.XXXXXX")
	change scratch "$scratch"
	mkdir -m 700 -- "$scratch" || die "cannot create $scratch"
	make_cgroup
}

# As the guests have them, where a machine may have other values
settings_to_fix() {
	local f

	printf '%s\n' '/proc/sys/vm/swappiness 60' '/proc/sys/vm/page-cluster 3' \
		'/sys/kernel/mm/transparent_hugepage/enabled never' '/sys/module/zswap/parameters/enabled N'
	for f in /sys/devices/system/cpu/cpufreq/policy*/scaling_governor; do
		grep -qsw performance "${f%/*}/scaling_available_governors" || continue
		echo "$f performance"
	done
}

fix_settings() {
	local file value

	while read -r file value; do fix_setting "$file" "$value"; done < <(settings_to_fix)
}

# One that cannot be swapped to is better known now than after the first cell.
take_devices() {
	local path real

	for path in $DEVICES; do
		real=$(realpath -- "$path")
		change swap "$real"
		[ -z "$(signatures_of "$real")" ] || wipefs --quiet --all -- "$real" >/dev/null || die "cannot wipe $path"
		note_partition "$real"
		{ mkswap -L "$SWAP_LABEL" -- "$real" && swapon -- "$real" && swapoff -- "$real"; } >"$work/swapon.log" 2>&1 ||
			die "cannot swap to $path: $(tail -1 "$work/swapon.log")"
	done
}

# note_partition FILE: of a disk without any, that a load may make one
note_partition() {
	if [ -b "$1" ] && [ -z "$(partitions_of "$(sysfs_of "$1")")" ]; then
		change partition "$1"
	fi
}

# memory_cgroups: where the memory controller is mounted, of version 1 or 2
memory_cgroups() {
	awk '{ for (i = 7; $i != "-"; i++) }
		$(i + 1) == "cgroup" && $(i + 3) ~ /(^|,)memory(,|$)/ { one = $5 }
		$(i + 1) == "cgroup2" { two = $5 }
		END { print one ? one : two }' /proc/self/mountinfo
}

# In `run` is all that measures, in `load` what is short of memory. Processes of version 2 may
# be in leaves only.
make_cgroup() {
	local root

	root=$(memory_cgroups)
	[ -n "$root" ] || die "no memory cgroups are mounted"
	if [ -e "$root/cgroup.subtree_control" ] && ! grep -qw memory "$root/cgroup.subtree_control"; then
		change setting "$root/cgroup.subtree_control" -memory
		echo +memory >"$root/cgroup.subtree_control" || die "no memory controller in $root"
	fi
	cgroup=$(mktemp -u "$root/lockstat-swap.XXXXXX")
	change cgroup "$cgroup"
	mkdir -- "$cgroup" || die "cannot create $cgroup"
	[ ! -e "$cgroup/cgroup.subtree_control" ] || echo +memory >"$cgroup/cgroup.subtree_control"
	mkdir -- "$cgroup/run" "$cgroup/load"
}

# leave_machine: as it was found
leave_machine() {
	[ -n "$taken" ] || return 0
	undo_changes || { say "the machine is not as it was; try $0 --clean-up" && return 1; }
	unlock_machine
	taken=''
}

# What the cells' shell reads
describe_machine() {
	local drives=() path home_cgroup=$cgroup/run load_cgroup=$cgroup/load

	for path in $DEVICES; do drives+=("$(realpath -- "$path")"); done
	declare -p drives scratch home_cgroup load_cgroup
}

# start_booted FLAVOUR ARM SECONDS: in place of this shell, the cells of $share. They end with it.
start_booted() {
	local dir

	dir=$(realpath -- "$share")
	mkdir -- "$share/.lab"
	ln -s ../run.err "$share/.lab/console.log"
	cp -- "$TOOL" "$share/bench/programs/lockstat-swap"
	describe_machine >"$share/bench/machine"
	exec setpriv --pdeathsig KILL timeout --kill-after=5 "$3" setpriv --pdeathsig KILL \
		bash "$dir/bench/target/booted.sh" "$dir" </dev/null >"$share/run.err" 2>&1 7>&- 8>&-
}

# end_booted: of a boot that failed, the load may still be there
end_booted() {
	local path real

	kill_all "$cgroup"
	unmount_below "$scratch"
	while read -r path; do undo_partition "$path"; done < <(sed -n 's/^partition\t\(.*\)\t$/\1/p' "$journal")
	for path in $DEVICES; do
		real=$(realpath -- "$path")
		! is_swap "$real" || swapoff -- "$real"
	done
}

settings_json() {
	local file value before

	while read -r file value; do
		[ -e "$file" ] || continue
		before=$(awk -F'\t' -v f="$file" '$1 == "setting" && $2 == f { print $3 }' "$journal" 2>/dev/null)
		jq -n --arg file "$file" --arg value "$value" --arg before "${before:-$value}" '{($file): {$value, $before}}'
	done < <(settings_to_fix) | jq -s 'add // {}'
}

left_out_json() {
	local a

	for a in $arms_left_out; do jq -n --arg name "$a" --arg why "$(why_left_out)" '{$name, $why}'; done | jq -s .
}

# Of the one arm that is booted, what the kernel says
booted_arms_json() {
	if is_rebooting_mode; then
		arms_json
		return
	fi
	booted_parameters | parameters_json | jq --arg name "$ARMS" '[{$name} + .]'
}

# booted_json: what run.json of such a run has in place of a guest's facts, or besides
booted_json() {
	jq -n --argjson arms "$(booted_arms_json)" --argjson boots "$(boots_json)" \
		--argjson cpus "$CPUS" --argjson load "$LOAD_MIB" --argjson left_out "$(left_out_json)" \
		--slurpfile booted "$work/booted.json" --slurpfile settings <(cat -- "$work/settings.json" 2>/dev/null) '
		{machine: "booted", accel: null, lab: {$cpus, load_mib: $load},
		 kernels: {booted: ($booted[0] | {release, build, config_sha256})}, devices: $booted[0].devices, settings: ($settings[0] // {}),
		 $arms, arms_left_out: $left_out, $boots}'
}
