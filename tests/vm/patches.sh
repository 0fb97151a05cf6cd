#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Each kernel patch applies without fuzz, is clean to checkpatch.pl --strict, and builds.
. "$(dirname -- "${BASH_SOURCE[0]}")/../lib.sh"

run_test 'the kernel patches apply, are clean and build' "$TOP/kernel-patches/check.sh"
