#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The torture bites: faults that swap-faults.patch can leave in the swap locks are found. Which are,
# and by what, says the table in docs/torture.md.
. "$(dirname -- "${BASH_SOURCE[0]}")/../lib.sh"
. "$TOP/tests/arms-lib.sh"
. "$TOP/tests/torture-lib.sh"

MUTANTS=$TOP/tests/vm/mutants/swap-faults.patch
SECONDS_EACH=${TORTURE_SECONDS:-60}

# What a line of the console says of who found it
patterns() {
	cat <<-'END'
		lockdep	possible circular locking|possible recursive locking|bad unlock balance|lock held when returning|inconsistent lock state
		sleeping	sleeping function called from invalid context|scheduling while atomic
		assertion	kernel BUG at mm/swapfile.c|WARNING: .* at mm/swapfile.c
		KASAN	KASAN:
		data	tortureload: mismatch
		counters	torture: FAILED: (counters|the kernel complains)|(Bad|Unused) swap
		hang	does not return|soft lockup|INFO: task .* blocked|no end after
	END
}

# first_finder NAME: who said something first
first_finder() {
	local finder pattern

	patterns | while IFS=$'\t' read -r finder pattern; do
		grep -anE -m1 -- "$pattern" "$WORK/$1/.lab/console.log" | sed "s/:.*/ $finder/"
	done | sort -n | sed -n '1s/.* //p'
}

mutant_kernel() { "$TOP/bench/lab/kernel.sh" --flavour debug --patch "$MUTANTS" 2>/dev/null | tail -1; }

# is_found FAULT ARM FINDER...: by one of these
is_found() {
	local got=0 finder

	torture_guest "$1" "$2" "$SECONDS_EACH" "$(mutant_kernel)" "swap_fault=$1" || got=$?
	finder=$(first_finder "$1")
	echo "$1: ${finder:-nothing}" | tee -a "$WORK/found"
	grep -aE -m5 -- "$(patterns | cut -f2 | paste -sd'|')" "$WORK/$1/.lab/console.log"
	[ $got -ne 0 ]
	[[ " ${*:3} " == *" $finder "* ]]
}

nothing_is_found() { torture_guest none partition 20 "$(mutant_kernel)" swap_fault=none; }

run_test 'the kernel with the faults builds' "$TOP/bench/lab/kernel.sh" --flavour debug --patch "$MUTANTS"
run_test 'without a fault nothing is found' nothing_is_found
run_test 'locks in the wrong order are found' is_found wrong_order partition lockdep
run_test 'a full device that stays locked is found' is_found no_unlock partition sleeping lockdep
sed 's/^/# /' "$WORK/found"
