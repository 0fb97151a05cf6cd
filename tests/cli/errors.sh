#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Bad input gets one clear line, the right exit status, and loses nothing.
. "$(dirname -- "${BASH_SOURCE[0]}")/../lib.sh"

unknown_option() { expect 2 'unrecognized option' "$LOCKSTAT_SWAP" record --nonsense; }
unknown_command() { expect 2 "no such command: 'frobnicate'" "$LOCKSTAT_SWAP" frobnicate; }
unknown_backend() { expect 2 "no such backend: 'magic'" "$LOCKSTAT_SWAP" record --backend magic; }
bad_duration() { expect 2 '-d wants seconds' "$LOCKSTAT_SWAP" record -d soon; }
bad_column() { expect 2 "no column 'class' to set" "$LOCKSTAT_SWAP" record --set class=x; }
bad_number() { expect 2 "wants a number" "$LOCKSTAT_SWAP" record --set ssds=many; }

no_root() {
	tool_for_nobody
	expect 1 'run as root' as_nobody "$WORK/tool" record --backend contention -d 0.1
}

no_btf() {
	needs_root
	expect 4 'no BTF' unshare -m sh -c "mount -t tmpfs none /sys/kernel/btf && '$LOCKSTAT_SWAP' record -d 0.1"
}

# Other tracers need these.
no_tracefs_no_locked_memory() {
	needs_root
	[ -e /sys/kernel/btf/vmlinux ] || skip 'needs BTF'
	# shellcheck disable=SC2016	# for the other shell
	unshare -m sh -c 'while umount /sys/kernel/tracing; do :; done 2>/dev/null
		[ ! -e /sys/kernel/tracing/events ] && ulimit -l 0 && "$0" record -d 0.1' "$LOCKSTAT_SWAP" >/dev/null 2>"$WORK/said"
	cat "$WORK/said"
	[ ! -s "$WORK/said" ]
}

no_lockdep() {
	needs_root
	[ ! -e /proc/lock_stat ] || skip 'this kernel has CONFIG_LOCK_STAT'
	expect 4 'needs CONFIG_LOCK_STAT' "$LOCKSTAT_SWAP" record --backend lockdep -d 0.1
}

unwritable_csv() {
	expect 1 "cannot write '/nonexistent/x.csv'" \
		"$LOCKSTAT_SWAP" record --backend none -d 0.1 --metrics /nonexistent/x.csv
}

full_disk() {
	expect 1 "cannot write '/dev/full': No space" \
		"$LOCKSTAT_SWAP" record --backend none -d 0.1 --metrics /dev/full
}

no_device() {
	expect 1 "no swap device 'nosuch'" "$LOCKSTAT_SWAP" record --backend none -d 0.1 --device nosuch
}

failing_command() {
	expect 1 'failed with status 3' "$LOCKSTAT_SWAP" record --backend none -- sh -c 'exit 3'
}

missing_command() {
	expect 1 "cannot run '/no/such'" "$LOCKSTAT_SWAP" record --backend none -- /no/such
}

truncated_csv() {
	"$LOCKSTAT_SWAP" record --backend none -d 0.1 --set arm=a --metrics "$WORK/m.csv" >/dev/null
	head -c -5 "$WORK/m.csv" >"$WORK/cut.csv"
	expect 1 "cut.csv:[0-9]+: " "$LOCKSTAT_SWAP" compare --by arm --base a "$WORK/cut.csv"
}

missing_csv() {
	expect 1 'nowhere.csv' "$LOCKSTAT_SWAP" compare --by arm --base a "$WORK/nowhere.csv"
}

no_wait_has_no_stack() {
	expect 2 "^lockstat-swap: --backend none sees no wait: it has no --stacks$" \
		"$LOCKSTAT_SWAP" record --backend none --stacks "$WORK/none.folded"
	[ ! -e "$WORK/none.folded" ]
	expect 2 "it has no --by$" "$LOCKSTAT_SWAP" record --backend none --by task
}

balance_is_lockdeps() {
	expect 2 '^lockstat-swap: --balance is of backend lockdep alone$' "$LOCKSTAT_SWAP" record --balance --backend contention
	expect 2 '^lockstat-swap: --balance is of backend lockdep alone$' "$LOCKSTAT_SWAP" record --balance --backend none
	needs_root
	[ ! -e /proc/lock_stat ] || skip 'this kernel has CONFIG_LOCK_STAT'
	expect 4 '--balance needs CONFIG_LOCK_STAT' "$LOCKSTAT_SWAP" record --balance -d 0.1
}

run_test 'the balance of locks needs lockdep' balance_is_lockdeps
run_test 'without waits there are no stacks and no tasks' no_wait_has_no_stack
run_test 'an unknown option is a usage error' unknown_option
run_test 'an unknown command is a usage error' unknown_command
run_test 'an unknown backend is a usage error' unknown_backend
run_test 'a duration must be a number' bad_duration
run_test 'only context columns can be set' bad_column
run_test 'a numeric column takes no text' bad_number
run_test 'without root the cure is named' no_root
run_test 'without BTF the kernel option is named' no_btf
run_test 'neither tracefs nor locked memory is needed' no_tracefs_no_locked_memory
run_test 'a backend this kernel lacks is refused' no_lockdep
run_test 'an unwritable file is named' unwritable_csv
run_test 'a full disk is an error' full_disk
run_test 'a device that does not exist is named' no_device
run_test 'a failing command fails the recording' failing_command
run_test 'a command that does not exist is named' missing_command
run_test 'a truncated CSV file is refused with its line' truncated_csv
run_test 'a missing CSV file is named' missing_csv
