# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2154	# sourced by bench.sh
# The next boot of the same kernel with another arm's parameters, by kexec, and the unit of systemd
# by which the run goes on after it. The unit goes when it is started: whatever stops a boot's
# measuring, no later boot begins anything. This runs in a trap, where a return without a number
# would have the status from before.

UNIT=lockstat-swap-bench.service
unit_dir=/etc/systemd/system

# first_file FILE...: of these, the first that is there
first_file() {
	local file

	for file; do [ ! -f "$file" ] || { echo "$file" && return 0; }; done
	return 1
}

# As Debian, Fedora and SUSE name them
kernel_image() { first_file "/boot/vmlinuz-$(uname -r)" "/lib/modules/$(uname -r)/vmlinuz"; }

initrd_image() { first_file "/boot/initrd.img-$(uname -r)" "/boot/initramfs-$(uname -r).img" "/boot/initrd-$(uname -r)"; }

# bytes_of FILE OFFSET N
bytes_of() { dd if="$1" bs="$3" count=1 skip="$2" iflag=skip_bytes status=none | tr '\0' '\n'; }

# image_version FILE: of a bzImage, as its header has it (Documentation/x86/boot.rst)
image_version() {
	local at

	[ "$(bytes_of "$1" 514 4)" = HdrS ] || return
	at=$(od -An -tu2 -j526 -N2 --endian=little -- "$1")
	bytes_of "$1" $((at + 512)) 256 | sed -n 1p
}

# is_running_kernel IMAGE: as far as it tells. What it was is seen after the boot, by its build id.
is_running_kernel() {
	local version

	version=$(image_version "$1") || return 0
	[[ $version == "$(uname -r) "*" $(uname -v)" ]]
}

# The running one's, but for the arm. In front, because behind " -- " it is init's.
next_command_line() {
	local name line

	line=" $(</proc/cmdline)"
	# the kernel takes - for _ in names
	for name in $(all_parameter_names); do line=$(sed -E "s/ ${name//_/[_-]}=[^ ]*//g" <<<"$line"); done
	echo "$(arm_params "$1") ${line# }"
}

# load_kernel ARM: fails with the reason on stdout
load_kernel() {
	local image initrd said status=0 args=()

	image=$(kernel_image)
	! initrd=$(initrd_image) || args=("--initrd=$initrd")
	said=$(kexec -a -l "$image" "--command-line=$(next_command_line "$1")" "${args[@]}" 2>&1) || status=$?
	[ "$status" = 0 ] || echo "kexec ended with status $status${said:+: ${said##*$'\n'}}"
	return "$status"
}

# By the call that loaded it: a kernel may have that one only.
unload_kernel() { kexec -a -u >/dev/null 2>&1 || true; }

locked_down() { grep -qs '\[\(integrity\|confidentiality\)\]' /sys/kernel/security/lockdown; }

# kexec_objection: why this machine cannot boot itself, and what helps
kexec_objection() {
	local image

	[ -d /run/systemd/system ] || { echo "the machine was not booted with systemd" && return; }
	[ -w "$unit_dir" ] || { echo "cannot write to $unit_dir" && return; }
	[ -e /sys/kernel/kexec_loaded ] || { echo "the kernel was built without kexec (CONFIG_KEXEC_FILE)" && return; }
	[ "$(</proc/sys/kernel/kexec_load_disabled)" = 0 ] ||
		{ echo "kernel.kexec_load_disabled is set, until the next boot: look for it in /etc/sysctl.d" && return; }
	[ "$(</sys/kernel/kexec_loaded)" = 0 ] || { echo "another kernel is loaded already; kexec -a -u unloads it" && return; }
	image=$(kernel_image) || { echo "no image of the running kernel: /boot/vmlinuz-$(uname -r) is not there" && return; }
	is_running_kernel "$image" || echo "$image is not the kernel that runs: boot it first"
}

