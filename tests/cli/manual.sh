#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Help and manual page name the same options.
. "$(dirname -- "${BASH_SOURCE[0]}")/../lib.sh"

# What --help offers, less argp's own three.
options_in_help() {
	"$LOCKSTAT_SWAP" "$1" --help | grep -oE -- '--[a-z][a-z-]+' | sort -u |
		grep -vxE -- '--(help|usage|version)'
}

manual_has() { sed 's/\\-/-/g; s/\\f.//g' "$TOP/docs/lockstat-swap.8" | grep -qE -- "$1(=|\$| |\")"; }

manual_names_options_of() {
	local option

	for option in $(options_in_help "$1"); do
		manual_has "$option" || { echo "the manual page lacks $option of $1"; return 1; }
	done
}

run_test 'the manual page names the options of record' manual_names_options_of record
run_test 'the manual page names the options of compare' manual_names_options_of compare
