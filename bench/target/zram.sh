# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2154	# sourced by guest.sh
# zram devices in place of drives, DRIVE_SIZE large, new ones for each cell.

add_zram() {
	drives=(/dev/zram0)
	while [ ${#drives[@]} -lt "$MAX_DRIVES" ]; do
		drives+=("/dev/zram$(</sys/class/zram-control/hot_add)")
	done
}

renew_zram() {
	local drive

	for drive in "${drives[@]}"; do
		echo 1 >"/sys/block/${drive##*/}/reset" && echo "$DRIVE_SIZE" >"/sys/block/${drive##*/}/disksize"
	done
}
