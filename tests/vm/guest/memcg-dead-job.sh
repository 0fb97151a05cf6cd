#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Runs in the guest, in the share: $DEAD cgroups are removed and leave a page each. $LIMIT: how many
# IDs there are, fewer than that, and what then; without it, all of them are made. $IDS: yes or no.
set -euo pipefail
. ./memcg-lib.sh

# The root has one, that which they die in, and that which memcgload goes home to.
are_as_many_as_fit() {
	local status=0

	make_dead "$DEAD" >/tmp/made || status=$?
	say "$(</tmp/made)"
	[ $status -eq 3 ]
	[ "$(</tmp/made)" = "made $((LIMIT - 3)), then: No space left on device" ] || fail "not as many as fit"
	dmesg | grep -F "memcg: no page ID is left: all $LIMIT are held, by dead cgroups as well" || fail "the kernel did not say why"
	say "limit: $LIMIT IDs, then ENOSPC"
}

refused() {
	local said

	! said=$(mkdir "$1" 2>&1) && [[ $said == *'No space left on device'* ]]
}

# Neither the root nor a cgroup that is there needs another ID.
others_go_on() {
	refused /tmp/v2/one-more
	start_load /tmp/memcgload file /tmp/file 1000
	churn_in /tmp/v2/dead/home 1000
	sleep 1
	end_churn $!
	check_load
	end_load
	rm /tmp/file
	say "others: the root and the other cgroups go on"
}

there_is_room_again() {
	forget_dead
	make_dead $((LIMIT / 2)) >/tmp/made
	[ "$(</tmp/made)" = "made $((LIMIT / 2))" ] || fail "$(</tmp/made)"
	forget_dead
	say "room: there is again, for $((LIMIT / 2))"
}

is_the_kernel_with_ids "$IDS"
mount_v2
if [ -n "$LIMIT" ]; then
	are_as_many_as_fit
	others_go_on
	there_is_room_again
else
	many_die "$DEAD"
fi
