#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Runs in the guest, in the share: swap to a zram device of $GUARD, beside new sizes of another.
set -euo pipefail
. ./zram-lib.sh

# shellcheck disable=SC2153	# of the environment
swap_beside_resizes "$GUARD"
