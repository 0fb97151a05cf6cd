#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# usage: source.sh DIR
#
# Makes DIR a link to the source that bench/zbud compiles: the kernel's mm/zbud.c as it is
# (base.c) and with kernel-patches/6.1/zbud (patched.c), its version, and the headers it includes:
# lists and the zpool interface are the kernel's, all others lead to shim.h. Source is Debian's
# linux-source-6.1, or KERNEL_SRC=. What is made is kept in the cache by a hash of all this.
set -euo pipefail
ZBUD_DIR=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
. "$ZBUD_DIR/../lab/lib.sh"
. "$ZBUD_DIR/../lab/kbuild.sh"

base=6.1
needed='Makefile include/linux/list.h include/linux/poison.h include/linux/zpool.h'
patches=("$TOP_DIR/kernel-patches/$base/zbud"/0[0-9][0-9][1-9]-*.patch)

# extract FILE...: from the source to the directory
extract() {
	if [ -d "$src" ]; then
		(cd -- "$src" && cp --parents -- "$@" "$work/linux")
	else
		tar -xf "$src" -C "$work/linux" --strip-components=1 --wildcards --no-wildcards-match-slash "${@/#/*/}"
	fi || die "$src has not all of: $*"
}

find_version() {
	awk '/^(VERSION|PATCHLEVEL|SUBLEVEL) = / { printf "%s%s", point, $3; point = "." }' "$work/linux/Makefile" >"$work/version"
	case $(<"$work/version") in
	"$base" | "$base".*) ;;
	*) die "$src is no source of Linux $base" ;;
	esac
}

apply() {
	local p

	cp -- "$work/linux/mm/zbud.c" "$work/base.c"
	for p in "${patches[@]}"; do
		patch -d "$work/linux" -p1 -F0 -s --batch --no-backup-if-mismatch <"$p" >"$work/log" 2>&1 ||
			die "${p#"$TOP_DIR/"} does not apply without fuzz to $src: $(tail -1 "$work/log")"
	done
	cp -- "$work/linux/mm/zbud.c" "$work/patched.c"
}

# The headers that the sources ask for, and that are not the kernel's here
make_headers() {
	local h

	mkdir -p "$work/linux/include/asm"
	grep -hE '^#include <' "$work"/*.c "$work/linux/include"/linux/*.h | sed -E 's/.*<(.*)>.*/\1/' | sort -u |
		while read -r h; do
			[ -e "$work/linux/include/$h" ] || echo '#include "shim.h"' >"$work/linux/include/$h"
		done
	mv -- "$work/linux/include" "$work/include"
}

[ $# -eq 1 ] || usage_error 'which directory?'
need_tools patch sha256sum:coreutils tar xz:xz-utils
src=$(find_source)
cache=$(cache_dir)/zbud
key=$({ source_id "$src" && cat -- "$ZBUD_DIR/source.sh" "${patches[@]}"; } | hash_text)
if [ ! -d "$cache/$base-$key" ]; then
	mkdir -p -- "$cache"
	work=$(mktemp -d "$cache/.tmp.XXXXXX")
	temporary+=("$work")
	tidy_on_exit
	note "taking mm/zbud.c out of $src"
	mkdir "$work/linux"
	mapfile -t touched < <(patched_files "${patches[@]}")
	# shellcheck disable=SC2086 # a list of files
	extract $needed "${touched[@]}"
	find_version
	apply
	make_headers
	rm -rf -- "$work/linux" "$work/log"
	mv -T -- "$work" "$cache/$base-$key" 2>/dev/null || [ -d "$cache/$base-$key" ] || die "cannot write to $cache"
fi
ln -sfn -- "$cache/$base-$key" "$1"
