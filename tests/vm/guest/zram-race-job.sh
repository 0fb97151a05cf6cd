#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Runs in the guest, in the share: a reset of a device of $GUARD while I/O is on its way.
set -euo pipefail
. ./zram-lib.sh

# shellcheck disable=SC2153	# of the environment
race "$GUARD"
