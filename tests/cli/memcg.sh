#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# bench/memcg.sh with kernels, a guest and a pahole that say what they are told.
. "$(dirname -- "${BASH_SOURCE[0]}")/../lib.sh"

unset CGROUPS REPS MEM RUN
BENCH=$WORK/tree/bench

# stub FILE: a script of what is on stdin
stub() {
	{ echo '#!/bin/bash' && cat; } >"$1"
	chmod 755 "$1"
}

make_tree() {
	local kernel

	mkdir -p "$WORK/tree" "$WORK/bin" "$WORK"/timing{,+memcgid}-0123
	cp -R "$TOP/bench" "$BENCH"
	cp -R "$TOP/kernel-patches" "$WORK/tree/"
	for kernel in "$WORK"/timing{,+memcgid}-0123; do
		echo 6.1-timing >"$kernel/release"
		: >"$kernel/config"
	done
	stub "$BENCH/lab/kernel.sh" <<<"echo $WORK/\$4-0123"
	stub "$WORK/bin/pahole" <<'EOF'
memcg=1856
[[ $* != *memcgid* ]] || memcg=1864
case $* in
*--sizes*) printf '%s\t%d\t0\n' page 64 mem_cgroup $memcg mem_cgroup_per_node 1000 ;;
*page_memcg_data_flags*) printf 'enum page_memcg_data_flags {\n\tMEMCG_DATA_KMEM       = 2,\n\t__NR_MEMCG_DATA_FLAGS = 4,\n};\n' ;;
esac
EOF
	guest_with 0
}

# guest_with FEWER: cgroups than it was to have
guest_with() {
	stub "$BENCH/lab/run.sh" <<EOF
. "\$4/.lab/env"
echo 16777215 >"\$4/ids"
for n in \$CGROUPS; do
	for ((rep = 1; rep <= REPS; rep++)); do
		printf '%s\n' "cgroups \$((n - $1))" 'lookups 65536' "pointer_ns 1.0\$rep" "table_ns 2.0\$rep" \
			"idr_ns 5.0\$rep" "table_bytes \$((n + 32768))" >"\$4/lookup.\$n.\$rep"
	done
done
EOF
}

measure() { PATH=$WORK/bin:$PATH REPS=8 "$BENCH/memcg.sh" --results "$WORK/results" --run "$1"; }

has() { grep -qxF -- "$1" "$WORK/results/run/comparison.txt" || { echo "missing: $1" && return 1; }; }

figures_are_told() {
	measure run
	has 'page                              64      64'
	has 'mem_cgroup                      1856    1864'
	has 'saved: 0 bytes a page; room in its memcg_data: 38 bits, with IDs of 16 bits 46'
	has 'cgroups: 10000, table: 42768 bytes'
	[ "$(grep -cE ' (table|idr) .* higher$' "$WORK/results/run/comparison.txt")" -eq 6 ]
	jq -e '.experiment == "memcg-lookup" and (.kernels | keys_unsorted == ["timing", "timing+memcgid"])' "$WORK/results/run/run.json"
}

other_numbers_are_refused() {
	guest_with 1
	! measure fewer 2>"$WORK/said" || return
	grep 'there were 0 cgroups, not 1' "$WORK/said"
	guest_with 0
}

mistakes_are_told() {
	expect 2 "CGROUPS takes whole numbers, from few to many, not '100 10'" env CGROUPS='100 10' "$BENCH/memcg.sh"
	expect 2 "REPS takes a whole number, not '0'" env REPS=0 "$BENCH/memcg.sh"
	expect 2 "unknown argument 'now'" "$BENCH/memcg.sh" now
	expect 1 'exists; choose another --run' measure run
}

export LOCKSTAT_SWAP
make_tree
run_test 'memcg.sh tells sizes, room, the table and lookups' figures_are_told
run_test 'a guest with fewer cgroups than it was to have is no measurement' other_numbers_are_refused
run_test 'mistakes are one line' mistakes_are_told
