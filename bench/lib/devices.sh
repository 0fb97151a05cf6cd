# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2154	# sourced by bench.sh
# The devices that SSDS names: what they are, and why one of them may not be written. Only
# what is empty and used by nobody may; WIPE=yes says that it need not be empty.

# Of the swap signatures that a run makes: one that a power cut left is known by it.
SWAP_LABEL=lockstat-swap

number_of() { printf '%d:%d' "0x$(stat -L -c %t -- "$1")" "0x$(stat -L -c %T -- "$1")"; }

sysfs_of() { readlink -f -- "/sys/dev/block/$(number_of "$1")"; }

# disk_of SYSFS: that of the whole disk, for a partition
disk_of() {
	if [ -e "$1/partition" ]; then
		dirname -- "$1"
	else
		echo "$1"
	fi
}

# identity FILE: the same whatever name it goes by
identity() {
	if [ -b "$1" ]; then
		number_of "$1"
	else
		stat -L -c '%d/%i' -- "$1"
	fi
}

# by_id PATH: its name in /dev/disk/by-id; that of model and serial number, in order of bytes, is
# before those of its WWN
by_id() {
	local link

	find /dev/disk/by-id -type l 2>/dev/null | LC_ALL=C sort | while read -r link; do
		[ ! "$link" -ef "$1" ] || [[ ! $link =~ ^[A-Za-z0-9/._+@=:-]+$ ]] || echo "$link"
	done | sed -n 1p
}

# lasting_name PATH: by which it is known after a reboot, too. A file's is its own, and so is that
# of what does not exist, which is refused later.
lasting_name() {
	local name=$1

	case $1 in
	/dev/disk/by-id/* | /dev/disk/by-path/* | /dev/disk/by-part*/*) ;;
	*) [ ! -b "$1" ] || name=$(by_id "$1") ;;
	esac
	[ -n "$name" ] && echo "$name"
}

# size_of FILE: in bytes
size_of() {
	if [ -b "$1" ]; then
		echo $(($(<"$(sysfs_of "$1")/size") * 512))
	else
		stat -L -c %s -- "$1"
	fi
}

human_size() { numfmt --to=iec -- "$1"; }

# The names in /proc/swaps, in which a blank is \040
swap_paths() { awk 'NR > 1 { print $1 }' /proc/swaps | while read -r path; do printf '%b\n' "${path//\\/\\0}"; done; }

# is_swap FILE: by whatever name swapon had it
is_swap() {
	local path

	while read -r path; do
		[ ! -e "$path" ] || [ "$(identity "$path")" != "$(identity "$1")" ] || return 0
	done < <(swap_paths)
	return 1
}

# mounts_of DEVICE: where it is mounted, a line each
mounts_of() {
	awk -v number="$(number_of "$1")" -v device="$1" '{
		for (i = 7; $i != "-"; i++);
		if ($3 == number || $(i + 2) == device) print $5
	}' /proc/self/mountinfo
}

# uses_of SYSFS: for what the device and its partitions are in use, a line each
uses_of() {
	local node device holders at

	for node in "$1" "$1"/*/; do
		# an NVMe drive's device/ has a dev, too: its controller's
		[ "$node" = "$1" ] || [ -e "$node/partition" ] || continue
		device=/dev/$(basename -- "$node")
		while read -r at; do echo "$device is mounted at $at"; done < <(mounts_of "$device")
		! is_swap "$device" || echo "$device is in use as swap"
		holders=$(find "$node/holders" -mindepth 1 -printf '%f ' 2>/dev/null) || true
		[ -z "$holders" ] || echo "$device is in use by ${holders% }"
	done
}

# A claim that nothing above shows: another mount namespace, a program
is_held() { ! perl -MFcntl -e 'exit !sysopen(my $f, $ARGV[0], O_RDONLY | O_EXCL)' -- "$1"; }

# opener FILE: a process that has it open, a virtual machine's perhaps
opener() {
	local link

	link=$(find /proc/[0-9]*/fd -lname "$1" -print -quit 2>/dev/null) || true
	[ -z "$link" ] || cut -d/ -f3 <<<"$link"
}

# signatures_of FILE: types, a line each; the partitions of a disk among them
signatures_of() {
	wipefs --no-act --json -- "$1" | jq -r --arg ours "$SWAP_LABEL" \
		'.signatures[]? | select(.type != "swap" or .label != $ours) | .type' | sort -u
}

# partitions_of SYSFS: those that the kernel knows
partitions_of() { find "$1" -mindepth 2 -maxdepth 2 -name partition -printf '%h\n' | sed 's|.*/||' | sort; }

# content_objections FILE [SYSFS]: what WIPE=yes lets through
content_objections() {
	local signatures partitions=''

	signatures=$(signatures_of "$1") || { echo "cannot be read" && return; }
	[ -z "${2:-}" ] || partitions=$(partitions_of "$2" | paste -sd ' ')
	[ "${WIPE:-}" != yes ] || return 0
	[ -z "$signatures" ] || echo "holds a signature ($(paste -sd ' ' <<<"$signatures")); WIPE=yes would let it be overwritten"
	[ -z "$partitions" ] || echo "has partitions ($partitions); WIPE=yes would let them be overwritten"
}

size_objections() {
	local size least=$((2 * LOAD_MIB << 20))

	size=$(size_of "$1")
	[ "$size" -ge "$least" ] ||
		echo "is too small: $(human_size "$size"), and a load of $LOAD_MIB MiB needs $(human_size "$least")"
}

