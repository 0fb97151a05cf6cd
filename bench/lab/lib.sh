# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# What the lab's scripts share: messages, the cache, tool checks.

LAB_DIR=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
# shellcheck disable=SC2034	# for those who source this
TOP_DIR=$(cd -- "$LAB_DIR/../.." && pwd)

# mke2fs, swapon and their kin are outside an ordinary user's PATH
PATH=$PATH:/usr/sbin:/sbin

# What is said also goes to the log of the run, if there is one
log_line() { [ -z "${RUN_LOG:-}" ] || TZ=UTC printf '%(%FT%TZ)T %s: %s\n' -1 "${0##*/}" "$*" >>"$RUN_LOG"; }

# A terminal that is gone is no reason to leave anything undone.
say() {
	printf '%s: %s\n' "${0##*/}" "$*" >&2 2>/dev/null || true
	log_line "$*"
}

# note: of what goes well; a quiet run only logs it
note() {
	[ -n "${QUIET:-}" ] || printf '%s: %s\n' "${0##*/}" "$*" >&2 2>/dev/null || true
	log_line "$*"
}

die() {
	say "$*"
	exit 1
}

usage_error() {
	say "$* (see --help)"
	exit 2
}

# The header comment of the calling script is its help.
print_help() { awk 'NR > 2 { if (!/^#/) exit; sub(/^# ?/, ""); print }' "$0"; }

cache_dir() {
	local dir=${LOCKSTAT_SWAP_CACHE:-${XDG_CACHE_HOME:-${HOME:?is not set}/.cache}/lockstat-swap}

	mkdir -p -- "$dir" || die "cannot create the cache $dir; set LOCKSTAT_SWAP_CACHE"
	[ -w "$dir" ] || die "cannot write to the cache $dir; set LOCKSTAT_SWAP_CACHE"
	printf '%s\n' "$dir"
}

hash_text() { sha256sum | cut -c1-16; }

# need_tools TOOL[:PACKAGE]...
need_tools() {
	local t missing=()

	for t; do
		command -v "${t%%:*}" >/dev/null || missing+=("${t#*:}")
	done
	[ ${#missing[@]} -eq 0 ] || die "missing, install: ${missing[*]}"
}

process_start() { sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | cut -d' ' -f20; }

boot_id() { cat /proc/sys/kernel/random/boot_id; }

# private_dir PARENT: made there; it says whose it is, so that it is known when its maker was killed
private_dir() {
	local dir

	dir=$(mktemp -d "$1/lockstat-swap.XXXXXX") || return
	echo "$$ $(process_start $$) $(boot_id)" >"$dir/.owner" && printf '%s\n' "$dir"
}

# is_stale DIR: one of private_dir, of this user, whose maker is gone
is_stale() {
	local pid start boot

	[ -d "$1" ] && [ ! -L "$1" ] && [ -O "$1" ] || return
	read -r pid start boot 2>/dev/null <"$1/.owner" || return
	[ "$boot" != "$(boot_id)" ] || [ "$(process_start "$pid")" != "$start" ]
}

# As truncate and numfmt --from=iec both take it
is_size() { [[ $1 =~ ^[1-9][0-9]{0,8}[KMGT]?$ ]]; }

is_count() { [[ $1 =~ ^[1-9][0-9]{0,8}$ ]]; }

# Words, not paths or options: they go into file names and the kernel's command line.
is_word() { [[ $1 =~ ^[A-Za-z0-9][A-Za-z0-9._-]*$ ]]; }
