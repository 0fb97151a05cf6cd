#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# usage: kernel.sh [--flavour timing|lockstat|debug|kcsan[+memcgid]] [--base 6.1|6.12] [--patch FILE]
#
# Builds the lab kernel with every patch of kernel-patches/BASE/series, or finds it
# in the cache. The last line on stdout is the directory that holds bzImage,
# config, System.map, vmlinux (debug information stripped, BTF kept where there is any),
# selftests (the tree's own, of zram, cgroups and memory management) and build.log.
#
#   +memcgid     with options that the patches bring, those of config/memcgid.config, on top of
#                the flavour; built in the flavour's object tree, kept beside its kernel
#   --patch FILE one more patch, after those of the series: a fault that tests have to find
#
#   KERNEL_SRC   directory or tarball of the kernel source; never written to
#                (default: the distribution's /usr/src/linux-source-BASE.tar.xz)
#   JOBS         parallel compilers (default: one for each CPU)
#
# One source tree a base and one object tree a flavour stay in the cache, so a
# change of the patches rebuilds only what it touches.
set -euo pipefail
. "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"
. "$LAB_DIR/kbuild.sh"

flavour=timing
base=6.1
extra_patch=''

# memcgid is no flavour, but what can be added to one; torture is what those have that check themselves
is_flavour() {
	is_word "$1" && [ -f "$LAB_DIR/config/$1.config" ] && [[ $1 != base* && $1 != *-* && $1 != memcgid && $1 != torture ]]
}

is_tortured() { [[ $plain = debug || $plain = kcsan ]]; }

parse_args() {
	while [ $# -gt 0 ]; do
		case $1 in
		--flavour | --base | --patch) [ $# -ge 2 ] || usage_error "$1 needs a value" ;;&
		--flavour) flavour=$2 && shift 2 ;;
		--base) base=$2 && shift 2 ;;
		--patch) extra_patch=$2 && shift 2 ;;
		-h | --help) print_help && exit 0 ;;
		*) usage_error "unknown argument '$1'" ;;
		esac
	done
	plain=${flavour%%+*}
	is_flavour "$plain" || usage_error "no such flavour '$flavour'"
	addition=${flavour#"$plain"}
	[[ $addition = '' || $addition = +memcgid ]] || usage_error "nothing like '$addition' can be added to a flavour"
	if ! is_word "$base" || [ ! -f "$LAB_DIR/config/base-$base.config" ]; then
		usage_error "no such base '$base'"
	fi
	[ -z "$extra_patch" ] || [ -r "$extra_patch" ] || usage_error "cannot read the patch '$extra_patch'"
	fragments=("$LAB_DIR/config/base.config" "$LAB_DIR/config/base-$base.config" "$LAB_DIR/config/$plain.config")
	! is_tortured || fragments+=("$LAB_DIR/config/torture.config")
	[ ! -f "$LAB_DIR/config/$plain-$base.config" ] || fragments+=("$LAB_DIR/config/$plain-$base.config")
	[ -z "$addition" ] || fragments+=("$LAB_DIR/config/${addition#+}.config")
}

# KCSAN sets one watchpoint in so many accesses of a CPU: all of them are to be mm/swapfile.c's, whose
# locks it is here for. What else has data races is not ours, and runs faster so.
choose_sanitized() {
	sanitized=()
	[ "$plain" != kcsan ] || sanitized=(KCSAN_SANITIZE=n KCSAN_SANITIZE_swapfile.o=y)
}

seed_config() { "${kmake[@]}" tinyconfig; }

# Part of the key, so that a kernel that was kept without one of them is not found again
kept='selftests of zram cgroup mm'

# keep_selftests DIR
keep_selftests() {
	local tools=$tree/linux/tools tests=$tree/linux/tools/testing/selftests

	mkdir -- "$1" "$1/clone3" "$1/pidfd"
	cp -R -- "$tests/zram" "$tests/cgroup" "$tests"/kselftest*.h "$1/"
	cp -- "$tests/clone3/clone3_selftests.h" "$1/clone3/"
	cp -- "$tests/pidfd/pidfd.h" "$1/pidfd/"
	cp -R -- "$tests"/[vm]m "$1/mm" # vm until Linux 6.2
	cp -R -- "$tools/include/uapi/linux" "$1/mm/" # this machine's may be older
}

store() {
	local tmp

	mkdir -p -- "$cache/kernels"
	tmp=$(mktemp -d "$cache/kernels/.tmp.XXXXXX")
	temporary+=("$tmp")
	cp -- "$obj/arch/x86/boot/bzImage" "$obj/System.map" "$tmp/"
	cp -- "$obj/.config" "$tmp/config"
	cp -- "$log" "$tmp/build.log"
	keep_selftests "$tmp/selftests"
	objcopy --strip-debug "$obj/vmlinux" "$tmp/vmlinux"
	"${kmake[@]}" -s kernelrelease >"$tmp/release"
	! grep -qx CONFIG_DEBUG_INFO_BTF=y "$tmp/config" || [[ $(objdump -h "$tmp/vmlinux") = *' .BTF '* ]] ||
		die "the $flavour kernel has no BTF; log: $log"
	chmod 755 "$tmp"
	mv -T -- "$tmp" "$result"
}

parse_args "$@"
tidy_on_exit
open_source
[ -z "$extra_patch" ] || patches+=("$extra_patch")
choose_sanitized
key=$(build_key "$flavour $kept${sanitized[*]:+ ${sanitized[*]}}" "${fragments[@]}" "${patches[@]}")
result=$cache/kernels/$base-$flavour-$key
open_build "$plain" "$key"
kmake+=("${sanitized[@]}")
[ -d "$result" ] || lock_builds
if [ ! -d "$result" ]; then
	prepare_source
	configure "$flavour kernel" "${fragments[@]}"
	run_make "$flavour kernel" bzImage
	store
fi
printf '%s\n' "$result"
