#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# usage: run.sh --kernel DIR --share DIR --job SCRIPT [options]
#        run.sh --kernel DIR --shell [options]
#
# Boots a lab guest and runs SCRIPT in it, with DIR mounted at /share. The exit status
# is SCRIPT's; a guest that hangs, panics, prints a kernel warning or fails the self-test
# gives 1 and one line that names the console log.
#
#   --kernel DIR       what kernel.sh printed
#   --image FILE       what image.sh printed (default: run image.sh)
#   --scratch          the guest may write to its root; what it wrote is lost with it
#   --share DIR        shared directory; .lab/ in it is the lab's own
#   --job SCRIPT       bash script to run in the guest, in /share
#   --shell            a prompt on this terminal instead, swap already on
#   --param NAME=VALUE boot parameter that the kernel must have taken, else the guest fails:
#                      swap_lock=partition, zram.guard=rwsem; may be given more than once
#   --ssds N           emulated NVMe drives, 0 to 8 (default 0): /run/ssd/ssd0, ...
#   --ssd-size SIZE    of each: bytes, or with K, M, G, T (default 1G); sparse
#   --ssd-class CLASS  how fast each is: none (as fast as it goes, the default), sata, nvme,
#                      optane (the table in classes.sh), or figures: lat=80us,iops=50000,
#                      bw=500M, any of them, of reads or writes alone with r or w before it.
#                      The time is added to the emulator's own
#   --ssd-backing DIR  where their raw files lie for the run (default: /dev/shm if it has
#                      room, else TMPDIR)
#   --mem MIB          memory of the guest (default 384)
#   --cpus N           (default 2)
#   --timeout S        until the guest is taken for hung (default 600)
#   --boot-timeout S   until it has begun SCRIPT, else it is booted again, twice at most (default 240)
#   --log FILE         console log (default: SHARE/.lab/console.log)
#   --kexec            the job boots other kernels by kexec: without KVM their code is slow where
#                      QEMU still minds that of the kernel before, so that it keeps less
#   --expect REGEX     what the kernel says in lines like this is no trouble: the caller looks itself
#   --append WORDS     more for the kernel's command line
#   --no-selftest      do not prove first that the guest can see contention
#
#   ACCEL=kvm|tcg      do not try which one works
set -euo pipefail
. "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"
. "$LAB_DIR/accel.sh"
. "$LAB_DIR/classes.sh"

kernel='' image='' share='' job='' shell='' params=() append='' backing='' log='' selftest='' translated='' expected='^$'
root_mode="readonly"
ssds=0 ssd_size=1G ssd_class=none mem=384 cpus=2 timeout=600 boot_timeout=240
qemu_pid='' work='' drives='' failure=''
delay_library=$TOP_DIR/.output/ssd-delay.so

# What a kernel prints when something is wrong with it, or with the guest's memory.
trouble='BUG:|WARNING:|Oops|Call Trace|INFO: task|INFO: rcu|soft lockup|hard LOCKUP|possible (circular|recursive)|suspicious RCU|inconsistent lock state|bad unlock balance|general protection|KASAN:|UBSAN:|Kernel panic|Out of memory|invoked oom-killer|I/O error|Unable to handle|turning off the locking'

parse_args() {
	while [ $# -gt 0 ]; do
		case $1 in
		-h | --help) print_help && exit 0 ;;
		--shell) shell=yes && shift && continue ;;
		--scratch) root_mode=snapshot && shift && continue ;;
		--kexec) translated=128 && shift && continue ;;
		--no-selftest) selftest=no && shift && continue ;;
		esac
		[ $# -ge 2 ] || usage_error "$1 needs a value"
		case $1 in
		--kernel) kernel=$2 ;;
		--image) image=$2 ;;
		--share) share=$2 ;;
		--job) job=$2 ;;
		--param) params+=("$2") ;;
		--ssds) ssds=$2 ;;
		--ssd-size) ssd_size=$2 ;;
		--ssd-class) ssd_class=$2 ;;
		--ssd-backing) backing=$2 ;;
		--mem) mem=$2 ;;
		--cpus) cpus=$2 ;;
		--timeout) timeout=$2 ;;
		--boot-timeout) boot_timeout=$2 ;;
		--log) log=$2 ;;
		--expect) expected=$2 ;;
		--append) append=$2 ;;
		*) usage_error "unknown argument '$1'" ;;
		esac
		shift 2
	done
}