block_objections() {
	local sys uses pid

	sys=$(sysfs_of "$1")
	uses=$(uses_of "$sys")
	if [ -n "$uses" ]; then
		echo "$uses"
		return
	fi
	size_objections "$1"
	[ "$(<"$sys/ro")" = 0 ] || { echo "is read-only" && return; }
	! is_held "$1" || { echo "is held exclusively, by another mount namespace or a program" && return; }
	pid=$(opener "$1")
	[ -z "$pid" ] || { echo "is open in process $pid" && return; }
	content_objections "$1" "$sys"
}

file_objections() {
	local loop pid

	! is_swap "$1" || { echo "is in use as swap" && return; }
	loop=$(losetup --noheadings --output NAME --associated "$1" | head -1)
	[ -z "$loop" ] || { echo "is in use by $loop" && return; }
	pid=$(opener "$1")
	[ -z "$pid" ] || { echo "is open in process $pid" && return; }
	size_objections "$1"
	[ -w "$1" ] || echo "is read-only"
	[ -O "$1" ] || echo "is not root's, and who owns it may read it, and so memory"
	[ $((0$(stat -c %a -- "$1") & 077)) -eq 0 ] || echo "others may read or write it, and so memory; chmod 600 it"
	[ $(($(stat -c %b -- "$1") * $(stat -c %B -- "$1"))) -ge "$(stat -c %s -- "$1")" ] ||
		echo "has holes; make it with fallocate or dd"
	content_objections "$1"
}

# objections PATH: why it may not be written, a line each
objections() {
	local real

	real=$(realpath -e -- "$1" 2>/dev/null) || { echo "no such device or file" && return; }
	# they go into CSV, fio's options and /proc/swaps
	[[ $real =~ ^[A-Za-z0-9/._+@=-]+$ ]] || { echo "its path has other characters than letters, digits and /._+@=-" && return; }
	if [ -b "$real" ]; then
		block_objections "$real"
	elif [ -f "$real" ]; then
		file_objections "$real"
	else
		echo "is neither a block device nor a regular file"
	fi
}

# twice PATH...: what is named a second time, or is part of another that is
twice() {
	local path id disk
	local -A seen=()

	for path; do
		[ -e "$path" ] || continue
		id=$(identity "$path")
		[ -z "${seen[$id]:-}" ] || echo "$path: is ${seen[$id]}, which is named already"
		seen[$id]=$path
	done
	for path; do
		[ -b "$path" ] || continue
		disk=$(<"$(disk_of "$(sysfs_of "$path")")/dev")
		[ "$disk" = "$(number_of "$path")" ] || [ -z "${seen[$disk]:-}" ] || echo "$path: is part of ${seen[$disk]}, which is named, too"
	done
}

# check_devices: says all that is wrong with them before it ends
check_devices() {
	local path why all

	[ "$(id -u)" = 0 ] || die "needs root to measure on the booted machine"
	all=$(
		# shellcheck disable=SC2086	# a list of words
		twice $DEVICES
		for path in $DEVICES; do
			while read -r why; do echo "$path: $why"; done < <(objections "$path")
		done
	)
	[ -z "$all" ] || {
		while read -r why; do say "$why"; done <<<"$all"
		exit 2
	}
}

# facts_of PATH: a JSON object; model and serial number are the disk's
facts_of() {
	local real disk=''

	real=$(realpath -- "$1")
	[ ! -b "$real" ] || disk=/dev/$(basename -- "$(disk_of "$(sysfs_of "$real")")")
	{ [ -z "$disk" ] || lsblk --json --nodeps --output MODEL,SERIAL,ROTA,SCHED -- "$disk"; } |
		jq -n --arg path "$1" --arg device "$real" --arg size "$(size_of "$real")" --arg disk "$disk" '
			(try input catch {}) as $lsblk | ($lsblk.blockdevices[0] // {}) as $d
			| {path: $path, device: $device, disk: (if $disk == "" then null else $disk end),
			   model: $d.model, serial: $d.serial, size_bytes: ($size | tonumber),
			   rotational: $d.rota, scheduler: $d.sched}'
}

devices_json() {
	local path

	for path in $DEVICES; do facts_of "$path"; done | jq -s .
}

# fact PATH NAME [ELSE]
fact() { facts_of "$1" | jq -r --arg name "$2" --arg other "${3:-}" '.[$name] // $other'; }

show_devices() {
	local path goes

	for path in $DEVICES; do
		goes=$(signatures_of "$(realpath -- "$path")" | paste -sd ' ')
		note "$path: $(fact "$path" model 'no model'), serial $(fact "$path" serial 'unknown'), $(human_size "$(size_of "$path")"): \
overwritten by swap and random writes${goes:+ ($goes on it goes)}, its swap signature removed afterwards"
	done
}

# The user types what only a look at the right disk tells.
ask_for() {
	local path=$1 kind=serial want answer

	want=$(fact "$path" serial)
	[ -n "$want" ] || kind=size want=$(human_size "$(size_of "$path")")
	read -rp "All that is on $path is lost. Its $kind${3:-} ($(fact "$path" model 'no model'))? " answer || answer=''
	[ "$answer" = "$want" ] || {
		say "that is not the $kind of $path; nothing was written"
		exit 2
	}
}

confirm_devices() {
	local path

	if [ ! -t 0 ]; then
		[ "${WIPE:-}" = yes ] || usage_error "without a terminal to ask on, WIPE=yes must say that $DEVICES may be overwritten"
		return
	fi
	for path in $DEVICES; do ask_for "$path"; done
}
