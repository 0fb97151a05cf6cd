#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Runs in a Debian guest, once in each boot: a run of two arms that reboots by itself, one that asks,
# and one that gets another boot than it asked for. What the host checks is in /share/NAME.
set -eu
: >/run/reboots
# a shutdown that has begun is no reason not to write down what there is to see
trap : TERM
# what systemd and a shell would take for something else
tree="/root/a tree, 50%H of \"\$HOME\" 'é'"
unit=lockstat-swap-bench.service
step=$(cat /share/step 2>/dev/null || echo 0)
export REPS=1 SSDS=/dev/nvme0n1 WORKLOADS=swapload WARMUP=0.2 WARMUP_MAX=0.2 WINDOW=1 LOAD_MIB=48 FLAVOURS=lockstat
export ARMS="global partition" LOCKSTAT_SWAP_CACHE=/root/cache

# bench NAME REBOOT [OPTION...]: as a user starts it; its status and what it said in /share/NAME
bench() {
	local status=0

	mkdir -p "/share/$1"
	REBOOT=$2 WIPE=yes "$tree/bench/bench.sh" ssd --run "$1" "${@:3}" >>"/share/$1/said" 2>&1 </dev/null || status=$?
	echo "step $step: $status" >>"/share/$1/status"
}

settings() { cat /proc/sys/vm/swappiness /proc/sys/vm/page-cluster /proc/swaps; }

# keep NAME: what there is to see of a run, and of what it left on the machine
keep() {
	mkdir -p "/share/$1"
	cp -R "$tree/results/$1/." "/share/$1/"
	journalctl -o cat -u "$unit" >"/share/$1/journal"
	{
		find /etc/systemd -name "$unit"
		find /run/lockstat-swap /sys/fs/cgroup -maxdepth 1 -name '*lockstat-swap*'
		wipefs --no-act --noheadings /dev/nvme0n1
		cat /sys/kernel/kexec_loaded
		settings | diff /run/settings -
	} >"/share/$1/left" || true
}

# until_unit_ends NAME PATTERN: by what the run says last
until_unit_ends() {
	local i

	for ((i = 0; i < 300; i++)); do
		! grep -qE "$2" "$tree/results/$1/run.log" || break
		sleep 2
	done
	while systemctl is-active --quiet "$unit"; do sleep 1; done
}

prepare() {
	local release

	release=$(uname -r)
	cp -R /share/tree "$tree"
	cp /share/bzImage "/boot/vmlinuz-$release"
	echo 'what this kernel has no use for' >"/boot/initrd.img-$release"
	printf 'workload_%s\n' 'threads() { echo 1; }' 'start() { true & workload_pid=$!; }' 'ready() { false; }' 'stop() { :; }' \
		>"$tree/bench/workloads/broken"
}

next_step() { echo "$1" >/share/step; }

echo 47 >/proc/sys/vm/swappiness
settings >/run/settings
cat /proc/cmdline >>/share/command-lines
case $step in
0)
	prepare
	next_step 1
	WORKLOADS="swapload broken" bench auto kexec
	settings | diff /run/settings - >/share/auto/changed || true
	;;
1)
	until_unit_ends auto 'cells in .* results: |stopped'
	keep auto
	next_step 2
	bench asked ask
	keep asked
	kexec -a -l "/boot/vmlinuz-$(uname -r)" --command-line="$(sed 's/swap_lock=partition/swap_lock=global/' /proc/cmdline)"
	systemctl kexec
	;;
2)
	bench asked ask
	next_step 3
	mkdir /root/bin
	# shellcheck disable=SC2016	# for that one
	printf '#!/bin/bash\necho "$@" >>/share/kexec-calls\nexec /sbin/kexec "${@/swap_lock=partition/swap_lock=cluster}"\n' >/root/bin/kexec
	chmod 755 /root/bin/kexec
	PATH=/root/bin:$PATH bench asked kexec
	;;
3)
	until_unit_ends asked 'nothing is measured|stopped|results: '
	keep asked
	rm /run/reboots
	;;
esac