check_args() {
	local n param

	[ -f "$kernel/bzImage" ] || usage_error "--kernel '$kernel' holds no bzImage"
	[[ $ssds =~ ^[0-8]$ ]] || usage_error "--ssds takes 0 to 8, not '$ssds'"
	is_size "$ssd_size" || usage_error "--ssd-size takes a size such as 512M, not '$ssd_size'"
	class_figures "$ssd_class" >/dev/null || usage_error "no such --ssd-class '$ssd_class'"
	for n in mem cpus timeout boot_timeout; do
		is_count "${!n}" || usage_error "--${n//_/-} takes a number, not '${!n}'"
	done
	for param in "${params[@]}"; do
		[[ $param =~ ^[a-z0-9_.]+=[a-z0-9_]+$ ]] || usage_error "--param takes NAME=VALUE, not '$param'"
	done
	if [ -n "$shell" ]; then
		[ -z "$job" ] || usage_error "--shell and --job exclude each other"
	else
		[ -f "$job" ] || usage_error "--job '$job' is no file"
		[ -d "$share" ] || usage_error "--share '$share' is no directory"
	fi
}

finish() {
	trap '' INT TERM HUP # a second signal must not end the tidying
	[ -z "$qemu_pid" ] || kill -KILL "$qemu_pid" 2>/dev/null || true
	rm -rf -- ${work:+"$work"} ${drives:+"$drives"}
}

# Guest drives in memory where they fit: the host's disk is not what is measured.
choose_backing() {
	local need free

	need=$((ssds * $(numfmt --from=iec "$ssd_size")))
	free=$(df --output=avail -B1 /dev/shm 2>/dev/null | tail -1 || echo 0)
	if [ -w /dev/shm ] && [ "$need" -lt $((free / 2)) ]; then
		echo /dev/shm
	else
		echo "${TMPDIR:-/tmp}"
	fi
}

# option_value TEXT: as one value among QEMU's options, which commas end
option_value() { printf '%s' "${1//,/,,}"; }

# asked FIGURE: what the drives' class says of it
asked() { class_figures "$ssd_class" | awk -v figure="$1" '$1 == figure { print $3 }'; }

# QEMU's own limits, for the end of a -drive. A tenth of a second's worth may come at once.
drive_limits() {
	class_figures "$ssd_class" | sed -nE 's/bw/bps/; s/^(read|write)_(iops|bps) .* (.*)/,throttling.\2-\1=\3/p' | tr -d '\n'
}

# Not QEMU's: nothing in it takes a time for a request but holds no other up.
delay_requests() {
	[ -n "$(asked read_lat)$(asked write_lat)" ] || return 0
	[ -f "$delay_library" ] || die "$delay_library is not built; run make ssd-delay"
	ln -s -- "$delay_library" "$work/delay.so" # the loader takes no path with blanks
	qemu=(env "LD_PRELOAD=$work/delay.so" "SSD_DELAY_DIR=$drives" "SSD_DELAY_READ_NS=$(asked read_lat)"
		"SSD_DELAY_WRITE_NS=$(asked write_lat)" "${qemu[@]}")
}

# What a guest discards is lost, as on a drive.
make_drives() {
	local i limits

	[ -n "$backing" ] || backing=$(choose_backing)
	drives=$(private_dir "$backing") || die "cannot create drives in '$backing'"
	limits=$(drive_limits)
	for ((i = 0; i < ssds; i++)); do
		truncate -s "$ssd_size" -- "$drives/ssd$i" || die "no room in '$backing' for drives of $ssd_size"
		qemu+=(-drive "if=none,id=ssd$i,format=raw,cache=unsafe,aio=threads,discard=unmap,file=$(option_value "$drives/ssd$i")$limits"
			-device "nvme,drive=ssd$i,serial=ssd$i")
	done
}

qemu_command() {
	local words="console=ttyS0 root=/dev/vda ro rootfstype=ext2 init=/init panic=-1 loglevel=5"

	words+=" watchdog_thresh=30 nokaslr random.trust_cpu=on"
	# Else the guest doubts its TSC and reads the clock from the HPET, through QEMU's
	# one big lock: under load a third of its time goes there, lock waits included.
	words+=" tsc=reliable clocksource=tsc"
	# Else a guest whose first timer interrupts come late, on a busy host, gives up.
	words+=" no_timer_check"
	# Nor a virtual CPU that the host let stand for the 21 seconds after which this is said; one
	# that hangs still does after 90.
	words+=" rcupdate.rcu_cpu_stall_timeout=90"
	words+=" ${params[*]} lab.params=$(IFS=, && echo "${params[*]%%=*}")${selftest:+ lab.selftest=no}${append:+ $append}"
	# shellcheck disable=SC2054	# the commas are QEMU's
	qemu=(qemu-system-x86_64 -M q35 -nodefaults -no-user-config -display none -no-reboot
		-m "$mem" -smp "$cpus" -kernel "$kernel/bzImage" -append "$words"
		-drive "if=none,id=root,format=raw,$root_mode=on,file=$(option_value "$image")"
		-device virtio-blk-pci,drive=root
		-fsdev "local,id=share,path=$(option_value "$share"),security_model=none,multidevs=remap"
		-device virtio-9p-pci,fsdev=share,mount_tag=share)
	mapfile -t -O "${#qemu[@]}" qemu < <(accel_options "$accel" "$translated")
	make_drives
	delay_requests
}

