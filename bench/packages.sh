#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# usage: packages.sh SET...
#
# Makes sure that what the sets need is installed: says what is missing, installs it with apt
# when root, and elsewhere stops with the command that would. Sets:
#
#   build   compile the tool            lab     build kernels, make the image, run guests
#   tests   unit tests and checks       lint    formatting and static checks
#   deb     package a kernel for this machine
#   reboot  go on with a run after booting another arm (bench.sh, REBOOT=kexec)
#   zbud    measure zbud's density, of memory of these programs, too
#   overhead  compare what tracers cost: perf is built from source, bpftrace installed
#
# lab and deb have linux-source-BASE (environment; default 6.1).
# ASSUME_INSTALLED=yes skips the look (systems without dpkg).
set -euo pipefail

build='clang llvm bpftool libbpf-dev libelf-dev zlib1g-dev libsmartcols-dev libjson-c-dev gcc libc6-dev make pkg-config'
lab="$build linux-source-${BASE:-6.1} bc bison flex libssl-dev dwarves xz-utils cpio patch perl python3 rsync e2fsprogs \
qemu-system-x86 busybox-static dmsetup fio gnuplot-nox stress-ng util-linux mount jq"
tests="$build libclang-rt-14-dev libcmocka-dev bpftrace chromium curl e2fsprogs fdisk genext2fs gnuplot-nox groff-base jq liblz4-dev liblzo2-dev libxml2-utils linux-source-6.1 linux-source-6.12 mmdebstrap poppler-utils prometheus prometheus-node-exporter python3 r-base-core sqlite3 stress-ng uidmap util-linux mount valgrind"
overhead="$build linux-source-6.1 bison flex python3 xz-utils libtraceevent-dev bpftrace jq util-linux mount procps"
deb="linux-source-${BASE:-6.1} gcc libc6-dev make bc bison flex libssl-dev libelf-dev dwarves xz-utils cpio patch perl python3 \
rsync kmod dpkg-dev debhelper fakeroot"
zbud="$build linux-source-6.1 patch xz-utils liblzo2-dev liblz4-dev jq procps python3 sqlite3 r-base-core chromium gnuplot-nox"
lint='clang-format shellcheck cppcheck'
reboot='kexec-tools'

# shellcheck disable=SC2086 # one word a package is meant
packages_of() {
	case $1 in
	build) printf '%s\n' $build ;;
	lab) printf '%s\n' $lab ;;
	tests) printf '%s\n' $tests ;;
	deb) printf '%s\n' $deb ;;
	lint) printf '%s\n' $lint ;;
	overhead) printf '%s\n' $overhead ;;
	zbud) printf '%s\n' $zbud ;;
	reboot) printf '%s\n' $reboot ;;
	*)
		echo "packages.sh: no such set: '$1' (build, lab, tests, lint, overhead, deb, reboot, zbud)" >&2
		exit 2
		;;
	esac
}

is_installed() {
	[ "$(dpkg-query -W -f '${db:Status-Abbrev}' "$1" 2>/dev/null)" = 'ii ' ]
}

missing_packages() {
	local set package

	for set in "$@"; do
		packages_of "$set"
	done | sort -u | while read -r package; do
		is_installed "$package" || echo "$package"
	done
}

install_packages() {
	# another apt, and a mirror that does not answer, are waited for
	local apt=(apt-get -qq -o DPkg::Lock::Timeout=600 -o Acquire::Retries=5)

	echo "installing with apt: $*" >&2
	export DEBIAN_FRONTEND=noninteractive
	"${apt[@]}" update >&2
	"${apt[@]}" -y --no-install-recommends install "$@" >&2
}

main() {
	local missing

	if [ $# -eq 0 ]; then
		echo 'usage: packages.sh SET... (build, lab, tests, lint, overhead, deb, reboot, zbud)' >&2
		exit 2
	fi
	if [ "${ASSUME_INSTALLED:-}" = yes ]; then
		return
	fi
	if ! command -v dpkg-query >/dev/null; then
		echo 'packages.sh: not a Debian system: install what bench/packages.sh lists and say ASSUME_INSTALLED=yes' >&2
		exit 1
	fi
	for set in "$@"; do
		packages_of "$set" >/dev/null
	done
	missing=$(missing_packages "$@" | paste -sd ' ')
	if [ -z "$missing" ]; then
		return
	fi
	if [ "$(id -u)" != 0 ]; then
		echo "packages.sh: missing: $missing" >&2
		echo "packages.sh: install them with: sudo apt-get install $missing" >&2
		exit 1
	fi
	# shellcheck disable=SC2086 # package names hold no blanks
	install_packages $missing
}

main "$@"
