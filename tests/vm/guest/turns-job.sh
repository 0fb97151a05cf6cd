#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Runs in the guest, in the share: pages go out to drives of equal priority, while only this is counted.
set -euo pipefail

for drive in /run/ssd/*; do
	mkswap "$drive" >/dev/null
	swapon -p 5 "$drive"
done
lockstat-swap record --backend lockdep -a --csv locks.turns.csv -- ./pageout 1 12 1x >record.turns.txt
swapoff -a
touch ran
