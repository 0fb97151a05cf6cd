# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# The arms of the swap locks are those of the bench. Sourced behind lib.sh.

# shellcheck disable=SC1091,SC2034,SC2154	# what the configuration reads and sets
all_arms() (
	PROFILE=quick . "$TOP/bench/configs/ssd"
	echo "$ALL_ARMS"
)

# arm_options ARM: of run.sh, as the bench would boot it, a word a line
# shellcheck disable=SC1091,SC2034
arm_options() (
	PROFILE=quick . "$TOP/bench/configs/ssd"
	arm_params "$1" | tr ' ' '\n' | sed 's/^/--param\n/'
)
