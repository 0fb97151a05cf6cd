#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Each kernel patch applies without fuzz, is clean to checkpatch.pl --strict, and builds: those for 6.12 one
# by one with NIGHTLY=1 only. The images of all patches are those that other tests boot.
. "$(dirname -- "${BASH_SOURCE[0]}")/../lib.sh"

check() {
	local build=--no-image

	[ "$1" = 6.1 ] || [ -n "${NIGHTLY:-}" ] || build=--no-build
	"$TOP/kernel-patches/check.sh" --base "$1" $build
}

for base in $(bases 6.1 6.12); do
	run_test "$base: the kernel patches apply, are clean and build" check "$base"
done
