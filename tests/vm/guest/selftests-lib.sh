# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# The kernel tree's own tests in a guest. Sourced in the share, which has them in selftests/.

# Pages of a program on the share are the cgroup's that runs it first.
cp -R selftests /tmp/

results=$PWD/selftests

# run_selftest TEST [ARGUMENT...]: leaves what it said and its exit status, whatever became of it
run_selftest() {
	local status=0

	"/tmp/selftests/$1" "${@:2}" >"$results/$1.txt" 2>&1 || status=$?
	echo "exit $status" >>"$results/$1.txt"
}

# Some fill cgroups until the kernel kills: what it says then is no trouble here.
without_kills() {
	awk '/invoked oom-killer/ { killing = 1 }
		!killing || /BUG:|WARNING:|INFO:|Oops/
		/oom-kill:constraint=/ { killing = 0 }'
}

# among_kills COMMAND...: which makes the kernel kill
among_kills() {
	dmesg -n 1
	"$@"
	dmesg -n 5
	dmesg | without_kills
}
