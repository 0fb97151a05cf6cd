#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Each parser eats what a fuzzer makes of its seeds, for FUZZ_SECONDS (default 3). An input that
# breaks one is kept beside the fuzzer in .output/fuzz, which takes it as an argument.
. "$(dirname -- "${BASH_SOURCE[0]}")/../lib.sh"

FUZZERS=$TOP/.output/fuzz
FUZZ_SECONDS=${FUZZ_SECONDS:-3}

# What it finds is not to grow the seeds: it goes to the first directory.
fuzz() {
	[ -x "$FUZZERS/fuzz_$1" ] || { echo 'not built; see make fuzz' && return 1; }
	mkdir "$WORK/$1"
	"$FUZZERS/fuzz_$1" -max_total_time="$FUZZ_SECONDS" -timeout=60 -rss_limit_mb=1024 -verbosity=0 \
		-artifact_prefix="$FUZZERS/$1-" "$WORK/$1" "$TOP/tests/fuzz/corpus/$1"
}

for corpus in "$TOP"/tests/fuzz/corpus/*/; do
	name=$(basename "$corpus")
	run_test "$name takes $FUZZ_SECONDS s of nonsense" fuzz "$name"
done
