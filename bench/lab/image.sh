#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# usage: image.sh
#
# Makes the lab's root image (read-only ext2) from the installed tools and the built
# lockstat-swap, without root, or finds it in the cache. Its path is the only line
# on stdout.
#
#   LOCKSTAT_SWAP   the binary to put in (default: the one at the top of the tree)
set -euo pipefail
. "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"

programs=(bash busybox fio stress-ng xz swapon swapoff mkswap addpart delpart blkid dmsetup lockstat-swap)

program_path() {
	if [ "$1" = lockstat-swap ]; then
		printf '%s\n' "${LOCKSTAT_SWAP:-$TOP_DIR/lockstat-swap}"
	else
		command -v "$1"
	fi
}

# The shared libraries of a program, as paths; none for a static one or a script.
libraries() {
	{ ldd "$1" 2>/dev/null || true; } | awk '$2 == "=>" && $3 ~ /^\// { print $3 } $1 ~ /^\// { print $1 }'
}

# All that goes in: source path, tab, path in the image
list_content() {
	local p lib

	for p in "${programs[@]}"; do
		printf '%s\t/usr/bin/%s\n' "$(program_path "$p")" "$p"
		libraries "$(program_path "$p")" | while read -r lib; do printf '%s\t%s\n' "$lib" "$lib"; done
	done | sort -u
	printf '%s\t/init\n' "$LAB_DIR/guest/init"
}

content_hash() {
	{
		cat -- "$0"
		cut -f2 "$1"
		cut -f1 "$1" | tr '\n' '\0' | xargs -0 cat --
	} | hash_text
}

fill_root() {
	local from to applet

	mkdir -p "$root"/{bin,dev,proc,sys,tmp,run,share,etc,usr/bin}
	while IFS=$'\t' read -r from to; do
		mkdir -p -- "$root${to%/*}"
		cp -L -- "$from" "$root$to"
		chmod 755 -- "$root$to"
	done <"$1"
	for applet in $(busybox --list); do
		[ -e "$root/usr/bin/$applet" ] || ln -s /usr/bin/busybox "$root/bin/$applet"
	done
	ln -sf /usr/bin/bash "$root/bin/bash"
	ln -sf /usr/bin/bash "$root/bin/sh"
	printf 'root:x:0:0:root:/tmp:/bin/bash\n' >"$root/etc/passwd"
	printf 'root:x:0:\n' >"$root/etc/group"
	ln -s /proc/self/mounts "$root/etc/mtab"
}

make_image() {
	local kib

	kib=$(du -sk -- "$root" | cut -f1)
	mke2fs -q -t ext2 -b 4096 -m 0 -L lab -E root_owner=0:0 -d "$root" "$work/root.img" $((kib + kib / 10 + 4096))k >/dev/null ||
		die "mke2fs failed"
	mv -- "$work/root.img" "$image"
}

# Every build of the tool makes an image; the longest unused go.
prune_images() {
	local f newest

	for f in "$cache"/images/root-*.img; do
		newest=$(find "$cache/images" -name 'root-*.img' -newer "$f" | wc -l)
		[ "$newest" -lt 6 ] || rm -f -- "$f"
	done
}

[ $# -eq 0 ] || { case $1 in -h | --help) print_help && exit 0 ;; *) usage_error "unknown argument '$1'" ;; esac; }
need_tools bash busybox:busybox-static fio stress-ng xz:xz-utils swapon:mount mkswap:util-linux blkid:util-linux mke2fs:e2fsprogs
[ -x "$(program_path lockstat-swap)" ] || die "$(program_path lockstat-swap) is not built; run make"
[ -z "$(libraries "$(command -v busybox)")" ] || die "busybox is not static; install busybox-static"

cache=$(cache_dir)
mkdir -p -- "$cache/images"
work=$(mktemp -d "$cache/images/.tmp.XXXXXX")
trap 'rm -rf -- "$work"' EXIT
root=$work/root
mkdir "$root"
list_content >"$work/content"
image=$cache/images/root-$(content_hash "$work/content").img
if [ ! -f "$image" ]; then
	note "making the root image"
	fill_root "$work/content"
	make_image
	prune_images
fi
touch -c -- "$image"
printf '%s\n' "$image"
