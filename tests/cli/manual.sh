#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Help and manual page name the same options.
. "$(dirname -- "${BASH_SOURCE[0]}")/../lib.sh"

# What --help offers, less argp's own three.
options_in_help() {
	"$LOCKSTAT_SWAP" "$1" --help | grep -oE -- '--[a-z][a-z-]+' | sort -u |
		grep -vxE -- '--(help|usage|version)'
}

# What the manual page describes in the section of a command
options_in_manual() {
	awk -v section="OPTIONS OF ${1^^}" '/^\.SH / { here = $0 == ".SH " section } here' \
		"$TOP/.output/lockstat-swap.8" | grep -A1 '^\.TP' |
		sed 's/\\-/-/g' | grep -oE -- '--[a-z][a-z-]+' | sort -u
}

same_options() {
	options_in_help "$1" >"$WORK/help"
	options_in_manual "$1" >"$WORK/manual"
	[ -s "$WORK/help" ]
	diff "$WORK/help" "$WORK/manual"
}

renders_without_a_warning() {
	groff -man -Tascii -P-cbou -ww "$TOP/.output/lockstat-swap.8" >"$WORK/page" 2>"$WORK/warnings"
	cat "$WORK/warnings"
	[ ! -s "$WORK/warnings" ]
	grep -q 'EXIT STATUS' "$WORK/page"
}

run_test 'the manual page renders without a warning' renders_without_a_warning
run_test 'help and manual page have the same options of record' same_options record
run_test 'help and manual page have the same options of doctor' same_options doctor
run_test 'help and manual page have the same options of compare' same_options compare
run_test 'help and manual page have the same options of import' same_options import
