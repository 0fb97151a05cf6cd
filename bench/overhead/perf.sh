#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# usage: perf.sh [BASE]
#
# Builds perf with its BPF programs from the distribution's linux-source-BASE (default
# 6.1), or finds it in the cache. The last line on stdout is the binary. Only what
# `perf lock contention` needs is compiled in.
#
#   PERF_SRC   tarball of the kernel source (default: /usr/src/linux-source-BASE.tar.xz)
#   JOBS       parallel compilers (default: one for each CPU)
set -euo pipefail
. "$(dirname -- "${BASH_SOURCE[0]}")/../lab/lib.sh"

options=(BUILD_BPF_SKEL=1 WERROR=0 NO_JEVENTS=1 NO_LIBPYTHON=1 NO_LIBPERL=1 NO_SLANG=1 NO_GTK2=1
	NO_LIBDW=1 NO_DWARF=1 NO_LIBUNWIND=1 NO_LIBNUMA=1 NO_LIBAUDIT=1 NO_LIBCRYPTO=1 NO_LIBZSTD=1 NO_LZMA=1
	NO_LIBBABELTRACE=1 NO_LIBCAP=1 NO_LIBDEBUGINFOD=1 NO_LIBPFM4=1 NO_CORESIGHT=1 NO_JVMTI=1
	NO_DEMANGLE=1 NO_SDT=1 NO_AUXTRACE=1 NO_CAPSTONE=1 NO_LIBLLVM=1)

# The kernel's types are in the key: perf 6.1 compiles its programs with those of the host.
build_key() {
	{
		echo "$base ${options[*]}"
		sha256sum <"$src"
		sha256sum </sys/kernel/btf/vmlinux
		gcc --version | head -1
		clang --version | head -1
	} | hash_text
}

# tools/perf/MANIFEST lists what its build needs; whole folders are simpler to name.
unpack() {
	say "unpacking the tools of $src"
	tar -C "$tmp" -xf "$src" --strip-components=1 --wildcards '*/tools/*' '*/scripts/bpf_doc.py' \
		'*/kernel/bpf/disasm.*' || die "cannot unpack $src"
}

compile() {
	local start=$SECONDS

	say "building perf $base; log: $log"
	make -C "$tmp/tools/perf" -j"${JOBS:-$(nproc)}" "${options[@]}" perf >"$log" 2>&1 &
	build_pid=$!
	wait "$build_pid" ||
		die "building perf $base failed: $(grep -m1 -E 'error:|Error|undefined' "$log" || echo 'no compiler message'); log: $log"
	build_pid=''
	say "perf $base built in $((SECONDS - start)) s"
}

store() {
	mkdir -p -- "$tmp/result"
	cp -- "$tmp/tools/perf/perf" "$log" "$tmp/result/"
	mv -T -- "$tmp/result" "$result"
}

finish() {
	trap '' INT TERM HUP
	[ -z "$build_pid" ] || kill -TERM "$build_pid" 2>/dev/null || true
	[ -z "$tmp" ] || rm -rf -- "$tmp"
}

base=6.1 tmp='' build_pid=''
while [ $# -gt 0 ]; do
	case $1 in
	-h | --help) print_help && exit 0 ;;
	-*) usage_error "unknown option '$1'" ;;
	*) base=$1 && shift ;;
	esac
done
is_word "$base" || usage_error "no such base '$base'"
src=${PERF_SRC:-/usr/src/linux-source-$base.tar.xz}
[ -r "$src" ] || die "no kernel source at $src; install linux-source-$base or set PERF_SRC"
[ -r /sys/kernel/btf/vmlinux ] || die "this kernel has no BTF (/sys/kernel/btf/vmlinux)"
# make's own variables (jobs, overrides) are not for perf's build
unset MAKEFLAGS MFLAGS MAKEOVERRIDES MAKELEVEL ARCH CROSS_COMPILE CFLAGS
need_tools gcc clang llvm-strip:llvm make flex bison python3 tar xz:xz-utils
cache=$(cache_dir)
result=$cache/perf/$base-$(build_key)
log=$cache/perf/$base.log
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

if [ ! -x "$result/perf" ]; then
	mkdir -p -- "$cache/perf"
	exec 9>"$cache/perf/.lock"
	flock -n 9 || { say "waiting for another build" && flock 9; }
fi
if [ ! -x "$result/perf" ]; then
	tmp=$(mktemp -d "$cache/perf/.tmp.XXXXXX")
	unpack
	compile
	store
fi
printf '%s\n' "$result/perf"
