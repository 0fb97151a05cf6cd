#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# --balance on a kernel with a known fault, one lock that is not let go, and on the same without it.
. "$(dirname -- "${BASH_SOURCE[0]}")/../lib.sh"

MEMCGLOAD=${MEMCGLOAD:-$TOP/.output/tests/memcgload}
MUTANT=$TOP/tests/vm/mutants/memcg-move-account.patch

# move_a_page NAME KERNEL-OPTION...
move_a_page() {
	local share=$WORK/$1 kernel

	shift
	mkdir -p "$share"
	cp "$MEMCGLOAD" "$TOP/tests/vm/guest/memcg-lib.sh" "$share/"
	kernel=$("$TOP/bench/lab/kernel.sh" --flavour lockstat "$@" | tail -1)
	"$TOP/bench/lab/run.sh" --kernel "$kernel" --share "$share" --job "$TOP/tests/vm/guest/memcg-mutant-job.sh" \
		--no-selftest --timeout 600
}

# faults NAME: how many lines there are of what must not be
faults() { grep -cE '^not (released|acquired) ' "$WORK/$1/balance.txt"; }

# lockdep sees it too, and says so on the console, which is trouble: the guest has failed.
the_mutant_is_named() {
	move_a_page mutant --patch "$MUTANT" >"$WORK/said" 2>&1 || true
	cat "$WORK/said" "$WORK/mutant/balance.txt"
	grep -qE '^not released +&memcg->move_lock +bash +[0-9]+ +1 +folio_memcg_lock(\.part\.[0-9]+)?$' "$WORK/mutant/balance.txt"
	[ "$(faults mutant)" -eq 1 ]
}

nothing_else_is() {
	move_a_page sane
	cat "$WORK/sane/balance.txt"
	[ "$(faults sane)" -eq 0 ]
	grep -qE '^balance: [1-9][0-9]* acquired .* \+ 0 never released .* \+ 0 unexplained; 0 released but not acquired' "$WORK/sane/balance.txt"
}

run_test 'a lock that is not let go is named, with class, task and call site' the_mutant_is_named
run_test 'without that fault nothing is' nothing_else_is