# try_kexec ARM: better now than after hours of measuring
try_kexec() {
	local why hint=''

	! why=$(load_kernel "$1") || { unload_kernel && return; }
	! locked_down || hint="; the kernel is locked down (Secure Boot), and takes signed images only"
	die "REBOOT=kexec: cannot load $(kernel_image): $why$hint; REBOOT=ask goes without"
}

# Debian's would have every reboot be a kexec, with the command line of the arm that is booted.
install_kexec() {
	say "REBOOT=kexec needs kexec-tools, which stay installed; other reboots are as before"
	! command -v debconf-set-selections >/dev/null ||
		echo 'kexec-tools kexec-tools/load_kexec boolean false' | debconf-set-selections
	"$BENCH_DIR/packages.sh" reboot || exit
}

# check_kexec ARM: before anything is changed
check_kexec() {
	local why

	command -v kexec >/dev/null || install_kexec
	why=$(kexec_objection)
	[ -z "$why" ] || die "REBOOT=kexec: $why; REBOOT=ask goes without"
	try_kexec "$1"
}

# unit_word WORD: for a command of a unit, in which % and $ are special even when quoted
unit_word() {
	local LC_ALL=C c i

	printf '"'
	for ((i = 0; i < ${#1}; i++)); do
		c=${1:i:1}
		case $c in
		[A-Za-z0-9/._+@=:,-]) printf %s "$c" ;;
		'%' | '$') printf '%s' "$c$c" ;;
		*) printf '\\x%02x' $(($(printf %d "'$c") & 255)) ;;
		esac
	done
	printf '" '
}

# The same run, whatever this start had from its environment. Without WIPE: devices are those that
# were asked about, and hold nothing.
resume_command() {
	local v words

	words=("$(command -v env)" "PATH=$PATH" "HOME=${HOME:-/root}" "LOCKSTAT_SWAP_CACHE=$(realpath -- "$(cache_dir)")"
		"LOCKSTAT_SWAP=$(realpath -- "$TOOL")" "REBOOT=$REBOOT" "SSDS=$DEVICES" "COUNTS=$SSDS" "QUIET=$QUIET")
	for v in $overridable SUDO_UID; do
		case $v in SSDS | MEM | SSD_SIZE | SSD_CLASS | BASE) continue ;; esac
		[ -z "${!v:-}" ] || words+=("$v=${!v}")
	done
	words+=("$BASH" "$BENCH_DIR/bench.sh" "$EXPERIMENT" --profile "$PROFILE" --run "$RUN" --results "$(realpath -- "$results")" --resumed)
	for v in "${words[@]}"; do unit_word "$v"; done
}

unit_files() { echo "$unit_dir/$UNIT $unit_dir/multi-user.target.wants/$UNIT"; }

write_unit() {
	local command

	command=$(resume_command) || return 1
	cat <<-END
		[Unit]
		Description=lockstat-swap's bench, once, after the reboot that it asked for
		After=multi-user.target remote-fs.target

		[Service]
		Type=exec
		ExecStartPre=$(command -v rm) -f $(unit_files)
		ExecStart=$command
		SuccessExitStatus=3
		KillMode=mixed
		TimeoutStopSec=300
	END
}

install_unit() {
	mkdir -p -- "$unit_dir/multi-user.target.wants" &&
		write_unit >"$unit_dir/$UNIT" && ln -sf "../$UNIT" "$unit_dir/multi-user.target.wants/$UNIT"
}

remove_unit() {
	# shellcheck disable=SC2046	# a list of words
	rm -f -- $(unit_files)
}

# drop_reboot: that of a run that was killed before it came to it
drop_reboot() {
	[ -e "$unit_dir/$UNIT" ] || return 0
	say "removing $UNIT: no run goes on after a reboot"
	remove_unit
	! command -v kexec >/dev/null || unload_kernel
}

# reboot_by_kexec ARM: all of it, or nothing
reboot_by_kexec() {
	local why

	! why=$(load_kernel "$1" && install_unit 2>&1 && systemctl kexec 2>&1) || return 0
	remove_unit
	unload_kernel
	say "the machine does not reboot: ${why##*$'\n'}"
	return 1
}