# Says why the guest is in trouble, or nothing.
guest_trouble() {
	grep -aE -- "$trouble" "$log" | grep -avE -m1 -- "$expected" | tr -d '\r' || true
}

# The guest dies with this script, however that ends.
start_guest() {
	: >"$log"
	setpriv --pdeathsig KILL "${qemu[@]}" -serial "file:$log" </dev/null 2>"$share/.lab/qemu.err" &
	qemu_pid=$!
}

stop_guest() {
	kill -KILL "$qemu_pid" 2>/dev/null || true
	wait "$qemu_pid" 2>/dev/null || true
	qemu_pid=''
}

# On a busy host the guest's early calibration may be off by any factor, and with it every second
# that the guest measures; its kernel says so, and uses the value all the same.
clock_is_wrong() { grep -aqE 'tsc: .* calibration deviates' "$log"; }

# On a busy host emulated guests at times hang while they boot, all of their CPUs idle.
has_begun() { [ -e "$share/.lab/booted" ]; }

# CPU time of the guest, in ticks
guest_ticks() { sed 's/.*) //' "/proc/$qemu_pid/stat" 2>/dev/null | awk '{ print $12 + $13 }'; }

# sits_idle TICKS-THEN SECONDS: less than a fifth of a CPU since, where one that boots wants a whole one
sits_idle() { [ $(($(guest_ticks) - $1)) -lt $(($2 * $(getconf CLK_TCK) / 5)) ]; }

# watch_guest: waits for its end; fails with the reason in $failure. Not in a command
# substitution, whose end this shell would wait for before it minds a signal.
watch_guest() {
	local start=$SECONDS looked=$SECONDS ticks=0

	while kill -0 "$qemu_pid" 2>/dev/null; do
		sleep 0.2
		if clock_is_wrong; then
			failure="its clock is wrong: $(grep -aoEm1 'tsc: .* calibration deviates.*' "$log" | tr -d '\r')"
			return 1
		fi
		failure=$(guest_trouble)
		if [ -n "$failure" ]; then
			sleep 2 # let it finish its trace
			return 1
		fi
		if [ $((SECONDS - looked)) -ge 30 ] && ! has_begun; then
			if sits_idle "$ticks" $((SECONDS - looked)); then
				failure="it did not boot: for $((SECONDS - looked)) s it was idle"
				return 1
			fi
			ticks=$(guest_ticks) looked=$SECONDS
		fi
		if [ $((SECONDS - start)) -ge "$boot_timeout" ] && ! has_begun; then
			failure="it did not boot within $boot_timeout s"
			return 1
		fi
		if [ $((SECONDS - start)) -ge "$timeout" ]; then
			failure="no end after $timeout s"
			return 1
		fi
	done
	failure=$(guest_trouble)
	[ -z "$failure" ] || return 1
	[ ! -s "$share/.lab/status" ] || return 0
	failure="it ended before its job did"
	[ ! -s "$share/.lab/qemu.err" ] || failure=$(tail -1 "$share/.lab/qemu.err")
	return 1
}

boots_again() { ! has_begun && { clock_is_wrong || [[ $failure == 'it did not boot'* ]]; }; }

# guest_ends: one whose clock is wrong, or that hangs while it boots, gets two more boots
guest_ends() {
	local try

	for try in 1 2 3; do
		start_guest
		watch_guest && return
		if [ "$try" = 3 ] || ! boots_again; then return 1; fi
		stop_guest
		note "$failure; booting again"
	done
}

run_job() {
	local status

	mkdir -p -- "$share/.lab"
	rm -f -- "$share/.lab"/{status,booted,dmesg}
	cp -- "$job" "$share/.lab/job"
	log=${log:-$share/.lab/console.log}
	if guest_ends; then
		wait "$qemu_pid" 2>/dev/null || true
		qemu_pid=''
		status=$(<"$share/.lab/status")
		# the guest's init says in a line of its own why it did not even begin
		[ "$status" = 0 ] || say "guest failed: $(grep -a '^lab: ' "$log" || echo "its job ended with status $status"); console log: $log"
		return "$status"
	fi
	stop_guest
	say "guest failed: $failure; console log: $log"
	return 1
}

parse_args "$@"
check_args
need_tools qemu-system-x86_64:qemu-system-x86 setpriv:util-linux numfmt:coreutils
[ -n "$image" ] || image=$("$LAB_DIR/image.sh")
touch -c -- "$image" 2>/dev/null || true # in use: image.sh lets the longest unused go
work=$(private_dir "${TMPDIR:-/tmp}")
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
[ -n "$share" ] || share=$work
mkdir -p -- "$share/.lab"
accel=$(choose_accel "$kernel" "$image")
qemu=()
qemu_command
if [ -n "$shell" ]; then
	setpriv --pdeathsig KILL "${qemu[@]}" -serial mon:stdio
else
	run_job
fi
