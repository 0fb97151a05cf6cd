#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What the patches of zram-guard are about, shown: which guards hold off the free of what I/O
# uses, and what KASAN and lockdep say of those that do not. Kernel is BASE= (default 6.1). The output
# stays in $EVIDENCE.
. "$(dirname -- "${BASH_SOURCE[0]}")/../lib.sh"
. "$TOP/tests/zram-lib.sh"

base=${BASE:-6.1}
EVIDENCE=${EVIDENCE:-$TOP/.output/demo-zram}
CYCLES=${CYCLES:-1000}
GUARDS=${GUARDS:-$ZRAM_GUARDS}

# keep NAME: what the guest's kernel and job said, without the boot
keep() {
	{
		echo "# $(<"$WORK/$base/$1/release")"
		tr -d '\r' <"$WORK/$base/$1/.lab/console.log" | sed -n '/zram: /,$p'
	} >"$EVIDENCE/$1.txt"
}

# The thread's smp_rmb() has no part in the order of the two loads that matter.
barriers() {
	local got

	clang --target=aarch64-linux-gnu -O2 -S -o - "$TOP/tests/demo/barrier.c" |
		grep -vE '^[[:space:]]*(\.|//)' >"$EVIDENCE/barrier.txt"
	cat "$EVIDENCE/barrier.txt"
	got=$(awk '/^[a-z]/ { $1 = $1; printf "%s", $1 } /^\t/ { printf " %s", $1 } /\tret/ { print "" }' "$EVIDENCE/barrier.txt")
	grep -qx 'thread_handler: dmb ldrb cbz ldr ret' <<<"$got"
	grep -qx 'our_handler:.* ldar cbz ldr ret' <<<"$got"
}

# is_caught NAME JOB: a guest of that guard whose kernel finds something
is_caught() {
	local got=0

	zram_guest "$1" debug "$2" "GUARD=$1" >"$WORK/said" 2>&1 || got=$?
	keep "$1"
	cat "$WORK/said"
	[ $got -eq 1 ]
}

# finds NAME PATTERN...: each in what it said, the first as the first thing it found
finds() {
	local pattern

	grep -E -m1 'BUG:|WARNING:|Oops|INFO:|Kernel panic' "$EVIDENCE/$1.txt" | grep -E "$2" ||
		{ cat "$EVIDENCE/$1.txt"; return 1; }
	for pattern in "${@:3}"; do
		grep -E -m1 "$pattern" "$EVIDENCE/$1.txt" || { echo "nothing says '$pattern'"; return 1; }
	done
}

kick_is_caught() {
	is_caught kick zram-race-job.sh
	grep 'kick: a reset does not wait while a write is on its way' "$EVIDENCE/kick.txt"
	finds kick 'BUG: KASAN: ((slab-)?use-after-free|vmalloc-out-of-bounds) in (zram|zcomp|zs)_' \
		'zram_submit_bio' 'zram_meta_free|zcomp_destroy'
}

naive_is_caught() {
	is_caught rwsem_naive zram-swap-job.sh
	finds rwsem_naive 'WARNING: possible circular locking dependency detected' \
		'fs_reclaim' '&zram->init_lock' 'zram_rwsem_(rw_page|submit_bio)' 'zram_set_size|zram_meta_alloc|disksize_store'
}

# The reset that kick lets by waits, or is refused.
waits() {
	local how='a reset waits for the'

	[ "$1" != open ] || how='a reset is refused while a'
	grep "^zram: $1: $how" "$EVIDENCE/$1.txt"
	[ "$(grep -cE "^zram: $1: $how (read|write)" "$EVIDENCE/$1.txt")" -eq 2 ]
}

# The thread's second report, init_lock against CPU hotplug, and its two tables at once
neither_hotplug_nor_two_tables() {
	grep "^zram: $1: a CPU left and came back" "$EVIDENCE/$1.txt"
	[ "$1" = open ] || [ "$(grep -cE "^zram: $1: meanwhile a new size of 30G (is refused|waits)" "$EVIDENCE/$1.txt")" -eq 2 ]
}

# The same and more, and the kernel finds nothing.
holds() {
	local got=0

	zram_guest "$1" debug zram-cycles-job.sh "GUARDS=$1" "CYCLES=$CYCLES" || got=$?
	keep "$1"
	[ $got -eq 0 ] || tail -50 "$EVIDENCE/$1.txt"
	return $got
}

selftests() {
	# shellcheck disable=SC2086	# a list of words
	zram_selftests $GUARDS
	cp "$WORK/$base/selftests"/selftests.*.txt "$EVIDENCE/"
}

# demonstrate GUARD
demonstrate() {
	case $1 in
	kick) run_test 'kick: KASAN catches I/O in what a reset has freed' kick_is_caught ;;
	rwsem_naive) run_test 'rwsem_naive: lockdep objects to an allocation under init_lock' naive_is_caught ;;
	*)
		run_test "$1: the same and $CYCLES resets under direct I/O, no report" holds "$1"
		run_test "$1: the reset that kick lets by waits, or is refused" waits "$1"
		run_test "$1: a CPU leaves meanwhile, and no size is given before the old one is freed" neither_hotplug_nor_two_tables "$1"
		run_test "$1: no data reappears, I/O fails cleanly" zram_went_through "$1" "$1" "$CYCLES"
		;;
	esac
}

mkdir -p "$EVIDENCE"
run_test 'the debug kernel builds' "$TOP/bench/lab/kernel.sh" --base "$base" --flavour debug
run_test "the thread's barrier orders nothing, ours does" barriers
for guard in $GUARDS; do
	demonstrate "$guard"
done
run_test "the kernel's selftests run" selftests
for guard in $GUARDS; do
	run_test "$guard: the kernel's selftests pass" zram_selftests_passed "$guard"
done
