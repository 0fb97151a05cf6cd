# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# The kernel tree's own tests: how they are compiled, what they said, and whether they said the same
# on two kernels. Sourced behind lib.sh. Each run of them has its directory, $WORK/selftests.KIND.TRY,
# with selftests/TEST.txt of each test, as tests/vm/guest/selftests-lib.sh leaves them.

# compile_selftest KERNEL PART/TEST DIR: of its tree, as the Makefile there compiles it, but static.
# Optimised, tests that allocate and free test nothing: the compiler leaves both out.
compile_selftest() {
	local part=$1/selftests/${2%/*} name=${2##*/} file with=()

	for file in cgroup_util vm_util thp_settings; do
		[ ! -e "$part/$file.c" ] || with+=("$part/$file.c")
	done
	gcc -Wall -D_GNU_SOURCE -pthread -static -isystem "$part" -o "$3/$name" "$part/$name.c" "${with[@]}"
}

# verdicts KIND: each test and its numbered parts, what became of it and in which tries. Where a part
# forks, lines before its own are there again. Sizes in a line differ from run to run.
verdicts() {
	awk '
		function note(part, verdict) {
			verdict = verdict SUBSEP test " " part
			if (!(verdict in tries)) order[++n] = verdict
			if (index(tries[verdict], try)) return
			tries[verdict] = tries[verdict] " " try
		}
		FNR == 1 {
			parts = 0
			test = try = FILENAME
			gsub(/.*\/|[.]txt$/, "", test)
			sub(/\/selftests\/[^\/]*$/, "", try)
			sub(/.*[.]/, "", try)
		}
		/^(not )?ok / {
			verdict = $1 == "not" ? "failed" : /# SKIP/ ? "skipped" : "passed"
			sub(/^(not )?ok /, "")
			number = $1
			sub(/^[0-9]+ (# SKIP )?/, "")
			gsub(/[0-9]+/, "N")
			note(number ": " $0, verdict)
			parts++
		}
		/^exit / && (!parts || $2 > 1) { note("as a whole", $2 == 0 ? "passed" : $2 == 4 ? "skipped" : "failed") }
		END {
			for (i = 1; i <= n; i++) {
				split(order[i], of, SUBSEP)
				print of[1] " in try" tries[order[i]] ": " of[2]
			}
		}' "$WORK/selftests.$1."[1-3]/selftests/*.txt
}

# said_of_parts KIND: the same without the tries
said_of_parts() { sed 's/ in try [1-3 ]*: /: /' "$WORK/verdicts.$1" | LC_ALL=C sort; }

# same_verdicts KIND KIND: so far, for each part there is one that both have given. A kernel that
# skipped all of a test has not run it.
same_verdicts() {
	local kind

	for kind; do
		verdicts "$kind" >"$WORK/verdicts.$kind"
		grep '^skipped .* as a whole$' "$WORK/verdicts.$kind" && return 1
		grep -q '^passed ' "$WORK/verdicts.$kind" || return
	done
	diff <(LC_ALL=C comm -12 <(said_of_parts "$1") <(said_of_parts "$2") | sed 's/^[a-z]*: //' | sort -u) \
		<({ said_of_parts "$1" && said_of_parts "$2"; } | sed 's/^[a-z]*: //' | sort -u)
}

# selftests_agree RUN KIND KIND: RUN KIND TRY is to run them. Some of them pass or fail by chance,
# and on a busy host more often: a part differs if it does so in each of three tries.
selftests_agree() {
	local run=$1 kind try

	shift
	for try in 1 2 3; do
		for kind; do
			[ -e "$WORK/selftests.$kind.$try/.lab/status" ] || "$run" "$kind" $try
		done
		! same_verdicts "$@" || return 0
	done
	return 1
}
