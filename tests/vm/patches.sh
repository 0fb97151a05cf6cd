#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Each kernel patch applies without fuzz and is clean to checkpatch.pl --strict. That each builds by
# itself takes a quarter of an hour, and is looked at with NIGHTLY=1; all of them together are the
# images that other tests boot.
. "$(dirname -- "${BASH_SOURCE[0]}")/../lib.sh"

less=--no-build
[ -z "${NIGHTLY:-}" ] || less=--no-image

for base in $(bases 6.1 6.12); do
	run_test "$base: the kernel patches apply and are clean" "$TOP/kernel-patches/check.sh" --base "$base" $less
done
