# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034	# sourced
# Guests with zswap over zbud, one of each policy, and what they have to leave. Sourced behind lib.sh.

ZBUD_POLICIES='bestfit lrufirst'

# zbud_guest POLICY FLAVOUR OPERATIONS
zbud_guest() {
	local kernel share=$WORK/$1

	mkdir -p "$share/.lab"
	cp "$SWAPLOAD" "$share/swapload"
	echo "export OPERATIONS=$3" >"$share/.lab/env"
	kernel=$("$TOP/bench/lab/kernel.sh" --flavour "$2" | tail -1)
	cp "$kernel/release" "$share/"
	"$TOP/bench/lab/run.sh" --kernel "$kernel" --share "$share" --job "$TOP/tests/vm/guest/zbud-job.sh" --mem "${4:-384}" \
		--ssds 1 --ssd-size 128M --no-selftest --timeout 900 --param "zbud.policy=$1" --param zswap.enabled=on \
		--param zswap.zpool=zbud --param zswap.max_pool_percent=1 --param zswap.accept_threshold_percent=100 || {
		tail -50 "$share/.lab/console.log"
		return 1
	}
}

# zbud_count POLICY FILE WORD: the number behind it
zbud_count() { awk -v word="$3" '$1 == word { print $2 }' "$WORK/$1/$2.txt"; }

# zbud_objects POLICY: by how they lie on pages, and by what came and went
zbud_objects() {
	local word went

	went=$(zbud_count "$1" stopped freed)
	for word in alloc_lru_head alloc_best_fit alloc_new_page; do
		went=$((went - $(zbud_count "$1" stopped $word)))
	done
	echo "$(($(zbud_count "$1" stopped unbuddied) + 2 * $(zbud_count "$1" stopped buddied))) $((-went))"
}

# zbud_counts_add_up POLICY: of a pool that was full, while nothing moved; it was left empty
zbud_counts_add_up() {
	local objects stored pages

	cat "$WORK/$1/stopped.txt"
	[ "$(zbud_count "$1" stopped policy)" = "$1" ]
	read -r objects stored < <(zbud_objects "$1")
	[ "$objects" -eq "$stored" ]
	[ "$objects" -eq $(($(zbud_count "$1" stopped zswap_stored_pages) - $(zbud_count "$1" stopped zswap_same_filled_pages))) ]
	# zswap asks after each object that it frees: before the page goes, where the object is evicted
	pages=$(($(zbud_count "$1" stopped zswap_pool_total_size) / 4096 - $(zbud_count "$1" stopped pages)))
	[ $pages -eq 0 ] || [ $pages -eq 1 ]
	[ "$(zbud_count "$1" stopped evicted)" -ge 100 ]
	cat "$WORK/$1/end.txt"
	[ "$(zbud_count "$1" end pages)" -eq 0 ]
	[ "$(zbud_count "$1" end zswap_stored_pages)" -eq 0 ]
}

# zbud_tries_the_head POLICY: or does not
zbud_tries_the_head() {
	local from_head

	from_head=$(zbud_count "$1" stopped alloc_lru_head)
	echo "$from_head objects from the LRU head"
	case $1 in
	bestfit) [ "$from_head" -eq 0 ] ;;
	lrufirst) [ "$from_head" -gt 100 ] ;;
	esac
}

zbud_had_both_policies() { [ "$(sort -u "$WORK/$1/policies.txt" | xargs)" = 'policy bestfit policy lrufirst' ]; }

# zbud_loses_nothing POLICY OPERATIONS: each page that was touched was verified
zbud_loses_nothing() {
	jq -e --argjson operations "$2" '.complete
		and ([.phases[].verified_count] | add) == ([.phases[] | select(.phase != "populate").operations_count] | add)
		and .phases[1].operations_count == $operations and ([.phases[].corrupt_count] | add) == 0' "$WORK/$1/load.json"
}

# zbud_tests FLAVOUR OPERATIONS [MIB]: with a guest for each policy
zbud_tests() {
	local policy

	for policy in $ZBUD_POLICIES; do
		run_test "$policy: zswap runs over a full pool of zbud" zbud_guest "$policy" "$@"
		run_test "$policy: statistics add up" zbud_counts_add_up "$policy"
		run_test "$policy: the LRU head is tried as the policy says" zbud_tries_the_head "$policy"
		run_test "$policy: pools of both policies were there at once" zbud_had_both_policies "$policy"
		run_test "$policy: no page is lost" zbud_loses_nothing "$policy" "$2"
	done
}
