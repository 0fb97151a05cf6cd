#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Each kernel patch applies without fuzz, is clean to checkpatch.pl --strict, and builds.
. "$(dirname -- "${BASH_SOURCE[0]}")/../lib.sh"

for base in $(bases 6.1 6.12); do
	run_test "$base: the kernel patches apply, are clean and build" "$TOP/kernel-patches/check.sh" --base "$base"
done
