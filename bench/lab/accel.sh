# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# KVM or TCG: decided by a timed trial boot, for /dev/kvm may open and still be useless.

# One QEMU option or value a line. Without the hypervisor bit a guest takes the
# native lock path whatever its configuration, the only one with tracepoints.
# accel_options ACCEL [MIB]: of translated code that is kept (default: QEMU's)
accel_options() {
	case $1 in
	kvm) printf '%s\n' -accel kvm -cpu host,-hypervisor ;;
	*) printf '%s\n' -accel "tcg,thread=multi${2:+,tb-size=$2}" -cpu max,-hypervisor ;;
	esac
}

# trial_boot KERNEL IMAGE SECONDS: does a guest come up with KVM and do some work?
trial_boot() {
	local dir status=0

	dir=$(mktemp -d)
	# shellcheck disable=SC2016	# for the guest's shell
	echo 'i=0; while [ $i -lt 20000 ]; do i=$((i + 1)); done' >"$dir/job.sh"
	ACCEL=kvm "$LAB_DIR/run.sh" --kernel "$1" --image "$2" --share "$dir" --job "$dir/job.sh" \
		--timeout "$3" --no-selftest >/dev/null 2>&1 || status=1
	rm -rf -- "$dir"
	return $status
}

# choose_accel KERNEL IMAGE: prints kvm or tcg. The verdict holds until the host boots again.
choose_accel() {
	local cache verdict file id

	case ${ACCEL:-} in
	kvm | tcg) echo "$ACCEL" && return ;;
	'') ;;
	*) usage_error "ACCEL is kvm or tcg, not '$ACCEL'" ;;
	esac
	if [ ! -r /dev/kvm ] || [ ! -w /dev/kvm ]; then
		echo tcg
		return
	fi
	cache=$(cache_dir)
	id=$({ uname -rv && cat /proc/sys/kernel/random/boot_id && qemu-system-x86_64 --version; } | hash_text)
	file=$cache/accel-$id
	if [ ! -s "$file" ]; then
		say "trying whether a guest comes up with KVM (20 s at most)"
		verdict=tcg
		! trial_boot "$1" "$2" 20 || verdict=kvm
		say "using $verdict"
		echo "$verdict" >"$file.$$"
		mv -- "$file.$$" "$file"
	fi
	cat -- "$file"
}
