#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# usage: image.sh
#
# Makes the root image (ext2) of a Debian 12 guest from the packages that apt is set up for
# here, or finds it in the cache. Its path is the only line on stdout. Boot it with
# bench/lab/run.sh --scratch; systemd runs the job there (lab-run).
set -euo pipefail
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
. "$here/../../../bench/lab/lib.sh"

# systemd, what installs and starts kernels, what the bench needs on a booted kernel, and the
# libraries of lockstat-swap
packages=(systemd-sysv udev kmod kexec-tools util-linux mount procps jq fio stress-ng
	libbpf1 libelf1 libsmartcols1 libjson-c5 zlib1g)
free_mib=512

# The files of apt's configuration that name Debian 12, whatever mirror they name it at
source_files() {
	# shellcheck disable=SC2016	# for apt
	apt-get indextargets --format '$(SOURCESENTRY) $(ORIGIN) $(CODENAME)' 'Identifier: Packages' |
		awk '$2 == "Debian" && $3 ~ /^bookworm/ { sub(/:[0-9]+$/, "", $1); print $1 }' | sort -u
}

# Not what the archive has of each package today: any Debian 12 does.
content_hash() {
	cat -- "$0" "$here/lab-run" "$here/lab.service" "${sources[@]}" | hash_text
}

make_image() {
	local hook

	# shellcheck disable=SC2016	# for mmdebstrap's shell
	hook='install -m 755 "$LAB_FILES/lab-run" "$1/usr/local/sbin/lab-run" &&
		install -m 644 "$LAB_FILES/lab.service" "$1/etc/systemd/system/lab.service" &&
		ln -s ../lab.service "$1/etc/systemd/system/multi-user.target.wants/" &&
		ln -s /lib/systemd/systemd "$1/init" && mkdir "$1/share" &&
		printf "%s\n" "/dev/vda / ext2 rw 0 0" \
			"share /share 9p trans=virtio,version=9p2000.L,msize=131072 0 0" >"$1/etc/fstab"'
	LAB_FILES=$here mmdebstrap --variant=essential --include="$(IFS=,; echo "${packages[*]}")" \
		--dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' \
		--dpkgopt='path-exclude=/usr/share/locale/*' --customize-hook="$hook" --format=ext2 \
		bookworm "$work/root.ext2" "${sources[@]}" >"$work/log" 2>&1 </dev/null
}

# The image comes out as large as its content.
grow_image() {
	truncate -s "+${free_mib}M" "$work/root.ext2" && resize2fs "$work/root.ext2" >>"$work/log" 2>&1
}

[ $# -eq 0 ] || { case $1 in -h | --help) print_help && exit 0 ;; *) usage_error "unknown argument '$1'" ;; esac; }
need_tools mmdebstrap genext2fs resize2fs:e2fsprogs apt-get:apt
mapfile -t sources < <(source_files)
[ ${#sources[@]} -gt 0 ] || die "apt has no packages of Debian 12 here; are they among its sources, and was apt-get update run?"
cache=$(cache_dir)
mkdir -p -- "$cache/images"
image=$cache/images/debian-$(content_hash).img
if [ ! -f "$image" ]; then
	say "making a Debian root image (about a minute)"
	work=$(mktemp -d "$cache/images/.tmp.XXXXXX")
	trap 'rm -rf -- "$work"' EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM HUP
	if ! make_image || ! grow_image; then
		tail -5 "$work/log" >&2
		die "making the Debian root image failed"
	fi
	rm -f -- "$cache"/images/debian-*.img
	mv -- "$work/root.ext2" "$image"
fi
printf '%s\n' "$image"
