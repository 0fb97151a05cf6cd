#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Runs in the guest, in the share: zswap over a pool of zbud that is full, under a load whose memory is
# short, at last with other pools beside it. Leaves stopped.txt, end.txt and load.json.
set -euo pipefail

load_cgroup=/sys/fs/cgroup/load
zswap=/sys/kernel/debug/zswap
parameters=/sys/module/zswap/parameters

# counts: of the pool there was from the start, and of zswap as a whole
counts() {
	cat /sys/kernel/debug/zbud/zswap1/stats
	grep . $zswap/* | sed 's,.*/,zswap_,; s/:/ /'
}

# Ends by itself, and with an error if a page comes back wrong
start_load() {
	(
		echo $BASHPID >$load_cgroup/cgroup.procs
		exec ./swapload --seed 1 --by pressure --processes 2 --size 40M --access zipf:0.9 --content beta:3:3:0.9 \
			--phases populate,mixed,in --operations "$OPERATIONS" --json load.json
	) >load.txt 2>&1 &
	load=$!
}

# Nothing moves while its numbers are read; what zswap has begun to evict is over by then.
stopped_counts() {
	echo 1 >$load_cgroup/cgroup.freeze
	until grep -qx 'frozen 1' $load_cgroup/cgroup.events; do sleep 0.1; done
	sleep 1
	counts
	echo 0 >$load_cgroup/cgroup.freeze
}

until_evicting() {
	while [ "$(<$zswap/written_back_pages)" -lt $((written + 200)) ]; do
		kill -0 "$load" || return
		sleep 0.1
	done
}

# Objects in pools of both policies, and in a third. Nothing is evicted from the first one after
# that: 6.1 evicts from the pool it has had longest, and keeps for ever one that was full (in
# zswap_frontswap_store() a reference is lost where the work to shrink it is on its way already).
exchange_pools() {
	for _ in 1 2 3; do
		echo "$2" >/sys/module/zbud/parameters/policy
		echo lzo-rle >$parameters/compressor
		sleep 0.3
		cat /sys/kernel/debug/zbud/*/stats | grep ^policy >>policies.txt
		echo zsmalloc >$parameters/zpool
		sleep 0.3
		echo zbud >$parameters/zpool
		echo lzo >$parameters/compressor
		sleep 0.3
	done
	echo "$1" >/sys/module/zbud/parameters/policy
}

# under_load POLICY OTHER-POLICY
under_load() {
	swapon /run/ssd/ssd0
	written=$(<$zswap/written_back_pages)
	start_load
	until_evicting
	stopped_counts >stopped.txt
	exchange_pools "$@"
	wait "$load"
	swapoff /run/ssd/ssd0
	counts >end.txt
}

# The tracer and the kernel count the pool's lock from before the load until after it.
record_beside_lock_stat() {
	swapon /run/ssd/ssd0
	echo 0 >/proc/lock_stat
	# shellcheck disable=SC2016	# for that shell
	lockstat-swap record --backend lockdep -a --csv locks.csv -- bash -c 'echo $$ >"$1/cgroup.procs"; shift; exec "$@"' - $load_cgroup \
		./swapload -q --by pressure --processes 2 --size 40M --content beta:3:3:0.9 --phases populate,mixed --operations 2000 >record.txt
	cat /proc/lock_stat >lock_stat.txt
	swapoff /run/ssd/ssd0
}

mount -t cgroup2 cgroup2 /sys/fs/cgroup
echo +memory >/sys/fs/cgroup/cgroup.subtree_control
mkdir $load_cgroup
echo 20M >$load_cgroup/memory.max
mkswap /run/ssd/ssd0 >/dev/null
[ ! -e /proc/lock_stat ] || record_beside_lock_stat
case $(</sys/module/zbud/parameters/policy) in
bestfit) under_load bestfit lrufirst ;;
lrufirst) under_load lrufirst bestfit ;;
esac
