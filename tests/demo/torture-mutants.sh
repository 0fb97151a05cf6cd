#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The torture bites: faults that swap-faults.patch can leave in the swap locks are found. Which are,
# and by what, says the table in docs/torture.md.
. "$(dirname -- "${BASH_SOURCE[0]}")/../lib.sh"
. "$TOP/tests/arms-lib.sh"
. "$TOP/tests/torture-lib.sh"

MUTANTS=$TOP/tests/vm/mutants/swap-faults.patch
MUTANT_SECONDS=${MUTANT_SECONDS:-30}

# What a line of the console says of who found it
patterns() {
	cat <<-'END'
		lockdep	possible circular locking|possible recursive locking|bad unlock balance|lock held when returning|inconsistent lock state
		sleeping	sleeping function called from invalid context|scheduling while atomic
		assertion	kernel BUG at mm/swapfile.c|WARNING: .* at mm/swapfile.c
		KASAN	KASAN:
		oops	BUG: (kernel NULL pointer|unable to handle)|Oops|general protection fault
		data	tortureload: mismatch
		entries	(Bad|Unused) swap|Bad page map
		counters	torture: FAILED: counters
		hang	does not return|soft lockup|INFO: task .* blocked
	END
}

# first_finder NAME KERNEL: who said something first
first_finder() {
	local finder pattern

	{
		patterns | while IFS=$'\t' read -r finder pattern; do
			grep -anE -m1 -- "$pattern" "$WORK/$1/.lab/console.log" | sed "s/:.*/ $finder/"
		done || true
		unknown_races "$1" "$2" | sed 's/ on .*//' | grep -anFf - "$WORK/$1/.lab/console.log" | sed 's/:.*/ KCSAN/' || true
	} | sort -n | sed -n '1s/.* //p'
}

# mutant_kernel FLAVOUR
mutant_kernel() { "$TOP/bench/lab/kernel.sh" --flavour "$1" --patch "$MUTANTS" | tail -1; }

# is_found FLAVOUR FAULT ARM FINDER...: by one of these
is_found() {
	local finder kernel

	kernel=$(mutant_kernel "$1")
	torture_guest "$2" "$3" "$MUTANT_SECONDS" "$kernel" "swap_fault=$2" || true
	finder=$(first_finder "$2" "$kernel")
	echo "$2: ${finder:-nothing}" | tee -a "$WORK/found"
	grep -aE -m5 -- "$(patterns | cut -f2 | paste -sd'|')|$RACE" "$WORK/$2/.lab/console.log"
	[[ " ${*:4} " == *" $finder "* ]]
}

# nothing_is_found FLAVOUR ARM
nothing_is_found() {
	local kernel

	kernel=$(mutant_kernel "$1")
	torture_guest "none.$1" "$2" "$MUTANT_SECONDS" "$kernel" swap_fault=none
	! unknown_races "none.$1" "$kernel" | grep .
}

# shellcheck disable=SC2031	# that is another, of a subshell
[ "${BASE:-6.1}" = 6.1 ] || { echo "not ok - the faults are those of 6.1, not of $BASE" && exit 1; }
for flavour in debug kcsan; do
	run_test "the $flavour kernel with the faults builds" "$TOP/bench/lab/kernel.sh" --flavour $flavour --patch "$MUTANTS"
	run_test "$flavour: without a fault nothing is found" nothing_is_found $flavour percpu
done
run_test 'locks in the wrong order are found' is_found debug wrong_order partition lockdep
run_test 'a full device that stays locked is found' is_found debug no_unlock partition sleeping lockdep
run_test 'a site that takes the lock of another scheme is found' is_found debug wrong_lock global assertion
run_test 'so is one whose assertion is gone' is_found kcsan no_assert global KCSAN
run_test 'a device taken for locked after a discard is found' is_found debug no_relock partition lockdep
run_test 'one that hibernation leaves locked is found' is_found debug hibernation partition sleeping lockdep
run_test 'one that a continuation leaves locked is found' is_found debug continuation partition sleeping lockdep
run_test 'a device that is picked when it is full or gone is found' is_found debug stale_device percpu KASAN oops assertion hang
run_test 'pages that are reserved for ever are found' is_found debug lost_pages percpu counters
run_test 'reads of the wrong page are found' is_found debug wrong_sector partition data
run_test 'entries without a lock are found' is_found kcsan no_lock partition KCSAN oops assertion data entries
run_test 'a count that is read before the lock is found' is_found kcsan lockless_read partition KCSAN oops assertion data entries
run_test 'flags that are read without a lock are found' is_found kcsan lockless_flags partition KCSAN
sed 's/^/# /' "$WORK/found"
