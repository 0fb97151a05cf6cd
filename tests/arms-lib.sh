# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# The arms of the swap locks are those of the bench. Sourced behind lib.sh.

# shellcheck disable=SC1091,SC2034,SC2154	# what the configuration reads and sets
all_arms() (
	PROFILE=quick . "$TOP/bench/configs/ssd"
	echo "$ALL_ARMS"
)

# arm_options BASE ARM: of run.sh, as the bench would boot it, a word a line; fails where the base has no such arm
# shellcheck disable=SC1091,SC2034
arm_options() (
	PROFILE=quick . "$TOP/bench/configs/ssd"
	BASE=$1
	arm_params "$2" | tr ' ' '\n' | sed 's/^/--param\n/'
)

# has_arm BASE ARM
has_arm() { arm_options "$@" >/dev/null; }
