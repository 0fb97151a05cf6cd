# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034,SC2154	# sourced; base is set by who sources it
# Guests that reset zram devices of several guards, and what they have to leave. Sourced behind
# lib.sh, by a script that sets base.

RESETLOAD=${RESETLOAD:-$TOP/.output/tests/resetload}
ZRAM_JOBS=$TOP/tests/vm/guest
ZRAM_HOLD='open rwsem srcu ref freeze' # the guards that have to hold
ZRAM_GUARDS="$ZRAM_HOLD rwsem_naive kick"

# zram_guest NAME FLAVOUR JOB VARIABLE=VALUE...: a guest that finds these in its environment
zram_guest() {
	local kernel share=$WORK/$base/$1 job=$3

	mkdir -p "$share/.lab"
	cp "$RESETLOAD" "$ZRAM_JOBS/zram-lib.sh" "$share/"
	printf 'export %q\n' "${@:4}" >"$share/.lab/env"
	kernel=$("$TOP/bench/lab/kernel.sh" --base "$base" --flavour "$2" | tail -1)
	cp "$kernel/release" "$share/"
	cp -R "$kernel/selftests" "$share/"
	"$TOP/bench/lab/run.sh" --kernel "$kernel" --share "$share" --job "$ZRAM_JOBS/$job" --mem 768 \
		--no-selftest --timeout 1500 --append "${APPEND:-zram.guard=open}"
}

# zram_selftests GUARD...: the kernel's own, with each of them
zram_selftests() {
	APPEND=zram.guard=freeze zram_guest selftests timing zram-selftests-job.sh "GUARDS=$*" BOOTED=freeze || {
		tail -30 "$WORK/$base/selftests/.lab/console.log"
		return 1
	}
}

zram_selftests_passed() {
	cat "$WORK/$base/selftests/selftests.$1.txt"
	[ "$(grep -c '\[PASS\]' "$WORK/$base/selftests/selftests.$1.txt")" -eq 2 ]
	! grep -q FAIL "$WORK/$base/selftests/selftests.$1.txt"
}

# zram_figure NAME GUARD WORDS: the number behind these words
zram_figure() { sed -nE "s|.*$3 ([0-9]+).*|\\1|p" "$WORK/$base/$1/$2.txt" | head -1; }

# zram_went_through NAME GUARD CYCLES: all of it, and it did what it was there for
zram_went_through() {
	cat "$WORK/$base/$1/$2.txt"
	[ "$(zram_figure "$1" "$2" resets)" -eq "$3" ]
	# who opens the device for each I/O has fewer of them
	[ "$(zram_figure "$1" "$2" 'of the reads')" -gt $(($3 / 2)) ]
	[ "$(zram_figure "$1" "$2" 'end of device')" -gt 0 ]
	[ "$(zram_figure "$1" "$2" 'longest I/O')" -lt 10000 ]
	# what resets no open device was refused at times, and nothing else ever
	case $2 in
	open) [ "$(zram_figure "$1" "$2" 'resets [0-9]+, refused')" -gt 0 ] ;;
	*) [ "$(zram_figure "$1" "$2" 'resets [0-9]+, refused')" -eq 0 ] ;;
	esac
	grep -q "^zram: $2: done" "$WORK/$base/$1/$2.txt"
}
