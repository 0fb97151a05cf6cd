#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Help and manual page name the same options.
. "$(dirname -- "${BASH_SOURCE[0]}")/../lib.sh"

# What --help of a command offers, less argp's own three.
options_in_help() {
	"$@" --help | grep -oE -- '--[a-z][a-z-]+' | sort -u | grep -vxE -- '--(help|usage|version)'
}

# options_in_manual PAGE SECTION: what that section describes
options_in_manual() {
	awk -v section="$2" '/^\.SH / { here = $0 == ".SH " section } here' "$1" |
		grep -A1 '^\.TP' | sed 's/\\-/-/g' | grep -oE -- '--[a-z][a-z-]+' | sort -u
}

# same_options PAGE SECTION COMMAND...
same_options() {
	options_in_help "${@:3}" >"$WORK/help"
	options_in_manual "$1" "$2" >"$WORK/manual"
	[ -s "$WORK/help" ]
	diff "$WORK/help" "$WORK/manual"
}

renders_without_a_warning() {
	groff -man -Tascii -P-cbou -ww "$1" >"$WORK/page" 2>"$WORK/warnings"
	cat "$WORK/warnings"
	[ ! -s "$WORK/warnings" ]
	grep -q 'EXIT STATUS' "$WORK/page"
}

LOCKSTAT_SWAP_PAGE=$TOP/.output/lockstat-swap.8
SWAPLOAD_PAGE=$TOP/docs/swapload.1

same_options_of() { same_options "$LOCKSTAT_SWAP_PAGE" "OPTIONS OF ${1^^}" "$LOCKSTAT_SWAP" "$1"; }

run_test 'the manual page of lockstat-swap renders without a warning' renders_without_a_warning "$LOCKSTAT_SWAP_PAGE"
run_test 'the manual page of swapload renders without a warning' renders_without_a_warning "$SWAPLOAD_PAGE"
run_test 'help and manual page have the same options of record' same_options_of record
run_test 'help and manual page have the same options of doctor' same_options_of doctor
run_test 'help and manual page have the same options of compare' same_options_of compare
run_test 'help and manual page have the same options of report' same_options_of report
run_test 'help and manual page have the same options of scale' same_options_of scale
run_test 'help and manual page have the same options of import' same_options_of import
run_test 'help and manual page have the same options of swapload' same_options "$SWAPLOAD_PAGE" OPTIONS "$SWAPLOAD"
