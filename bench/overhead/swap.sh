# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2154	# sourced by overhead.sh
# Two swap devices of zram that are ours alone: made here, and removed on every exit.

zrams=() swaps=()

add_swap() {
	local n d

	n=$(cat /sys/class/zram-control/hot_add)
	zrams+=("$n")
	d=/dev/zram$n
	echo "$1" >"/sys/block/zram$n/disksize"
	mkswap "$d" >/dev/null
	# above what the host has, so that the load goes to these alone
	swapon -p 32767 "$d"
	swaps+=("$d")
}

remove_swaps() {
	local d n

	for d in ${swaps[@]+"${swaps[@]}"}; do swapoff "$d" || say "swapoff $d failed"; done
	for n in ${zrams[@]+"${zrams[@]}"}; do
		echo 1 >"/sys/block/zram$n/reset" || true
		echo "$n" >/sys/class/zram-control/hot_remove || say "zram$n stays"
	done
	swaps=() zrams=()
}
