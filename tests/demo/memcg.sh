#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Memory cgroups by ID on a kernel with checkers: no report, and a clear error where there is no ID
# left. With NIGHTLY=1, which takes an hour, by pointer as well, the kernel's selftests by both, a
# fault that lockdep has to find, and more cgroups than 16 bits can tell apart.
. "$(dirname -- "${BASH_SOURCE[0]}")/../lib.sh"
. "$TOP/tests/selftests-lib.sh"

MEMCGLOAD=${MEMCGLOAD:-$TOP/.output/tests/memcgload}
MUTANT=$TOP/tests/vm/mutants/memcg-move-account.patch
JOBS=$TOP/tests/vm/guest
FLAVOURS=${NIGHTLY:+debug }debug+memcgid # pointers, IDs
SAME='lockstat lockstat+memcgid' # KASAN's memory lets limits fail by chance, with pointers as well
SELFTESTS='test_memcontrol test_kmem'
DEAD=600 LIMIT=400
LEAVES_DEAD=5000 # a leaf of the table has 4096
MANY_DEAD=70000 MANY_LIMIT=65535 # of 16 bits, 0 being nobody's

# kernel_for FLAVOUR [PATCH]
kernel_for() { "$TOP/bench/lab/kernel.sh" --flavour "$1" ${2:+--patch "$2"} | tail -1; }

# memcg_guest NAME KERNEL JOB VARIABLES [OPTION...]: of run.sh
memcg_guest() {
	local share=$WORK/$1 kernel=$2 job=$3 variables=$4 status=0

	mkdir -p "$share/.lab"
	cp "$MEMCGLOAD" "$JOBS/memcg-lib.sh" "$share/"
	: >"$share/said.txt"
	echo "${variables:+export $variables}" >"$share/.lab/env"
	"$TOP/bench/lab/run.sh" --kernel "$kernel" --share "$share" --job "$JOBS/$job" --no-selftest \
		--timeout 3000 "${@:5}" || status=$?
	sed 's/^/# /' "$share/said.txt"
	[ $status -eq 0 ] || tail -50 "$share/.lab/console.log"
	return $status
}

# went NAME WHAT: as its job says, at the end of it
went() { grep "^memcg: $2: " "$WORK/$1/said.txt"; }

has_ids() { [[ $1 = *+memcgid ]] && echo yes || echo no; }

moves() { memcg_guest "move.$1" "$(kernel_for "$1")" memcg-move-job.sh "IDS=$(has_ids "$1")" --mem 768; }

survives() { memcg_guest "$1" "$(kernel_for "$1")" memcg-job.sh "IDS=$(has_ids "$1") DEAD=$DEAD" --mem 768; }

# as_many_as NAME FLAVOUR DEAD LIMIT MEMORY: more die than there are IDs for
as_many_as() {
	memcg_guest "$1" "$(kernel_for "$2")" memcg-dead-job.sh "IDS=$(has_ids "$2") DEAD=$3 LIMIT=$4" --mem "$5" ${4:+--param "memcg_page_ids=$4"}
}

compile_selftests() {
	local test

	mkdir -p "$WORK/programs"
	for test in $SELFTESTS; do compile_selftest "$(kernel_for lockstat)" "cgroup/$test" "$WORK/programs"; done
}

# run_selftests FLAVOUR TRY. --scratch: they want to write to a disk's file system
run_selftests() {
	local name=selftests.$1.$2

	mkdir -p "$WORK/$name"
	cp -R "$WORK/programs" "$WORK/$name/selftests"
	cp "$JOBS/selftests-lib.sh" "$WORK/$name/"
	memcg_guest "$name" "$(kernel_for "$1")" memcg-selftests-job.sh "TESTS='$SELFTESTS'" --mem 1024 --scratch \
		--append log_buf_len=4M
}

# The lock of the first cgroup is still held when this may sleep, or returns to its user.
mutant_is_caught() {
	local got=0 console=$WORK/mutant/.lab/console.log

	memcg_guest mutant "$(kernel_for debug+memcgid "$MUTANT")" memcg-mutant-job.sh '' || got=$?
	[ $got -eq 1 ]
	grep -m1 -E 'BUG: sleeping function called from invalid context|WARNING: lock held when returning to user space|BUG: scheduling while atomic' "$console"
	grep -m1 -F '(&memcg->move_lock)' "$console"
}

# is_clear NAME LIMIT
is_clear() { grep -aF "memcg: no page ID is left: all $2 are held, by dead cgroups as well" "$WORK/$1/.lab/dmesg"; }

# short_of NAME FLAVOUR DEAD LIMIT MEMORY
short_of() {
	run_test "$4 IDs: $3 cgroups that leave a page do not fit, and nothing breaks" as_many_as "$@"
	run_test "$4 IDs: ENOSPC once there are so many" went "$1" limit
	run_test "$4 IDs: the kernel says why" is_clear "$1" "$4"
	run_test "$4 IDs: the root and other cgroups go on" went "$1" others
	run_test "$4 IDs: there is room again when the pages are gone" went "$1" room
}

for flavour in $FLAVOURS; do
	run_test "$flavour: the kernel builds" "$TOP/bench/lab/kernel.sh" --flavour "$flavour"
	run_test "$flavour: charges move under faults, no report" moves "$flavour"
	run_test "$flavour: none is lost on the way" went "move.$flavour" moved
	run_test "$flavour: memory cgroups survive, no report" survives "$flavour"
	run_test "$flavour: pages come back whose cgroup is gone" went "$flavour" swapped
	run_test "$flavour: cgroups are removed under load" went "$flavour" removed
	run_test "$flavour: $DEAD cgroups leave a page each" went "$flavour" dead
done
short_of limit debug+memcgid $((DEAD + LIMIT)) $LIMIT 768
if [ -n "${NIGHTLY:-}" ]; then
	run_test "the kernel's selftests compile" compile_selftests
	# shellcheck disable=SC2086	# a list of words
	run_test "the kernel's selftests have the same results by ID as by pointer, and no report" selftests_agree run_selftests $SAME
	run_test "the kernel's selftests by ID draw no report from the checkers" run_selftests debug+memcgid 1
	run_test "debug+memcgid: $LEAVES_DEAD cgroups, of two leaves of the table, leave a page each, no report" \
		as_many_as leaves debug+memcgid $LEAVES_DEAD '' 3072
	run_test "lockdep catches a move that does not let its lock go" mutant_is_caught
	run_test "pointers: $MANY_DEAD cgroups leave a page each" as_many_as pointers timing $MANY_DEAD '' 3072
	short_of 16-bit timing+memcgid $MANY_DEAD $MANY_LIMIT 3072
	run_test "IDs: $MANY_DEAD cgroups leave a page each" as_many_as wide timing+memcgid $MANY_DEAD '' 3072
fi
for flavour in $SAME; do sed "s/^/# $flavour: /" "$WORK/verdicts.$flavour" 2>/dev/null || true; done
